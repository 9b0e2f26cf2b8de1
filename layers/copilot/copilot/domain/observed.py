"""What is observed of what runs: the lines that it logs, and what a monitor measures."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from copilot.domain.frozen import Frozen
from copilot.domain.targets import ResourceRef


class LogSource(Frozen):
    """Where a service logs: a log group, and of its streams those that begin with `streams`, "" for all of them.

    `service` is the name of the service or function; the id of `ref` is the ARN of the group.
    """

    ref: ResourceRef
    group: str
    streams: str = ""
    service: str
    account: str
    region: str


class NotLookedAt(Frozen):
    """What could not be looked at, never to be taken for silent: `what` it is in words of ours, names in it quoted.

    `passing`: asked again later it may be read.
    """

    what: str
    account: str
    region: str
    reason: str
    passing: bool = False


class LogSources(Frozen):
    sources: tuple[LogSource, ...]
    not_looked_at: tuple[NotLookedAt, ...] = ()


class LogQuery(Frozen):
    """The lines of a time, from `since` to before `until`, in which each of `words` stands, and one of `any_of` where
    there are any: whatever the case of their letters, with * for any letters between. The newest `most` of them.
    """

    since: datetime
    until: datetime
    words: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    most: int


class LogCost(Frozen):
    """What looking through some sources costs: so many bytes were written in that time, by the monitor's figures.

    `is_charged`: they are scanned at a price, `dollars`; else they are read for nothing. `most` is what one search may
    cost, which may look through so many times: in as many `searches`.
    """

    size: int
    is_charged: bool
    dollars: float
    most: float
    searches: int = 1


class LogLine(Frozen):
    """One event of a log, as it was written."""

    at: datetime
    service: str
    group: str
    stream: str
    text: str


class LogLines(Frozen):
    """The newest first. `matched` is how many there were, of which these are the newest; `read_until` says that what is
    newer could not be read any more. `instead` says why it was read for nothing where it would have been searched.
    """

    lines: tuple[LogLine, ...]
    matched: int
    read_until: datetime | None = None
    not_looked_at: tuple[NotLookedAt, ...] = ()
    instead: str = ""


MetricWord = Literal[
    "cpu",
    "memory",
    "free_memory",
    "free_storage",
    "connections",
    "requests",
    "errors",
    "error_rate",
    "latency",
    "queue_depth",
    "queue_age",
    "throttles",
    "hit_rate",
    "replica_lag",
]
"""What people call a figure; which metric that is, the Platform's adapter knows for each type."""
Statistic = Literal["average", "minimum", "maximum", "sum", "p50", "p90", "p95", "p99"]


class RawMetric(Frozen):
    """A metric by the monitor's own names."""

    namespace: str = Field(min_length=1, max_length=255, description="AWS/RDS")
    name: str = Field(min_length=1, max_length=255, description="ReadIOPS")
    dimensions: dict[str, str] = Field(default={}, max_length=30, description="values by name")


class MetricTimes(Frozen):
    """From `since` to before `until`, in periods of so many seconds, each with one value of the statistic; None is the
    one that says most of the metric.
    """

    since: datetime
    until: datetime
    period: int
    statistic: Statistic | None = None


class Point(Frozen):
    """The value of a period, and when that began."""

    at: AwareDatetime = Field(description="when the period began")
    value: float = Field(description="its value")


class Measured(Frozen):
    """One metric of one thing, `name` where it has a name, oldest first; `unit` is the monitor's word. `of` is that
    metric by the monitor's own names, and behind it what it is a share of, where it is one.
    """

    name: str
    account: str
    region: str
    unit: str
    statistic: Statistic
    points: tuple[Point, ...]
    of: tuple[RawMetric, ...] = ()


class Measurements(Frozen):
    series: tuple[Measured, ...]
    not_looked_at: tuple[NotLookedAt, ...] = ()
