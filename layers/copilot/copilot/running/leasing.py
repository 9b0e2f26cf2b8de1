"""Keeping Runs apart: who is at work on what a call would change, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from copilot.domain import Item, Lease, ResourceRef, Taking, lasting, leased
from copilot.errors import NotFound
from copilot.ports import Store
from copilot.running.board import Board
from copilot.text.outside import quoted

AT_WORK = frozenset({"open", "issued", "wrong"})
WAITING = 10  # seconds between two looks of who waits for another Run


class Leasing:
    """Of one Run's call on these targets, as the leases on them were when it began to look."""

    def __init__(self, store: Store, tenant: str, run_id: str, targets: Iterable[ResourceRef]) -> None:
        self._store, self._tenant, self._run_id = store, tenant, run_id
        self._targets = leased(targets)
        self._seen = store.leases(tenant, self._targets) if self._targets else dict[ResourceRef, Lease]()

    def held_by(self, now: datetime) -> str:
        """Which other Run is at work on one of them, in words; "" where none is."""
        for target, lease in self._seen.items():
            if lease.is_anothers(self._run_id, now):
                return f"{self._named(lease.run_id)} is at work on {target.type} {quoted(target.id)}"
        return ""

    def taken(self, until: datetime) -> list[Taking]:
        """Them, had by this Run until then."""
        return [Taking.of(target, self._seen.get(target), self._run_id, until) for target in self._targets]

    def _named(self, run_id: str) -> str:
        try:
            trigger = self._store.run(self._tenant, run_id).trigger
        except NotFound:
            return f"run {run_id}"
        return f"run {run_id} ({quoted(trigger.text[:80])}, asked by {quoted(trigger.person.name)})"


def keep_leases(store: Store, board: Board, *, parks: bool, later: bool) -> None:
    """Has the leases of what is still to be done last, and gives back the others; all where the Run `parks`. None where
    it changes something `later` of which it is not known yet what.
    """
    run = board.run
    began = [item for step in board.steps.values() for item in step.items]
    busy = () if parks else _targets(item for item in began if later or item.status in AT_WORK)
    if busy:
        store.renew_leases(run.tenant, run.run_id, busy, lasting(board.now))
    held = set(busy)
    if free := [target for target in _targets(began) if target not in held]:
        store.free_leases(run.tenant, run.run_id, free)


def _targets(items: Iterable[Item]) -> tuple[ResourceRef, ...]:
    return leased(target for item in items for target in item.targets)
