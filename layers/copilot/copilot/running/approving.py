"""A person's decision on an Approval. The record decides; the task token only wakes the Run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.domain import Approval, ApprovalCall, Decision, JournalEntry, LeftOut, Person
from copilot.errors import Conflict, NotAllowed, ToolInputError
from copilot.policy.decisions import Policy
from copilot.ports import Clock, Store, Workflow
from copilot.text.listing import listed
from copilot.text.masking import mask_text
from copilot.text.nearness import there_are

NOBODY_ELSE = (
    "Nobody else who is configured may: give another person the role approver; or, where you work alone, take that "
    "rule out of layers/copilot/copilot/policy/default.cedar and deploy it. "
)


@dataclass(frozen=True)
class Approve:
    store: Store
    policy: Policy
    workflow: Workflow
    clock: Clock

    def __call__(
        self,
        tenant: str,
        approval_id: str,
        person: Person,
        decision: Literal["approve", "deny"],
        reason: str = "",
        leave_out: Sequence[str] = (),
    ) -> Approval:
        """The Approval as decided. `leave_out` names calls that are not to be made, by step, `step.item` or target: the
        rest is approved, never more than was asked for.

        Raises NotFound, NotAllowed, Conflict (decided, expired or superseded), ToolInputError for what names no call
        and for a denial that leaves something out.
        """
        if decision == "deny" and leave_out:
            raise ToolInputError(
                f"a denial is of all of approval {approval_id}: to have only {listed(leave_out)} not done, approve it "
                "and leave that out. Nothing was decided"
            )
        approval = self.store.approval(tenant, approval_id)
        now = self.clock.now()
        if self._is_repeat(approval, person, decision):
            if decision == "approve":
                _still_without(approval, leave_out)
            self._wake(approval)
            return approval
        self._still_open(approval)
        if decision == "approve":
            approval = _narrowed(approval, leave_out)
        own = person.id == approval.requested_by.id
        allowed = self._may_approve(approval, person, own=own)
        if allowed.outcome != "allow" and not (decision == "deny" and own):
            raise self._refused(approval, person, decision, allowed, own=own)
        decided = approval.model_copy(
            update={
                "state": "approved" if decision == "approve" else "denied",
                "decided_by": person.id,
                "decided_at": now,
                "reason": mask_text(reason),
            }
        )
        evidence = JournalEntry(
            at=now,
            id=f"{approval.id}-{decided.state}",
            kind="approval",
            run_id=approval.run_id,
            person=person.id,
            data={
                "approval": approval.id,
                "state": decided.state,
                "hash": approval.hash,
                "policies": list(allowed.policies),
                "left_out": [f"{one.step}.{one.item}" for one in decided.left_out],
            },
        )
        self.store.decide_approval(decided, evidence)
        self._wake(decided)
        return decided

    def _may_approve(self, approval: Approval, person: Person, *, own: bool) -> Decision:
        targets = [target for call in approval.calls for target in call.preview.targets]
        return self.policy.may_approve(person, targets, own=own)

    def _refused(self, approval: Approval, person: Person, decision: str, denied: Decision, *, own: bool) -> NotAllowed:
        """With who may; and where only another person may, and there is none, how that is changed."""
        others = listed([one for one in approval.approvers if one != person.id])
        only_another = own and self._may_approve(approval, person, own=False).outcome == "allow"
        why = f"another than who asked for it has to ({denied.reason})" if only_another else denied.reason
        told = f"Those who may: {others}. " if others else NOBODY_ELSE if only_another else ""
        return NotAllowed(f"{person.name} may not {decision} this: {why}. {told}Nothing was changed.")

    def _is_repeat(self, approval: Approval, person: Person, decision: str) -> bool:
        """The same decision again, by the same person: the run may not have been woken the first time."""
        made = {"approve": "approved", "deny": "denied"}[decision]
        return approval.state == made and approval.decided_by == person.id

    def _wake(self, approval: Approval) -> None:
        run = self.store.run(approval.tenant, approval.run_id)
        token = self.store.token(approval.tenant, approval.id)
        if token and run.status == "parked" and run.approval_id == approval.id:
            self.workflow.wake(token)

    def _still_open(self, approval: Approval) -> None:
        state = approval.state_at(self.clock.now())
        if state == "expired":
            raise Conflict(f"approval {approval.id} expired at {approval.expires_at:%H:%M} UTC; ask again")
        if state != "pending":
            raise Conflict(f"approval {approval.id} was {state} by {approval.decided_by} already")
        run = self.store.run(approval.tenant, approval.run_id)
        if run.status == "answered" or run.approval_id != approval.id:
            raise Conflict(
                f"approval {approval.id} no longer stands; `runs show {approval.run_id}` says where the run is"
            )


def _still_without(approval: Approval, leave_out: Sequence[str]) -> None:
    """Raises Conflict where something that is to be left out now was approved."""
    approved = {name for call in approval.calls for name in call.names}
    if kept := [name for name in leave_out if name.strip() in approved]:
        raise Conflict(
            f"approval {approval.id} was {approval.state} by {approval.decided_by} already, with {listed(kept)} in it; "
            f"`runs cancel {approval.run_id}` has nothing more of it begin"
        )


def _narrowed(approval: Approval, leave_out: Sequence[str]) -> Approval:
    """Without the calls that are named. Raises ToolInputError for a name of none, and where none would be left."""
    names = [name.strip() for name in leave_out]
    there = {name for call in approval.calls for name in call.names}
    if unknown := [name for name in names if name not in there]:
        targets = [target.name for call in approval.calls for target in call.preview.targets]
        near = there_are(unknown[0], dict.fromkeys([*targets, *(call.step for call in approval.calls)]))
        raise ToolInputError(f"nothing of approval {approval.id} is called {unknown[0]!r}{near}. Nothing was decided")
    out = [call for call in approval.calls if call.names & {*names}]
    if not out:
        return approval
    if len(out) == len(approval.calls):
        raise ToolInputError(f"nothing of approval {approval.id} would be left: deny it. Nothing was decided")
    left_out = [LeftOut(step=call.step, item=call.item, target=_target(call)) for call in out]
    calls = [call for call in approval.calls if call not in out]
    return approval.model_copy(update={"calls": tuple(calls), "left_out": tuple(left_out)})


def _target(call: ApprovalCall) -> str:
    return listed([target.name for target in call.preview.targets])
