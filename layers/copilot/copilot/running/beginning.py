"""Whether a step begins, once all that it waits for is settled. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import Plan, Step, StepState
from copilot.errors import NoData
from copilot.plans import references
from copilot.plans.arguments import dependencies
from copilot.plans.rounds import call_of
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool

_LITERAL = re.compile(r"`([^`]*)`")
_NEGATED = re.compile(r"!\(?([\w.\[\]]+)\)?")


_MAY_BE_MADE_AGAIN = frozenset({"failed", "wrong", "replanned", "no_data", "cancelled"})


class NotRun(NamedTuple):
    """Why a step is not run; `as_planned` where the plan itself has it so, as things are, and nothing went wrong."""

    reason: str
    as_planned: bool = False


def blocked_by(plan: Plan, step: Step, steps: Mapping[str, StepState], registry: Registry) -> NotRun | None:
    """Why the step must be skipped, its dependencies being settled; None when it may run.

    All items failed: dependents are skipped. Some failed: reads go on with the rest; after a write they stop, unless
    the write says otherwise; what accompanies others tells what was done all the same. What went wrong is said before
    what the plan had skipped.
    """
    said = {other.id: other for other in plan.steps}
    unneeded: NotRun | None = None
    for name in sorted(() if step.accompanies else dependencies(step)):
        before = steps[name]
        if before.skipped:
            unneeded = NotRun(f"{name} was not run", before.as_planned)
            if before.as_planned:
                continue
            return unneeded
        done = [item for item in before.items if item.status == "done"]
        failed = sum(item.status not in {"done", "replanned", "left_out"} for item in before.items)
        if before.items and all(item.status == "left_out" for item in before.items):
            return NotRun(f"{name} was left out", as_planned=True)
        if failed and said[name].continue_on_failure:
            continue
        if failed and not done:
            return NotRun(f"{name} did not succeed")
        if failed and issubclass(registry.find(said[name].tool), WriteTool):
            return NotRun(f"{name} succeeded for {len(done)} of {len(before.items)}")
    return unneeded


def not_twice(step: StepState, steps: Mapping[str, StepState], registry: Registry, now: datetime) -> StepState:
    """The step of a plan that was changed, or went on, without the writes that another step has made or may have made,
    or that nobody would let it make.
    """
    tool = registry.find(step.tool)
    if not issubclass(tool, WriteTool):
        return step
    made = {
        call_of(tool, item.arguments): (other.step_id, item.status)
        for other in steps.values()
        if other.step_id != step.step_id and registry.find(other.tool).name == tool.name
        for item in other.items
        if item.status not in _MAY_BE_MADE_AGAIN
    }
    items = [
        item.settle("failed", _not_again(*made[call]), now)
        if item.status == "open" and (call := call_of(tool, item.arguments)) in made
        else item
        for item in step.items
    ]
    return step.model_copy(update={"items": tuple(items)})


def _not_again(step: str, status: str) -> str:
    if status == "halted":
        return f"step {step} was not gone on with, since it went wrong: ask again to go on with the rest"
    return f"the same call was made by step {step}, and is not made twice"


def held_back(
    plan: Plan, step: Step, tool: AnyTool, steps: Mapping[str, StepState], outputs: Mapping[str, JsonValue]
) -> NotRun | None:
    """Why the step is not run by its own `when`; None where that is so, or where there is none.

    A change does not go by a part: where not all could be found out that its `when` speaks of, it is not known, unless
    the plan goes on with what failed.
    """
    if step.when is None:
        return None
    what = _LITERAL.sub(r"\1", step.when)
    if issubclass(tool, WriteTool) and (lacking := _lacking(plan, step.when, steps)):
        return NotRun(f"it is not known whether {what}: {lacking}")
    try:
        found = references.evaluate(step.when, dict(outputs))
    except NoData:
        found = None
    if found is True:
        return None
    if found is False:
        negated = _NEGATED.fullmatch(what)
        return NotRun(f"{negated[1]} was so" if negated else f"{what} was not so", as_planned=True)
    return NotRun(f"it is not known whether {what}" if found is None else f"{what} is neither true nor false")


def _lacking(plan: Plan, when: str, steps: Mapping[str, StepState]) -> str:
    """Of which step that is spoken of some calls came to nothing, in words; "" where of none."""
    goes_on = {other.id for other in plan.steps if other.continue_on_failure}
    for name in sorted({path[0] for path in references.roots(when)} & steps.keys() - goes_on):
        items = [item for item in steps[name].items if item.status not in {"replanned", "left_out"}]
        done = sum(item.status == "done" for item in items)
        if done < len(items):
            return f"{name} succeeded for {done} of {len(items)}"
    return ""
