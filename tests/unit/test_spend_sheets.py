"""What is shown of what the copilot cost: to whom, split by what, over which days; and what is left of the caps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeClock
from fakes_spending import caps, purse
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.adapters.memory_spending import MemorySpending
from copilot.config.caps import Caps
from copilot.domain import Focus, Person
from copilot.errors import ToolInputError
from copilot.spending.sheets import OTHERS, WITHHELD, Sheets
from copilot.tools.usage.own import CopilotSpend, CopilotSpendInput

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def spending() -> MemorySpending:
    """Yesterday Ann spent 2 dollars on models, and Ben 1 on searches; today a sweep was made and Ann spent a half."""
    kept = MemorySpending()
    there = dict(channel="slack/T1/C1")
    for at, kind, dollars, payer in (
        (YESTERDAY, "models", 2.0, {"person": "ann", **there}),
        (YESTERDAY, "log_searches", 1.0, {"person": "ben", "reaction": "alarms"}),
        (NOW, "sweeps", 0.25, {}),
        (NOW, "models", 0.5, {"person": "ann"}),
    ):
        purse(caps(), kept, FakeClock(at), **payer).begin(kind, dollars)  # type: ignore[arg-type]
    return kept


def sheets(spending: MemorySpending, most: Caps | None = None, sees: bool = True, who: str = "ann") -> Sheets:
    person = Person(id=who, name=who)
    return Sheets(spending, most or caps(), ZoneInfo("UTC"), FakeClock(NOW), person, lambda: sees)


BY = {
    "kind": [("models", 2.5), ("searches of logs", 1), ("sweeps", 0.25)],
    "day": [("2026-03-01", 3), ("2026-03-02", 0.75)],
    "person": [("ann", 2.5), ("ben", 1)],
    "channel": [("slack/T1/C1", 2)],
    "reaction": [("alarms", 1)],
}


@pytest.mark.parametrize("by", BY)
def test_it_is_split_by_what_is_asked_for(spending: MemorySpending, by: Any) -> None:
    sheet = sheets(spending)(None, None, by)
    assert [(one.name, one.dollars) for one in sheet.lines] == BY[by]
    assert (sheet.dollars, sheet.calls, sheet.withheld) == (3.75, 4, "")


def test_who_may_not_see_what_others_spent_sees_their_own_and_all_of_it(spending: MemorySpending) -> None:
    sheet = sheets(spending, sees=False, who="ben")(None, None, "person")
    assert [(one.name, one.dollars) for one in sheet.lines] == [("ben", 1), (OTHERS, 2.75)]
    assert (sheet.dollars, sheet.withheld) == (3.75, WITHHELD)
    assert not sheets(spending, sees=False)(None, None, "channel").lines


def test_only_the_days_that_are_asked_about_count(spending: MemorySpending) -> None:
    assert sheets(spending)(NOW, None, "kind").dollars == 0.75
    before = sheets(spending)(YESTERDAY, NOW.replace(hour=0), "kind")
    assert (before.dollars, before.since, before.until) == (3, YESTERDAY.date(), YESTERDAY.date())


def test_too_many_days_and_none_are_refused(spending: MemorySpending) -> None:
    with pytest.raises(ToolInputError, match="92 days"):
        sheets(spending)(NOW - timedelta(days=93), None, "kind")
    with pytest.raises(ToolInputError, match="after"):
        sheets(spending)(NOW + timedelta(days=1), None, "kind")


def test_what_is_left_is_of_all_together_and_ones_own_the_nearest_first(spending: MemorySpending) -> None:
    most = caps(
        tenant={"models": {"month_dollars": 50}},
        person={"models": {"day_dollars": 1, "month_dollars": 2.5}, "log_searches": {"month_dollars": 2}},
    )
    left = sheets(spending, most)(None, None, "kind").caps
    assert [(one.setting, one.used, one.left, one.percent) for one in left] == [
        ("caps.person.models.month_dollars", "$2.50", "$0.00", 100),
        ("caps.person.models.day_dollars", "$0.50", "$0.50", 50),
        ("caps.tenant.models.month_dollars", "$2.50", "$47.50", 5),
    ]


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        ("what did you cost this month?", ["copilot_spend"]),
        ("how much have you spent today?", ["copilot_spend"]),
        ("who spends most?", ["copilot_spend"]),
        ("how much money did you burn through this week?", ["copilot_spend"]),
        ("how much cash have you gone through since Monday?", ["copilot_spend"]),
        ("what did you set us back last month?", ["copilot_spend"]),
        ("how much did you waste?", ["copilot_spend"]),
        ("how much money did we burn through this week?", ["costs"]),
        ("how much is left of the budget?", ["copilot_spend"]),
        ("who burned through the budget this month?", ["copilot_spend"]),
        ("spending by person", ["copilot_spend"]),
        ("how much leeway do you have?", ["copilot_spend"]),
        ("is the copilot near its limits?", ["copilot_spend"]),
        ("what share of the caps have you used?", ["copilot_spend"]),
        ("how many more model calls can you make today?", ["copilot_spend"]),
        ("the copilot's bill for november 2025", ["copilot_spend"]),
        ("your own bill for February", ["copilot_spend"]),
        ("which reaction cost most last month?", ["copilot_spend"]),
        ("what did the reactions cost us?", ["copilot_spend"]),
        ("which channel spent the most today?", ["copilot_spend"]),
        ("what does staging cost?", ["list_environments", "costs"]),
        ("how much did you spend on staging", ["list_environments", "costs"]),
        ("how much did we spend", ["costs"]),
        ("what did we spend this month", ["costs"]),
        ("what costs most", ["costs"]),
        ("show the costs per day", ["costs"]),
        ("show me our costs", ["costs"]),
        ("what does it cost us to run staging", ["list_environments", "costs"]),
    ],
)
def test_what_it_cost_itself_and_what_the_cloud_costs_are_told_apart(text: str, tools: list[str]) -> None:
    match = INTENTS.match(text, Focus(), PRESENT, KNOWN)
    assert match is not None and match.plan is not None
    assert [step.tool for step in match.plan.steps] == tools


@pytest.mark.parametrize(
    ("by", "told"), [("person", "Nobody spent"), ("channel", "No channel spent"), ("reaction", "No reaction spent")]
)
def test_that_nobody_spent_anything_is_said(by: Any, told: str) -> None:
    kept = MemorySpending()
    purse(caps(), kept, FakeClock(NOW)).begin("sweeps", 0.25)
    clients: Any = SimpleNamespace(spend_sheet=sheets(kept))
    found = CopilotSpend(clients).run(CopilotSpendInput(by=by))
    assert found.none.startswith(f"{told} anything in that time. What there was is of my own doing")
    assert not CopilotSpend(clients).run(CopilotSpendInput()).none


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("what did you cost in january?", "2026-01-01", "2026-02-01"),
        ("what did you cost in March?", "2026-03-01", None),
        ("what did you cost in december?", "2025-12-01", "2026-01-01"),
        ("what did you cost in february 2025?", "2025-02-01", "2025-03-01"),
    ],
)
def test_a_month_of_the_calendar_is_the_last_that_has_begun(text: str, since: str, until: str | None) -> None:
    match = INTENTS.match(text, Focus(), PRESENT, KNOWN)
    assert match is not None and match.plan is not None
    when = match.plan.steps[0].arguments
    assert str(when["since"])[:10] == since and (until is None or str(when["until"])[:10] == until)


def test_a_month_that_has_not_begun_is_asked_about() -> None:
    with pytest.raises(ToolInputError, match="has not begun"):
        INTENTS.match("what did you cost in december 2026?", Focus(), PRESENT, KNOWN)
