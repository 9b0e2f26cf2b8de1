"""Requests about costs: as people say them, and what is no such request. Written before the phrases were."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.domain import Focus
from copilot.errors import ToolInputError

NOTHING = Focus()
DEFAULTS = {"by": "environment", "days": 30, "most": 10}


def heard(text: str, focus: Focus = NOTHING) -> dict[str, Any] | None:
    """What `costs` is called with where that differs from what it is without a word, and whose costs these are."""
    match = INTENTS.match(text, focus, PRESENT, KNOWN)
    if match is None or match.plan is None or "costs" not in {step.tool for step in match.plan.steps}:
        return None
    (step,) = [one for one in match.plan.steps if one.tool == "costs"]
    told = {name: value for name, value in step.arguments.items() if value not in (None, DEFAULTS.get(name))}
    told.pop("environments", None)
    whose = {name: match.slots[name] for name in ("environment", "kinds", "names") if match.slots.get(name)}
    window = told.pop("saving", None)
    if isinstance(window, dict):
        told["if_off"] = f"{window['stop']} {len(str(window['days']).split())} {window['start']}"
    return told | whose


MARCH = {"days": 2, "end": "2026-03-03T00:00:00+00:00"}
LAST_MONTH = {"days": 28, "end": "2026-03-01T00:00:00+00:00"}
LAST_WEEK = {"days": 7, "end": "2026-03-02T00:00:00+00:00"}
YESTERDAY = {"days": 1, "end": "2026-03-02T00:00:00+00:00"}
THIS_WEEK = {"days": 1, "end": "2026-03-03T00:00:00+00:00"}
DEV, STAGING, PROD = ({"kinds": [kind]} for kind in ("development", "staging", "production"))
ONE = {"by": "aws_service"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what does staging cost?", STAGING),
        ("how much did we spend this month?", MARCH),
        ("what's our most expensive environment?", {}),
        ("what grew most since last month?", {"compared": True}),
        ("cost of prod per day last week", {"by": "day", **PROD, **LAST_WEEK}),
        ("how much would we save if dev was off at night?", {"if_off": "20:00 7 07:00", **DEV}),
        ("which aws service costs the most?", {"by": "aws_service"}),
        ("how much does orders-dev cost us?", {**ONE, "environment": "orders-dev"}),
        ("what did uat cost last month", {**ONE, **LAST_MONTH, "environment": "uat"}),
        ("costs of all environments over the last 30 days", {}),
        ("show me the aws bill", {}),
        ("what are we spending on aws", {}),
        ("total cost this month", MARCH),
        ("cost per environment", {}),
        ("cost breakdown by kind", {"by": "kind"}),
        ("break down our costs by environment", {}),
        ("top 5 most expensive environments", {"most": 5}),
        ("daily costs of orders-dev", {"by": "day", "environment": "orders-dev"}),
        ("how much did production cost yesterday", {**PROD, **YESTERDAY}),
        ("cost by aws service last month", {"by": "aws_service", **LAST_MONTH}),
        ("what did each environment cost last week", LAST_WEEK),
        ("which environments got more expensive", {"compared": True}),
        ("what got more expensive since last week", {"compared": True, "days": 7}),
        ("where does our money go?", {}),
        ("how much would we save if staging was off on weekends?", {"if_off": "00:00 1 00:00", **STAGING}),
        ("what could we save by turning dev off at night and on weekends", {"if_off": "20:00 5 07:00", **DEV}),
        ("what would it save to stop orders-dev every night", {"if_off": "20:00 7 07:00", "environment": "orders-dev"}),
        ("how expensive is staging", STAGING),
        ("what do the preview environments cost", {"kinds": ["preview"]}),
        ("what does the checkout service cost", {"service": "checkout"}),
        ("which of our services is the most expensive", {"by": "service"}),
        ("spending per day over the last two weeks", {"by": "day", "days": 14}),
        ("what's the cost of uat and orders-dev this week", {"names": ["uat", "orders-dev"], **THIS_WEEK}),
        ("how much have we paid for dev so far this month", {**DEV, **MARCH}),
        ("what is the total aws spend of the last 7 days", {"days": 7}),
        ("list the environments by cost", {}),
        ("how did our costs change since last month", {"compared": True}),
        ("how much would it save if dev were stopped outside office hours", {"if_off": "20:00 5 07:00", **DEV}),
        ("what costs the most?", {}),
        ("which environment costs us the most money", {}),
        ("our aws costs by day for the last 10 days", {"by": "day", "days": 10}),
        ("what does prod cost per aws service", {"by": "aws_service", **PROD}),
        ("what costs more than last month?", {"compared": True}),
        ("how much more did we spend than last week", {"compared": True, "days": 7}),
        ("which services grew most since last month", {"compared": True, "by": "service"}),
        ("how did our costs change by aws service since last week", {"compared": True, "days": 7, "by": "aws_service"}),
    ],
)
def test_as_people_say_it(text: str, expected: dict[str, Any]) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "set a budget of 500 dollars for staging",
        "what will staging cost next month",
        "stop the most expensive environment",
        "alert me when costs go above 100 dollars",
        "reduce our costs",
        "forecast the bill",
        "buy a savings plan",
        "what would a bigger database cost",
        "which cost center does orders-dev belong to",
        "why is prod so expensive",
        "pay the aws bill",
        "how much does it cost to hire a developer",
        "make orders-dev cheaper",
        "what is the cost of delay",
        "stop everything that costs more than 10 dollars a day",
        "turn dev off at night to save money",
        "cost of staging in euros",
        "who pays for prod",
        "delete the costs of dev",
        "what did idle environments cost this week",
        "which days got more expensive",
        "how did our costs change day by day since last month",
        "our costs versus last month by day",
    ],
)
def test_near_misses_are_left_to_the_planner(text: str) -> None:
    with contextlib.suppress(ToolInputError):  # asked back, and nothing is done
        assert heard(text) is None


def test_another_period_and_another_environment_can_be_asked_for_next() -> None:
    first = INTENTS.match("what did staging cost this week?", NOTHING, PRESENT, KNOWN)
    assert first is not None
    focus = Focus(intent=first.intent, slots=first.slots)
    assert heard("and last month?", focus) == {**STAGING, **LAST_MONTH}
    assert heard("and prod?", focus) == {**PROD, **THIS_WEEK}
