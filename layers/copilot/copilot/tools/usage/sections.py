"""Usage statistics as a report: its figures, charts and tables, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from copilot.reports.model import Cell, Column, Figure, Figures, Report, Section, Table, Text
from copilot.text.durations import spoken
from copilot.tools.deployments.statistics import DeploymentFigures, DeploymentStatisticsOutput
from copilot.tools.usage.charts import charts_of
from copilot.tools.usage.rows import GroupUsage, UsageStatistics

DEPLOYED = ("deployments", "succeeded", "failed", "cancelled", "not ended", "success", "a week", "p50", "p95")
NUMBERS = {"environments", "hours", "idle hours", "runs", *DEPLOYED}
READING = (
    "Success is of those that succeeded or failed; cancelled ones are counted apart. Of those that succeeded half took "
    "no longer than p50, and 95 of 100 no longer than p95."
)

Rows = Iterable[Sequence[Cell]]


def report_of(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> Report:
    """A section that would be empty is left out."""
    sections: list[Section] = [
        _figures(usage, deployments.overall),
        Text(text=f"{usage.summary}. {usage.cost_summary}."),
        *charts_of(usage, deployments),
        *_of_usage(usage),
        Text(title="Deployments", text=f"{_sentence(deployments.overall.summary)}."),
        *_table("", ("environment", *DEPLOYED), _deployed(deployments.by_environment)),
        *_table("", ("service", *DEPLOYED), _deployed(deployments.by_service)),
        *_note(" ".join((READING, *deployments.notes)) if deployments.overall.deployments else ""),
        Text(title="The copilot", text=f"{usage.runs_summary}."),
        *_table("", ("outcome", "runs"), ((one.name, one.runs) for one in usage.runs_by_outcome)),
        *_table("", ("person", "runs"), ((one.name, one.runs) for one in usage.runs_by_person)),
        *_days(usage, deployments),
        *_lines("Could not be read", [place.summary for place in usage.unreachable]),
        *_note(f"{usage.rule} Only environments that exist now are counted."),
    ]
    return Report(title="Usage statistics", period=usage.period, sections=tuple(sections))


def _of_usage(usage: UsageStatistics) -> Iterator[Section]:
    cost = f"idle cost, {usage.currency}, estimate"
    environments = (
        (one.name, one.kind, one.owner, one.hours, one.idle_hours, _priced(one.idle_cost, one.partly_priced))
        for one in usage.environments
    )
    more = usage.more_environments
    yield from _table("By kind", ("kind", "environments", "hours", "idle hours", cost), _groups(usage.by_kind))
    yield from _table("By owner", ("owner", "environments", "hours", "idle hours", cost), _groups(usage.by_owner))
    yield from _table("Environments", ("environment", "kind", "owner", "hours", "idle hours", cost), environments)
    yield from _note(f"{more} more are in the sums and not listed." if more else "")
    yield from _lines("Left out of the cost, having no known price", usage.unpriced)


def _days(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> Iterator[Section]:
    deployed = {day.day: day.deployments for day in deployments.by_day}
    yield from _table(
        "By day",
        ("day (UTC)", "hours", "idle hours", "deployments", "runs"),
        ((day.day, day.hours, day.idle_hours, deployed.get(day.day, 0), day.runs) for day in usage.by_day),
    )


def _figures(usage: UsageStatistics, deployments: DeploymentFigures) -> Figures:
    rate = deployments.success_percent
    shown = (
        (f"{usage.hours:,}", "hours running"),
        (f"{usage.idle_hours:,}", "of them idle"),
        _idle_cost(usage),
        (f"{deployments.deployments:,}", "deployments" + (f", {rate:.1f}% success" if rate is not None else "")),
        (f"{usage.runs:,}", "runs of the copilot"),
    )
    return Figures(shown=tuple(Figure(value=value, of=of) for value, of in shown))


def _idle_cost(usage: UsageStatistics) -> tuple[str, str]:
    if usage.idle_cost is None:
        return "not known", "idle cost"
    return f"{usage.idle_cost:,.2f} {usage.currency}", "idle cost, an estimate" + (
        ", of what has a known price" if usage.unpriced else ""
    )


def _groups(groups: Iterable[GroupUsage]) -> Rows:
    return (
        (one.name, one.environments, one.hours, one.idle_hours, _priced(one.idle_cost, one.partly_priced))
        for one in groups
    )


def _deployed(groups: Iterable[DeploymentFigures]) -> Rows:
    return (
        (
            *(one.name, one.deployments, one.succeeded, one.failed, one.cancelled, one.unfinished),
            None if one.success_percent is None else f"{one.success_percent:.1f}%",
            None if one.per_week is None else f"{one.per_week:.1f}",
            *(None if seconds is None else spoken(seconds) for seconds in (one.p50_seconds, one.p95_seconds)),
        )
        for one in groups
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _priced(cost: float | None, partly: bool) -> str:
    if cost is None:
        return "not known"
    return f"{cost:,.2f}" + (" and more" if partly else "")


def _table(title: str, columns: Sequence[str], rows: Rows) -> Iterator[Table]:
    some = tuple(map(tuple, rows))
    if some:
        named = (Column(name=name, is_number=name in NUMBERS or name.startswith("idle cost")) for name in columns)
        yield Table(title=title, columns=tuple(named), rows=some)


def _lines(title: str, lines: Sequence[str]) -> Iterator[Text]:
    if lines:
        yield Text(title=title, items=tuple(lines))


def _note(text: str) -> Iterator[Text]:
    if text:
        yield Text(text=text, is_note=True)
