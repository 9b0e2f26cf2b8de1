"""What a person is asked to approve, and the effect ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from copilot.domain.claims import Claim
from copilot.domain.frozen import Frozen, digest, place_in_time
from copilot.domain.plans import Arguments, StepId
from copilot.domain.requests import Person
from copilot.domain.schedules import ScheduleId
from copilot.domain.targets import Preview, Target, Undo


class ApprovalCall(Frozen):
    """One call a person is asked to approve, as it will be made, and the `reason` why it needs that."""

    step: StepId
    item: int
    tool: str
    arguments: Arguments
    preview: Preview
    undo: Undo | None = None
    reason: str = ""

    @property
    def hash(self) -> str:
        return digest([self.step, self.item, self.tool, self.arguments, self.preview.state_hash])

    @property
    def names(self) -> frozenset[str]:
        """What it may be called by who leaves it out: its step, its place there, its targets by name and id."""
        targets = (name for target in self.preview.targets for name in (target.name, target.ref.id))
        return frozenset({self.step, f"{self.step}.{self.item}", *targets})


class LeftOut(Frozen):
    """A call that was asked for and is not to be made."""

    step: StepId
    item: int
    target: str


class Approval(Frozen):
    """Bound to a hash of exactly what will happen; single-use, since each call in it has one place in the effect
    ledger.

    `approvers` are the ids of the people who might approve it when it was asked; who may is decided when one does.
    `left_out` are the calls that who approved the others left out: by step and item, with the target in words.
    """

    id: str
    tenant: str
    run_id: str
    state: Literal["pending", "approved", "denied"] = "pending"
    calls: tuple[ApprovalCall, ...]
    requested_by: Person
    approvers: tuple[str, ...] = ()
    request: str
    created_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def hash(self) -> str:
        return digest([call.hash for call in self.calls])

    def leaves_out(self, step: StepId, item: int) -> bool:
        return any((one.step, one.item) == (step, item) for one in self.left_out)

    def state_at(self, now: datetime) -> Literal["pending", "approved", "denied", "expired"]:
        """The state, an Approval nobody decided in time being expired."""
        return "expired" if self.state == "pending" and now >= self.expires_at else self.state

    @property
    def in_brief(self) -> PendingApproval:
        """What a list of Approvals that wait shows of it."""
        calls = [
            PendingCall(
                tool=call.tool,
                targets=tuple(target.model_copy(update={"tags": {}}) for target in call.preview.targets),
                changes=len(call.preview.wanted),
            )
            for call in self.calls
        ]
        return PendingApproval(
            id=self.id,
            tenant=self.tenant,
            run_id=self.run_id,
            calls=tuple(calls),
            requested_by=self.requested_by,
            approvers=self.approvers,
            request=self.request,
            created_at=self.created_at,
            expires_at=self.expires_at,
        )


class PendingCall(Frozen):
    """A call that waits: of what, as policy sees it, and how many changes it would make."""

    tool: str
    targets: tuple[Target, ...]
    changes: int


class PendingApproval(Frozen):
    """An Approval that nobody has decided, as lists show it. Fields as in Approval."""

    id: str
    tenant: str
    run_id: str
    calls: tuple[PendingCall, ...]
    requested_by: Person
    approvers: tuple[str, ...] = ()
    request: str
    created_at: datetime
    expires_at: datetime

    @property
    def place(self) -> str:
        """Sorts what expires sooner before what expires later."""
        return f"{place_in_time(self.expires_at)}#{self.id}"


class LedgerEntry(Frozen):
    """The record that a write was started, and what it did. `prior` is captured once and never overwritten.

    Until `dead_after` the worker named by `owner` may still be at work. Paused: that worker has come to its end and
    says in `reason` what is still to be done, which the same call will do. `claim` is what it does about an effect of
    another Run.
    """

    step: StepId
    item: int
    tool: str
    arguments_hash: str
    state: Literal["started", "done", "failed_clean", "unknown"]
    prior: Preview
    owner: str
    attempt: int
    started_at: datetime
    dead_after: datetime
    approval_id: str | None = None
    finished_at: datetime | None = None
    output: JsonValue = None
    reason: str = ""
    claim: Claim | None = None

    @property
    def paused(self) -> bool:
        return self.state == "started" and self.reason != ""

    @property
    def did_something(self) -> bool:
        return self.state == "done" and not self.prior.is_idle


class MadeEffect(Frozen):
    """An effect of a Run, by the id of the person on whose behalf it was begun, and of the schedule whose firing began
    it; None of what was asked for.
    """

    run_id: str
    entry: LedgerEntry
    person: str
    schedule: ScheduleId | None = None
