"""What every type of resource that can be stopped and started has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, Protocol

from copilot.adapters.aws.sessions import label
from copilot.config import Account
from copilot.model import Change, Permission, Resource

SAVED_TAG = "devops-copilot:stopped-from"
"""Put on a resource before it is stopped; holds the size to restore. Nothing is saved where nothing ran."""

State = Literal["running", "stopped", "starting", "stopping", "other"]

Client = Any  # a boto3 client; boto3 makes their classes at run time

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
    def fields(self) -> dict[str, str]:
        """Where a Resource found here is."""
        return {"account": label(self.account), "region": self.region}


class Metric(NamedTuple):
    """The CloudWatch metric that shows whether a resource is used."""

    namespace: str
    name: str
    unit: str
    dimensions: dict[str, str]


class Stoppable(Protocol):
    """One type of resource. `type` is that of its refs, `service` the name boto3 has for the service."""

    type: str
    service: str

    def survey(self, client: Client, place: Place) -> Iterable[Resource]:
        """What belongs to an environment, from a fresh read of one account and region."""

    def metric(self, resource: Resource) -> Metric: ...

    def permissions(self, change: Change) -> tuple[Permission, ...]: ...

    def stop(self, resource: Resource, read: Client, write: WriteClient) -> None:
        """Save the size, then stop; nothing where it is stopped already."""

    def start(self, resource: Resource, read: Client, write: WriteClient) -> None:
        """Start with the size saved, then forget it; nothing where it runs already."""


def grants(change: Change, stop: tuple[str, ...], start: tuple[str, ...]) -> tuple[Permission, ...]:
    """The actions of a change, on the one resource it is about."""
    actions = {"stop": stop, "start": start}.get(change.action, ())
    return tuple(Permission(action=action, arn=change.ref.id) for action in actions)


def saved_size(tags: dict[str, str]) -> int | None:
    """The size noted when the copilot stopped a resource; None where there is none, or none that makes sense."""
    text = tags.get(SAVED_TAG, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def tag_dict(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """Tags as a dict, from the lists EC2 and RDS give."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags}
