"""Figures in memory, written by hand: a value each minute of what a test says, taken together as a monitor does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from copilot.domain import (
    Fixture,
    Measured,
    Measurements,
    MetricTimes,
    MetricWord,
    NotLookedAt,
    Point,
    RawMetric,
    Resource,
    Statistic,
)

UNITS: Mapping[MetricWord, tuple[str, Statistic]] = {
    "cpu": ("Percent", "average"),
    "memory": ("Percent", "average"),
    "requests": ("Count", "sum"),
    "latency": ("Seconds", "p95"),
    "connections": ("Count", "average"),
    "free_storage": ("Bytes", "average"),
    "queue_depth": ("Count", "average"),
    "queue_age": ("Seconds", "maximum"),
    "error_rate": ("Percent", "sum"),
    "errors": ("Count", "sum"),
}
KNOWN: Mapping[MetricWord, Collection[str]] = {
    "cpu": ("ecs-service", "ec2-instance", "rds-instance"),
    "requests": ("ecs-service",),
    "latency": ("ecs-service",),
    "error_rate": ("ecs-service",),
    "connections": ("rds-instance", "rds-cluster"),
    "free_storage": ("rds-instance",),
    "queue_depth": ("sqs-queue",),
    "queue_age": ("sqs-queue",),
}


@dataclass
class FakeMetrics:
    """`values` by name: the value of a minute, None where there is none."""

    values: dict[str, Callable[[datetime], float | None]] = field(default_factory=dict)
    hidden: list[NotLookedAt] = field(default_factory=list)
    known: Mapping[MetricWord, Collection[str]] = field(default_factory=lambda: KNOWN)
    asked: list[MetricTimes] = field(default_factory=list)

    def measured(self, word: MetricWord, of: Sequence[Resource | Fixture], times: MetricTimes) -> Measurements:
        unit, usual = UNITS[word]
        metric = RawMetric(namespace="Any", name=word, dimensions={"Name": "any"})
        places = [(one.name, one.account, one.region) for one in of]
        return self._found(places, unit, times.statistic or usual, times, metric)

    def raw(self, metric: RawMetric, near: Sequence[Resource | Fixture], times: MetricTimes) -> Measurements:
        places = list(dict.fromkeys(("", one.account, one.region) for one in near))
        return self._found(places, "", times.statistic or "average", times, metric)

    def _found(
        self,
        of: Sequence[tuple[str, str, str]],
        unit: str,
        statistic: Statistic,
        times: MetricTimes,
        metric: RawMetric,
    ) -> Measurements:
        self.asked.append(times)
        series = []
        for name, account, region in of:
            points = self._points(self.values.get(name, lambda at: None), statistic, times)
            where = {"account": account, "region": region}
            series.append(Measured(name=name, unit=unit, statistic=statistic, points=points, of=(metric,), **where))
        return Measurements(series=tuple(series), not_looked_at=tuple(self.hidden))

    def _points(
        self, value: Callable[[datetime], float | None], statistic: Statistic, times: MetricTimes
    ) -> tuple[Point, ...]:
        found: dict[datetime, list[float]] = defaultdict(list)
        at = times.since
        while at < times.until:
            if (one := value(at)) is not None:
                begin = datetime.fromtimestamp(at.timestamp() // times.period * times.period, UTC)
                found[begin].append(one)
            at += timedelta(minutes=1)
        return tuple(Point(at=at, value=_taken(some, statistic)) for at, some in sorted(found.items()))


def _taken(values: Sequence[float], statistic: Statistic) -> float:
    match statistic:
        case "sum":
            return sum(values)
        case "average":
            return sum(values) / len(values)
        case "minimum":
            return min(values)
        case "maximum":
            return max(values)
        case _:
            return sorted(values)[int(len(values) * int(statistic[1:]) / 100)]
