"""What an Approval grants besides: that exactly what it was for is taken back, without another.

For four hours, to who asked for the change and to any operator. What takes something back grants nothing further.
"""

from __future__ import annotations

from datetime import timedelta

from copilot.domain import UNDO, Call, LedgerEntry, Person, Undo
from copilot.errors import NotFound
from copilot.ports import RunRecord, Store
from copilot.running.board import Board
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

GRANTED = "granted-undo"
"""What a Decision names in the place of policies where an Approval grants the undo."""
FOR = timedelta(hours=4)


def granted_by(store: Store, registry: Registry, board: Board, call: Call, person: Person) -> str:
    """The id of the Approval that grants this call of the Run on the board; "" where none does."""
    first = board.revisions[0]
    of = first.slots.get("run") if first.intent == UNDO else None
    if not isinstance(of, str):
        return ""
    try:
        record = store.load_run(board.run.tenant, of)
    except NotFound:
        return ""
    if any(revision.intent == UNDO for revision in record.revisions):
        return ""
    for entry in store.effects(board.run.tenant, of):
        if entry.approval_id and entry.state == "done" and _undo_of(registry, record, entry) == call:
            approval = store.approval(board.run.tenant, entry.approval_id)
            theirs = person.id == approval.requested_by.id or "operator" in person.roles
            if theirs and approval.decided_at is not None and board.now < approval.decided_at + FOR:
                return approval.id
    return ""


def _undo_of(registry: Registry, record: RunRecord, entry: LedgerEntry) -> Undo | None:
    """With the bare name of its tool."""
    tool, step = registry.find(entry.tool), record.steps.get(entry.step)
    if step is None or not issubclass(tool, WriteTool):
        return None
    return tool.undo(tool.Input.model_validate(step.items[entry.item].arguments), entry.prior)
