"""A figure that crosses its limit is told of, once for each time, by what is deployed and with the rights it has."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import clouds
import pytest
from conftest import System, eventually

from copilot.adapters.dynamodb.watches import DynamoWatches

pytestmark = pytest.mark.laptop


@pytest.fixture
def watches(system: System) -> DynamoWatches:
    return DynamoWatches(system.laptop.outputs["Table"], "", "main", system.client("dynamodb"), lambda: None)


def measured(system: System, value: float, minutes_ago: int) -> None:
    """What the monitor has of the first service of staging, for one minute."""
    place = clouds.of_kind(system.cloud, "staging")[0].places[0]
    cluster = place.clusters[0]
    dimensions = [
        {"Name": "ClusterName", "Value": cluster.name},
        {"Name": "ServiceName", "Value": cluster.services[0].name},
    ]
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    point: dict[str, Any] = {
        "MetricName": "CPUUtilization",
        "Dimensions": dimensions,
        "Value": value,
        "Unit": "Percent",
    }
    system.aws("cloudwatch", place.account, place.region).put_metric_data(
        Namespace="AWS/ECS", MetricData=[point | {"Timestamp": at}]
    )


def ask(system: System, message: dict[str, Any]) -> None:
    queue = system.laptop.outputs["Sweeps"]
    system.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(message))


def sent(system: System, watch: str) -> list[str]:
    """The texts that the outbox has of it."""
    s3, bucket = system.client("s3"), system.laptop.outputs["Bucket"]
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="outbox/").get("Contents", [])]
    found = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in sorted(keys) if f"watch-{watch}" in key]
    return [str(json.loads(one)["text"]) for one in found]


def test_a_figure_that_crosses_is_told_once_for_each_time_until_it_is_stopped(
    system: System, watches: DynamoWatches
) -> None:
    service = clouds.of_kind(system.cloud, "staging")[0].places[0].clusters[0].services[0].name
    measured(system, 10, 4)
    view = system.ask(f"watch {service} for two hours and tell me if its cpu goes over 95%", conversation="watching")
    assert view["outcome"] == "succeeded", view["answer"]
    assert "looked at every 2 min until" in view["answer"] and "\nNow:\n" in view["answer"]
    watch = str(re.search(r"\bw[0-9a-f]{9}\b", view["answer"])[0])  # type: ignore[index]

    def looked_at() -> datetime | None:
        found = watches.watch(watch)
        return found.looked_at if found else None

    def look() -> None:
        before = looked_at()
        ask(system, {"watch": watch} if before else {"watches": True})
        assert eventually(lambda: looked_at() != before, 60)

    look()
    assert sent(system, watch) == []
    measured(system, 99, 3)
    look()
    (told,) = eventually(lambda: sent(system, watch))
    assert told.startswith(f"For You: “cpu of {service} is over 95%”: it is so, as of ") or "it is so" in told
    assert "99 % last" in told, told
    look()
    measured(system, 20, 2)
    look()
    assert len(sent(system, watch)) == 1
    measured(system, 98, 1)
    look()
    assert len(eventually(lambda: sent(system, watch)[1:])) == 1

    listed = system.ask("what are you watching?", conversation="watching")
    assert watch in listed["answer"], listed["answer"]
    stopped = system.ask("stop watching it", conversation="watching")
    assert stopped["outcome"] == "succeeded", stopped["answer"]
    assert watches.watch(watch) is None


def test_what_is_asked_to_be_done_then_is_done_once_it_is_so(system: System, watches: DynamoWatches) -> None:
    cluster = clouds.of_kind(system.cloud, "staging")[0].places[0].clusters[0]
    service = cluster.services[0].name
    measured(system, 10, 4)
    asked = f"watch {service} for two hours and restart it if its cpu goes over 95%"
    view = system.ask(asked, conversation="acting")
    assert view["outcome"] == "succeeded", view["answer"]
    assert f"«restart {service}» is done then" in view["answer"], view["answer"]
    watch = str(re.search(r"\bw[0-9a-f]{9}\b", view["answer"])[0])  # type: ignore[index]

    measured(system, 99, 1)
    ask(system, {"watch": watch})
    (told,) = eventually(lambda: sent(system, watch), 60)
    assert f"«restart {service}» is begun now, as run r" in told, told
    run = str(re.search(r"\br[0-9a-f]{15}\b", told)[0])  # type: ignore[index]
    assert eventually(lambda: system.http("GET", f"/v1/runs/{run}")[0] == 200, 60)
    done = system.until(run, "answered", "parked")
    assert done["outcome"] == "succeeded" and "restarted" in done["answer"].lower(), done["answer"]
    ask(system, {"watch": watch})
    assert eventually(lambda: watches.watch(watch) is None, 60)
