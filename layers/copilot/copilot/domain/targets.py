"""What a call touches, and what it will change there."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from copilot.domain.classes import Kind
from copilot.domain.frozen import Frozen, digest
from copilot.domain.ownership import is_code
from copilot.domain.plans import Arguments

TargetType = Literal["Environment", "Channel", "Schedule", "Runbook", "Fact", "Watch"]
"""What a write may be done to, as tools and policies call it; the ref of such a target says it in lower case."""


EXCEPTION = "exception"
"""The type of what an environment is excepted from schedules by, whose id is the environment's: no part of it."""


class ResourceRef(Frozen):
    """Type and id of what a call touches; for AWS the id is the ARN, account and region included."""

    type: str
    id: str

    @property
    def account(self) -> str:
        """The id of the account it is in; "" where its id is no ARN."""
        parts = self.id.split(":", 5)
        return parts[4] if len(parts) == 6 and parts[0] == "arn" else ""

    @property
    def region(self) -> str:
        """The region it is in; "" where its id is no ARN, or in none."""
        parts = self.id.split(":", 5)
        return parts[3] if len(parts) == 6 and parts[0] == "arn" else ""


class Limits(Frozen):
    """Between which sizes a platform scales something by itself. `suspended` names the ways in which it does not."""

    minimum: int
    maximum: int
    suspended: tuple[Literal["in", "out", "scheduled"], ...] = ()

    @property
    def at_rest(self) -> bool:
        """Whether nothing can be scaled up from nothing: how stopping leaves them."""
        return self.maximum == 0 or (self.minimum == 0 and len(self.suspended) == 3)


class Target(Frozen):
    """A ResourceRef as policy sees it. `kind` is None for what has none (a channel, a report), `owner` "" where nothing
    says whose it is.
    """

    ref: ResourceRef
    name: str
    kind: Kind | None = None
    tags: dict[str, str] = {}
    owner: str = ""


class Change(Frozen):
    """What a write will do to one resource; `skip` says with `reason` why it is left alone.

    What comes in numbers is not stopped or started but brought to a `size` by `scale`, 0 being stopped. `resize` gives
    what runs another `size`, and other `limits` where it names any. `reason` may also say what a person should know of
    a change before it is made. `uses` are the ARNs of what AWS needs a right to besides: a scalable target, the keys of
    volumes, the members of a cluster that is deleted. `owned_by` is whose the resource is in code, see ownership; ""
    where nobody looked. `snapshot` is the name of the final snapshot that is made of what is deleted, "" where none is.
    """

    ref: ResourceRef
    name: str
    action: Literal[
        "stop", "start", "scale", "send", "skip", "create", "delete", "pause", "resume", "keep", "release",
        "restart", "resize", "deploy",
    ]  # fmt: skip
    before: str
    after: str
    reason: str = ""
    size: int | None = None
    limits: Limits | None = None
    uses: tuple[str, ...] = ()
    owned_by: str = ""
    snapshot: str = ""

    @property
    def direction(self) -> Literal["stop", "start"] | None:
        """Which of the two a change of power comes to; None for what is none."""
        if self.action == "scale":
            return "start" if self.size else "stop"
        return self.action if self.action == "stop" or self.action == "start" else None


class Preview(Frozen):
    """A fresh read of what exactly a write will change.

    `state` holds the fields the write depends on and nothing else (no metrics): its hash binds approvals, and it is the
    prior state that undo restores. `notes` are sentences of ours that a person should read before.
    """

    targets: tuple[Target, ...]
    changes: tuple[Change, ...]
    state: JsonValue
    notes: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[Change, ...]:
        """What is to be done: every change but of what is left alone."""
        return tuple(change for change in self.changes if change.action != "skip")

    @property
    def is_owned(self) -> bool:
        """Whether code owns some of what is to be changed, and may put it back."""
        return any(is_code(change.owned_by) for change in self.wanted)

    @property
    def apart(self) -> tuple[ResourceRef, ...]:
        """What Runs keep apart on while one does this: its targets, or what the copilot notes of them, where it changes
        nothing but that.
        """
        if self.changes and all(change.ref.type == EXCEPTION for change in self.changes):
            return tuple(change.ref for change in self.changes)
        return tuple(target.ref for target in self.targets)

    @property
    def is_idle(self) -> bool:
        """Whether it was looked at and there is nothing to do."""
        return bool(self.changes) and not self.wanted

    @property
    def state_hash(self) -> str:
        return digest([self.state, [target.model_dump(mode="json") for target in self.targets]])


class Permission(Frozen):
    """One IAM action on one ARN.

    `beside` is the ARN of the resource whose calls AWS needs this for as well, so that one session has to hold both.
    `role` is which of its account's roles has it.
    """

    action: str
    arn: str
    beside: str = ""
    role: Literal["write", "destroy"] = "write"


class Call(Frozen):
    """A tool call with literal arguments."""

    tool: str
    arguments: Arguments = {}


class NothingToUndo(Frozen):
    """Why no call takes back what was done: it changed nothing that could be as it was again."""

    kind: Literal["nothing"] = "nothing"
    why: str


class Irreversible(Frozen):
    """Why no call takes back what was done: what was there before is lost."""

    kind: Literal["irreversible"] = "irreversible"
    why: str


Undo = Call | NothingToUndo | Irreversible


class Verification(Frozen):
    """What a fresh read says of a write. `output` is the tool's output as it reads now.

    `tells` is whether one can see by it that the write was made, and not only that all is well: an instance runs after
    it was rebooted as it did before.
    """

    outcome: Literal["true", "false", "not yet"]
    reason: str = ""
    tells: bool = True
    output: dict[str, JsonValue] | None = None
