"""Keeping apart what is done about one effect: it is taken back, or made where it was not, by one Run alone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import Claim, EffectPlace, Item, LedgerEntry, Run, StepState, Taking
from copilot.errors import NotFound
from copilot.ports import Store
from copilot.running.board import Board
from copilot.text.outside import quoted

_SAID = {
    "undo": ("is being taken back already", "was taken back already"),
    "retry": ("is being done already", "was done already"),
}


class Begun(NamedTuple):
    """What another Run began to do about an effect, by which `entry` and `item`; None where it is about to begin
    again. `run` is None where it was deleted since, as none can be that is at work.
    """

    how: str
    run_id: str
    run: Run | None
    entry: LedgerEntry | None
    item: Item | None

    @property
    def came(self) -> bool:
        """Whether it was seen to be as wanted."""
        if self.run is None:
            return self.entry is not None and self.entry.state == "done"
        return self.item is not None and self.item.status == "done"

    @property
    def is_over(self) -> bool:
        return self.run is None or self.run.status == "answered"

    @property
    def in_words(self) -> str:
        at = f" at {self.entry.started_at:%d %b %H:%M} UTC" if self.entry else ""
        who = quoted(self.run.trigger.person.name) if self.run else "a run that was deleted since"
        by = f"by {who}{at} (run {self.run_id})"
        return f"it {_SAID[self.how][self.is_over]}, {by}"


class Claims:
    """What other Runs than this do about these effects, as it was when it began to look."""

    def __init__(self, store: Store, tenant: str, run_id: str, claims: Iterable[Claim]) -> None:
        self._store, self._tenant, self._run_id = store, tenant, run_id
        refs = [claim.ref for claim in claims]
        self._seen = store.leases(tenant, refs) if refs else {}

    def begun(self, claim: Claim) -> Begun | None:
        """What another Run has begun of it; None where none did, or nothing came of it and nothing will."""
        lease = self._seen.get(claim.ref)
        if lease is None or lease.run_id == self._run_id:
            return None
        run = None
        with suppress(NotFound):
            run = self._store.run(self._tenant, lease.run_id)
        made = [one for one in self._store.effects(self._tenant, lease.run_id) if one.claim == claim]
        entry = next((one for one in made if one.state != "failed_clean"), None)
        if entry is None:
            over = run is None or run.status == "answered"
            return None if over else Begun(claim.how, lease.run_id, run, None, None)
        if run is None:
            return Begun(claim.how, lease.run_id, None, entry, None)
        step = self._store.load_step(self._tenant, lease.run_id, entry.step)
        return Begun(claim.how, lease.run_id, run, entry, step.items[entry.item])

    def in_the_way(self, claim: Claim, *, once: bool = False) -> str:
        """Why this Run does not do it, in words; "" where it may. What was to be taken back and did not come to be, at
        the end of that Run, may be taken back again, but not where it is granted `once`.
        """
        begun = self.begun(claim)
        if begun is None or (claim.how == "undo" and begun.is_over and not begun.came and not once):
            return ""
        return begun.in_words

    def taken(self, claim: Claim, now: datetime) -> Taking:
        """To be taken with the start of the effect: not where another Run has taken it since."""
        return claim.taken(self._seen.get(claim.ref), self._run_id, now)


def taking_back(board: Board, step: StepState) -> StepState:
    """The step of a plan that takes another Run back, each item with which effect of that it is about."""
    slots = board.revisions[0].slots
    effects = slots.get("of")
    each = effects.get(step.step_id) if isinstance(effects, dict) else None
    if not isinstance(each, list):
        return step
    items = [
        item.model_copy(update={"claim": _undo_of(slots.get("run"), place)})
        for item, place in zip(step.items, each, strict=True)
    ]
    return step.model_copy(update={"items": tuple(items)})


def _undo_of(run_id: JsonValue, place: JsonValue) -> Claim:
    assert isinstance(place, list)
    step, item = place
    return Claim(how="undo", of=EffectPlace.model_validate({"run_id": run_id, "step": step, "item": item}))
