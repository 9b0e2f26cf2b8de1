"""Sweeps that are asked for are messages, one for each place, that come when they are due."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
from inventory_cases import HERE, THERE
from moto import mock_aws

from copilot.adapters.aws.sweeps import SweepQueue
from copilot.errors import CopilotError


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Any:
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("sqs")


def test_one_message_for_each_place(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="sweeps")["QueueUrl"]
    SweepQueue(url, sqs).ask([HERE, THERE], attempt=2)
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(one["Body"]) for one in messages] == [
        {"account": place.account, "region": place.region, "attempt": 2} for place in (HERE, THERE)
    ]


def test_what_is_for_later_does_not_come_now(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="sweeps")["QueueUrl"]
    SweepQueue(url, sqs).ask([HERE], after=timedelta(minutes=4))
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    names: Any = ["ApproximateNumberOfMessagesDelayed"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] == {names[0]: "1"}


def test_a_look_is_a_message_and_so_is_what_is_to_be_published_later(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="sweeps")["QueueUrl"]
    SweepQueue(url, sqs).ask_whose_turn()
    SweepQueue(url, sqs).ask_to_publish(timedelta(minutes=5))
    (now,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(now["Body"]) == {"due": True}
    names: Any = ["ApproximateNumberOfMessagesDelayed"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] == {names[0]: "1"}


def test_one_message_for_each_watch(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="sweeps")["QueueUrl"]
    SweepQueue(url, sqs).ask_to_look(["w000000001", "w000000002"])
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(one["Body"]) for one in messages] == [{"watch": "w000000001"}, {"watch": "w000000002"}]


def test_a_queue_that_is_not_there_is_said(sqs: Any) -> None:
    with pytest.raises(CopilotError, match="asking for a sweep"):
        SweepQueue("https://sqs.eu-west-1.amazonaws.com/123456789012/none", sqs).ask([HERE])
