"""ports.Runbooks in this process's memory."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Permission, SavedRunbook
from copilot.errors import Conflict, NotFound


class MemoryRunbooks:
    def __init__(self, *kept: SavedRunbook) -> None:
        self._kept: dict[tuple[str, int], SavedRunbook] = {}
        for one in kept:
            self.put(one)

    def runbooks(self) -> list[SavedRunbook]:
        newest = {name: one for (name, _), one in sorted(self._kept.items()) if not one.withdrawn}
        return [newest[name] for name in sorted(newest)]

    def versions(self, name: str) -> list[SavedRunbook]:
        return [one for (kept, _), one in sorted(self._kept.items()) if kept == name]

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action="any:keep", arn="runbooks")]

    def put(self, runbook: SavedRunbook) -> None:
        of = (runbook.runbook.name, runbook.runbook.version)
        if of in self._kept:
            raise Conflict(f"runbook {runbook.runbook.called} is there already")
        self._kept[of] = runbook

    def set_withdrawn(self, name: str, version: int, withdrawn: bool) -> None:
        if (name, version) not in self._kept:
            raise NotFound(f"there is no runbook {name}, version {version}")
        self._kept[name, version] = self._kept[name, version].model_copy(update={"withdrawn": withdrawn})
