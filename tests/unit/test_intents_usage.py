"""Requests about usage: paraphrases, near misses, how many days."""

from __future__ import annotations

from datetime import datetime

import pytest

from copilot.domain import Focus
from copilot.errors import ToolInputError
from copilot.intents import Intents, Present, load_intents
from copilot.intents.periods import MOST_DAYS
from copilot.tools.usage.statistics import MOST_DAYS as TAKEN_BY_THE_TOOL

NOTHING = Focus()


@pytest.fixture(scope="module")
def intents() -> Intents:
    return load_intents()


@pytest.mark.parametrize(
    ("text", "intent", "days"),
    [
        ("Generate usage statistics over the last 30 days", "usage_statistics", 30),
        ("please generate the usage statistics for the past 7 days.", "usage_statistics", 7),
        ("usage report for the last week", "usage_statistics", 7),
        ("Usage report for the last month, please", "usage_statistics", 30),
        ("Could you show me a usage report of the last two weeks?", "usage_statistics", 14),
        ("give us environment usage stats over the last 90 days", "usage_statistics", 90),
        ("make a 30-day usage report", "usage_statistics", 30),
        ("usage over the last quarter", "usage_statistics", 90),
        ("usage stats for the last day", "usage_statistics", 1),
        ("Generate usage statistics", "usage_statistics", 30),
        ("Please generate the usage statistics.", "usage_statistics", 30),
        ("Can you make us a usage report?", "usage_statistics", 30),
        ("show me our environment usage", "usage_statistics", 30),
        ("usage statistics, please", "usage_statistics", 30),
        ("the usage report", "usage_statistics", 30),
        ("usage statistics for the past week", "usage_statistics", 7),
        ("make the last month usage report", "usage_statistics", 30),
        ("make the last 10 days of usage statistics", "usage_statistics", 10),
        ("How much did idle environments cost over the last month?", "idle_cost", 30),
        ("how much have unused environments cost us over the last 3 weeks", "idle_cost", 21),
        ("What did idle time cost in the past 10 days?", "idle_cost", 10),
        ("what was the cost of idle time over the last week", "idle_cost", 7),
    ],
)
def test_paraphrases(intents: Intents, text: str, intent: str, days: int) -> None:
    match = intents.match(text, NOTHING)
    assert match is not None and match.plan is not None and match.intent == intent
    assert match.plan.steps[0].arguments == {"days": days, "until": None, "kinds": [], "cpu_below": 5.0}


@pytest.mark.parametrize(
    ("text", "now", "first", "after"),
    [
        ("usage statistics for last month", "2026-03-31T09:30Z", "2026-02-01", "2026-03-01"),
        ("How much did idle environments cost last month?", "2026-03-01T00:00Z", "2026-02-01", "2026-03-01"),
        ("generate last month usage statistics", "2028-03-15T12:00Z", "2028-02-01", "2028-03-01"),
        ("usage report for the month", "2026-03-15T12:00Z", None, None),
        ("Usage statistics last month", "2026-01-01T00:30+02:00", "2025-11-01", "2025-12-01"),
        ("usage report for last week", "2026-03-04T12:00Z", "2026-02-23", "2026-03-02"),
        ("usage of the previous week", "2026-03-04T12:00Z", None, None),
        ("usage over previous week", "2026-03-02T00:00Z", "2026-02-23", "2026-03-02"),
        ("generate usage statistics for last quarter", "2026-03-04T12:00Z", "2025-10-01", "2026-01-01"),
        ("usage over past month", "2026-03-04T12:00Z", None, None),
    ],
)
def test_last_month_without_an_article_is_the_calendars(
    intents: Intents, text: str, now: str, first: str | None, after: str | None
) -> None:
    match = intents.match(text, NOTHING, Present(datetime.fromisoformat(now), "Europe/Paris"))
    assert match is not None and match.plan is not None
    arguments = match.plan.steps[0].arguments
    if first is None or after is None:
        assert arguments["until"] is None
        return
    assert arguments["until"] == f"{after}T00:00:00+00:00"
    assert arguments["days"] == (datetime.fromisoformat(after) - datetime.fromisoformat(first)).days


def test_the_cost_of_a_kind(intents: Intents) -> None:
    match = intents.match("How much did idle dev and preview environments cost last month?", NOTHING)
    assert (
        match is not None
        and match.plan is not None
        and match.plan.steps[0].arguments["kinds"] == ["development", "preview"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "generate statistics",
        "generate usage statistics now and then",
        "generate usage statistics of dana",
        "generate usage statistics every week",
        "generate usage statistics for this week",
        "usage statistics since last week",
        "usage statistics until last week",
        "usage statistics for next week",
        "usage statistics for the week before last",
        "generate memory usage statistics",
        "deployment usage statistics",
        "do not generate usage statistics",
        "why generate usage statistics",
        "usage report for tomorrow",
        "generate usage statistics over the next 30 days",
        "usage report since Monday",
        "generate usage statistics over the last 30 minutes",
        "usage report for the last 1.5 weeks",
        "generate usage statistics over the last 30 days and delete them",
        "how much will idle environments cost next month",
        "stop idle environments of the last week",
        "memory usage over the last week",
        "delete the usage report of the last week",
    ],
)
def test_near_misses_are_left_to_the_planner(intents: Intents, text: str) -> None:
    assert intents.match(text, NOTHING) is None


@pytest.mark.parametrize(
    ("said", "days"), [("93 days", 93), ("0 days", 0), ("4 months", 120), ("999999 weeks", 6999993)]
)
def test_too_many_days_or_none_are_asked_about(intents: Intents, said: str, days: int) -> None:
    with pytest.raises(ToolInputError, match=f"{days} days, and usage can be looked at over 1 to 92"):
        intents.match(f"usage report for the last {said}", NOTHING)


def test_where_no_period_was_named_another_can_be_asked_for(intents: Intents) -> None:
    first = intents.match("Generate usage statistics", NOTHING)
    assert first is not None
    match = intents.match("and over the last week?", Focus(intent=first.intent, slots=first.slots))
    assert match is not None and match.plan is not None and match.is_follow_up and match.intent == "usage_statistics"
    assert match.plan.steps[0].arguments == {"days": 7, "until": None, "kinds": [], "cpu_below": 5.0}


def test_deployments_are_those_of_the_reports_own_period(intents: Intents) -> None:
    match = intents.match("Generate usage statistics over the last 10 days", NOTHING)
    assert match is not None and match.plan is not None
    counted = next(step for step in match.plan.steps if step.tool.startswith("deployment_statistics"))
    assert counted.arguments == {"since": {"$ref": "usage.since"}, "until": {"$ref": "usage.until"}}


def test_the_same_over_another_period(intents: Intents) -> None:
    first = intents.match("how much did idle dev environments cost last month", NOTHING)
    assert first is not None
    match = intents.match("and over the last week?", Focus(intent=first.intent, slots=first.slots))
    assert match is not None and match.plan is not None and match.is_follow_up and match.intent == "idle_cost"
    assert match.plan.steps[0].arguments == {"days": 7, "until": None, "kinds": ["development"], "cpu_below": 5.0}
    assert intents.match("and over the last week?", NOTHING) is None


def test_as_many_days_as_may_be_asked_about_are_taken_by_the_tool() -> None:
    assert MOST_DAYS == TAKEN_BY_THE_TOOL
