"""Going on with what another Run was to do: each of its calls as that left it, and only what is left made."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.domain import RETRY, Claim, EffectPlace, Item, StepState
from copilot.domain.items import End
from copilot.plans.left import NOT_AGAIN, Fate, Left, left_of, root_of
from copilot.plans.rounds import call_of
from copilot.ports import RunRecord, Store
from copilot.running.board import Board
from copilot.running.claiming import Claims
from copilot.text.outside import OPEN
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

GONE = "as things are now, it is not among what is asked for"
OTHER = "as things are now, it is not among what is asked for, and others are; ask for it in full"


def going_on(store: Store, registry: Registry, board: Board, step: StepState) -> StepState:
    """The step of a write, expanded afresh, with what the Run before made of it kept as it is there: what was done is
    done, what was not is made, and what nobody should make again says why. Nothing is made that was not to be made
    then; the step of a Run that goes on with no other is as it was.
    """
    first = board.revisions[0]
    of = first.slots.get("run")
    if first.intent != RETRY or not isinstance(of, str) or step.skipped:
        return step
    return _GoingOn(store, registry, board, store.load_run(board.run.tenant, of)).step(step)


class _GoingOn:
    """With `record`, the Run that is gone on with."""

    def __init__(self, store: Store, registry: Registry, board: Board, record: RunRecord) -> None:
        self._store, self._registry, self._board, self._record = store, registry, board, record
        self._of, self._root, self._left = record.run.run_id, root_of(record), left_of(store, record)

    def step(self, step: StepState) -> StepState:
        before, tool = self._left.get(step.step_id), self._registry.find(step.tool)
        if before is None or before.state.skipped:
            items = [self._new(step.step_id, item, item.index, None) for item in step.items]
        else:
            items = list(self._paired(before, step, tool))
        items = [self._not_by_another_step(step.step_id, tool, item) for item in items]
        claims = [claim for item in items if (claim := _claim_of(item)) is not None]
        seen = Claims(self._store, self._board.run.tenant, self._board.run.run_id, claims)
        kept = [self._as_others_have_it(item, seen, tool if step.for_each else None) for item in items]
        return step.model_copy(
            update={"items": tuple(item.model_copy(update={"index": at}) for at, item in enumerate(kept))}
        )

    def _paired(self, before: Left, step: StepState, tool: AnyTool) -> Iterator[Item]:
        """Each call as it was, or as it is now: in a for_each by what it calls, since there may be others now."""
        new, made, gone = list(step.items), list[Item](), list[Item]()
        for old in before.state.items:
            same = (one for one in new if call_of(tool, one.arguments) == call_of(tool, old.arguments))
            found = next(same, None) if step.for_each else next(iter(new), None)
            if found is not None:
                new.remove(found)
            fate = before.fate(old)
            if fate.end is not None:
                made.append(self._kept(old, fate))
            elif found is not None:
                made.append(self._new(step.step_id, found, old.index, old.claim))
            else:
                gone.append(old)
        yield from made
        # Where there are others now, one of them may be what it has become: that is not for code to say.
        yield from (self._not_made(one, "failed" if new else "left_out", OTHER if new else GONE) for one in gone)
        added = f"run {self._of} was not to do this; ask for it by itself"
        yield from (self._not_made(one, "left_out", added) for one in new)

    def _new(self, step: str, item: Item, at: int, claim: Claim | None) -> Item:
        place = EffectPlace(run_id=self._root, step=step, item=at)
        return item.model_copy(update={"claim": claim or Claim(how="retry", of=place)})

    def _kept(self, old: Item, fate: Fate) -> Item:
        reason = fate.why if fate.why.startswith(NOT_AGAIN) or fate.end == "done" else f"{NOT_AGAIN}{fate.why}"
        return Item(
            index=old.index,
            arguments=old.arguments,
            status=fate.end or "failed",
            reason=reason[:400],
            settled_at=self._board.now,
            marked=old.marked,
            reason_marked=old.reason_marked or fate.end in {"failed", "unknown"} or OPEN in reason,
            kept_in=fate.place,
        )

    def _not_made(self, item: Item, end: End, why: str) -> Item:
        return self._kept(item, Fate(end, why))

    def _not_by_another_step(self, step: str, tool: AnyTool, item: Item) -> Item:
        """A plan that was changed may have the call of a step again that it went on without."""
        planned = {one.id for one in self._board.plan.steps}
        for name, other in self._left.items():
            another = name != step and (other.changed or name not in planned)
            if item.status != "open" or not another or self._registry.find(other.state.tool).name != tool.name:
                continue
            for old in other.state.items:
                fate = other.fate(old)
                made = fate.end in {"done", "failed", "unknown"}
                if made and call_of(tool, old.arguments) == call_of(tool, item.arguments):
                    why = f"the same call was made by step {name} of run {other.run_id}"
                    return self._kept(item, Fate("failed", why, fate.place))
        return item

    def _as_others_have_it(self, item: Item, seen: Claims, each: AnyTool | None) -> Item:
        """But for what a third Run did about it: made it meanwhile, or took it back. Of a for_each, of the tool `each`,
        another call may have stood in its place.
        """
        claim = _claim_of(item)
        begun = seen.begun(claim) if claim else None
        if begun is None:
            return item
        if item.status == "done":
            return self._kept(item, Fate("left_out", begun.in_words)) if begun.came or not begun.is_over else item
        if begun.item is not None and each is not None and _differ(each, begun.item, item):
            why = f"{begun.in_words}, with another call in its place; ask for it in full"
            return self._not_made(item, "failed", why)
        if begun.item is not None and begun.entry is not None and begun.came:
            place = EffectPlace(run_id=begun.run_id, step=begun.entry.step, item=begun.entry.item)
            return self._kept(begun.item, Fate("done", place=place))
        why = begun.in_words
        return item.settle("failed", why, self._board.now, reason_marked=OPEN in why)


def _differ(tool: AnyTool, one: Item, other: Item) -> bool:
    return call_of(tool, one.arguments) != call_of(tool, other.arguments)


def _claim_of(item: Item) -> Claim | None:
    """What another Run may have done about it: of what was done, that it took it back."""
    if item.status == "done":
        return Claim(how="undo", of=item.kept_in) if item.kept_in else None
    return item.claim if not item.is_settled else None
