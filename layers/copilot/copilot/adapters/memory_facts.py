"""ports.Facts in this process's memory."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from copilot.domain import FactName, KeptFact, Permission
from copilot.errors import Conflict


class MemoryFacts:
    def __init__(self, *kept: KeptFact) -> None:
        self._kept: dict[tuple[str, FactName], KeptFact] = {(one.scope, one.name): one for one in kept}
        self._lock = Lock()

    def facts(self, scope: str) -> list[KeptFact]:
        found = [one for (of, _), one in self._kept.items() if of == scope]
        return sorted(found, key=lambda one: (one.name.subject, one.name.attribute))

    def fact(self, scope: str, name: FactName) -> KeptFact | None:
        return self._kept.get((scope, name))

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action="any:keep", arn="facts")]

    def put(self, kept: KeptFact) -> None:
        of = (kept.scope, kept.name)
        with self._lock:
            there = self._kept.get(of)
            if (there.rev if there else 0) != kept.rev - 1:
                raise Conflict("the fact has changed meanwhile")
            self._kept[of] = kept
