"""The evidence of what was decided and done."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from copilot.domain.frozen import Frozen
from copilot.domain.requests import Person
from copilot.domain.runs import Run

EntryKind = Literal["run", "model", "decision", "approval", "effect", "answer", "cancel"]


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

    def is_write_by(self, tool: str) -> bool:
        """Whether it is evidence of a write by this tool, of whatever version."""
        used = self.data.get("tool") if isinstance(self.data, dict) else None
        return self.kind == "effect" and str(used).partition("@")[0] == tool
