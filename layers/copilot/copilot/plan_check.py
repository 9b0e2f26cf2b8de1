"""Whether a plan may run at all: known tools, right arguments, references that point back to steps of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import TypeAdapter, ValidationError

from copilot import references
from copilot.arguments import ATTACHMENTS, answer_steps, dependencies, is_literal
from copilot.errors import NotFound, PlanError
from copilot.model import Plan, Step
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

RESERVED = frozenset({"memory", "failures", ATTACHMENTS})


def check_plan(plan: Plan, registry: Registry) -> None:
    """Raises PlanError with every problem found; each names the step, what was found and what is expected."""
    problems = [problem for index in range(len(plan.steps)) for problem in _step_problems(plan, index, registry)]
    problems += _answer_problems(plan)
    if problems:
        raise PlanError(problems)


def _step_problems(plan: Plan, index: int, registry: Registry) -> Iterator[str]:
    step = plan.steps[index]
    earlier = [other.id for other in plan.steps[:index]]
    if step.id in RESERVED:
        yield f"step {step.id}: the name is reserved"
    if step.id in earlier:
        yield f"step {step.id}: two steps have this id"
    try:
        yield from _argument_problems(step, registry.find(step.tool))
    except NotFound as error:
        yield f"step {step.id}: {error}"
    try:
        for name in sorted(dependencies(step) - set(earlier)):
            yield f"step {step.id}: {_dangling(name, earlier, [other.id for other in plan.steps])}"
        if step.expect is not None:
            references.parse(step.expect)
    except PlanError as error:
        yield f"step {step.id}: {error}"


def _argument_problems(step: Step, tool: AnyTool) -> Iterator[str]:
    fields = tool.Input.model_fields
    for name in step.arguments.keys() - fields.keys():
        near = get_close_matches(name, list(fields), n=1)
        yield f"step {step.id}: {tool.name} has no argument {name}; it has {', '.join(near or fields)}"
    for name, field in fields.items():
        if name not in step.arguments:
            if field.is_required():
                yield f"step {step.id}: {tool.name} needs the argument {name}"
        elif is_literal(step.arguments[name]):
            try:
                TypeAdapter(field.rebuild_annotation()).validate_json(_json(step.arguments[name]), strict=True)
            except ValidationError as error:
                yield f"step {step.id}: argument {name}: {error.errors()[0]['msg']}, got {step.arguments[name]!r}"


def _answer_problems(plan: Plan) -> Iterator[str]:
    if [plan.say, plan.ask, plan.answer].count(None) != 2:
        yield "a plan has an answer, or something to say, or a question to ask: one of the three"
    if plan.answer is None and plan.steps:
        yield "a plan that only says or asks something has no steps"
    try:
        for name in sorted(answer_steps(plan) - {step.id for step in plan.steps}):
            yield f"answer: no step {name}"
    except PlanError as error:
        yield f"answer: {error}"


def _dangling(name: str, earlier: list[str], all_steps: list[str]) -> str:
    if name == "@":
        return "@ has no meaning here; name the step whose output is meant"
    if name in all_steps:
        return f"refers to {name}, which does not come before it"
    near = get_close_matches(name, earlier, n=1)
    return f"refers to {name}, and no earlier step has that id" + (f"; nearest: {near[0]}" if near else "")


def _json(value: object) -> bytes:
    return TypeAdapter(object).dump_json(value)
