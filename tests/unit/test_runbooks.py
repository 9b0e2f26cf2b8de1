"""Runbooks: what one is, and its plan with what was said in place of its parameters."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from copilot.domain import Runbook, runbook_name
from copilot.errors import ToolInputError
from copilot.runbooks.filling import plan_of

IDLE: dict[str, Any] = {
    "name": "idle-cleanup",
    "parameters": {
        "kind": {"type": "choice", "choices": ["development", "preview"], "default": "development"},
        "hours": {"type": "integer", "default": 6},
        "share": {"type": "number", "default": 0.5},
        "loud": {"type": "boolean", "default": False},
        "ticket": {"type": "pattern", "pattern": "[A-Z]+-[0-9]+", "default": "OPS-1"},
        "channel": {"type": "string", "names": "channel", "description": "who is told"},
    },
    "steps": [
        {"id": "envs", "tool": "list_environments", "arguments": {"kinds": [{"$slot": "kind"}]}},
        {
            "id": "tell",
            "tool": "notify",
            "arguments": {"channel": {"$slot": "channel"}, "text": {"$text": "{$hours} h: {envs.environments[].id}"}},
        },
    ],
    "answer": {"text": "Looked at {$kind} for {$channel}: {envs.environments[].summary}"},
}


def idle(**more: Any) -> Runbook:
    return Runbook.model_validate(IDLE | more)


def test_a_runbook_is_filled_with_what_was_said_and_with_defaults_for_the_rest() -> None:
    plan = plan_of(idle(version=3), {"channel": "#platform", "hours": 12})
    assert plan.steps[0].arguments == {"kinds": ["development"]}
    assert plan.steps[1].arguments == {"channel": "#platform", "text": {"$text": "12 h: {envs.environments[].id}"}}
    assert plan.answer is not None and plan.answer.text is not None
    assert plan.answer.text.startswith("Runbook idle-cleanup, version 3.\n\nLooked at development for #platform: {envs")
    assert plan.goal.startswith("Runbook idle-cleanup, version 3: kind = development, hours = 12,")


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        ("hours", "12", 12),
        ("share", "0.25", 0.25),
        ("loud", "Yes", True),
        ("loud", False, False),
        ("kind", "Preview", "preview"),
        ("kind", "dev", "development"),
    ],
)
def test_a_text_is_read_as_what_the_parameter_takes(name: str, said: Any, meant: Any) -> None:
    runbook = idle(steps=[{"id": "x", "tool": "t", "arguments": {"a": {"$slot": name}}}])
    assert plan_of(runbook, {"channel": "#x", name: said}).steps[0].arguments == {"a": meant}


@pytest.mark.parametrize(
    ("arguments", "problem", "nearest"),
    [
        ({}, "parameter channel of runbook idle-cleanup has to be said («who is told»): a #channel", ()),
        ({"chanel": "#x"}, "runbook idle-cleanup has no parameter chanel; it takes kind, hours,", ("channel",)),
        ({"channel": "x"}, "parameter channel of runbook idle-cleanup: found x, expected a #channel", ()),
        (
            {"channel": "#x", "hours": "soon"},
            "parameter hours of runbook idle-cleanup: found soon, expected a whole",
            (),
        ),
        ({"channel": "#x", "hours": True}, "parameter hours of runbook idle-cleanup: found True, expected a", ()),
        ({"channel": "#x", "hours": 1.5}, "parameter hours of runbook idle-cleanup: found", ()),
        ({"channel": "#x", "kind": "previw"}, "expected one of development, preview", ("preview",)),
        ({"channel": "#x", "ticket": "OPS-1\n"}, "", None),
        ({"channel": "#x", "ticket": "x OPS-1"}, "parameter ticket of runbook idle-cleanup: found", ()),
        ({"channel": "#x", "ticket": ["OPS-1"]}, "parameter ticket of runbook idle-cleanup: found", ()),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_its_parameter(
    arguments: dict[str, Any], problem: str, nearest: tuple[str, ...] | None
) -> None:
    if nearest is None:  # blanks around what is said are no part of it
        plan_of(idle(), arguments)
        return
    with pytest.raises(ToolInputError) as error:
        plan_of(idle(), arguments)
    assert problem in str(error.value)
    assert error.value.nearest == nearest


def test_what_is_said_stays_a_value_and_does_nothing_where_it_is_shown() -> None:
    runbook = idle(
        parameters={"who": {"type": "string"}},
        steps=[{"id": "x", "tool": "t", "arguments": {"a": {"$slot": "who"}, "b": {"$text": "for {$who}"}}}],
        answer={"text": "{$who}"},
    )
    said = "{envs.secret} <!here> https://evil.example/x"
    plan = plan_of(runbook, {"who": said})
    assert plan.steps[0].arguments["a"] == said
    assert plan.answer is not None
    for text in (str(plan.steps[0].arguments["b"])[len("{'$text'") : -1], str(plan.answer.text)):
        assert "{" not in text and "https://" not in text and "<!here>" not in text


@pytest.mark.parametrize(
    "parameter",
    [
        {"type": "choice"},
        {"type": "string", "choices": ["a"]},
        {"type": "pattern"},
        {"type": "pattern", "pattern": "("},
        {"type": "integer", "default": "6"},
        {"type": "integer", "default": True},
        {"type": "choice", "choices": ["a"], "default": "b"},
        {"type": "string", "names": "channel", "default": "platform"},
        {"type": "integer", "names": "environment"},
        {"type": "text"},
        {"type": "string", "required": True},
    ],
)
def test_a_parameter_that_is_none_is_refused(parameter: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        idle(parameters={"x": parameter})


def test_a_pattern_takes_no_longer_than_the_value_is_long() -> None:
    parameters = {"x": {"type": "pattern", "pattern": "(a+)+b"}}
    with pytest.raises(ToolInputError, match="parameter x"):
        plan_of(idle(parameters=parameters), {"x": "a" * 400})


@pytest.mark.parametrize(
    "more", [{"version": 0}, {"name": "Idle Cleanup"}, {"steps": []}, {"then": {}}, {"owner": "x"}]
)
def test_what_is_no_runbook_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        idle(**more)


def test_a_name_is_one_name_however_it_is_written() -> None:
    for said in ("Evening stop", "evening-stop", " evening_stop ", "“evening stop”"):
        assert runbook_name(said) == "evening-stop"
