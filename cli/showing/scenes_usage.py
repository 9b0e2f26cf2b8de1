"""The demo's request for usage statistics: its links are opened, its tables compared with the monitor's own figures and
with what the pipelines reported."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.showing.readback import Seen, without_members
from cli.showing.stage import Stage

Open = Callable[[str], bytes]
"""What a link gives; raises where it gives nothing."""
Ran = Callable[[Iterable[Seen], datetime, datetime], dict[str, int]]
"""How many hours each environment has figures of."""

Reported = Callable[[datetime, datetime], int]
"""How many deployments the pipelines began in this time."""

LINK = re.compile(r"^(Report|PDF|Chart|Table|Deployments table): (\S+)$", re.MULTILINE)
PERIOD = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) to (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")


def usage(stage: Stage, ran: Ran, reported: Reported, open_link: Open) -> None:
    run = stage.ask("Generate usage statistics over the last 30 days")
    changed = stage.changes()
    answer = run.answer or ""
    files = {name: open_link(url) for name, url in LINK.findall(answer)}
    stage.expect(run.outcome == "succeeded", "it was answered")
    stage.expect(
        set(files) == {"Report", "PDF", "Chart", "Table", "Deployments table"}
        and files["Chart"].startswith(b"\x89PNG")
        and files["PDF"].startswith(b"%PDF-")
        and files["Report"].startswith(b"<!DOCTYPE html>"),
        "its links open a report, the same as a PDF, its charts and its tables",
    )
    stage.expect("This is an estimate" in answer, "what idle time cost is called an estimate")
    table, deployed = (
        list(csv.DictReader(io.StringIO(files.get(name, b"").decode()))) for name in ("Table", "Deployments table")
    )
    period = PERIOD.search(answer)
    since, until = (_moment(text) for text in period.groups()) if period else (datetime.now(UTC),) * 2
    stage.expect(
        {row["environment"]: int(row["hours"]) for row in table} == ran(stage.cloud.values(), since, until),
        "the hours in the table are those the monitor has figures of, for every environment",
    )
    stage.expect(
        [int(row["deployments"]) for row in deployed if row["by"] == "all"] == [reported(since, until)],
        "the deployments counted are those the pipelines reported of these days",
    )
    stage.expect(not changed, "nothing was changed")


def monitored(clients: Callable[[str, str, str], Any]) -> Ran:
    """Read from CloudWatch, by another call than the copilot's."""

    def ran(everything: Iterable[Seen], since: datetime, until: datetime) -> dict[str, int]:
        hours: dict[str, set[datetime]] = defaultdict(set)
        for seen in without_members({seen.arn: seen for seen in everything}).values():
            namespace, metric, dimensions = _metric(seen)
            found = clients("cloudwatch", seen.account, seen.region).get_metric_statistics(
                Namespace=namespace,
                MetricName=metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
                StartTime=since,
                EndTime=until,
                Period=int(timedelta(hours=1).total_seconds()),
                Statistics=["SampleCount"],
            )
            hours[seen.environment].update(point["Timestamp"] for point in found["Datapoints"])
        return {environment: len(some) for environment, some in hours.items()}

    return ran


def _metric(seen: Seen) -> tuple[str, str, dict[str, str]]:
    if seen.kind == "service":
        cluster, _, service = seen.name.partition("/")
        return "AWS/ECS", "CPUUtilization", {"ClusterName": cluster, "ServiceName": service}
    if seen.kind == "instance":
        return "AWS/EC2", "CPUUtilization", {"InstanceId": seen.arn.rpartition("/")[2]}
    if seen.kind == "group":
        return "AWS/EC2", "CPUUtilization", {"AutoScalingGroupName": seen.name}
    if seen.kind == "database cluster":
        return "AWS/RDS", "DatabaseConnections", {"DBClusterIdentifier": seen.name}
    return "AWS/RDS", "DatabaseConnections", {"DBInstanceIdentifier": seen.name}


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
