"""Whom a plan tells is looked for before its first change: that nobody can be told is no news once it is made. Pure.

Where a plan makes several changes, the names of channels and people that stand in it are previewed at its beginning, as
items of a step of their own that is in no plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from copilot.domain import Item, ItemOutcome, Plan, StepState
from copilot.plans.arguments import TOLD_CHANNELS
from copilot.plans.telling import messages_of, told_in
from copilot.running.recording import record_outcome
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

_CHANNEL = "channel"
_ANY_TEXT = "…"


def told_by_name(plan: Plan, steps: Mapping[str, StepState], registry: Registry) -> list[str]:
    """Who is told by the steps that are still to begin, as far as the plan itself names them. Nothing that is asked for
    waits for those who are told beside it.
    """
    messages = [step for step in messages_of(plan, registry) if step.accompanies is None]
    waiting = [step for step in messages if step.id not in steps]
    return list(dict.fromkeys(name for step in waiting for name in told_in(step)))


def with_channels(plan: Plan, steps: Mapping[str, StepState], registry: Registry, told: list[str]) -> StepState | None:
    """The step that looks for them, with what is not looked for yet; None where there is nothing new to look for.

    What is the plan's only change is looked at before it is made as it is.
    """
    changes = [step for step in plan.steps if registry.entry(step.tool).effect != "read"]
    known = steps.get(TOLD_CHANNELS)
    items = known.items if known else ()
    new = [name for name in told if name not in {item.arguments[_CHANNEL] for item in items}]
    if len(changes) < 2 or not new:
        return None
    tool = messages_of(plan, registry)[0].tool
    more = (
        Item(index=index, arguments={_CHANNEL: name, "text": _ANY_TEXT}, phase="preview")
        for index, name in enumerate(new, len(items))
    )
    found = registry.find(tool)
    return StepState(step_id=TOLD_CHANNELS, tool=f"{found.name}@{found.version}", items=(*items, *more))


def record_look(item: Item, outcome: ItemOutcome, tool: AnyTool, now: datetime, attempts: int) -> Item:
    """The item once it was looked for. A name that is wrong is nobody's to guess."""
    if item.is_settled or outcome.attempt != item.attempt or outcome.verdict.kind not in {"pass", "repair"}:
        return record_outcome(item, outcome, tool, now, attempts)
    verdict = outcome.verdict
    found = verdict.kind == "pass"
    return item.settle("done" if found else "failed", verdict.reason, now, reason_marked=verdict.marked)


def not_reached(steps: Mapping[str, StepState], told: list[str]) -> str:
    """Why of these somebody cannot be told; "" where all can."""
    items = steps[TOLD_CHANNELS].items if TOLD_CHANNELS in steps else ()
    return next((item.reason for item in items if item.status != "done" and item.arguments[_CHANNEL] in told), "")
