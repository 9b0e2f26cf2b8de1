"""Answers that models gave to these prompts: they read, they are plans that may run, and they are short."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import focus_on

from copilot.domain import Person, Plan, Prompt, Turn
from copilot.intents.actions import read_yaml
from copilot.language_model.prompting import (
    Context,
    Looked,
    SoFar,
    Value,
    correction_prompt,
    look_prompt,
    plan_prompt,
    repair_prompt,
    revise_prompt,
)
from copilot.language_model.reading import merge, read_plan
from copilot.language_model.retrieval import ToolIndex, fitting_tools
from copilot.plans.check import check_plan
from copilot.plans.plan_types import given_by, outputs_of, type_of_outputs
from copilot.text.tokens import count_tokens
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

HERE = Path(__file__).parent / "planner"
ANSWERS = read_yaml(HERE / "answers.yaml")
CHANGES = read_yaml(HERE / "changes.yaml")
REGISTRY = Registry()
INDEX = ToolIndex(REGISTRY)
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


def asked(entry: dict[str, Any]) -> tuple[list[AnyTool], Context]:
    before = entry.get("before", ())
    context = Context(
        now=NOW,
        time_zone="Europe/Paris",
        person=Person(id="ana", name="Ana", roles=("developer",)),
        focus=focus_on(environments=tuple(entry.get("focus", ()))),
        turns=tuple(
            Turn(run_id="r1", author="copilot" if place % 2 else "ana", text=text, at=NOW)
            for place, text in enumerate(before)
        ),
        attachments=tuple(entry.get("attachments", ())),
        read_only=entry.get("read_only", False),
    )
    used = [step["tool"] for step in entry.get("plan", {}).get("steps", ())]
    return fitting_tools(entry["request"], INDEX, background=" ".join(before), used=used), context


@pytest.mark.parametrize("entry", ANSWERS, ids=lambda entry: entry["request"])
def test_an_answer_is_a_plan_that_may_run_with_the_tools_it_was_given(entry: dict[str, Any]) -> None:
    tools, context = asked(entry)
    prompt = plan_prompt(entry["request"], context, tools)
    plan = read_plan(entry["answer"])
    check_plan(plan, REGISTRY, no_look="")
    assert {step.tool for step in plan.steps} <= {tool.name for tool in tools}
    assert count_tokens(prompt.system + prompt.user) < 2_700
    assert count_tokens(entry["answer"]) < 200


def test_the_answers_are_of_every_kind() -> None:
    plans = [read_plan(entry["answer"]) for entry in ANSWERS]
    assert len(plans) >= 20
    assert sum(plan.say is not None for plan in plans) >= 3
    assert sum(plan.ask is not None for plan in plans) >= 2
    assert sum(plan.answer is not None and plan.answer.compose is not None for plan in plans) >= 2
    assert sum(any(step.for_each is not None for step in plan.steps) for plan in plans) >= 5
    assert sum(plan.then is not None for plan in plans) >= 3


@pytest.mark.parametrize("entry", CHANGES, ids=lambda entry: f"{entry['purpose']}: {entry['request']}")
def test_a_change_makes_a_plan_that_may_run_and_says_nothing_twice(entry: dict[str, Any]) -> None:
    plan = Plan.model_validate(entry["plan"])
    assert count_tokens(_prompt(entry, plan).user) < 2_000
    change = read_plan(entry["answer"])
    kept = [step for step in plan.steps if step.id in entry.get("kept", [step.id])]
    whole = merge(plan.model_copy(update={"steps": tuple(kept)}), change)
    check_plan(whole, REGISTRY, no_look="")
    assert [step.id for step in whole.steps] == entry["steps"]
    assert all(step not in plan.steps for step in change.steps)


def _prompt(entry: dict[str, Any], plan: Plan) -> Prompt:
    tools, context = asked(entry)
    text = entry["request"]
    if entry["purpose"] == "correction":
        return correction_prompt(text, context, tools, plan, entry["problems"])
    if entry["purpose"] == "repair":
        return repair_prompt(text, context, tools, plan, entry["step"], entry["error"])
    if entry["purpose"] == "look":
        types = outputs_of({step.id: given_by(step, REGISTRY) for step in plan.steps})
        values = [Value(one, type_of_outputs(one, types), value) for one, value in entry["values"].items()]
        return look_prompt(text, context, tools, Looked(plan, {step.id: "done" for step in plan.steps}, values, 2))
    so_far = [SoFar(**one) for one in entry["so_far"]]
    return revise_prompt(text, context, tools, plan, so_far, entry["reason"])
