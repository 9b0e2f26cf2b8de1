"""Asking people: one Approval for every call of a wave that waits for one, shown exactly as it will be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from copilot.config.configuration import Configuration
from copilot.domain import Approval, ApprovalCall, Item, Person, Preview, StepState, digest
from copilot.plans.outputs import load_previews
from copilot.policy.decisions import Policy
from copilot.ports import Store
from copilot.running.board import Board
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool


@dataclass(frozen=True)
class Asking:
    store: Store
    registry: Registry
    policy: Policy
    config: Configuration

    def standing(self, board: Board, asking: Sequence[tuple[StepState, Item]]) -> Approval | None:
        """The Approval that covers all these calls and is still to be decided, where the machine woke without one."""
        if {item.approval_id for _, item in asking} != {board.run.approval_id} or board.run.approval_id is None:
            return None
        return self.store.approval(board.run.tenant, board.run.approval_id)

    def anew(self, board: Board, wave: int, asking: Sequence[tuple[StepState, Item]]) -> Approval:
        """A new one, which each of the calls waits for from now on."""
        previews = load_previews(self.store, board.run, asking)
        calls = [self._call(step, item, previews[step.step_id, item.index]) for step, item in asking]
        approval_id = "a" + digest([board.run.tenant, board.run.run_id, wave])[:9]
        for step, item in asking:
            board.put_item(step.step_id, item.model_copy(update={"approval_id": approval_id}))
        return Approval(
            id=approval_id,
            tenant=board.run.tenant,
            run_id=board.run.run_id,
            calls=tuple(calls),
            requested_by=board.run.trigger.person,
            approvers=self._approvers(calls, board.run.trigger.person),
            request=board.run.trigger.text,
            created_at=board.now,
            expires_at=board.now + timedelta(minutes=self.config.approval_minutes),
        )

    def _call(self, step: StepState, item: Item, preview: Preview) -> ApprovalCall:
        tool = self.registry.find(step.tool)
        undo = None
        if issubclass(tool, WriteTool):
            # Undo is a function of its arguments alone, so no clients are needed to name it.
            undo = tool.undo(tool.Input.model_validate(item.arguments), preview)
        return ApprovalCall(
            step=step.step_id,
            item=item.index,
            tool=step.tool,
            arguments=item.arguments,
            preview=preview,
            undo=undo,
            reason=item.decision.reason if item.decision else "",
        )

    def _approvers(self, calls: Sequence[ApprovalCall], asker: Person) -> tuple[str, ...]:
        targets = [target for call in calls for target in call.preview.targets]
        people = [known.person for known in self.config.people]
        return tuple(
            person.id
            for person in people
            if self.policy.may_approve(person, targets, own=person.id == asker.id).outcome == "allow"
        )
