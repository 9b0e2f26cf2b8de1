"""What the HTTP API says about runs and approvals, as frozen types."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from cli.api.documents import StartedView as StartedView
from cli.api.documents import View
from cli.api.documents import read as read
from copilot.domain import ApprovalCall, LeftOut, Person, Plan


class DecisionView(View):
    outcome: str
    policies: tuple[str, ...] = ()
    reason: str = ""


class MendView(View):
    """A name that was nearly one: what was said, and what it was read as."""

    said: str
    meant: str


class ItemView(View):
    """One call of a step; `seconds` is how long it took, or has taken so far."""

    index: int
    arguments: dict[str, JsonValue] = {}
    status: str
    phase: str = "execute"
    attempt: int = 1
    mended: MendView | None = None
    reason: str = ""
    choices: tuple[str, ...] = ()
    issued_at: datetime | None = None
    settled_at: datetime | None = None
    seconds: float | None = None
    decision: DecisionView | None = None
    summary: str | None = None


class StepView(View):
    id: str
    tool: str
    status: str
    reason: str = ""
    items: tuple[ItemView, ...] = ()


class EffectView(View):
    """One line of the effect ledger: a write that was started, and what became of it."""

    step: str
    item: int
    tool: str
    state: str
    attempt: int = 1
    started_at: datetime
    finished_at: datetime | None = None
    reason: str = ""


class ApprovalView(View):
    """An Approval as it stands now; `approvers` are the ids of those who may decide it, where the copilot says so.

    `counts` is how much it is for, by kind and account.
    """

    id: str
    run_id: str
    state: str
    calls: tuple[ApprovalCall, ...]
    requested_by: Person
    request: str
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    approvers: tuple[str, ...] = ()
    counts: str = ""
    cautions: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class EscalatedView(View):
    """A destination outside the chats that was told of an approval, or could not be."""

    to: str
    at: datetime
    state: str
    reason: str = ""


class PendingView(View):
    """An approval that waits, in brief; `may` is what who asks may do with it: approve it, deny it."""

    id: str
    run_id: str
    request: str
    requested_by: Person
    would: str = ""
    approvers: tuple[str, ...] = ()
    created_at: datetime
    expires_at: datetime
    may: tuple[str, ...] = ()
    escalated: tuple[EscalatedView, ...] = ()


class PendingList(View):
    """A page of them; `next` is where the next one begins."""

    approvals: tuple[PendingView, ...]
    next: str | None = None


class RevisionView(View):
    """One revision of a plan, and why there is one."""

    number: int
    kind: str = "first"
    reason: str = ""
    problem: str = ""
    intent: str | None = None
    model: str | None = None
    plan: Plan


class UsageView(View):
    """Tokens by how they are billed, of one call or of several."""

    input: int = 0
    cached: int = 0
    cache_written: int = 0
    output: int = 0
    calls: int = 0
    seconds: float = 0
    dollars: float | None = None


class PartView(View):
    """A part of what a model was asked: its tokens, of how many it may have; `holds` is what of it there is."""

    name: str
    tokens: int
    share: int | None = None
    holds: str = ""


class CallView(View):
    """One call of a model: what was asked, and of which parts that was made, what was answered, and what the checker
    said of it.
    """

    revision: int
    number: int
    purpose: str
    model: str
    asked: str
    parts: tuple[PartView, ...] = ()
    answered: str = ""
    problems: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    error: str = ""
    usage: UsageView = UsageView()
    seconds: float = 0
    dollars: float | None = None


class DeliveredView(View):
    """What shows something of a run in a chat, or could not be shown there; `sent` what left for it, None where that
    was not asked for or is not for who looks.
    """

    key: str
    state: str
    where: str | None = None
    at: datetime
    reason: str = ""
    sent: tuple[str, ...] | None = None


class UsedAgainView(View):
    """What of an earlier run a plan goes by."""

    name: str
    run_id: str
    what: str = ""
    read_at: datetime


class LearnedView(View):
    """The run that a learned plan is of."""

    run_id: str
    planned_at: datetime


class RunView(View):
    """`still_for` is how many seconds nothing will happen, where the run waits to look at something again. `withheld`
    says what of it is not shown to who looks.
    """

    run_id: str
    status: str
    outcome: str | None = None
    request: str
    person: str
    conversation: str
    created_at: datetime
    answered_at: datetime | None = None
    plan: Plan | None = None
    used_again: tuple[UsedAgainView, ...] = ()
    learned: LearnedView | None = None
    steps: tuple[StepView, ...] = ()
    approval: ApprovalView | None = None
    effects: tuple[EffectView, ...] = ()
    answer: str | None = None
    withheld: str = ""
    seconds: float | None = None
    still_for: float | None = None
    revisions: tuple[RevisionView, ...] = ()
    calls: tuple[CallView, ...] = ()
    usage: UsageView = UsageView()
    shown: tuple[DeliveredView, ...] = ()

    @property
    def waits_for_approval(self) -> bool:
        """Parked for a person who has not decided yet, and still can."""
        if self.status != "parked" or self.approval is None:
            return False
        return self.approval.state == "pending" and datetime.now(UTC) < self.approval.expires_at

    @property
    def is_at_rest(self) -> bool:
        """Nothing more will happen without a person."""
        return self.status == "answered" or self.waits_for_approval


class RunLine(View):
    """One run in the list of a conversation, or of all; then person and conversation are of interest."""

    run_id: str
    request: str
    at: datetime
    status: str
    outcome: str | None = None
    person: str = ""
    conversation: str = ""


class RunList(View):
    runs: tuple[RunLine, ...]
