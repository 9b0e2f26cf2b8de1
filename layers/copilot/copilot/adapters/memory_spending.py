"""ports.Spending in this process's memory, for the in-process runner and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock

from copilot.domain import Room, Spender, SpendKind, Spent, Sum
from copilot.errors import Conflict


class MemorySpending:
    def __init__(self) -> None:
        self._guard = RLock()
        self._kept: dict[Spender, Spent] = {}

    def spent(self, spenders: Sequence[Spender]) -> dict[Spender, Spent]:
        with self._guard:
            return {spender: self._kept[spender] for spender in spenders if spender in self._kept}

    def add(self, kind: SpendKind, sum: Sum, rooms: Mapping[Spender, Room]) -> None:
        with self._guard:
            before = {spender: self._kept.get(spender, Spent(spender, {}, {})) for spender in rooms}
            for spender, room in rooms.items():
                there = before[spender].sum_of(kind)
                if any(most is not None and was > most for was, most in zip(there, room, strict=True)):
                    raise Conflict("more was spent meanwhile")
            for spender, was in before.items():
                self._kept[spender] = was._replace(sums={**was.sums, kind: was.sum_of(kind).plus(sum)})

    def tell_once(self, spender: Spender, cap: str, most: str, run: str) -> bool:
        with self._guard:
            was = self._kept[spender]
            if was.told.get(cap, ("", ""))[0] == most:
                return False
            self._kept[spender] = was._replace(told={**was.told, cap: (most, run)})
            return True

    def of_period(self, period: str) -> list[Spent]:
        with self._guard:
            return [one for one in self._kept.values() if one.spender.period == period]
