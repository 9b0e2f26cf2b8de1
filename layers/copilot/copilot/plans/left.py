"""What is left of a Run that is at its end: which of its writes were not made, and may be made by another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from copilot.domain import RETRY, EffectPlace, Item, LedgerEntry, Plan, Step, StepState
from copilot.domain.items import End
from copilot.plans.arguments import dependencies
from copilot.ports import RunRecord, Store
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

NOT_AGAIN = "not tried again: "
_SAID_NO = frozenset({"denied", "left_out", "replanned"})
"""A person did, or a better plan."""


class Fate(NamedTuple):
    """What a call of a write comes to for who goes on with its Run: `end` is None where it may still be made, `why` is
    said where it was not, and is not, `place` where the ledger has what was begun of it.
    """

    end: End | None
    why: str = ""
    place: EffectPlace | None = None


def fate_of(run_id: str, step: str, item: Item, entry: LedgerEntry | None) -> Fate:
    """By the ledger, which has this `entry` of it. What was begun is not made again, whatever came of it, but for what
    ended as if it had not been, or says itself that the same call goes on with it.
    """
    place = EffectPlace(run_id=run_id, step=step, item=item.index)
    if entry is None and item.kept_in is not None:
        return _ended(item, item.reason, item.kept_in)
    if entry is None or entry.state == "failed_clean" or entry.paused:
        # What is unknown here was not begun as far as anybody knows, and who knows may be wrong; what policy, a limit
        # or a freeze denied is for these to decide anew.
        ruled = item.status == "denied" and item.decision is not None and item.decision.outcome == "deny"
        ended = item.status in {"done", "unknown", *_SAID_NO} and not ruled
        return _ended(item, item.reason, None) if ended else Fate(None)
    if entry.state != "done":
        return Fate("unknown", entry.reason or item.reason or "it was begun, and its end was not recorded", place)
    if item.status == "done":
        return Fate("done", place=place)
    if entry.prior.is_idle:
        return Fate(None)
    return Fate("failed", f"run {run_id} made it, and {item.reason or 'how it ended was not seen'}", place)


def _ended(item: Item, why: str, place: EffectPlace | None) -> Fate:
    end: End = item.status if item.status in {"done", "unknown", *_SAID_NO} else "failed"  # type: ignore[assignment]
    return Fate(end, "" if end == "done" else why, place)


class Left(NamedTuple):
    """How a Run left one of its steps: `state` with the ledger's `entries` of its items, by their place in it.
    `changed` is whether its plan was changed as it went.
    """

    run_id: str
    state: StepState
    entries: Mapping[int, LedgerEntry]
    changed: bool

    def fate(self, item: Item) -> Fate:
        return fate_of(self.run_id, self.state.step_id, item, self.entries.get(item.index))


def left_of(store: Store, record: RunRecord) -> dict[str, Left]:
    """How each step of a Run was left: of one that went on with another Run, and did not come to a step, as that had
    left it.
    """
    found: dict[str, Left] = {}
    one: RunRecord | None = record
    while one is not None:
        entries = store.effects(one.run.tenant, one.run.run_id)
        for name, state in one.steps.items():
            if name not in found or found[name].state.skipped > state.skipped:
                of_step = {entry.item: entry for entry in entries if entry.step == name}
                found[name] = Left(one.run.run_id, state, of_step, len(one.revisions) > 1)
        first = one.revisions[0] if one.revisions else None
        before = first.slots.get("run") if first is not None and first.intent == RETRY else None
        one = store.load_run(one.run.tenant, before) if isinstance(before, str) else None
    return found


class Rest(NamedTuple):
    """The writes of a Run that may still be made: steps that were not begun, and calls of those that were; what is not
    made, with its step and why; and steps that wait for that, each with the one it waits for.
    """

    steps: list[Step]
    calls: list[tuple[StepState, Item]]
    kept: list[tuple[StepState, Item, Fate]]
    waiting: list[tuple[Step, str]]

    @property
    def names(self) -> set[str]:
        """Of the steps of which something is left."""
        return {step.id for step in self.steps} | {step.step_id for step, _ in self.calls}


def rest_of(store: Store, record: RunRecord, registry: Registry) -> Rest:
    rest, left = Rest([], [], [], []), left_of(store, record)
    stuck: set[str] = set()
    writes = [*writes_of(record.plan, registry)]
    for step in record.plan.steps if record.plan else ():
        if before := sorted(dependencies(step) & stuck):
            stuck.add(step.id)
        if step not in writes:
            continue
        if step.id not in left or left[step.id].state.skipped:
            _not_begun(rest, step, before, left.get(step.id))
            continue
        state = left[step.id].state
        for item in state.items:
            fate = left[step.id].fate(item)
            if fate.end is None:
                rest.calls.append((state, item))
            elif fate.end not in {"done", "replanned"}:
                rest.kept.append((state, item, fate))
                # After a write of which some failed nothing comes that waits for it, unless the plan says so.
                stuck |= {step.id} if fate.end != "left_out" and not step.continue_on_failure else set()
    return rest


def _not_begun(rest: Rest, step: Step, before: Sequence[str], left: Left | None) -> None:
    """Nor is it, where the plan itself has it so, or where it waits for one that is stuck."""
    if left is not None and left.state.as_planned:
        return
    if before:
        rest.waiting.append((step, before[0]))
    else:
        rest.steps.append(step)


def writes_of(plan: Plan | None, registry: Registry) -> Iterator[Step]:
    return (step for step in (plan.steps if plan else ()) if issubclass(registry.find(step.tool), WriteTool))


def root_of(record: RunRecord) -> str:
    """The Run whose plan this one goes on with, itself where it is none that does."""
    first = record.revisions[0]
    return str(first.slots["root"]) if first.intent == RETRY and "root" in first.slots else record.run.run_id
