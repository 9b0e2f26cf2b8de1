"""What the use cases need from the outside, and nothing about how it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from copilot.deployments import DeploymentFact, History
from copilot.model import (
    Activity,
    Alarm,
    AnsweredRun,
    Approval,
    Change,
    Completion,
    Finding,
    Firing,
    Focus,
    Hourly,
    JournalEntry,
    Keep,
    LedgerEntry,
    Link,
    ModelCall,
    OutputClass,
    PendingApproval,
    Permission,
    Person,
    Plan,
    PlatformEvent,
    Prompt,
    ReportLink,
    Resource,
    ResourceRef,
    Revision,
    Run,
    Schedule,
    Size,
    StepResult,
    StepState,
    Survey,
    Timer,
    Trigger,
    Turn,
)


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, with UTC as its zone."""


class LanguageModel(Protocol):
    """Answers a Prompt. What comes back is only ever proposed: a schema is asked for, and whether it was kept to is the
    caller's to check.
    """

    @property
    def name(self) -> str:
        """The model's name, as its provider calls it."""

    def complete(self, prompt: Prompt) -> Completion:
        """One answer, whole.

        Raises RetryableError when the model is overloaded, away or too slow, after some attempts of its own; FatalError
        when asking again cannot help (a wrong key, an unknown model, a prompt too long).
        """


class Platform(Protocol):
    """Where environments live. Every method reads or changes the world now; nothing is cached."""

    def survey(self, environment: str | None = None) -> Survey:
        """Every resource that belongs to an environment (or the one named), in every configured account and region.

        What the one named costs does not grow with what else there is.
        """

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        """The most each resource did since then, by ref.id."""

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        """The most each resource did in each of so many hours from then, by ref.id. `since` is a full hour."""

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        """What each resource is billed by, by ref.id; without those that are no longer there."""

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        """Alarms on these resources or their clusters that are ringing, or rang since then; newest first."""

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        """The last things that happened to each resource, newest first, by ref.id; at most a few."""

    def permissions(self, change: Change) -> Sequence[Permission]:
        """What `apply` of this change needs from IAM."""

    def apply(self, change: Change, resource: Resource) -> None:
        """Stop or start one resource; on return the wanted state is on its way.

        Reads first and acts only on what is not yet as wanted, so that it may be called again.

        Raises PermissionDenied, NotReady, RetryableError, FatalError.
        """


class Notifier(Protocol):
    """Sends messages to people."""

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        """What `send` needs from IAM; empty where the message leaves by another way."""

    def send(self, channel: str, text: str, key: str) -> str:
        """Send once, under a key of the caller's: what comes later under the same key is not sent, whatever it says.

        Returns where it went, in words of its own.
        """


class Deployments(Protocol):
    """What was reported of deployments. The methods that read, and the one that writes, raise RetryableError."""

    def record(self, facts: Iterable[DeploymentFact]) -> None:
        """Keep facts. In any order and however often: what is kept is their set."""

    def services(self, since: datetime) -> list[str]:
        """The services of which anything was reported since then, or shortly before it, by name."""

    def between(self, since: datetime, until: datetime, service: str | None = None) -> History:
        """Deployments that started in this time, of one service (its exact name) or of all.

        Of very many the newest; the History then says that it is not complete.
        """

    def first(self, service: str | None = None) -> datetime | None:
        """The beginning of the first day (in UTC) of which anything is kept, of one service or of any.

        What was deployed before that day was not reported, or is not kept any more.
        """


class Scheduler(Protocol):
    """Fires a Schedule's recurrences. Timers are by name; a Schedule has one for each action."""

    def timers(self, schedule_id: str) -> Mapping[str, Timer]:
        """What is held for a Schedule now, by action."""

    def permissions(self, schedule_id: str, actions: Iterable[str]) -> Sequence[Permission]:
        """What `put` and `remove` of these timers need from IAM."""

    def put(self, schedule_id: str, action: str, timer: Timer) -> None:
        """Make the timer, or make it as given. Raises PermissionDenied, RetryableError, FatalError."""

    def remove(self, schedule_id: str, action: str) -> None:
        """Remove the timer; one that is gone is success. Raises as `put` does."""


class Schedules(Protocol):
    """What is kept of the tenant's Schedules. Reads are consistent; every method raises RetryableError."""

    def schedules(self) -> list[Schedule]:
        """All of them, the oldest first."""

    def schedule(self, schedule_id: str) -> Schedule | None: ...

    def firings(self, schedule_id: str, limit: int = 50) -> list[Firing]:
        """The last firings, newest first."""

    def keeps(self) -> list[Keep]:
        """Exceptions, ended ones among them until they are cleaned up."""

    def effects(self, run_id: str) -> list[LedgerEntry]:
        """What a Run did, a firing's or any other."""

    def writers(self, tool: str, since: datetime, until: datetime) -> list[str]:
        """The ids of all Runs that wrote by this tool (its name, of any version) in that time, from the journal."""

    def permissions(self) -> Sequence[Permission]:
        """What the four methods below need from IAM."""

    def put(self, schedule: Schedule) -> None: ...

    def remove(self, schedule_id: str) -> None: ...

    def put_keep(self, keep: Keep) -> None: ...

    def remove_keep(self, environment: str) -> None: ...

    def record_firing(self, firing: Firing) -> Firing:
        """Keep it, once for its schedule, action and time. Returns the one that is kept: this one, or the first."""


class Effects(Protocol):
    """The ledger by what was changed, over all Runs."""

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        """The effects that were begun on it, the newest first, each read when it is asked for. Raises RetryableError.

        One that has not ended, or not in a known way, is among them.
        """


class AnsweredRuns(NamedTuple):
    """Runs answered on one day, and whether these are all."""

    runs: Sequence[AnsweredRun]
    complete: bool = True


class Answers(Protocol):
    """Which Runs were answered, from the journal."""

    def answered(self, day: date) -> AnsweredRuns:
        """Those of a day (UTC), oldest first; of very many the first. Raises RetryableError."""


class Reports(Protocol):
    """Keeps files that were made for one Run, and says where they can be opened."""

    def put(self, name: str, content: bytes, content_type: str, about: OutputClass) -> Link:
        """Keep a file; the same name again replaces it. Raises RetryableError, PermissionDenied, FatalError."""


class ReportLinks(Protocol):
    """Short links to files, each under the hash of its token. Both raise RetryableError and FatalError."""

    def keep(self, hash: str, link: ReportLink) -> None: ...
    def find(self, hash: str) -> ReportLink | None: ...


class Linter(Protocol):
    """Finds fault with a file."""

    def lint(self, text: str) -> Sequence[Finding]:
        """Everything it finds, in the order of the lines. Raises FatalError where it is not there or cannot tell."""


class Clients(Protocol):
    """What a tool may be built with."""

    @property
    def call_id(self) -> str:
        """Unique to this call (run, step and item), and the same for its preview and for its every attempt."""

    @property
    def platform(self) -> Platform: ...
    @property
    def notifier(self) -> Notifier: ...
    @property
    def dockerfile_linter(self) -> Linter: ...
    @property
    def deployments(self) -> Deployments: ...
    @property
    def scheduler(self) -> Scheduler: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def person(self) -> Person:
        """On whose behalf the call is made."""

    @property
    def answers(self) -> Answers: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def clock(self) -> Clock: ...


class KeptText(NamedTuple):
    """One version of it; `written_at` has UTC as its zone."""

    version: int
    text: str
    written_at: datetime


class VersionedText(Protocol):
    """A text that is kept elsewhere and remembers its versions. Both methods raise RetryableError, PermissionDenied."""

    def current(self) -> KeptText:
        """Raises ToolInputError as well, where there is none."""

    def version(self, number: int) -> KeptText | None:
        """An earlier one; None where it is not there, or not any more."""


class Workflow(Protocol):
    """Starts and wakes executions of the machine. Never used by a task of the machine."""

    def start(self, run: Run, execution: int) -> None:
        """Start the execution of that number; one that exists already is success."""

    def wake(self, token: str) -> None:
        """Wake an execution that waits under this token; one that no longer waits is success."""

    def is_running(self, run: Run) -> bool:
        """Whether the Run's last execution is still going."""


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


class Store(Protocol):
    """Durable state by the access patterns of design section 4a. All reads are consistent.

    Every method raises RetryableError when the database is throttled or away.
    """

    # the request
    def record_trigger(self, trigger: Trigger) -> tuple[Run, bool]:
        """Keep the Trigger, its queued Run and its Turn, once. Returns the Run, and whether it is new.

        Raises OtherRequest where its dedupe key stands for another request.
        """

    def take_lock(self, run: Run, now: datetime, until: datetime) -> bool:
        """Make this Run the one at work in its Conversation, unless another's lease lasts. True also for the holder."""

    def release_lock(self, run: Run) -> None:
        """Give the Conversation back, if this Run holds it."""

    def turns(self, tenant: str, conversation: str, limit: int = 50) -> list[Turn]:
        """The last turns, oldest first."""

    def next_queued(self, tenant: str, conversation: str) -> Run | None:
        """The oldest Run of the Conversation that has not been started; None if there is none."""

    def recent_runs(self, tenant: str, limit: int = 50) -> list[Run]:
        """The last Runs of everybody and of every Conversation, newest first."""

    # the run
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
        self, run: Run, steps: Iterable[StepState], approval: Approval | None, journal: Sequence[JournalEntry]
    ) -> None:
        """In one transaction: the Run with its wave one higher, changed steps, a new Approval, which waits, evidence.

        Raises Conflict if the stored wave is not run.wave - 1, or the Run was cancelled since it was read.
        """

    def load_step(self, tenant: str, run_id: str, step: str) -> StepState:
        """Raises NotFound."""

    def run(self, tenant: str, run_id: str) -> Run:
        """The Run alone. Raises NotFound."""

    def answer_run(self, run: Run, turn: Turn, journal: Sequence[JournalEntry]) -> bool:
        """Keep the answer, once. False if the Run was answered before."""

    # what calls gave
    def put_result(self, tenant: str, run_id: str, key: ResultKey, result: StepResult) -> None: ...

    def results(self, tenant: str, run_id: str, keys: Iterable[ResultKey]) -> dict[ResultKey, StepResult]:
        """Those of the results that exist."""

    # effects
    def start_effect(
        self, tenant: str, run_id: str, entry: LedgerEntry, call_hash: str | None, journal: JournalEntry
    ) -> None:
        """Record that a write begins, before it does, and under each of its targets that it was this one.

        Raises NotAllowed if the run was answered or cancelled meanwhile, or if the entry names an Approval that does
        not stand for `call_hash`; Conflict if the effect was started before and did not fail cleanly.
        """

    def take_over_effect(self, tenant: str, run_id: str, entry: LedgerEntry, dead_owner: str) -> None:
        """Give an effect whose worker died to this entry's owner. Raises Conflict if another was first."""

    def finish_effect(self, tenant: str, run_id: str, entry: LedgerEntry, journal: JournalEntry) -> None:
        """Record how it ended. Raises Conflict if another worker owns the effect now."""

    def effect(self, tenant: str, run_id: str, step: str, item: int) -> LedgerEntry | None:
        """What the ledger holds of one item."""

    def effects(self, tenant: str, run_id: str) -> list[LedgerEntry]:
        """The run's ledger, in the order the effects were started."""

    # approvals
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

    # memory
    def focus(self, tenant: str, conversation: str) -> Focus: ...

    def remember(self, tenant: str, conversation: str, focus: Focus) -> None: ...

    def journal(self, tenant: str, day: str) -> list[JournalEntry]: ...
