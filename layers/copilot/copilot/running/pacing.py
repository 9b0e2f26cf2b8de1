"""One first, then the rest: a change of many is tried on one of them, and stopped where it goes wrong twice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from copilot.domain import Item, StepState

PACED_ABOVE = 3
"""Of more than so many in one step one is changed first; the others wait until it is seen to be as wanted."""
FAILURES = 2
"""After so many that failed in one step, the rest of it is not begun."""
NEVER_MADE = frozenset({"denied", "expired", "left_out", "no_data", "replanned", "cancelled", "halted"})
"""The ends of calls that changed nothing, and never will."""
HELD = "waits until the first one is seen to be as wanted"


def held(step: StepState) -> Collection[int]:
    """Which calls of the step wait for the first of them, by index. What changes nothing in any account waits for
    nobody.
    """
    made = [item for item in step.items if item.accounts and item.status not in NEVER_MADE]
    unseen = sum(item.phase == "preview" and not item.is_settled for item in step.items)
    if not step.for_each or len(made) + unseen <= PACED_ABOVE or any(item.status == "done" for item in made):
        return ()
    ready = [item for item in made if item.status in {"open", "issued"} and item.phase != "preview"]
    if not ready:
        return ()
    # One that was begun is the first, whatever its place.
    first = min(ready, key=lambda one: (one.phase != "check", one.status != "issued", one.due is None, one.index))
    return {item.index for item in ready if item.status == "open"} - {first.index}


def halted(step: StepState, begun: Collection[tuple[str, int]], now: datetime) -> Mapping[int, Item]:
    """The calls of a step that are not begun any more since others failed, by index. `begun` are those of the Run, by
    step and index, of which something may be done.
    """
    failed = sum(map(_has_failed, step.items))
    if failed < FAILURES:
        return {}
    reason = f"not begun, since {failed} others of this step failed: see why, then ask again to go on with the rest"
    return {
        item.index: item.settle("halted", reason, now)
        for item in step.items
        if item.status == "open" and item.phase != "check" and (step.step_id, item.index) not in begun
    }


def may_halt(step: StepState) -> bool:
    """Whether enough failed of the step, and something of it is left."""
    left = any(item.status == "open" for item in step.items)
    return left and sum(map(_has_failed, step.items)) >= FAILURES


def _has_failed(item: Item) -> bool:
    """Of what was to be changed: a look that fails says nothing about the change."""
    return bool(item.accounts) and item.phase != "preview" and item.status in {"failed", "unknown"}
