"""What the services of the sample cloud logged, put as events of their log groups, and as a metric how much it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cluster, Logged, Place, Service

PREFIX = "ecs"
"""Of the streams, as task definitions have it."""
NAMESPACE = UUID("6a0f8b1e-3a0f-4c1d-9a57-2f6f0a4f1a11")


class Event(NamedTuple):
    at: datetime
    text: str


def group_of(cluster: Cluster, service: Service) -> str:
    return f"/ecs/{cluster.name}/{service.name}"


def events_of(logged: Logged, now: datetime) -> Iterator[Event]:
    """The same for the same line and time."""
    begin, end = (now - timedelta(hours=hours) for hours in (logged.since, logged.until))
    step = (end - begin) / max(1, logged.times - 1)
    for number in range(logged.times):
        id = str(uuid5(NAMESPACE, f"{logged.text} {number}"))
        text = logged.text.replace("{id}", id).replace("{n}", str(100 + number * 37 % 900))
        yield Event(begin + number * step, text)


def put_lines(clients: Clients, place: Place, now: datetime) -> None:
    """Those of the time since the last that is there: the same however often it is done."""
    logs = clients("logs", place.account, place.region)
    written: dict[str, Counter[datetime]] = {}
    for cluster in place.clusters:
        for service in cluster.services:
            group, stream = group_of(cluster, service), f"{PREFIX}/{service.name}/{now:%Y%m%d%H%M%S}"
            events = sorted(event for logged in service.logs for event in events_of(logged, now))
            if events:
                last = _last(logs, group)
                events = [event for event in events if last is None or event.at > last]
            if not events:
                continue
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
            told = [{"timestamp": int(event.at.timestamp() * 1000), "message": event.text} for event in events]
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=told)
            written[group] = Counter()
            for event in events:
                written[group][event.at.replace(second=0, microsecond=0)] += len(event.text.encode())
    data = [
        {
            "MetricName": "IncomingBytes",
            "Dimensions": [{"Name": "LogGroupName", "Value": group}],
            "Timestamp": at,
            "Value": size,
            "Unit": "Bytes",
        }
        for group, sizes in written.items()
        for at, size in sizes.items()
    ]
    if data:
        clients("cloudwatch", place.account, place.region).put_metric_data(Namespace="AWS/Logs", MetricData=data)


def _last(logs: Any, group: str) -> datetime | None:
    """When the last event of a group was."""
    streams = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True, limit=1)
    stamps = [one["lastEventTimestamp"] for one in streams["logStreams"] if "lastEventTimestamp" in one]
    return datetime.fromtimestamp(max(stamps) / 1000, UTC) if stamps else None
