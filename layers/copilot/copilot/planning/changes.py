"""What a model's change makes of the plan there is, and what it is told of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from copilot.domain import Answer, Plan, Step, StepState, digest
from copilot.errors import PlanError
from copilot.language_model.consulting import NoAnswer
from copilot.language_model.prompting import SoFar
from copilot.plans import references
from copilot.plans.arguments import dependencies, referred_to
from copilot.plans.templates import placeholders
from copilot.tools.registry import Registry

_UNDER_WAY = frozenset({"open", "issued", "asking"})


def with_step(plan: Plan, step: Step, change: Plan, states: Mapping[str, StepState]) -> Plan:
    """The plan with its wrong step put right. What was done for some elements stays, so those stay what they were.

    It goes on at once, so that all it refers to has to be there.
    """
    _declined(change)
    if [other.id for other in change.steps] != [step.id]:
        raise PlanError([f"step {step.id}: exactly this step is asked for, found {_ids(change.steps)}"])
    (better,) = change.steps
    if better.for_each != step.for_each:
        raise PlanError([f"step {step.id}: for_each may not change here, expected {step.for_each!r}"])
    # Whether it is run was decided when it began, by what it was to depend on then.
    better = better.model_copy(update={"when": step.when})
    if better.tool != step.tool and any(item.status == "done" for item in states[step.id].items):
        raise PlanError([f"step {step.id}: the tool may not change any more, some calls of {step.tool} were made"])
    if early := sorted(name for name in dependencies(better) if name not in states or not states[name].is_settled):
        raise PlanError([f"step {step.id}: it may not wait for {', '.join(early)} here, which has not finished"])
    return plan.model_copy(update={"steps": tuple(better if other.id == step.id else other for other in plan.steps)})


def with_rest(
    plan: Plan, begun: Sequence[Step], change: Plan, states: Mapping[str, StepState], registry: Registry
) -> Plan:
    """The steps that have begun, as they were, and the new ones after them. No write is among them a second time."""
    _declined(change)
    ends = change if change.answer or change.then else plan
    return _gone_on(plan, begun, change, ends, states, registry)


def with_round(plan: Plan, change: Plan, states: Mapping[str, StepState], registry: Registry) -> Plan:
    """All steps of the plan, which are settled, and the new ones after them; and the end that the change has. No call
    is among them a second time, unless something was changed since.
    """
    changed = any(_stands(step, states[step.id], registry) for step in plan.steps)
    made = {} if changed else {_made_by(step): step.id for step in plan.steps if not states[step.id].skipped}
    if again := [(step.id, made[_made_by(step)]) for step in change.steps if _made_by(step) in made]:
        raise PlanError(
            [f"step {name}: this is the call of step {first}; refer to what that gave" for name, first in again]
        )
    return _gone_on(plan, plan.steps, change, change, states, registry)


def _gone_on(
    plan: Plan, begun: Sequence[Step], change: Plan, ends: Plan, states: Mapping[str, StepState], registry: Registry
) -> Plan:
    """The plan with the steps of the change after those that have begun, and with the end of `ends`."""
    ran = {step.id for step in begun}
    if again := [step.id for step in change.steps if step.id in ran]:
        said = "it has run; refer to what it gave, or give a new step another id"
        raise PlanError([f"step {name}: {said}" for name in again])
    stand = {_made_by(step): step.id for step in begun if _stands(step, states[step.id], registry)}
    if twice := [(step.id, stand[_made_by(step)]) for step in change.steps if _made_by(step) in stand]:
        raise PlanError(
            [f"step {name}: this is the write of step {first}, which is not made twice" for name, first in twice]
        )
    empty = {step.id for step in begun if _gives_nothing(states[step.id])}
    if lost := [(step.id, name) for step in change.steps for name in sorted(_referred_to(step) & empty)]:
        raise PlanError([f"step {name}: refers to {gone}, which gave nothing to refer to" for name, gone in lost])
    if lost := [("", name) for name in sorted(_spoken_of(ends.answer) & empty)]:
        raise PlanError(
            [f"answer: refers to {gone}, which gave nothing; what failed is reported anyway" for _, gone in lost]
        )
    end = {name: getattr(ends, name) for name in ("answer", "then", "say", "ask", "decline")}
    return plan.model_copy(update={"steps": (*begun, *change.steps)} | end)


def _declined(change: Plan) -> None:
    """Raises NoAnswer with what the model says, or asks, where it knows nothing better to do."""
    if change.say is not None:
        raise NoAnswer(change.say)
    if change.decline is not None:
        raise NoAnswer(change.decline)
    if change.ask is not None:
        raise NoAnswer(" ".join([change.ask.question, f"({', '.join(change.ask.choices)})" * bool(change.ask.choices)]))


def _made_by(step: Step) -> str:
    """The same for two steps that make the same calls."""
    return digest([step.tool.partition("@")[0], step.arguments, step.for_each])


def _stands(step: Step, state: StepState, registry: Registry) -> bool:
    """Whether the step is a write that was made, may have been made or will be."""
    writes = registry.find(step.tool).effect != "read"
    return writes and any(item.status in _UNDER_WAY | {"done", "unknown"} for item in state.items)


def _gives_nothing(state: StepState) -> bool:
    """Whether the step has come to its end without an output: see load_outputs."""
    came = any(item.status in _UNDER_WAY | {"done"} for item in state.items)
    return state.skipped or not (state.for_each or came)


def _referred_to(step: Step) -> set[str]:
    """The steps whose outputs the step takes."""
    return {path[0] for path in referred_to(step)}


def _ids(steps: Sequence[Step]) -> str:
    return ", ".join(step.id for step in steps) or "none"


def told_of(step: StepState, output: JsonValue) -> SoFar:
    if step.skipped:
        return SoFar(step.step_id, "not run", None, step.reason)
    done = sum(item.status == "done" for item in step.items)
    status: Literal["done", "partly done", "failed", "under way"] = "partly done" if done else "failed"
    if any(item.status in _UNDER_WAY for item in step.items):
        status = "under way"
    elif done == len(step.items):
        status = "done"
    reasons = dict.fromkeys(item.reason for item in step.items if item.status not in {"done", "open"} and item.reason)
    return SoFar(step.step_id, status, output, "; ".join(list(reasons)[:3]))


def _spoken_of(answer: Answer | None) -> set[str]:
    """The steps whose outputs the answer needs."""
    if answer is None or answer.text is None:
        return set(answer.using) if answer else set()
    return {path[0] for one in placeholders(answer.text) for path in references.roots(one)}
