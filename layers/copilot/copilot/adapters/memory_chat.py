"""The ports of chat in this process's memory, for the in-process runner and tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from copilot.domain import AnswerTo, Delivered, Delivery


class MemoryDeliveries:
    """ports.Deliveries."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Delivered] = {}
        self._threads: set[AnswerTo] = set()

    def of_run(self, run_id: str) -> list[Delivered]:
        return [one for (run, _), one in sorted(self._kept.copy().items()) if run == run_id]

    def note(self, delivered: Delivered) -> None:
        self._kept[delivered.run_id, delivered.key] = delivered

    def own_thread(self, where: AnswerTo) -> bool:
        return where in self._threads

    def note_thread(self, where: AnswerTo) -> None:
        self._threads.add(where)

    def threads(self, where: AnswerTo, most: int) -> list[AnswerTo]:
        there = [one for one in self._threads if one.model_copy(update={"thread": where.thread}) == where]
        return sorted(there, key=lambda one: one.thread or "", reverse=True)[:most]


class MemoryQueue:
    """ports.DeliveryQueue: what waits, and when it is due."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Delivery, timedelta]] = []
        self.left: list[Delivery] = []
        self._seen: set[str] = set()

    def put(self, deliveries: Iterable[Delivery], after: timedelta = timedelta()) -> None:
        for one in deliveries:
            if after or one.once not in self._seen:
                self.waiting.append((one, after))
                self._seen |= set() if after else {one.once}

    def leave(self, delivery: Delivery) -> None:
        self.left.append(delivery)
