"""Steps of a plan called otherwise, and what tells that two steps of different plans make the same calls. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from copilot.domain import Plan, Step, digest
from copilot.errors import PlanError
from copilot.plans.arguments import ATTACHMENTS, MEMORY, dependencies, referred_to
from copilot.plans.references import is_of_element, renamed
from copilot.plans.templates import with_expressions


def renamed_plan(plan: Plan, names: Mapping[str, str]) -> Plan:
    """With every reference to one of these steps made to what stands for it. Raises PlanError."""
    update: dict[str, object] = {"steps": tuple(renamed_step(step, names) for step in plan.steps)}
    if plan.answer is not None and plan.answer.text is not None:
        update["answer"] = plan.answer.model_copy(update={"text": _in_text(plan.answer.text, names)})
    elif plan.answer is not None:
        update["answer"] = plan.answer.model_copy(
            update={"using": tuple(names.get(name, name) for name in plan.answer.using)}
        )
    if plan.then is not None:
        update["then"] = plan.then.model_copy(update={"using": tuple(renamed(one, names) for one in plan.then.using)})
    return plan.model_copy(update=update)


def renamed_step(step: Step, names: Mapping[str, str]) -> Step:
    """With its own id too, where it is among them. Raises PlanError."""
    return step.model_copy(
        update={
            "id": names.get(step.id, step.id),
            "arguments": {name: _in(value, names) for name, value in step.arguments.items()},
            "for_each": _in(step.for_each, names),
            "when": step.when if step.when is None else renamed(step.when, names),
            "after": tuple(names.get(name, name) for name in step.after),
        }
    )


def calls_of(plan: Plan) -> dict[str, str]:
    """By step what is the same of every step that makes the same calls, out of the same calls of others; nothing of one
    that goes by a file, or by what an earlier Turn has read.
    """
    found: dict[str, str] = {}
    for step in plan.steps:
        needed = dependencies(step)
        own = {path[0] for path in referred_to(step)}
        if own & {ATTACHMENTS, MEMORY, "failures"} or not needed <= found.keys():
            continue
        try:
            alike = renamed_step(step, {name: f"s{found[name]}" for name in needed})
        except PlanError:
            continue
        told = [alike.tool.partition("@")[0], alike.arguments, alike.for_each, alike.when, alike.expect]
        found[step.id] = digest(told)[:16]
    return found


def _in(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    if isinstance(value, list):
        return [_in(inner, names) for inner in value]
    if not isinstance(value, dict) or "$item" in value:
        return value
    if set(value) == {"$ref"}:
        return {"$ref": renamed(str(value["$ref"]), names)}
    if set(value) == {"$text"}:
        return {"$text": _in_text(str(value["$text"]), names)}
    return {key: _in(inner, names) for key, inner in value.items()}


def _in_text(template: str, names: Mapping[str, str]) -> str:
    return with_expressions(template, lambda one: one if is_of_element(one) else renamed(one, names))
