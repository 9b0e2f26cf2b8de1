"""Queues as SQS, the tagging API and CloudWatch tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_accounts import DEV, FAR, REGION, Cloud, account, simulated, tagged

TAGGED = "RESOURCE-GROUPS-TAGGING-API.GetResources"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def add_queue(cloud: Cloud, name: str, environment: str, messages: int = 0, region: str = REGION) -> str:
    """Returns its URL."""
    sqs = cloud.client("sqs", region=region)
    url = sqs.create_queue(QueueName=name, tags=tagged(environment))["QueueUrl"]
    for _ in range(messages):
        sqs.send_message(QueueUrl=url, MessageBody="any")
    return str(url)


def aged(cloud: Cloud, name: str, seconds: int, ago: timedelta = timedelta(minutes=5)) -> None:
    datum: Any = {"MetricName": "ApproximateAgeOfOldestMessage", "Value": seconds, "Timestamp": cloud.clock.at - ago}
    datum["Dimensions"] = [{"Name": "QueueName", "Value": name}]
    cloud.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[datum])


def test_queues_of_the_environment_with_what_waits_in_them(cloud: Cloud) -> None:
    url = add_queue(cloud, "mails", "shop", 3)
    cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    add_queue(cloud, "quiet", "shop")
    add_queue(cloud, "other", "other", 5)
    aged(cloud, "mails", 260)
    aged(cloud, "mails", 9_000, timedelta(minutes=15))
    found = cloud.platform(account()).fixtures("shop")
    assert found.unreachable == ()
    quiet, mails = sorted(found.fixtures, key=lambda one: one.name, reverse=True)
    assert (mails.name, mails.environment, mails.region) == ("mails", "shop", REGION)
    assert mails.ref.id == f"arn:aws:sqs:{REGION}:{DEV}:mails" and mails.tags["environment"] == "shop"
    assert mails.detail == "2 messages waiting, 1 being worked on, the oldest for 4 min 20 s"
    assert [(one.name, one.value) for one in mails.figures] == [
        ("messages waiting", 2),
        ("being worked on", 1),
        ("delayed", 0),
        ("seconds the oldest waits", 260),
    ]
    assert quiet.detail == "0 messages waiting" and len(quiet.figures) == 3


def test_an_age_of_long_ago_is_none(cloud: Cloud) -> None:
    add_queue(cloud, "mails", "shop", 1)
    aged(cloud, "mails", 260, timedelta(hours=2))
    (mails,) = cloud.platform(account()).fixtures("shop").fixtures
    assert mails.detail == "1 message waiting"


def test_every_region_is_looked_in_and_where_it_could_not_be_is_said(cloud: Cloud) -> None:
    add_queue(cloud, "mails", "shop")
    add_queue(cloud, "mails", "shop", region=FAR)
    platform = cloud.platform(account(regions=(REGION, FAR)))
    assert {one.region for one in platform.fixtures("shop").fixtures} == {REGION, FAR}
    cloud.refuse(TAGGED, where=lambda parameters, region: region == FAR)
    found = platform.fixtures("shop")
    assert [one.region for one in found.fixtures] == [REGION]
    (closed,) = found.unreachable
    assert closed.region == FAR and "sqs-queue" in closed.types and "not authorized" in closed.reason


def test_one_that_the_index_still_knows_and_sqs_no_more_is_left_out(cloud: Cloud) -> None:
    gone = {"ResourceARN": f"arn:aws:sqs:{REGION}:{DEV}:gone", "Tags": [{"Key": "environment", "Value": "shop"}]}
    cloud.pages[TAGGED] = [{"ResourceTagMappingList": [gone]}]
    found = cloud.platform(account()).fixtures("shop")
    assert (found.fixtures, found.unreachable) == ((), ())


def test_nothing_but_the_index_is_asked_where_there_are_none(cloud: Cloud) -> None:
    platform = cloud.platform(account())
    cloud.requests.clear()
    platform.fixtures("shop")
    assert {name for name, _ in cloud.requests if not name.startswith("STS.")} == {TAGGED}
