"""Deployments one by one are asked for as people do, and with the tool that answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_heard import INTENTS, REGISTRY
from test_heard_would import planned

from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

FOUND, AGAIN = (
    read_yaml(Path(__file__).with_name(f"{name}.yaml")) for name in ("heard_deployments", "heard_deployments_again")
)
TOOLS = {
    "list": "list_deployments",
    "failed": "deployment_failure",
    "good": "good_version",
    "compared": "compare_revisions",
}
MOST_AS_A_RULE = 10


def called(text: str) -> tuple[str, dict[str, Any]] | None:
    """The tool that the plan comes to, and what it is given that says which deployments are meant."""
    revision = planned(text)
    if revision is None or not revision.plan.steps:
        return None
    check_plan(revision.plan, REGISTRY)
    step = revision.plan.steps[-1]
    given = {name: value for name, value in step.arguments.items() if value not in (None, "")}
    found: dict[str, Any] = {
        name: given[name] for name in ("service", "status", "deployment", "before", "after", "by") if name in given
    }
    found |= {"of": True} if {"environments", "environment_id"} & given.keys() else {}
    found |= {"span": True} if "since" in given else {}
    found |= {"most": given["most"]} if given.get("most", MOST_AS_A_RULE) != MOST_AS_A_RULE else {}
    return step.tool, found


CASES = [(TOOLS[kind], case) for kind in TOOLS for case in (*FOUND[kind], *AGAIN[kind])]


@pytest.mark.parametrize(("tool", "case"), CASES, ids=lambda one: one.get("text") if isinstance(one, dict) else one)
def test_what_people_ask_is_heard(tool: str, case: dict[str, Any]) -> None:
    most = {"most": case["most"]} if case.get("most", MOST_AS_A_RULE) != MOST_AS_A_RULE else {}
    assert called(case["text"]) == (
        tool,
        {name: value for name, value in case.items() if name not in {"text", "most"}} | most,
    )


@pytest.mark.parametrize("text", [*FOUND["not_heard"], *AGAIN["not_heard"]])
def test_what_is_no_such_question_is_not_heard_as_one(text: str) -> None:
    found = called(text)
    assert found is None or found[0] not in TOOLS.values()


@pytest.mark.parametrize("text", FOUND["left"])
def test_what_is_not_heard_is_left_to_a_model(text: str) -> None:
    assert planned(text) is None


@pytest.mark.parametrize("case", [*FOUND["otherwise"], *AGAIN["otherwise"]], ids=lambda case: case["text"])
def test_other_questions_about_deployments_are_heard_as_they_were(case: dict[str, Any]) -> None:
    revision = planned(case["text"])
    assert revision is not None and case["tool"] in {step.tool for step in revision.plan.steps}


@pytest.mark.parametrize("intent", [one for one in INTENTS.intents if "deployment" in one.name or "good" in one.name])
def test_what_tells_times_tells_them_in_the_zone_of_who_asks(intent: Any) -> None:
    for step in intent.plan["steps"]:
        tool = REGISTRY.find(step["tool"])
        if "deployments" in tool.__module__ and "time_zone" in tool.Input.model_fields:
            assert step["arguments"]["time_zone"] == {"$slot": "time_zone", "$default": "UTC"}
