"""The one JSON schema of a plan."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from cli.main import main
from copilot.domain import Plan
from copilot.intents import load_intents
from copilot.intents.actions import Intent
from copilot.plans.schema import plan_schema
from copilot.runbooks.filling import window_runbooks
from copilot.text.tokens import count_tokens

DESIGNS: dict[str, Any] = {
    "goal": "Stop idle dev environments and tell #platform",
    "steps": [
        {"id": "envs", "tool": "list_environments", "arguments": {"kind": "development"}},
        {
            "id": "stop",
            "tool": "stop_environment",
            "for_each": {"$ref": "envs.environments[].id"},
            "arguments": {"environment_id": {"$item": "@"}},
            "expect": "state == 'stopped'",
        },
    ],
    "answer": {"text": "Stopped {length(stop)} idle environments: {stop[].name}."},
}
INTENTS = [intent for intent in load_intents().intents if intent.plan is not None]


def faults(plan: Any, described: bool) -> list[str]:
    """What the schema finds wrong with a plan."""
    return [error.message for error in Draft202012Validator(plan_schema(described)).iter_errors(plan)]


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
def test_the_plan_of_every_intent_is_one(intent: Intent, described: bool) -> None:
    assert faults(intent.plan, described) == []


@pytest.mark.parametrize("described", [True, False])
def test_the_designs_example_and_the_runbooks_are(described: bool) -> None:
    plans = window_runbooks({"schedule_id": "s0123abcde", "kinds": [], "environments": [], "title": "x"})
    for plan in [DESIGNS, *(plan.model_dump(mode="json", exclude_none=True) for plan in plans.values())]:
        a_models = {key: value for key, value in plan.items() if key != "goal"}  # it writes none
        assert faults(plan if described else a_models, described) == []
        assert Plan.model_validate(plan).steps


@pytest.mark.parametrize(
    "broken",
    [
        {"steps": [{"id": "a"}]},
        {"steps": [{"id": "A b", "tool": "t"}]},
        {"steps": [{"id": "a", "tool": "t", "foreach": {"$ref": "x"}}]},
        {"steps": [{"id": "a", "tool": "t", "arguments": ["x"]}]},
        {"steps": {"id": "a", "tool": "t"}},
        {"anwser": {"text": "x"}},
        {"answer": "x"},
        {"answer": {"text": 5}},
        {"ask": {"choices": ["a"]}},
        {"say": ["x"]},
        [],
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("described", [True, False])
def test_what_is_no_plan_is_refused_by_schema_and_types_alike(broken: Any, described: bool) -> None:
    assert not Draft202012Validator(plan_schema(described)).is_valid(broken)
    with pytest.raises(ValidationError):
        Plan.model_validate(broken)


def test_it_is_one_small_object_as_providers_take_it() -> None:
    schema = plan_schema(described=False)
    Draft202012Validator.check_schema(schema)
    text = json.dumps(schema, separators=(",", ":"))
    assert schema["type"] == "object" and not set(schema) & {"anyOf", "oneOf", "allOf"}
    assert not any(noise in text for noise in ('"$ref"', '"$defs"', '"title"', '"default"', '"null"', '"description"'))
    assert count_tokens(text) <= 350


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == plan_schema()
