"""Deployments in the usage report: of exactly its days, against a count of random histories made another way."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from deployment_histories import Made, random_history
from fakes import FakeClock
from fakes_platform import instance
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from memory_deployments import MemoryDeployments
from some_clients import SomeClients
from test_tools_deployments import facts
from test_usage import FakeAnswers, UsedPlatform
from test_usage_report import FakeReports, Seen, deployments_table, figure, page, shown_legend

from copilot.bootstrap.in_process import InProcess
from copilot.errors import ToolInputError
from copilot.reports.model import MEANINGS
from copilot.tools.deployments.statistics import (
    DeploymentStatistics,
    DeploymentStatisticsInput,
    DeploymentStatisticsOutput,
)
from copilot.tools.usage.rows import UsageStatistics
from copilot.tools.usage.statistics import CollectUsageStatistics, UsageStatisticsInput

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
ENDED = ("succeeded", "failed", "cancelled")


@dataclass
class Clients(SomeClients):
    """Everything a request for usage statistics needs, at one moment."""

    deployments: MemoryDeployments
    platform: UsedPlatform = field(default_factory=lambda: UsedPlatform([instance("dev", "box")]))
    answers: FakeAnswers = field(default_factory=FakeAnswers)
    reports: FakeReports = field(default_factory=FakeReports)
    at: datetime = NOW
    call_id: str = "run/step/0"

    def __post_init__(self) -> None:
        self.clock = FakeClock(self.at)


def both(made: Iterable[Made], days: int) -> tuple[UsageStatistics, DeploymentStatisticsOutput]:
    """As the plan has it: the deployments of the period that the usage names."""
    clients: Any = Clients(MemoryDeployments(facts(made)))
    usage = CollectUsageStatistics(clients).run(UsageStatisticsInput(days=days))
    period = {"since": usage.since, "until": usage.until}
    return usage, DeploymentStatistics(clients).run(DeploymentStatisticsInput.model_validate(period))


def within(made: Iterable[Made], days: int) -> list[Made]:
    """Begun in that many days up to the last full hour; which those are is written down a second time."""
    until = NOW - timedelta(minutes=30)
    return [one for one in made if until - timedelta(days=days) <= one.start < until]


def counts(some: list[Made]) -> tuple[int, ...]:
    ends = Counter(one.status for one in some)
    return len(some), *(ends[end] for end in ENDED)


def rate(some: list[Made]) -> float | None:
    decided = [one for one in some if one.status != "cancelled"]
    return 100 * sum(one.status == "succeeded" for one in decided) / len(decided) if decided else None


@pytest.fixture(params=range(12))
def history(request: pytest.FixtureRequest) -> tuple[list[Made], int]:
    """A history of seven weeks, some of it around both ends of the period; and how many days are asked for."""
    random = Random(request.param)
    made = random_history(random, NOW, weeks=7).made
    days = random.choice((1, 2, 7, 10, 30, 45))
    for number, end in enumerate((NOW - timedelta(minutes=30), NOW - timedelta(days=days, minutes=30))):
        for step in (-1, 0, 1):
            start = end + timedelta(seconds=step)
            made.append(Made(f"edge-{number}-{step + 1}", "edge", "staging", start, "failed", {"build": 4.0}))
    return made, days


def test_counts_rates_and_frequency_are_those_of_the_period(history: tuple[list[Made], int]) -> None:
    made, days = history
    some = within(made, days)
    _, found = both(made, days)
    assert sum(one.service == "edge" for one in some) == 3, "the beginning belongs to it and the end does not"
    groups = [("deployments", found.overall, some)]
    groups += [(one.name, one, [m for m in some if m.service == one.name]) for one in found.by_service]
    groups += [(one.name, one, [m for m in some if m.environment == one.name]) for one in found.by_environment]
    for name, row, expected in groups:
        assert row.name == name
        assert (row.deployments, row.succeeded, row.failed, row.cancelled) == counts(expected)
        assert row.success_percent == (None if rate(expected) is None else pytest.approx(rate(expected), abs=0.051))
        assert row.per_week == pytest.approx(7 * len(expected) / days, abs=0.0051)
        often = f"{len(expected) / days * 7:.1f} a week" if days >= 7 else f"{len(expected) / days:.1f} a day"
        assert f"{len(expected)} begun ({often})" in row.summary
        assert ("cancelled" in row.summary) == any(one.status == "cancelled" for one in expected)
    assert {one.name for one in found.by_service} == {one.service for one in some}
    assert {one.name for one in found.by_environment} == {one.environment for one in some}
    assert sum(one.deployments for one in found.by_week) == len(some)
    assert f"{NOW - timedelta(days=days, minutes=30):%Y-%m-%d %H:%M} to 2026-03-02 12:00 UTC" in found.summary


def test_every_day_has_its_own(history: tuple[list[Made], int]) -> None:
    made, days = history
    usage, found = both(made, days)
    assert [one.day for one in found.by_day] == [one.day for one in usage.by_day]
    for day in found.by_day:
        expected = [one for one in within(made, days) if one.start.date().isoformat() == day.day]
        assert (day.deployments, day.succeeded, day.failed, day.cancelled) == counts(expected)
        assert day.unfinished == 0


def test_the_table_says_the_same(history: tuple[list[Made], int]) -> None:
    made, days = history
    some = within(made, days)
    rows = list(csv.DictReader(io.StringIO(deployments_table(both(made, days)[1]))))
    assert [(row["by"], row["name"]) for row in rows[:1]] == [("all", "deployments")]
    for row in rows:
        if row["by"] == "week":
            continue
        expected = [one for one in some if row["by"] == "all" or getattr(one, row["by"]) == row["name"]]
        assert tuple(int(row[name]) for name in ("deployments", *ENDED)) == counts(expected)
        told = float(row["success_percent"]) if row["success_percent"] else None
        assert told == (None if rate(expected) is None else pytest.approx(rate(expected), abs=0.051))
    weeks = [row for row in rows if row["by"] == "week"]
    assert len(weeks) == -(-days // 7) and sum(int(row["deployments"]) for row in weeks) == len(some)


def bars_of(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def test_the_chart_has_them_day_by_day_by_how_they_ended(history: tuple[list[Made], int]) -> None:
    made, days = history
    usage, found = both(made, days)
    axes = figure(usage, found).axes[2]
    assert axes.get_title(loc="left") == "Deployments by day" and "deployments" in axes.get_ylabel()
    some = within(made, days)
    shown = [end for end in ENDED if any(one.status == end for one in some)]
    assert [text.get_text() for text in shown_legend(axes).get_texts()] == shown
    for end in shown:
        heights = [bar.get_height() for bar in bars_of(axes) if bar.get_facecolor() == to_rgba(MEANINGS[end])]
        dates = [day.day for day in usage.by_day]
        assert heights == [sum(o.status == end and o.start.date().isoformat() == day for o in some) for day in dates]
    tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*axes.containers, strict=True)]
    assert tops == [day.deployments for day in found.by_day], "they stand on each other"


def test_the_page_has_them_by_environment_by_service_and_by_day(history: tuple[list[Made], int]) -> None:
    made, days = history
    usage, found = both(made, days)
    shown = page(usage, found, b"png")
    for row in (*found.by_environment, *found.by_service):
        cells = [row.name, *(f"{number:,}" for number in (row.deployments, row.succeeded, row.failed, row.cancelled))]
        assert re.search("".join(rf"<td[^>]*>{re.escape(cell)}</td>" for cell in cells), shown)
    seen = Seen()
    seen.feed(shown)
    assert f"{found.overall.deployments:,}" in seen.text
    last = usage.by_day[-1].day
    today = [one for one in within(made, days) if one.start.date().isoformat() == last]
    numbers = "".join(rf"<td class=\"n\">{n}</td>" for n in (0, 0, len(today), 0))
    assert re.search(rf"<td>{last}</td>{numbers}", shown)


def test_where_nothing_was_deployed_it_says_so_and_draws_no_panel_for_it() -> None:
    usage, found = both([], 30)
    assert found.overall.summary == "deployments: none"
    assert len(figure(usage, found).axes) == 2
    assert "Deployments: none." in page(usage, found, b"png")
    assert len(deployments_table(found).splitlines()) == 1 + 1 + 5


# --- the request -----------------------------------------------------------------------------------


def test_last_month_is_the_calendars_and_the_answer_has_its_dates() -> None:
    made = random_history(Random(5), NOW, weeks=7).made
    clients = Clients(MemoryDeployments(facts(made)))
    view = InProcess(lambda run, call_id, permissions: clients, clock=clients.clock).run(
        "usage statistics for last month"
    )
    assert view["answer"].startswith("Usage over 28 days, 2026-02-01 00:00 to 2026-03-01 00:00 UTC"), view["answer"]
    begin, end = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    number = sum(begin <= one.start < end for one in made)
    assert 0 < number < len(made) and f"- deployments: {number} begun" in view["answer"]


@pytest.mark.parametrize(
    ("text", "days"),
    [("Generate usage statistics", 30), ("usage statistics for the last week", 7), ("usage report", 30)],
)
def test_the_answer_has_the_period_and_its_deployments(text: str, days: int) -> None:
    made = random_history(Random(days), NOW, weeks=7).made
    clients = Clients(MemoryDeployments(facts(made)))
    view = InProcess(lambda run, call_id, permissions: clients).run(text)
    answer = view["answer"]
    assert view["outcome"] == "succeeded", answer
    since = NOW - timedelta(days=days, minutes=30)
    assert answer.startswith(f"Usage over {days} days, {since:%Y-%m-%d %H:%M} to 2026-03-02 12:00 UTC")
    some = within(made, days)
    number, good, bad, cancelled = counts(some)
    assert f"- deployments: {number} begun" in answer
    assert f"{good} succeeded, {bad} failed ({rate(some):.1f}% success)" in answer
    assert f"{cancelled} cancelled" in answer if cancelled else True
    for name in {one.service for one in some}:
        assert f"- {name}: {sum(one.service == name for one in some)} begun" in answer
    for name in {one.environment for one in some}:
        assert f"- {name}: {sum(one.environment == name for one in some)} begun" in answer
    assert "not among these figures" not in answer
    opened = dict(re.findall(r"^(Report|PDF|Chart|Table|Deployments table): (\S+)$", answer, re.M))
    assert list(opened) == ["Report", "PDF", "Chart", "Table", "Deployments table"]
    kept = clients.reports.kept[f"deployments-{since:%Y-%m-%d}-to-2026-03-02.csv"]
    assert kept[0].startswith("text/csv") and f"all,deployments,{number},".encode() in kept[1]


# --- a time of one's own ---------------------------------------------------------------------------


def statistics(**given: Any) -> DeploymentStatisticsOutput:
    clients: Any = Clients(MemoryDeployments())
    return DeploymentStatistics(clients).run(DeploymentStatisticsInput.model_validate(given))


@pytest.mark.parametrize(
    "given",
    [
        {"since": "2026-03-02T12:30:00Z"},
        {"since": "2026-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
        {"since": "2025-03-01T00:00:00Z"},
    ],
)
def test_a_time_that_is_empty_or_too_long_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ToolInputError, match="26 weeks"):
        statistics(**given)


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        DeploymentStatisticsInput.model_validate({"since": "2026-03-01T00:00:00"})


def test_other_zones_are_the_same_time_and_a_day_begins_in_utc() -> None:
    found = statistics(since="2026-02-28T00:30:00+01:00", until="2026-03-01T01:00:00+01:00")
    assert [one.day for one in found.by_day] == ["2026-02-27", "2026-02-28"]
    assert found.summary.startswith("2026-02-27 23:30 to 2026-03-01 00:00 UTC")
