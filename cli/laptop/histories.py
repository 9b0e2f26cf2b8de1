"""What a monitor saw of the sample cloud over the last weeks, hour by hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

HOUR = timedelta(hours=1)
MIDDLE = timedelta(minutes=30)
PUT_AT_ONCE = 1000  # the limit of PutMetricData
ASKED_AT_ONCE = 100

When = Literal["always", "workdays", "never"]


class Habit(BaseModel):
    """When an environment ran, and when it was used, before the last 12 hours; in UTC. `days`: how old it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runs: When = "always"
    used: When = "always"
    days: int = 30


class Series(NamedTuple):
    """One metric of one resource, and what it shows while that is used and while it is not."""

    namespace: str
    metric: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]
    busy: float
    quiet: float

    @property
    def named(self) -> dict[str, Any]:
        return {
            "MetricName": self.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
        }

    def datum(self, at: datetime, value: float) -> dict[str, Any]:
        return {**self.named, "Timestamp": at, "Value": value, "Unit": self.unit}


def put_history(cloudwatch: Any, several: Iterable[Series], habit: Habit, before: datetime) -> None:
    """The figures of whole hours before a time, where there are none yet: the same however often it is done."""
    several = list(several)
    until = before.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(days=habit.days)
    for first in range(0, len(several), ASKED_AT_ONCE):
        some = several[first : first + ASKED_AT_ONCE]
        known = known_hours(cloudwatch, some, since, until)
        for namespace in sorted({one.namespace for one in some}):
            data = [
                one.datum(at + MIDDLE, one.busy if holds(habit.used, at) else one.quiet)
                for one, seen in zip(some, known, strict=True)
                if one.namespace == namespace
                for at in _hours(since, until)
                if holds(habit.runs, at) and at not in seen
            ]
            for start in range(0, len(data), PUT_AT_ONCE):
                cloudwatch.put_metric_data(Namespace=namespace, MetricData=data[start : start + PUT_AT_ONCE])


def holds(when: When, hour: datetime) -> bool:
    """Workdays: Monday to Friday, 7 to 19."""
    return when == "always" or (when == "workdays" and hour.weekday() < 5 and 7 <= hour.hour < 19)


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += HOUR


def known_hours(cloudwatch: Any, several: list[Series], since: datetime, until: datetime) -> list[set[datetime]]:
    """For each metric, the hours of which there are figures."""
    if not several:
        return []
    found: list[set[datetime]] = [set() for _ in several]
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {"Metric": {"Namespace": one.namespace, **one.named}, "Period": 3600, "Stat": "Maximum"},
        }
        for number, one in enumerate(several)
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=since, EndTime=until
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            found[int(result["Id"][1:])].update(at.astimezone(UTC) for at in result["Timestamps"])
    return found
