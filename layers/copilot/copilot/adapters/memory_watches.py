"""ports.Watches in this process's memory."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Permission, Watch


class MemoryWatches:
    def __init__(self, *kept: Watch) -> None:
        self._kept = {one.id: one for one in kept}

    def watches(self) -> list[Watch]:
        return sorted(self._kept.values(), key=lambda one: (one.made_at, one.id))

    def watch(self, watch_id: str) -> Watch | None:
        return self._kept.get(watch_id)

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action="any:keep", arn="watches")]

    def put(self, watch: Watch) -> None:
        self._kept[watch.id] = watch

    def remove(self, watch: Watch) -> bool:
        return watch.id not in self._kept or self.change(watch, None)

    def change(self, before: Watch, after: Watch | None) -> bool:
        there = self._kept.get(before.id)
        if there is None or there.revision != before.revision:
            return False
        if after is None:
            del self._kept[before.id]
        else:
            self._kept[before.id] = after
        return True
