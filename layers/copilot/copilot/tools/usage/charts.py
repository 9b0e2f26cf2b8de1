"""Usage statistics as charts: hours of each environment and of all of them day by day, deployments day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.reports.model import Chart, Limit, Point, Series
from copilot.tools.deployments.statistics import DeploymentStatisticsOutput
from copilot.tools.usage.rows import UsageStatistics

BARS_AT_MOST = 40


class Bar:
    """One environment, or those that have no bar of their own together."""

    def __init__(self, name: str, hours: float, idle: float) -> None:
        self.name, self.used, self.idle, self.hours = name, hours - idle, idle, hours

    @property
    def told(self) -> str:
        return f"{self.hours:,.0f} h" + (f", {self.idle:,.0f} idle" if self.idle else "")


def charts_of(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> Iterator[Chart]:
    """That of deployments only where there were any; on the same days as the other."""
    yield _environments(usage)
    yield _days(usage)
    if deployments.overall.deployments:
        yield _deployments(usage, deployments)


def bars_of(usage: UsageStatistics) -> list[Bar]:
    """As many as can be read, those with the most hours; all others as one, by what they ran on average."""
    shown, rest = usage.environments[:BARS_AT_MOST], usage.environments[BARS_AT_MOST:]
    bars = [Bar(one.name, one.hours, one.idle_hours) for one in shown]
    others = len(rest) + usage.more_environments
    if others:
        hours = usage.hours - sum(one.hours for one in shown)
        idle = usage.idle_hours - sum(one.idle_hours for one in shown)
        bars.append(Bar(f"{others} more, on average", hours / others, idle / others))
    return bars


def _environments(usage: UsageStatistics) -> Chart:
    bars, whole = bars_of(usage), usage.days * 24
    names = [bar.name for bar in bars]
    return Chart(
        title="By environment",
        kind="across",
        series=(
            _series("used", names, [bar.used for bar in bars]),
            _series("idle", names, [bar.idle for bar in bars]),
        ),
        unit="hours running",
        is_stacked=True,
        told=tuple(bar.told for bar in bars),
        limit=Limit(value=whole, label=f"all {whole:,} of the period"),
    )


def _days(usage: UsageStatistics) -> Chart:
    days = usage.by_day
    at = [day.day for day in days]
    return Chart(
        title="By day",
        kind="bars",
        series=(
            _series("used", at, [day.hours - day.idle_hours for day in days]),
            _series("idle", at, [day.idle_hours for day in days]),
        ),
        unit="hours running, all together",
        along=_along(usage),
        is_stacked=True,
    )


def _deployments(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> Chart:
    by_day = {day.day: day for day in deployments.by_day}
    at = [day.day for day in usage.by_day]
    some = [by_day.get(day) for day in at]
    counts = {
        "succeeded": [day.succeeded if day else 0 for day in some],
        "failed": [day.failed if day else 0 for day in some],
        "cancelled": [day.cancelled if day else 0 for day in some],
        "not ended": [day.unfinished if day else 0 for day in some],
    }
    return Chart(
        title="Deployments by day",
        kind="bars",
        series=tuple(_series(end, at, numbers) for end, numbers in counts.items() if any(numbers)),
        unit="deployments begun",
        along=_along(usage),
        is_stacked=True,
    )


def _along(usage: UsageStatistics) -> str:
    part = "the last in part" if usage.since[10:].startswith("T00") else "the first and the last in part"
    return f"day, in UTC ({part})"


def _series(label: str, at: Sequence[str], values: Sequence[float]) -> Series:
    points = tuple(Point(at=place, value=value) for place, value in zip(at, values, strict=True))
    return Series(label=label, points=points)
