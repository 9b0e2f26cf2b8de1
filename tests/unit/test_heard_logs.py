"""Logs and errors are heard as people ask for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from test_heard import REGISTRY
from test_heard_figures import heard

from copilot.intents.actions import read_yaml
from copilot.intents.spans import span_of
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_logs.yaml"))
ASKED = ("search_logs", "error_summary", "new_errors")
NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")  # a Monday


def asked(text: str) -> dict[str, Any] | None:
    """As the cases say it."""
    match = heard(text)
    if match is None or match.plan is None or not match.intent.startswith(ASKED):
        return None
    check_plan(match.plan, REGISTRY)
    slots: dict[str, Any] = dict(match.slots)
    told = {key: slots.get(key) for key in ("service", "words", "levels")}
    told |= {"shape": not match.intent.startswith("search_logs"), "in": slots.get("environment")}
    told |= {"most": slots.get("most") if slots.get("most") != 20 else None}
    told |= {"since": f"{datetime.fromisoformat(slots['since']):%m-%d %H:%M}" if slots.get("since") else None}
    return {key: value for key, value in told.items() if value}


@pytest.mark.parametrize("case", FOUND["heard"], ids=lambda case: case["text"])
def test_what_people_ask_is_heard(case: dict[str, Any]) -> None:
    expected = {key: value for key, value in case.items() if key != "text" and value != 20}
    assert asked(case["text"]) == (None if case.get("none") else expected)


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_question_is_not_heard_as_one(text: str) -> None:
    assert asked(text) is None


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("since last night", "03-01 17:00", "03-02 12:00"),
        ("overnight", "03-01 17:00", "03-02 07:00"),
        ("lately", "03-01 12:00", "03-02 12:00"),
        ("last 24h", "03-01 12:00", "03-02 12:00"),
        ("past 15 min", "03-02 11:45", "03-02 12:00"),
        ("around 10", "03-02 09:30", "03-02 10:30"),
        ("around noon", "03-02 11:30", "03-02 12:00"),
        ("around midnight", "03-01 23:30", "03-02 00:30"),
        ("the day before yesterday", "02-28 00:00", "03-01 00:00"),
        ("yesterday morning", "03-01 00:00", "03-01 12:00"),
        ("since friday evening", "02-27 17:00", "03-02 12:00"),
        ("since noon", "03-02 12:00", "03-02 12:00"),
        ("so far today", "03-02 00:00", "03-02 12:00"),
    ],
)
def test_times_that_have_been(said: str, since: str, until: str) -> None:
    found = span_of(said, NOON, "UTC")
    assert (f"{found.since:%m-%d %H:%M}", f"{found.until:%m-%d %H:%M}") == (since, until)


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("this morning", "03-02 00:00", "03-02 12:00"),
        ("this afternoon", "03-02 12:00", "03-02 18:00"),
        ("tonight", "03-02 17:00", "03-02 19:30"),
        ("this evening", "03-02 17:00", "03-02 19:30"),
    ],
)
def test_a_part_of_today_ends_when_it_did(said: str, since: str, until: str) -> None:
    found = span_of(said, NOON.replace(hour=19, minute=30), "UTC")
    assert (f"{found.since:%m-%d %H:%M}", f"{found.until:%m-%d %H:%M}") == (since, until)
    assert span_of(said, NOON.replace(hour=10), "UTC").since == NOON.replace(hour=0)
