"""What is to be watched is checked before anything runs, as a call that is made: its tool, arguments and condition."""

from __future__ import annotations

from typing import Any

import pytest

from copilot.domain import Plan
from copilot.errors import PlanError
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

WATCH: dict[str, Any] = {
    "tool": "cluster_health",
    "arguments": {"environment_id": "blue"},
    "condition": "!healthy && length(failing) > `0`",
    "what": "blue is ill",
}


def problems(**more: Any) -> list[str]:
    step = {"id": "start", "tool": "start_watch", "arguments": WATCH | more}
    plan = Plan.model_validate({"goal": "x", "steps": [step], "answer": {"text": "{start.summary}"}})
    try:
        check_plan(plan, Registry())
    except PlanError as error:
        return list(error.problems)
    return []


def test_a_read_with_its_arguments_and_a_condition_over_it_may_be_watched() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"tool": "cluster_helth"}, "argument tool: no tool cluster_helth"),
        ({"tool": "stop_environment"}, "argument tool: stop_environment cannot be watched; a read can be"),
        ({"tool": "what_would_happen"}, "argument tool: what_would_happen cannot be watched"),
        ({"arguments": {"env": "blue"}}, "cluster_health has no argument env"),
        ({"arguments": {}}, "cluster_health needs the argument environment_id"),
        ({"condition": "helthy"}, "argument condition"),
        ({"condition": "summary"}, "expected a comparison, which is true or not"),
        ({"condition": "wanted > 'many'"}, "argument condition"),
        ({"to": "payments"}, "argument to"),
    ],
)
def test_what_is_wrong_with_it_is_said_by_name(more: dict[str, Any], problem: str) -> None:
    found = problems(**more)
    assert any(problem in one for one in found), found
