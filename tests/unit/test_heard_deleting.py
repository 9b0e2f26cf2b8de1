"""Deleting previews is heard as people ask for it, of nothing else, and never from a question."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT, REGISTRY
from test_heard_would import planned

from copilot.domain import Step
from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

WITH = re.compile(r"\b(?:the|preview|environment)\b ?| (?=environment)")
FOUND = read_yaml(Path(__file__).with_name("heard_deleting.yaml"))


def steps(text: str) -> dict[str, Step]:
    """Those of the plan, by the tool that each calls."""
    revision = planned(text)
    if revision is None:
        return {}
    if revision.plan.steps:
        check_plan(revision.plan, REGISTRY)
    return {step.tool: step for step in revision.plan.steps}


def looked_for(found: dict[str, Step]) -> dict[str, Any]:
    if one := found.get("find_environment"):
        return {"names": [WITH.sub("", str(one.arguments["name"]))]}
    given = found["list_environments"].arguments
    said: dict[str, Any] = {"names": given["names"]} if given["names"] else {}
    said |= {"but": given["but"]} if given["but"] else {}
    if given["kinds"]:
        assert given["kinds"] == ["preview"]
        said |= {} if given.get("older_than_days") else {"kinds": True}
    return said | ({"older": given["older_than_days"]} if given.get("older_than_days") else {})


@pytest.mark.parametrize("case", FOUND["heard"], ids=lambda case: case["text"])
def test_what_people_ask_is_heard(case: dict[str, Any]) -> None:
    found = steps(case["text"])
    assert "delete_environment" in found
    running = found["delete_environment"].arguments["running_too"]
    assert running is bool(case.get("running"))
    assert looked_for(found) == {name: value for name, value in case.items() if name not in {"text", "running"}}


@pytest.mark.parametrize("case", FOUND["mine"], ids=lambda case: case["text"])
def test_of_mine_those_are_deleted_whose_owner_asks(case: dict[str, Any]) -> None:
    found = steps(case["text"])
    assert found["list_environments"].arguments["kinds"] == ["preview"]
    assert found["list_environments"].arguments["but"] == case["but"]
    assert found["delete_environment"].for_each == {"$ref": "envs.environments[?owner=='ana'].id"}


@pytest.mark.parametrize("text", FOUND["unable"])
def test_what_nothing_is_deleted_by_is_said_with_what_there_is_instead(text: str) -> None:
    cannot = INTENTS.cannot_be_done(text, PRESENT, KNOWN)
    assert not steps(text) and cannot is not None
    assert cannot.says.startswith("How long nobody used a preview is nothing I delete by") and not cannot.asks
    for instead in cannot.nearest:
        assert planned(instead) is not None


@pytest.mark.parametrize("case", FOUND["asked"], ids=lambda case: case["text"])
def test_how_old_they_are_is_a_question(case: dict[str, Any]) -> None:
    found = steps(case["text"])
    assert [*found] == ["list_environments"]
    assert found["list_environments"].arguments["older_than_days"] == case["older"]


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_nothing_else_is_heard_as_that(text: str) -> None:
    found = steps(text)
    assert all(REGISTRY.find(tool).effect == "read" or tool == "delete_schedule" for tool in found)
