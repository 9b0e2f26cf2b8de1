"""What is kept of what chats were shown, in memory and on DynamoDB alike, and the queues it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import simulated
from fakes import FakeClock
from tables import make_table

from copilot.adapters.aws.deliveries import DeliveryQueues
from copilot.adapters.dynamodb.deliveries import DynamoDeliveries
from copilot.adapters.memory_chat import MemoryDeliveries
from copilot.domain import AnswerTo, ChatUser, Delivered, Delivery
from copilot.ports import Deliveries

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHERE = AnswerTo(platform="slack", workspace="T1", place="C1", thread="1.0")
SENT = Delivered(run_id="r1", key="answer", where=WHERE, message="2.0", shows="d", sent=('{"text": "hi"}',), at=NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Deliveries]:
    if request.param == "memory":
        yield MemoryDeliveries()
        return
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        yield DynamoDeliveries("copilot", database, "main", FakeClock(NOW))


def test_what_was_sent_is_known_by_what_it_shows(kept: Deliveries) -> None:
    assert kept.of_run("r1") == []
    kept.note(SENT.model_copy(update={"state": "failed", "reason": "away"}))
    kept.note(SENT)
    kept.note(SENT.model_copy(update={"run_id": "r2"}))
    other = SENT.model_copy(update={"key": "approval/a1/slack:T1/U1"})
    kept.note(other)
    assert sorted(kept.of_run("r1"), key=lambda one: one.key) == [SENT, other]


def test_a_thread_is_its_own_once_it_spoke_there(kept: Deliveries) -> None:
    assert not kept.own_thread(WHERE)
    kept.note_thread(WHERE)
    assert kept.own_thread(WHERE)
    assert not kept.own_thread(WHERE.model_copy(update={"thread": "3.0"}))
    assert not kept.own_thread(WHERE.model_copy(update={"workspace": "T2"}))
    assert not kept.own_thread(WHERE.model_copy(update={"thread": None}))


def test_its_last_threads_of_a_place_are_known(kept: Deliveries) -> None:
    threads = [WHERE.model_copy(update={"thread": f"17000000{number:02}.0001"}) for number in range(5)]
    elsewhere = [WHERE.model_copy(update=more) for more in ({"place": "C11"}, {"place": "C"}, {"workspace": "T11"})]
    for one in (*threads, *elsewhere):
        kept.note_thread(one)
    assert kept.threads(WHERE, 3) == threads[:-4:-1]
    assert kept.threads(WHERE.model_copy(update={"thread": None}), 10) == threads[::-1]


@pytest.fixture
def queues() -> Iterator[tuple[DeliveryQueues, Any, str, str]]:
    with simulated() as cloud:
        sqs = cloud.client("sqs")
        fifo = sqs.create_queue(QueueName="d.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        later = sqs.create_queue(QueueName="later")["QueueUrl"]
        dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        yield DeliveryQueues(fifo, later, dead, sqs, FakeClock(NOW)), sqs, fifo, later


def waiting(sqs: Any, url: str) -> list[dict[str, Any]]:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
    return [json.loads(one["Body"]) | {"group": one["Attributes"].get("MessageGroupId")} for one in found]


def progress(wave: int, place: str = "C1", run: str = "r1") -> Delivery:
    return Delivery(kind="progress", tenant="main", conversation=f"slack:T1/{place}/1.0", run_id=run, wave=wave)


def test_each_channel_has_its_own_order_and_the_same_is_put_once(queues: tuple[DeliveryQueues, Any, str, str]) -> None:
    queue, sqs, fifo, _ = queues
    answer = progress(2).model_copy(update={"kind": "answer"})
    queue.put([progress(1), progress(1), progress(2), answer, answer, progress(1, "C2", "r2")])
    found: list[dict[str, Any]] = []
    while more := waiting(sqs, fifo):
        found += more
    first, other = ([one for one in found if one["run_id"] == run] for run in ("r1", "r2"))
    assert [(one["kind"], one["wave"]) for one in first] == [("progress", 1), ("progress", 2), ("answer", 2)]
    assert len({one["group"] for one in first}) == 1 and {one["group"] for one in first} != {other[0]["group"]}


def test_what_comes_later_waits_apart_until_it_is_due(queues: tuple[DeliveryQueues, Any, str, str]) -> None:
    queue, sqs, fifo, later = queues
    queue.put([progress(1)], after=timedelta(hours=1))
    assert not waiting(sqs, fifo)
    attributes = sqs.get_queue_attributes(QueueUrl=later, AttributeNames=["ApproximateNumberOfMessagesDelayed"])
    assert attributes["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "1"


def test_what_cannot_be_shown_is_left_as_it_was_put(queues: tuple[DeliveryQueues, Any, str, str]) -> None:
    queue, sqs, fifo, _ = queues
    queue.leave(progress(1))
    queue.leave(progress(1))
    (left,) = waiting(sqs, sqs.get_queue_url(QueueName="dead.fifo")["QueueUrl"])
    queue.put([progress(1)])
    assert [left] == waiting(sqs, fifo)


def test_a_notice_is_in_the_order_of_the_channel_it_stands_in() -> None:
    user = ChatUser(platform="slack", workspace="T1", user="U1")
    notice = Delivery(kind="notice", tenant="main", where=WHERE, to=user, text="psst", key="k")
    assert notice.group == progress(1).group
    assert notice.model_copy(update={"where": None}).group != progress(1).group
    assert notice.once != notice.model_copy(update={"key": "l"}).once
