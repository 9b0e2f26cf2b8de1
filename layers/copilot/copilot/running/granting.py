"""What an Approval grants besides: that exactly what it was for is taken back, without another.

For four hours, once, to who asked for the change and to any operator. What takes something back grants nothing further.
"""

from __future__ import annotations

from datetime import timedelta

from copilot.domain import UNDO, Call, Claim, LedgerEntry, Person, Undo
from copilot.errors import NotFound
from copilot.ports import RunRecord, Store
from copilot.running.board import Board
from copilot.running.claiming import Claims
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

GRANTED = "granted-undo"
"""What a Decision names in the place of policies where an Approval grants the undo."""
FOR = timedelta(hours=4)


def granted_by(store: Store, registry: Registry, board: Board, call: Call, claim: Claim | None, person: Person) -> str:
    """The id of the Approval that grants this call, with its claim, of the Run on the board; "" where none does."""
    if board.revisions[0].intent != UNDO or claim is None or claim.how != "undo":
        return ""
    of = claim.of
    try:
        record = store.load_run(board.run.tenant, of.run_id)
    except NotFound:
        return ""
    if any(revision.intent == UNDO for revision in record.revisions):
        return ""
    entry = store.effect(board.run.tenant, of.run_id, of.step, of.item)
    if entry is None or not entry.approval_id or entry.state != "done" or _undo_of(registry, record, entry) != call:
        return ""
    approval = store.approval(board.run.tenant, entry.approval_id)
    theirs = person.id == approval.requested_by.id or "operator" in person.roles
    if not theirs or approval.decided_at is None or board.now >= approval.decided_at + FOR:
        return ""
    done = Claims(store, board.run.tenant, board.run.run_id, [claim]).in_the_way(claim, once=True)
    return "" if done else approval.id


def _undo_of(registry: Registry, record: RunRecord, entry: LedgerEntry) -> Undo | None:
    """With the bare name of its tool."""
    tool, step = registry.find(entry.tool), record.steps.get(entry.step)
    if step is None or not issubclass(tool, WriteTool):
        return None
    return tool.undo(tool.Input.model_validate(step.items[entry.item].arguments), entry.prior)
