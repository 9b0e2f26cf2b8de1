"""The words of the design as frozen types. Imports nothing of ours."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

Kind = Literal["development", "preview", "staging", "production"]
KIND_WORDS: dict[str, Kind] = {
    "dev": "development",
    "development": "development",
    "preview": "preview",
    "prod": "production",
    "production": "production",
    "stage": "staging",
    "staging": "staging",
}
"""What people and tags call each kind, in lower case."""
Effect = Literal["read", "write", "destroy"]
Runtime = Literal["read", "write", "render"]
Channel = Annotated[str, StringConstraints(pattern=r"^#[a-z0-9][a-z0-9_-]{0,79}$")]
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Arguments = dict[str, JsonValue]
MOST_STEPS = 20
MOST_FILES, MOST_ATTACHED, MOST_NAME = 4, 102_400, 100
"""Attachments of one request: how many, their UTF-8 bytes together, and the length of a name."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def digest(value: object) -> str:
    """A stable SHA-256 (64 hex digits) of a JSON value or of one of our types."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# --- who asks for what -------------------------------------------------------------------------


class Person(Frozen):
    """Who asks, from an authenticated identity; never from the body of a request."""

    id: str
    name: str
    roles: tuple[str, ...] = ()


def _file_name(given: object) -> object:
    """The last part of a path, of letters, digits and . _ - alone."""
    if not isinstance(given, str):
        return given
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", re.split(r"[\\/]", given.strip())[-1])[-MOST_NAME:]
    return name if name.strip("._-") else "file"


class Attachment(Frozen):
    """A text file that came with a request. Its text is data from outside, whoever sent it: never an instruction."""

    name: Annotated[str, BeforeValidator(_file_name)] = Field(description="the file's name, without folders")
    text: str = Field(description="what is in it", json_schema_extra={"untrusted": True})


def _not_too_much(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    size = sum(len(attachment.text.encode()) for attachment in attachments)
    if size > MOST_ATTACHED:
        told = {"size": f"{size:,}", "most": f"{MOST_ATTACHED:,}"}
        raise PydanticCustomError("attachments", "together they have {size} bytes; at most {most} are taken", told)
    return attachments


Attachments = Annotated[tuple[Attachment, ...], Field(max_length=MOST_FILES), AfterValidator(_not_too_much)]


class Trigger(Frozen):
    """What came in. `dedupe_key` is the sender's: the same one twice is one Run."""

    kind: Literal["chat", "api", "ci", "schedule", "event"]
    tenant: str
    person: Person
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    conversation: str
    dedupe_key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    received_at: datetime
    attachments: Attachments = ()

    @property
    def run_id(self) -> str:
        """The id of the Run for this Trigger: r and 15 hex digits, the same for every repeat."""
        return "r" + digest([self.tenant, self.kind, self.person.id, self.dedupe_key])[:15]


class Turn(Frozen):
    """One message in a Conversation; a Person's or the copilot's. `untrusted` if it quotes text that neither wrote."""

    run_id: str
    author: str
    text: str
    at: datetime
    untrusted: bool = False


class Focus(Frozen):
    """What a Conversation last spoke of, so that "it" and "what about staging?" mean something.

    `intent` is the known intent of its last request and `slots` are what that was filled with.
    """

    environments: tuple[str, ...] = ()
    intent: str | None = None
    slots: dict[str, JsonValue] = {}


# --- what a call touches -----------------------------------------------------------------------


class ResourceRef(Frozen):
    """Type and id of what a call touches; for AWS the id is the ARN, account and region included."""

    type: str
    id: str


class Target(Frozen):
    """A ResourceRef as policy sees it. `kind` is None for what has none (a channel, a report)."""

    ref: ResourceRef
    name: str
    kind: Kind | None = None
    tags: dict[str, str] = {}


class Change(Frozen):
    """What a write will do to one resource; `skip` says with `reason` why it is left alone.

    What comes in numbers is not stopped or started but brought to a `size` by `scale`, 0 being stopped. `reason` may
    also say what a person should know of a change before it is made. `uses` are the ARNs of what AWS needs a right to
    besides: a scalable target, the keys of volumes.
    """

    ref: ResourceRef
    name: str
    action: Literal["stop", "start", "scale", "send", "skip", "create", "delete", "pause", "resume", "keep", "release"]
    before: str
    after: str
    reason: str = ""
    size: int | None = None
    uses: tuple[str, ...] = ()

    @property
    def direction(self) -> Literal["stop", "start"] | None:
        """Which of the two a change of power comes to; None for what is none."""
        if self.action == "scale":
            return "start" if self.size else "stop"
        return self.action if self.action == "stop" or self.action == "start" else None


class Preview(Frozen):
    """A fresh read of what exactly a write will change.

    `state` holds the fields the write depends on and nothing else (no metrics): its hash binds approvals, and it is the
    prior state that undo restores.
    """

    targets: tuple[Target, ...]
    changes: tuple[Change, ...]
    state: JsonValue

    @property
    def is_idle(self) -> bool:
        """Whether it was looked at and there is nothing to do."""
        return bool(self.changes) and all(change.action == "skip" for change in self.changes)

    @property
    def state_hash(self) -> str:
        return digest([self.state, [target.model_dump(mode="json") for target in self.targets]])


class Permission(Frozen):
    """One IAM action on one ARN.

    `beside` is the ARN of the resource whose calls AWS needs this for as well, so that one session has to hold both.
    """

    action: str
    arn: str
    beside: str = ""


class Call(Frozen):
    """A tool call with literal arguments."""

    tool: str
    arguments: Arguments = {}


class Verification(Frozen):
    """What a fresh read says of a write. `output` is the tool's output as it reads now."""

    outcome: Literal["true", "false", "not yet"]
    reason: str = ""
    output: dict[str, JsonValue] | None = None


# --- the plan language -------------------------------------------------------------------------


class Step(Frozen):
    """One tool call, or one per element of `for_each`.

    Argument values are literals or {"$ref": expression}, {"$item": expression}, {"$text": template}.
    """

    id: StepId
    tool: str
    arguments: Arguments = {}
    for_each: JsonValue = None
    expect: str | None = None
    after: tuple[StepId, ...] = ()
    continue_on_failure: bool = Field(
        default=False, description="dependents go on although some items of this write failed"
    )


class Answer(Frozen):
    """How to answer: a template over the outputs of the steps; or what a model is to write from the outputs of the
    steps named in `using`, and from nothing else.
    """

    text: str | None = Field(default=None, description="a template over the outputs of the steps")
    compose: str | None = Field(default=None, description="what to write where a template cannot say it")
    using: tuple[StepId, ...] = Field(default=(), description="the steps whose outputs `compose` needs")

    @model_validator(mode="after")
    def _one_of_both(self) -> Answer:
        if (self.text is None) == (self.compose is None):
            raise PydanticCustomError("answer", "an answer has either text or compose")
        if (self.compose is None) != (not self.using):
            raise PydanticCustomError("answer", "compose names in using the steps it speaks of, and nothing else does")
        return self


class Question(Frozen):
    """One question back to the Person, with what they may choose from. Their answer is a Turn of its own."""

    question: str
    choices: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class Plan(Frozen):
    """A goal, the steps to it and how to answer; or, with no steps, what to `say` or to `ask`."""

    goal: str = ""
    steps: Annotated[tuple[Step, ...], Field(max_length=MOST_STEPS)] = ()
    answer: Answer | None = None
    say: str | None = Field(default=None, description="the answer to a request that needs no tool")
    ask: Question | None = Field(default=None, description="one question, where the request is too vague to plan")


class Revision(Frozen):
    """A Run's Plan from here on, and how it came to be.

    repair changed the one step whose call was wrong, revise those that had not begun. `reason` is what had gone wrong,
    `problem` why the plan is as it was before where nothing better was found. `intent` and `slots` are those of the
    known intent a first plan was made by, `model` is the model that made this one, `read_untrusted` whether that had
    read earlier Turns with text of others in them. `unplanned` is what the Run comes to where the plan only says why
    there is none.
    """

    plan: Plan
    kind: Literal["first", "repair", "revise"] = "first"
    reason: str = ""
    problem: str = ""
    unplanned: Literal["not_understood", "failed"] | None = None
    intent: str | None = None
    slots: dict[str, JsonValue] = {}
    model: str | None = None
    read_untrusted: bool = False


# --- what a model is asked ---------------------------------------------------------------------


class Prompt(Frozen):
    """What a model is asked. `system` is the same bytes for every request of a kind, so that a provider can cache it;
    all that differs is in `user`. `schema` is the JSON schema of the answer, None for plain text.
    """

    system: str
    user: str
    answer_schema: dict[str, JsonValue] | None = None
    max_tokens: int


class TokenUsage(Frozen):
    """Tokens by how they are billed: read anew, read from the provider's cache, written to it, put out."""

    input: int = 0
    cached: int = 0
    cache_written: int = 0
    output: int = 0

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(**{name: getattr(self, name) + getattr(other, name) for name in TokenUsage.model_fields})

    @property
    def total(self) -> int:
        return self.input + self.cached + self.cache_written + self.output


class Completion(Frozen):
    """What a model answered: `text`, JSON where a schema was given. `stop` is length where it was cut off at
    max_tokens, refusal where the model declined.
    """

    text: str
    stop: Literal["end", "length", "refusal"]
    usage: TokenUsage
    model: str
    seconds: float


Purpose = Literal["route", "plan", "repair", "revise", "compose"]
"""What a model is asked for."""


class ModelCall(Frozen):
    """The record of one call of a model: number `number` of those made for a Run's revision `revision`.

    `asked` is Prompt.user, `answered` what came back, `problems` what the checker said of that, `error` why nothing
    came back. `dollars` is by a dated price list, None for a model that is not in it.
    """

    revision: int
    number: int
    purpose: Purpose
    model: str
    asked: str
    answered: str = ""
    problems: tuple[str, ...] = ()
    error: str = ""
    usage: TokenUsage = TokenUsage()
    seconds: float = 0
    dollars: float | None = None
    at: datetime


# --- what happened -----------------------------------------------------------------------------


class Verdict(Frozen):
    """What a Check says. `settled` False sends the item to check_step; `seconds` is the pause of a wait or retry.

    A `patient` retry is for what is on its way: as often as it takes, until the tool's deadline.
    """

    kind: Literal["pass", "wait", "retry", "repair", "replan", "abort", "preview", "no_data", "unknown"]
    reason: Annotated[str, StringConstraints(max_length=400)] = ""
    settled: bool = True
    seconds: int | None = None
    patient: bool = False


class StepResult(Frozen):
    """What a call gave: `output` for ok, else a line for a person in `error`. `verdict` is Execute's."""

    status: Literal["ok", "error"]
    output: JsonValue = None
    error: str | None = None
    verdict: Verdict
    attempt: int = 1
    started_at: datetime
    ended_at: datetime


class Decision(Frozen):
    """What policy said of one call, with the ids of the policies that decided."""

    outcome: Literal["allow", "ask", "deny"]
    policies: tuple[str, ...] = ()
    reason: str = ""


Phase = Literal["preview", "execute", "check"]
SETTLED = frozenset({"done", "failed", "denied", "expired", "no_data", "unknown", "cancelled", "replanned"})


class Item(Frozen):
    """One element of a for_each, or the step itself: its resolved arguments and how far it has come.

    open: to be issued in `phase` once `due` has come; issued: in the current wave; asking: waits for an Approval;
    wrong: waits for a better plan, of kind `wanted`; replanned: failed, and a later revision does without it; the rest
    are settled too. `repaired` are the reasons for which a plan has made its call anew.
    """

    index: int
    arguments: Arguments
    status: Literal[
        "open",
        "issued",
        "asking",
        "wrong",
        "done",
        "failed",
        "denied",
        "expired",
        "no_data",
        "unknown",
        "cancelled",
        "replanned",
    ] = "open"
    phase: Phase = "execute"
    attempt: int = 1
    reason: str = ""
    wanted: Literal["repair", "revise"] | None = None
    repaired: tuple[str, ...] = ()
    due: datetime | None = None
    deadline: datetime | None = None
    waits: int = 0
    state_hash: str | None = None
    approval_id: str | None = None
    decision: Decision | None = None
    issued_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED


class StepState(Frozen):
    """A step once expanded: its tool and expectation from the plan, its items. A skipped step says why in `reason`."""

    step_id: StepId
    tool: str
    expect: str | None = None
    items: tuple[Item, ...] = ()
    for_each: bool = False
    skipped: bool = False
    reason: str = ""

    @property
    def is_settled(self) -> bool:
        return self.skipped or all(item.is_settled for item in self.items)


class ItemCall(Frozen):
    """What the machine hands to one function for one item: ids only."""

    function: str
    tenant: str
    run_id: str
    conversation: str
    step: StepId
    item: int
    attempt: int
    phase: Phase

    @property
    def id(self) -> str:
        """The same for the preview of a call, its every attempt and its check."""
        return f"{self.run_id}-{self.step}-{self.item}"


class ItemOutcome(Frozen):
    """What comes back from one item."""

    step: StepId
    item: int
    attempt: int
    phase: Phase
    verdict: Verdict


class Replan(Frozen):
    """That a better plan is wanted than revision `revision`: `step` failed, for `reason`."""

    kind: Literal["repair", "revise"]
    revision: int
    step: StepId
    reason: str


class Advanced(Frozen):
    """Advance's decision: what the machine does next."""

    next: Literal["items", "items_distributed", "wait", "approve", "plan", "reply"]
    wave: int
    items: tuple[ItemCall, ...] = ()
    seconds: int | None = None
    approval_id: str | None = None
    replan: Replan | None = None


Outcome = Literal[
    "succeeded", "partial", "failed", "denied", "expired", "cancelled", "not_understood", "asked", "aborted"
]


class Run(Frozen):
    """The work for one Turn.

    `execution` counts the executions of the machine started for it, `revision` its plans, `wave` Advance's decisions,
    of which `advanced` is the last, for a replay.
    """

    run_id: str
    trigger: Trigger
    execution: int = 0
    revision: int = 0
    wave: int = 0
    advanced: Advanced | None = None
    items_run: int = 0
    approval_id: str | None = None
    cancelled_by: str | None = None
    answered_at: datetime | None = None
    outcome: Outcome | None = None
    answer: str | None = None

    @property
    def tenant(self) -> str:
        return self.trigger.tenant

    @property
    def conversation(self) -> str:
        return self.trigger.conversation

    @property
    def status(self) -> Literal["queued", "running", "parked", "answered"]:
        if self.outcome is not None:
            return "answered"
        if self.advanced is not None and self.advanced.next == "approve":
            return "parked"
        return "running" if self.execution else "queued"


class ApprovalCall(Frozen):
    """One call a person is asked to approve, as it will be made, and the `reason` why it needs that."""

    step: StepId
    item: int
    tool: str
    arguments: Arguments
    preview: Preview
    undo: Call | None = None
    reason: str = ""

    @property
    def hash(self) -> str:
        return digest([self.step, self.item, self.tool, self.arguments, self.preview.state_hash])


class Approval(Frozen):
    """Bound to a hash of exactly what will happen; single-use, since each call in it has one place in the effect
    ledger.

    `approvers` are the ids of the people who might approve it when it was asked; who may is decided when one does.
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

    @property
    def hash(self) -> str:
        return digest([call.hash for call in self.calls])

    def state_at(self, now: datetime) -> Literal["pending", "approved", "denied", "expired"]:
        """The state, an Approval nobody decided in time being expired."""
        return "expired" if self.state == "pending" and now >= self.expires_at else self.state


class LedgerEntry(Frozen):
    """The record that a write was started, and what it did. `prior` is captured once and never overwritten.

    Until `dead_after` the worker named by `owner` may still be at work. Paused: that worker has come to its end and
    says in `reason` what is still to be done, which the same call will do.
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

    @property
    def paused(self) -> bool:
        return self.state == "started" and self.reason != ""


class JournalEntry(Frozen):
    """One line of evidence. Appended, never changed."""

    at: datetime
    id: str
    kind: Literal["run", "model", "decision", "approval", "effect", "answer", "cancel"]
    run_id: str
    person: str
    data: JsonValue

    def is_write_by(self, tool: str) -> bool:
        """Whether it is evidence of a write by this tool, of whatever version."""
        used = self.data.get("tool") if isinstance(self.data, dict) else None
        return self.kind == "effect" and str(used).partition("@")[0] == tool


# --- where things live -------------------------------------------------------------------------


class Limits(Frozen):
    """Between which sizes a platform scales something by itself. `suspended` names the ways in which it does not."""

    minimum: int
    maximum: int
    suspended: tuple[Literal["in", "out", "scheduled"], ...] = ()

    @property
    def at_rest(self) -> bool:
        """Whether nothing can be scaled up from nothing: how stopping leaves them."""
        return self.maximum == 0 or (self.minimum == 0 and len(self.suspended) == 3)


class Resource(Frozen):
    """One stoppable thing of an Environment, as a fresh read shows it.

    `size` is what stopping saves and starting restores (an ECS service's desired count, a group's desired capacity; 1
    for what is on or off), `limits` between what it is scaled, `running` how much of it runs now, `saved` and
    `saved_limits` what was noted when the copilot stopped it, `held` why it must be left alone. A member of a group or
    a database cluster that belongs to the same environment is `covered_by` that, whose name it is: it is stopped,
    started and measured with it. `caution` is what a person should know before it is stopped. `uses`: see Change.
    """

    ref: ResourceRef
    name: str
    environment: str
    account: str
    region: str
    cluster: str | None = None
    state: Literal["running", "stopped", "starting", "stopping", "other"]
    detail: str = ""
    size: int
    running: int
    limits: Limits | None = None
    saved: int | None = None
    saved_limits: Limits | None = None
    held: str = ""
    covered_by: str = ""
    caution: str = ""
    uses: tuple[str, ...] = ()
    tags: dict[str, str] = {}

    @property
    def counted(self) -> bool:
        """Whether it comes in numbers; else it is on or off."""
        return self.cluster is not None or self.limits is not None


class Environment(Frozen):
    """What a Platform has under one name, over all accounts and regions. `kind_reason` says where `kind` comes from.

    `opted_out` says why no schedule may touch it; "" where schedules may.
    """

    name: str
    kind: Kind
    kind_reason: str
    owner: str | None = None
    opted_out: str = ""


class Unreachable(Frozen):
    """An account and region that could not be read; never to be taken for empty."""

    account: str
    region: str
    reason: str


class Survey(Frozen):
    """What a Platform has, as far as it could be read. `environments` are those the resources belong to, by name."""

    resources: tuple[Resource, ...]
    environments: tuple[Environment, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()


class Activity(Frozen):
    """The most one resource did in a period; None where no figures exist."""

    metric: str
    unit: str
    maximum: float | None


class Alarm(Frozen):
    """A monitor's alarm that is ringing, or rang within the period asked for."""

    name: str
    state: str
    reason: str
    since: datetime
    account: str
    region: str


class Hourly(Frozen):
    """The most one resource did in each hour of a period, oldest first; None for an hour without figures."""

    metric: str
    unit: str
    maxima: tuple[float | None, ...]


class Size(Frozen):
    """What one resource is billed by while it runs.

    `name` is as price lists name it: an instance type; an engine and a class; a processor architecture, for each of
    whose `vcpu` and `gb` of memory there is a price. `count` is how many of it run at the same time. `other` is what
    has no price of its own, or none of these.
    """

    product: Literal["ec2", "rds", "fargate", "other"]
    name: str
    region: str
    count: int = 1
    vcpu: float = 0
    gb: float = 0


# --- schedules ---------------------------------------------------------------------------------

Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
DAYS: tuple[Day, ...] = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ScheduleAction = Literal["stop", "again", "start"]
"""stop begins a window, start ends it; again looks within it whether what was stopped is stopped still."""


class Recurrence(Frozen):
    """The times at which a clock on the wall of `time_zone` shows one of `hours` and one of `minutes` on one of `days`.

    An hour that the clock leaves out is skipped, one that it repeats counts once, the first time (as EventBridge
    Scheduler does).
    """

    minutes: Annotated[tuple[int, ...], Field(min_length=1)]
    hours: Annotated[tuple[int, ...], Field(min_length=1)]
    days: Annotated[tuple[Day, ...], Field(min_length=1)]
    time_zone: str


class Window(Frozen):
    """When environments are off: from `stop` on each of `days`, and, where `start` is given, until `start` on the next
    of `start_days`. All in `time_zone`, an IANA name. With `enforce`, what is started by hand within it is stopped
    again.
    """

    stop: TimeOfDay = Field(description="when they are stopped, HH:MM")
    days: Annotated[tuple[Day, ...], Field(min_length=1, description="the days on which they are stopped")]
    start: TimeOfDay | None = Field(default=None, description="when they are started again, HH:MM; null for never")
    start_days: tuple[Day, ...] = Field(default=(), description="the days on which they are started again")
    time_zone: str = Field(max_length=64, description="the time zone, an IANA name")
    enforce: bool = Field(default=False, description="whether what is started by hand within it is stopped again")


class Schedule(Frozen):
    """A Window for environments: those of `kinds`, or the ones named. `kind` is the strictest of them.

    `runbooks` are the plans of its firings, kept as they were when it was made. `owner` is whose rights a firing has.
    """

    id: str
    title: str
    owner: str
    kinds: tuple[Kind, ...] = ()
    environments: tuple[str, ...] = ()
    kind: Kind
    window: Window
    runbooks: dict[ScheduleAction, Plan]
    paused: bool = False
    created_at: datetime


class Firing(Frozen):
    """One time a Schedule came due. `run_id` is the Run it became; where it became none, `reason` says why."""

    schedule: str
    action: ScheduleAction
    scheduled_at: datetime
    fired_at: datetime
    run_id: str | None = None
    by: str | None = Field(default=None, description="who had it run out of turn")
    reason: str = ""


class Keep(Frozen):
    """An exception: until then no Schedule stops this Environment. `time_zone` is the one in which that is told."""

    environment: str
    until: datetime
    time_zone: str = "UTC"
    by: str
    made_at: datetime


class Timer(Frozen):
    """What the Scheduler holds: the text of a recurrence, its time zone, and whether it fires."""

    expression: str
    time_zone: str
    enabled: bool


# --- what the copilot gives ----------------------------------------------------------------------


class AnsweredRun(Frozen):
    """That a Run was answered: when, whose it was, what came of it."""

    at: datetime
    person: str
    outcome: str


class Link(Frozen):
    """Where a file can be opened by whoever has the link, until then at the latest."""

    url: str
    until: datetime


# --- what a linter says ------------------------------------------------------------------------


class Finding(Frozen):
    """What a linter found on one line of a file."""

    code: str = Field(description="the rule's code, such as DL3006")
    level: Literal["error", "warning", "info", "style"] = Field(description="how bad it is")
    line: int = Field(description="the line it is on, from 1")
    message: str = Field(description="what is wrong, in the linter's words", json_schema_extra={"untrusted": True})
