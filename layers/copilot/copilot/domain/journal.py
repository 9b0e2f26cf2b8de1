"""The evidence of what was decided and done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, JsonValue

from copilot.domain.frozen import Frozen
from copilot.domain.requests import Person
from copilot.domain.runs import Run

EntryKind = Literal[
    "run",
    "model",
    "decision",
    "approval",
    "effect",
    "answer",
    "cancel",
    "freeze",
    "standing",
    "link",
    "export",
    "deletion",
]

BEGUN = "started"
"""What the line of an effect's beginning is told apart by."""
SETTLING = timedelta(seconds=30)
"""For so long after a write a read may not show it yet."""
WORKING = timedelta(minutes=15)
"""For so long a write that was begun may be at work: as long as a function may run."""


class JournalEntry(Frozen):
    """One line of evidence. Appended, never changed."""

    at: datetime
    id: str
    kind: EntryKind
    run_id: str
    person: str
    data: JsonValue

    @classmethod
    def of(
        cls, run: Run, kind: EntryKind, what: str, at: datetime, data: JsonValue, person: Person | None = None
    ) -> JournalEntry:
        """About a Run: `what` tells its lines apart; `person` is who did it, the Run's own where none is given."""
        by = person or run.trigger.person
        return cls(at=at, id=f"{run.run_id}-{what}", kind=kind, run_id=run.run_id, person=by.id, data=data)

    @property
    def begun(self) -> tuple[str, int] | None:
        """The step and the item of the effect of whose beginning it is evidence; None where of none. What is paused is
        still a started effect, and this is not its beginning.
        """
        if self.kind != "effect" or not self.id.endswith(f"-{BEGUN}"):
            return None
        write = _Write.model_validate(self.data)
        return write.step, write.item

    def is_write_by(self, tool: str) -> bool:
        """Whether it is evidence of a write by this tool, of whatever version."""
        used = self.data.get("tool") if isinstance(self.data, dict) else None
        return self.kind == "effect" and str(used).partition("@")[0] == tool


def changed_until(entries: Iterable[JournalEntry]) -> dict[str, datetime]:
    """Until when each target of these writes, by its id, may not have been as it was left.

    What began and did not end is at work for a while; what ended is to be seen a little later, or from the answer on
    that was given after it was looked at.
    """
    entries = list(entries)
    answered = {one.run_id: one.at for one in entries if one.kind == "answer"}
    last: dict[tuple[str, str, str], _Write] = {}
    for entry in entries:
        if entry.kind == "effect":
            write = _Write.model_validate(entry.data)
            key = entry.run_id, write.step, str(write.item)
            write = write.model_copy(update={"at": entry.at, "answered_at": answered.get(entry.run_id)})
            last[key] = max(last.get(key, write), write, key=lambda one: (one.at, one.state != "started"))
    found: dict[str, datetime] = {}
    for write in last.values():
        if write.state != "failed_clean":
            found |= {id: max(write.until, found.get(id, write.until)) for id in write.targets}
    return found


class _Write(BaseModel):
    """What is told of a write; other fields are left out."""

    step: str = ""
    item: int = 0
    state: str = ""
    targets: tuple[str, ...] = ()
    at: datetime = datetime.min
    answered_at: datetime | None = None

    @property
    def until(self) -> datetime:
        if self.state == "started":
            return self.at + WORKING
        settled = self.at + SETTLING
        return min(self.answered_at, settled) if self.answered_at and self.answered_at >= self.at else settled
