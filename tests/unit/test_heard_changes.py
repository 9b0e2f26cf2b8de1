"""Who changed what is heard as people ask it, and times that have been are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_heard import REGISTRY
from test_heard_would import planned

from copilot.errors import ToolInputError
from copilot.intents.actions import read_yaml
from copilot.intents.spans import span_of
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_changes.yaml"))


def looked_for(text: str) -> dict[str, Any] | None:
    """What the plan looks for; None where it looks for no changes."""
    revision = planned(text)
    step = next((one for one in revision.plan.steps if one.tool == "changes"), None) if revision else None
    if revision is None or step is None:
        return None
    check_plan(revision.plan, REGISTRY)
    given = step.arguments
    found: dict[str, Any] = {"tool": given["tool"]} if given.get("tool") else {}
    found |= {"mine": True} if given.get("mine") else {}
    found |= {"of": True} if "environment_id" in given else {}
    return found | ({"schedule": True} if "schedule_id" in given else {})


@pytest.mark.parametrize("case", FOUND["heard"], ids=lambda case: case["text"])
def test_what_people_ask_is_heard(case: dict[str, Any]) -> None:
    assert looked_for(case["text"]) == {name: value for name, value in case.items() if name != "text"}


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_question_is_not_heard_as_one(text: str) -> None:
    revision = planned(text)
    assert looked_for(text) is None
    assert revision is None or all(REGISTRY.find(one.tool).effect == "read" for one in revision.plan.steps)


NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("today", "2026-03-04T00:00+01:00", "2026-03-04T13:30+01:00"),
        ("yesterday", "2026-03-03T00:00+01:00", "2026-03-04T00:00+01:00"),
        ("the last 2 hours", "2026-03-04T11:30+01:00", "2026-03-04T13:30+01:00"),
        ("past week", "2026-02-25T13:30+01:00", "2026-03-04T13:30+01:00"),
        ("last night", "2026-03-03T17:00+01:00", "2026-03-04T07:00+01:00"),
        ("this week", "2026-03-02T00:00+01:00", "2026-03-04T13:30+01:00"),
        ("since yesterday", "2026-03-03T00:00+01:00", "2026-03-04T13:30+01:00"),
        ("since 09:15", "2026-03-04T09:15+01:00", "2026-03-04T13:30+01:00"),
        ("since 22:00", "2026-03-03T22:00+01:00", "2026-03-04T13:30+01:00"),
        ("since monday", "2026-03-02T00:00+01:00", "2026-03-04T13:30+01:00"),
        ("on tuesday", "2026-03-03T00:00+01:00", "2026-03-04T00:00+01:00"),
        ("on wednesday", "2026-03-04T00:00+01:00", "2026-03-04T13:30+01:00"),
    ],
)
def test_times_that_have_been_are_those_of_who_says_them(said: str, since: str, until: str) -> None:
    span = span_of(said, NOW, "Europe/Paris")
    assert (span.since, span.until) == (datetime.fromisoformat(since), datetime.fromisoformat(until))


def test_what_is_longer_than_a_month_is_asked_about() -> None:
    with pytest.raises(ToolInputError, match="longer than a month"):
        span_of("last 6 weeks", NOW, "UTC")
