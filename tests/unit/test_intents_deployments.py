"""Requests about deployments: paraphrases that must match, near misses that must not."""

from __future__ import annotations

import pytest
from fakes import focus_on

from copilot.domain import Focus
from copilot.errors import ToolInputError
from copilot.intents import Intents, load_intents
from copilot.intents.periods import MOST_WEEKS
from copilot.tools.deployments.statistics import WEEKS_AT_MOST


@pytest.fixture(scope="module")
def intents() -> Intents:
    return load_intents()


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("Why is my deployment time high this week?", None),
        ("why are deployments slow", None),
        ("Why are our deployments so slow this week?", None),
        ("why is the deployment time so high?", None),
        ("hey copilot, why do deployments take so long lately?", None),
        ("Why did deployments get slower this week", None),
        ("why have our deployments become slow", None),
        ("What is slowing down our deployments?", None),
        ("Why did the deployment time go up this week?", None),
        ("why has our deployment time increased", None),
        ("what makes deploys slow this week", None),
        ("why are checkout-api deployments slow?", "checkout-api"),
        ("Why is the deployment time of checkout high this week?", "checkout"),
        ("why are the deployments for the checkout service so slow", "checkout"),
        ("why do checkout deployments take so long this week", "checkout"),
    ],
)
def test_why_deployments_are_slow(intents: Intents, text: str, service: str | None) -> None:
    match = intents.match(text, Focus())
    assert match is not None and match.plan is not None and match.intent == "deployment_slowdown"
    assert match.plan.steps[0].arguments == {"service": service, "weeks_before": 4}


@pytest.mark.parametrize(
    ("text", "weeks", "service"),
    [
        ("Deployment statistics for the last 5 weeks", 5, None),
        ("show me the deployment statistics over the past three weeks", 3, None),
        ("deployment stats", 5, None),
        ("Give me our deploy metrics for the last 12 weeks, please", 12, None),
        ("deployment statistics for checkout", 5, "checkout"),
        ("deployment statistics for the checkout service over the last 8 weeks", 8, "checkout"),
        ("deployment statistics for the last two weeks for checkout", 2, "checkout"),
        ("How often do we deploy?", 5, None),
        ("how often do we deploy checkout", 5, "checkout"),
        ("How often is the checkout service deployed?", 5, "checkout"),
        ("how many deployments did we have in the last 4 weeks?", 4, None),
        ("what's our deployment success rate", 5, None),
    ],
)
def test_statistics(intents: Intents, text: str, weeks: int, service: str | None) -> None:
    match = intents.match(text, Focus())
    assert match is not None and match.plan is not None and match.intent == "deployment_statistics"
    assert match.plan.steps[0].arguments == {"service": service, "weeks": weeks}


@pytest.mark.parametrize(
    "text",
    [
        "why was my deployment slow yesterday",
        "why are deployments slow today",
        "why is my deployment time high this month",
        "why is my deployment time high except for checkout",
        "why are production deployments slow",
        "why is checkout slow",
        "why are deployments fast",
        "make my deployments faster",
        "deploy checkout",
        "how often do we deploy to production",
        "how often do we deploy on fridays",
        "how often should we deploy",
        "deployment statistics for the last year",
        "deployment statistics for checkout and basket",
        "deployment statistics for staging",
        "roll back the last deployment",
    ],
)
def test_near_misses_are_left_to_the_planner(intents: Intents, text: str) -> None:
    assert intents.match(text, focus_on(environments=("prod-1",))) is None


@pytest.mark.parametrize(
    "text",
    [
        "Deployment statistics for the last 28 weeks",
        "deployment statistics for the last 500 weeks",
        "deployment statistics for the last 0 weeks",
        "how often is checkout deployed in the last 27 weeks",
    ],
)
def test_too_many_weeks_are_asked_about_with_how_many_there_may_be(intents: Intents, text: str) -> None:
    with pytest.raises(ToolInputError, match=r"Over how many weeks\?.*over 1 to 26\. Nothing was done"):
        intents.match(text, Focus())


def test_as_many_weeks_as_may_be_asked_about_are_taken_by_the_tool() -> None:
    assert MOST_WEEKS == WEEKS_AT_MOST
