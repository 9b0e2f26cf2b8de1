"""ports.Reactions in this process's memory."""

from __future__ import annotations

from copilot.domain.reactions import Reacted


class MemoryReactions:
    def __init__(self) -> None:
        self._kept: dict[str, Reacted] = {}

    def reacted(self, name: str) -> Reacted:
        return self._kept.get(name, Reacted(name=name))

    def change(self, before: Reacted, after: Reacted) -> bool:
        if self.reacted(before.name).revision != before.revision:
            return False
        self._kept[before.name] = after
        return True
