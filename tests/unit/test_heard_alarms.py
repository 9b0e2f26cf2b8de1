"""Whether an alarm is our own doing is heard as people ask it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_heard import REGISTRY
from test_heard_would import planned

from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_alarms.yaml"))


def asked(text: str) -> dict[str, Any] | None:
    """Whether the plan looks at what was before alarms, and whether where they are was said."""
    revision = planned(text)
    if revision is None or not any(step.tool == "alarm_background" for step in revision.plan.steps):
        return None
    check_plan(revision.plan, REGISTRY)
    first = revision.plan.steps[0]
    return {"of": True} if first.tool == "find_environment" or any(first.arguments.values()) else {}


@pytest.mark.parametrize("case", FOUND["heard"], ids=lambda case: case["text"])
def test_what_people_ask_is_heard(case: dict[str, Any]) -> None:
    found = asked(case["text"])
    assert found is not None and bool(found) is bool(case.get("of"))


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_question_is_not_heard_as_one(text: str) -> None:
    revision = planned(text)
    assert asked(text) is None
    assert revision is None or all(REGISTRY.find(one.tool).effect == "read" for one in revision.plan.steps)
