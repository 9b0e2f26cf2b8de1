"""Queues of the Simple Queue Service: how much waits in them, and for how long. They are looked at, and never stopped.

SQS lists queues by name and not by tag, so those of an environment are found by the Resource Groups Tagging API. Its
counts are approximate (API Reference, GetQueueAttributes). The age of the oldest message is a metric of CloudWatch,
which a queue that nobody has used for six hours does not report (SQS Developer Guide, "Available CloudWatch metrics").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.stoppable import Client, Place, ReadClient, several, tag_dict
from copilot.domain import Figure, Fixture, ResourceRef
from copilot.text.durations import spoken

TYPE, NOUN = "sqs-queue", "queue"
READS = frozenset({"cloudwatch:GetMetricData", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "tag:GetResources"})
TAGGING = "resourcegroupstaggingapi"
ASKED_AT_ONCE = 500  # the limit of GetMetricData
LOOKED_BACK = timedelta(minutes=20)
PERIOD = 300
COUNTS = {
    "messages waiting": "ApproximateNumberOfMessages",
    "being worked on": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
AGE = "seconds the oldest waits"
GONE = frozenset({"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"})


def queues(read: ReadClient, place: Place, now: datetime) -> Iterator[Fixture]:
    """Those of the environment of the place."""
    found = [(arn, tags, counts) for arn, tags in _tagged(read, place) if (counts := _counts(read("sqs"), arn))]
    ages = _ages(read("cloudwatch"), [parse_arn(arn).name for arn, *_ in found], now) if found else {}
    for arn, tags, counts in found:
        name = parse_arn(arn).name
        figures = [Figure(name=each, value=int(counts[attribute])) for each, attribute in COUNTS.items()]
        figures += [Figure(name=AGE, value=ages[name])] if name in ages else []
        yield Fixture(
            ref=ResourceRef(type=TYPE, id=arn),
            name=name,
            environment=place.environment or "",
            detail=_detail(figures),
            figures=tuple(figures),
            tags=tags,
            **place.fields,
        )


def _tagged(read: ReadClient, place: Place) -> Iterator[tuple[str, dict[str, str]]]:
    wanted: Any = {
        "ResourceTypeFilters": ["sqs"],
        "TagFilters": [{"Key": place.environment_tag, "Values": [place.environment]}],
    }
    for page in read(TAGGING).get_paginator("get_resources").paginate(**wanted):
        for one in page["ResourceTagMappingList"]:
            yield one["ResourceARN"], tag_dict(one["Tags"])


def _counts(sqs: Client, arn: str) -> Mapping[str, str]:
    """None of a queue that is gone: the index of tags knows for a while what was deleted."""
    try:
        url = sqs.get_queue_url(QueueName=parse_arn(arn).name)["QueueUrl"]
        found: Mapping[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[*COUNTS.values()])[
            "Attributes"
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return {}
        raise
    return found


def _ages(cloudwatch: Client, names: Sequence[str], now: datetime) -> dict[str, float]:
    """The latest there is of each, in seconds."""
    ages: dict[str, float] = {}
    for some in several(names, ASKED_AT_ONCE):
        queries = [
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": "ApproximateAgeOfOldestMessage",
                        "Dimensions": [{"Name": "QueueName", "Value": name}],
                    },
                    "Period": PERIOD,
                    "Stat": "Maximum",
                },
            }
            for number, name in enumerate(some)
        ]
        asked = {"MetricDataQueries": queries, "StartTime": now - LOOKED_BACK, "EndTime": now}
        for page in cloudwatch.get_paginator("get_metric_data").paginate(**asked, ScanBy="TimestampDescending"):
            for result in page["MetricDataResults"]:
                if result["Values"]:
                    ages.setdefault(some[int(result["Id"][1:])], result["Values"][0])
    return ages


def _detail(figures: Sequence[Figure]) -> str:
    """ "12 messages waiting, 3 being worked on, the oldest for 4 min"."""
    waiting, *others = (one for one in figures if one.name != AGE)
    words = [f"{waiting.value:g} {waiting.name if waiting.value != 1 else 'message waiting'}"]
    words += [f"{one.value:g} {one.name}" for one in others if one.value]
    words += [f"the oldest for {spoken(one.value)}" for one in figures if one.name == AGE and waiting.value]
    return ", ".join(words)
