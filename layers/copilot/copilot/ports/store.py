"""What is kept of Runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from copilot.domain import (
    Approval,
    Counted,
    Counting,
    Focus,
    Freeze,
    JournalEntry,
    Lease,
    LedgerEntry,
    ModelCall,
    PendingApproval,
    Plan,
    ResourceRef,
    Revision,
    Run,
    Scope,
    Standing,
    StepResult,
    StepState,
    Taking,
    Trigger,
    Turn,
)


class RunRecord(NamedTuple):
    """A Run with all that is kept under its partition."""

    run: Run
    revisions: tuple[Revision, ...]
    steps: dict[str, StepState]

    @property
    def revision(self) -> Revision | None:
        """The last one."""
        return self.revisions[-1] if self.revisions else None

    @property
    def plan(self) -> Plan | None:
        """The last revision's plan."""
        return self.revisions[-1].plan if self.revisions else None


class ResultKey(NamedTuple):
    step: str
    item: int
    preview: bool = False


class PendingPage(NamedTuple):
    """Approvals that wait; `after` is what gives the page behind this one, None where there is none."""

    approvals: Sequence[PendingApproval]
    after: str | None = None


class Runs(Protocol):
    """Runs with their plans, steps, results and what models were asked for them."""

    def record_trigger(self, trigger: Trigger, revision: Revision | None = None) -> tuple[Run, bool]:
        """In one transaction: the Trigger, its queued Run and its Turn, and the first revision where there is one.

        Once: returns the Run, and whether it is new.
        Raises OtherRequest where its dedupe key stands for another request.
        """

    def recent_runs(self, tenant: str, limit: int = 50) -> list[Run]:
        """The last Runs of everybody and of every Conversation, newest first."""

    def was_spoken_to(self, tenant: str, since: datetime) -> bool:
        """Whether a person or a pipeline asked for anything since then; a schedule or an event is neither."""

    def load_run(self, tenant: str, run_id: str) -> RunRecord:
        """Raises NotFound."""

    def mark_started(self, run: Run, execution: int) -> None:
        """Note that this execution of the Run was started; it does not wait for its turn any more."""

    def cancel_run(self, tenant: str, run_id: str, person: str) -> Run:
        """Set the flag that stops new work; returns the Run."""

    def save_revision(self, run: Run, revision: Revision) -> Run:
        """Keep the next revision of the Run's plan. Raises Conflict if that revision is there already."""

    def record_call(self, tenant: str, run_id: str, call: ModelCall, journal: JournalEntry) -> None:
        """Keep what a model was asked and answered, for good. A call that is there already stays as it was."""

    def calls(self, tenant: str, run_id: str) -> list[ModelCall]:
        """Every call of a model for this Run, in order."""

    def save_wave(
        self,
        run: Run,
        steps: Iterable[StepState],
        approval: Approval | None,
        journal: Sequence[JournalEntry],
        counting: Sequence[Counting] = (),
    ) -> None:
        """In one transaction: the Run with its wave one higher, changed steps, a new Approval, which waits, evidence,
        and what is counted from now on.

        Raises Conflict if the stored wave is not run.wave - 1, the Run was cancelled since it was read, or something is
        not counted any more as it was seen.
        """

    def load_step(self, tenant: str, run_id: str, step: str) -> StepState:
        """Raises NotFound."""

    def runs(self, tenant: str, run_ids: Iterable[str]) -> list[Run]:
        """Those of these that are there, in that order, each once."""

    def run(self, tenant: str, run_id: str) -> Run:
        """The Run alone. Raises NotFound."""

    def answer_run(self, run: Run, turn: Turn, journal: Sequence[JournalEntry], focus: Focus | None = None) -> bool:
        """In one transaction: the answer, its Turn, evidence, and what the Conversation speaks of from then on.

        Once: False if the Run was answered before. None leaves the Focus as it is. Raises Conflict, and nothing is
        written, where the Focus is no longer the one before this by its `rev`.
        """

    def put_result(self, tenant: str, run_id: str, key: ResultKey, result: StepResult) -> None: ...

    def results(self, tenant: str, run_id: str, keys: Iterable[ResultKey]) -> dict[ResultKey, StepResult]:
        """Those of the results that exist."""


class Ledger(Protocol):
    """What was begun and what became of it."""

    def start_effect(
        self,
        tenant: str,
        run_id: str,
        entry: LedgerEntry,
        call_hash: str | None,
        journal: JournalEntry,
        leases: Sequence[Taking] = (),
    ) -> None:
        """Record that a write begins, before it does, and under each of its targets that it was this one; and take the
        leases.

        Raises NotAllowed if the run was answered or cancelled meanwhile, or if the entry names an Approval that does
        not stand for `call_hash`; Conflict if the effect was started before and did not fail cleanly; NotReady if a
        lease is not as it was seen any more.
        """

    def take_over_effect(
        self, tenant: str, run_id: str, entry: LedgerEntry, dead_owner: str, leases: Sequence[Taking] = ()
    ) -> None:
        """Give an effect whose worker died to this entry's owner, with the leases.

        Raises NotReady if one of these is not as it was seen any more, Conflict if another was first.
        """

    def finish_effect(self, tenant: str, run_id: str, entry: LedgerEntry, journal: JournalEntry) -> None:
        """Record how it ended. Raises Conflict if another worker owns the effect now."""

    def effect(self, tenant: str, run_id: str, step: str, item: int) -> LedgerEntry | None:
        """What the ledger holds of one item."""

    def effects(self, tenant: str, run_id: str) -> list[LedgerEntry]:
        """The run's ledger, in the order the effects were started."""


TAKEN = "another run began to change it meanwhile"
"""What is said where a lease is not as it was seen any more."""


class Leases(Protocol):
    """Who is at work on what. They are taken as effects are begun."""

    def leases(self, tenant: str, targets: Sequence[ResourceRef]) -> dict[ResourceRef, Lease]:
        """Those there are, by target."""

    def renew_leases(self, tenant: str, run_id: str, targets: Sequence[ResourceRef], until: datetime) -> None:
        """Those that this Run has last until then at least."""

    def free_leases(self, tenant: str, run_id: str, targets: Sequence[ResourceRef]) -> None:
        """This Run has none of them any more."""


class Approvals(Protocol):
    """What people are asked, and what wakes a Run when they have decided."""

    def approval(self, tenant: str, approval_id: str) -> Approval:
        """Raises NotFound."""

    def keep_token(self, tenant: str, approval_id: str, token: str) -> None:
        """Keep the task token that wakes the Run. Raises Conflict if the Approval is no longer pending."""

    def token(self, tenant: str, approval_id: str) -> str | None:
        """The task token that wakes the Run, where one is kept."""

    def decide_approval(self, approval: Approval, journal: JournalEntry) -> None:
        """Record a decision on a pending Approval, which waits no more. Raises Conflict."""

    def pending_approvals(self, tenant: str, now: datetime, after: str = "", limit: int = 50) -> PendingPage:
        """Those that wait and can still be decided, whatever became of their Runs; what expires soonest first."""


class Freezes(Protocol):
    """In what no effect begins."""

    def freezes(self, tenant: str) -> list[Freeze]:
        """All there are, the oldest first."""

    def freeze(self, tenant: str, freeze: Freeze, journal: JournalEntry) -> None:
        """Raises Conflict where its scope is frozen already."""

    def thaw(self, tenant: str, scope: Scope, journal: JournalEntry) -> None:
        """Raises Conflict where that scope is not frozen."""


class Limits(Protocol):
    """How much is changed at once. It is counted as waves are saved."""

    def counted(self, tenant: str, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Counted]:
        """What was changed, or is about to be, by account and hour; of those of these in which anything is."""


class Standings(Protocol):
    """What schedules may do without a person being asked each time."""

    def standings(self, tenant: str) -> list[Standing]:
        """All there are, the oldest first, expired ones among them until they are cleaned up."""

    def grant(self, tenant: str, standing: Standing, journal: JournalEntry) -> None:
        """Raises Conflict where it is there already."""

    def revoke(self, tenant: str, standing_id: str, journal: JournalEntry) -> None:
        """Raises Conflict where it is not there."""


class Conversations(Protocol):
    """Who is at work in each, who waits, what was said and what it speaks of."""

    def take_lock(self, run: Run, now: datetime, until: datetime) -> bool:
        """Make this Run the one at work in its Conversation, unless another's lease lasts. True also for the holder."""

    def release_lock(self, run: Run) -> None:
        """Give the Conversation back, if this Run holds it."""

    def turns(self, tenant: str, conversation: str, limit: int = 50) -> list[Turn]:
        """The last turns, oldest first."""

    def next_queued(self, tenant: str, conversation: str) -> Run | None:
        """The Run that is first in the Conversation's queue, which `mark_started` takes it out of; None if none is.

        It may be at work, parked or answered: where its start could not be noted.
        """

    def focus(self, tenant: str, conversation: str) -> Focus: ...


class Journal(Protocol):
    """The evidence. It is written with what it is evidence of."""

    def journal(self, tenant: str, day: str, since: datetime | None = None) -> list[JournalEntry]:
        """Of a day (UTC, as ISO 8601 has it); only from then on, where that is given."""


class Store(Runs, Ledger, Leases, Approvals, Freezes, Limits, Standings, Conversations, Journal, Protocol):
    """Durable state by the access patterns of design section 4a. All reads are consistent.

    Every method raises RetryableError when the database is throttled or away.
    """
