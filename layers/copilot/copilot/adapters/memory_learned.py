"""ports.Learned in this process's memory."""

from __future__ import annotations

from threading import Lock

from copilot.domain import LearnedShape
from copilot.errors import Conflict


class MemoryLearned:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], LearnedShape] = {}
        self._lock = Lock()

    def of_shape(self, person: str, shape: str) -> LearnedShape | None:
        return self._kept.get((person, shape))

    def all(self, person: str) -> list[LearnedShape]:
        return [one for (of, _), one in sorted(self._kept.items()) if of == person]

    def put(self, kept: LearnedShape) -> None:
        of = (kept.person, kept.shape)
        with self._lock:
            there = self._kept.get(of)
            if (there.rev if there else 0) != kept.rev - 1:
                raise Conflict("what was learned has changed meanwhile")
            if kept.plans:
                self._kept[of] = kept
            else:
                del self._kept[of]

    def drop(self, person: str, shape: str) -> None:
        self._kept.pop((person, shape), None)
