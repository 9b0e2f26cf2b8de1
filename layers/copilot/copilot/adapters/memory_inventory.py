"""ports.Inventory in this process's memory, for the in-process runner and tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock

from copilot.domain.inventory import NOTHING_KNOWN, Known, Place, Seen, Sweep
from copilot.errors import Conflict


class MemoryInventory:
    def __init__(self, known: Known = NOTHING_KNOWN) -> None:
        self._known = known
        self._sweeps: dict[Place, Sweep] = {}
        self._seen: dict[tuple[Place, str], Seen] = {}
        self._guard = RLock()

    def known(self) -> Known:
        return self._known

    def publish(self, make: Callable[[], Known]) -> None:
        with self._guard:
            self._known = make()

    def sweeps(self) -> list[Sweep]:
        with self._guard:
            return list(self._sweeps.values())

    def last(self, place: Place) -> Sweep | None:
        return self._sweeps.get(place)

    def seen(self, place: Place | None = None) -> list[Seen]:
        with self._guard:
            return [one for one in self._seen.values() if place in {None, one.place}]

    def note(self, sweep: Sweep, before: Sweep | None, changed: Sequence[Seen], gone: Sequence[Seen]) -> None:
        with self._guard:
            if self._sweeps.get(sweep.place) != before:
                raise Conflict("the place was swept meanwhile")
            self._sweeps[sweep.place] = sweep
            self._seen.update({(one.place, one.environment): one for one in changed})
            for one in gone:
                self._seen.pop((one.place, one.environment), None)

    def forget(self, place: Place) -> None:
        with self._guard:
            self._sweeps.pop(place, None)
            self._seen = {of: one for of, one in self._seen.items() if one.place != place}
