"""What every kind of resource that can be stopped and started has in common, and what each declares of itself."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, NamedTuple

from copilot.adapters.aws.sessions import label
from copilot.config.configuration import Account
from copilot.domain import Change, Limits, Permission, PlatformEvent, Resource, ResourceType, ServiceState, Size, Unit
from copilot.errors import FatalError
from copilot.text.outside import quoted

SAVED_TAG = "devops-copilot:stopped-from"
"""Put on a resource before it is stopped; holds the size to restore, and the limits, see Saved. Nothing is saved where
nothing ran. Whoever writes tags may remove or copy it: the ledger knows as much (see restoring.py)."""

LONGEST_EVENT = 300

State = Literal["running", "stopped", "starting", "stopping", "other"]

Client = Any  # a boto3 client; boto3 makes their classes at run time

ReadClient = Callable[[str], Client]
"""Gives a client that reads from the service of this name, in the account and region in question."""

WriteClient = Callable[[str, str], Client]
"""Gives a client that may do this action to this ARN."""


class Place(NamedTuple):
    """An account and a region, and the environment to look for there: None stands for all."""

    account: Account
    region: str
    environment_tag: str
    environment: str | None

    def environment_of(self, tags: dict[str, str]) -> str | None:
        """The environment a resource with these tags belongs to, if it is one that is looked for."""
        found = tags.get(self.environment_tag)
        return found if found and self.environment in {None, found} else None

    @property
    def fields(self) -> dict[str, Any]:
        """Where a Resource found here is."""
        return {"account": label(self.account), "region": self.region}


class Metric(NamedTuple):
    """The CloudWatch metric that shows whether a resource is used.

    `whole` names those of its dimensions that alone name what it is in: an alarm by these, and by none of the others,
    is one of its own too.
    """

    namespace: str
    name: str
    unit: Unit
    dimensions: dict[str, str]
    whole: frozenset[str] = frozenset()
    statistic: str = "Maximum"


class Stoppable(ABC):
    """One kind of resource. Its module holds all there is to know of it, and the one of it as KIND (see kinds).

    `type` is what the core knows of it, `service` what a person knows the service by. `part_of` names the type of whole
    that one may be a member of. `reads` are the IAM actions its reads need, all of which the read role has to have;
    what its writes need is said by `permissions`, and the write role has to have that. `between` are the codes of the
    errors by which its service says that one is between two states, so that it is worth trying again in a while.
    """

    type: ClassVar[ResourceType]
    service: ClassVar[str]
    part_of: ClassVar[str] = ""
    reads: ClassVar[frozenset[str]]
    between: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def survey(self, read: ReadClient, place: Place) -> Iterable[Resource]:
        """What belongs to an environment, from a fresh read of one account and region."""

    @abstractmethod
    def metric(self, resource: Resource) -> Metric: ...

    @abstractmethod
    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterable[tuple[str, Size]]:
        """What these, of one account and region, are billed by, by ref.id; without those that are no longer there.

        `other`, which no price list has, is what has no price of its own: how many members a group or a database
        cluster had in an hour that has passed is not known.
        """

    @abstractmethod
    def events(self, resource: Resource, read: ReadClient) -> Iterable[PlatformEvent]:
        """What AWS says that happened to it lately, in any order."""

    def service_state(self, resource: Resource, read: ReadClient) -> ServiceState | None:
        """What it runs, where it is a service."""
        return None

    @abstractmethod
    def permissions(self, change: Change) -> tuple[Permission, ...]:
        """What a change of one needs, on single ARNs, and nothing more."""

    @abstractmethod
    def stop(self, resource: Resource, read: ReadClient, write: WriteClient, at: datetime) -> None:
        """Save the size, and the time, then stop; nothing where it is stopped already."""

    @abstractmethod
    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        """Start with the size saved, then forget it; nothing where it runs already."""

    @abstractmethod
    def forget(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        """Leave what could not be stopped as it was, without what was saved; nothing where it was stopped after all."""

    def restart(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        """Have what runs begin anew, each time it is called."""
        raise FatalError(f"{self.type.noun} {quoted(resource.name)} cannot be restarted as a whole", ours=True)

    def resize(
        self, resource: Resource, size: int, limits: Limits | None, read: ReadClient, write: WriteClient
    ) -> None:
        """Have so many of it, between other limits where there are any; nothing where it is so already."""
        raise FatalError(f"{self.type.noun} {quoted(resource.name)} does not come in numbers", ours=True)


class Saved(NamedTuple):
    """What stopping notes and starting restores. As the value of a tag: `3`, or with the limits between which a
    platform scales it `3 min 2 max 10`, or `3 min 2 max 10 suspended out+scheduled` (tags take no commas); at the end
    when it was noted, `3 at 2026-03-02T18:00:03Z`."""

    size: int
    limits: Limits | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        at = f" at {self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if self.at else ""
        if self.limits is None:
            return f"{self.size}{at}"
        suspended = f" suspended {'+'.join(self.limits.suspended)}" if self.limits.suspended else ""
        return f"{self.size} min {self.limits.minimum} max {self.limits.maximum}{suspended}{at}"

    def is_of(self, size: int, limits: Limits | None) -> bool:
        """Whether that is what it notes, whenever it was noted."""
        return (self.size, self.limits) == (size, limits)


_SAVED = re.compile(
    r"([0-9]+)(?: min ([0-9]+) max ([0-9]+)(?: suspended ((?:in|out|scheduled)(?:\+(?:in|out|scheduled))*))?)?"
    r"(?: at (\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ))?",
    re.ASCII,
)


def saved_in(tags: dict[str, str]) -> Saved | None:
    """What was noted when the copilot stopped a resource; None where there is nothing, or nothing that makes sense."""
    found = _SAVED.fullmatch(tags.get(SAVED_TAG, ""))
    if found is None or int(found[1]) == 0:
        return None
    try:
        at = datetime.fromisoformat(found[5]) if found[5] else None
    except ValueError:
        return None
    if found[2] is None:
        return Saved(int(found[1]), None, at)
    suspended = tuple(found[4].split("+")) if found[4] else ()
    limits = Limits.model_validate({"minimum": int(found[2]), "maximum": int(found[3]), "suspended": suspended})
    return Saved(int(found[1]), limits, at)


def saved_fields(tags: dict[str, str]) -> dict[str, Any]:
    """What was noted, as a Resource has it."""
    saved = saved_in(tags)
    return {"saved": saved.size, "saved_limits": saved.limits, "saved_at": saved.at} if saved else {}


def to_restore(resource: Resource, tags: dict[str, str]) -> Saved | None:
    """What to bring a resource back to: as it was previewed, or else as it is noted on it."""
    return Saved(resource.saved, resource.saved_limits) if resource.saved else saved_in(tags)


def grants(
    change: Change,
    stop: tuple[str, ...],
    start: tuple[str, ...],
    restart: tuple[str, ...] = (),
    resize: tuple[str, ...] = (),
) -> tuple[Permission, ...]:
    """The actions of a change, on the one resource it is about."""
    actions = {"stop": stop, "start": start, "restart": restart, "resize": resize}.get(
        change.direction or change.action, ()
    )
    return tuple(Permission(action=action, arn=change.ref.id) for action in actions)


def said(at: datetime, text: str) -> PlatformEvent:
    """An event in one line."""
    line = " ".join(text.split())
    return PlatformEvent(at=at, text=line if len(line) <= LONGEST_EVENT else line[: LONGEST_EVENT - 1] + "…")


def tag_dict(tags: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Tags as a dict, from the lists EC2, RDS and Auto Scaling give."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def several(what: Sequence[str], at_once: int) -> Iterable[Sequence[str]]:
    """So many at once, where a call takes no more."""
    return (what[first : first + at_once] for first in range(0, len(what), at_once))
