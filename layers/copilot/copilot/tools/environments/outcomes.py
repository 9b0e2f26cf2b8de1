"""What came of stopping or starting an environment, resource by resource and in one line. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from copilot.domain import (
    Change,
    EnvironmentId,
    Frozen,
    Kind,
    Limits,
    Made,
    Resource,
)
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import uncovered

ALREADY = "already "
COVERED = "covered by "
ACCOUNT = "account"

PowerState = Literal["stopped", "stopping", "running", "starting", "partial", "spared"]


class ResourceOutcome(Frozen):
    """What came of one resource."""

    name: Made = Field(description="the resource's name")
    type: str = Field(description="what it is, such as ecs-service; account for one that could not be read")
    action: Literal["stop", "start", "scale", "send", "skip"] = Field(description="what was to be done")
    outcome: Literal["done", "skipped", "failed"] = Field(description="whether that was done")
    before: Made = Field(description="how it was")
    after: Made = Field(description="how it is, or is about to be")
    reason: Made = Field(description="why it was left alone or failed, or what to know of what was done")


class PowerOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    state: PowerState = Field(
        description="how what may be changed is now; partial: some not as wanted, spared: all left alone"
    )
    resources: tuple[ResourceOutcome, ...] = Field(description="what came of each resource")
    changed: int = Field(description="how many were changed")
    skipped: int = Field(description="how many were left alone")
    failed: int = Field(description="how many could not be changed")
    summary: Made = Field(description="one line about it")


class Direction(NamedTuple):
    """Stopping or starting, in the words an output needs."""

    action: Literal["stop", "start"]
    done: Literal["stopped", "started"]
    on_its_way: Literal["stopping", "starting"]
    wanted: Literal["stopped", "running"]


def output(
    environment_id: str,
    kind: Kind,
    direction: Direction,
    changes: Sequence[Change],
    state: PowerState,
    failures: Mapping[str, str],
    after: Mapping[str, str],
) -> PowerOutput:
    """`failures` has reasons and `after` what was read since, both by ref.id and as far as there is any.

    Both of one moment, so that the line and the state are of the same: what is left alone may have failed too, since.
    """
    resources = tuple(_outcome(change, failures, after) for change in changes)
    return PowerOutput(
        environment_id=environment_id,
        name=environment_id,
        kind=kind,
        state=state,
        resources=resources,
        changed=sum(one.outcome == "done" for one in resources),
        skipped=sum(one.outcome == "skipped" for one in resources),
        failed=sum(one.outcome == "failed" for one in resources),
        summary=f"{quoted(environment_id)}: {'; '.join(_parts(resources, direction))}",
    )


def size_in_words(resource: Resource, size: int, limits: Limits | None) -> str:
    """`3` of what comes in numbers, `3 (2 to 10)` where it is scaled, `running` or `stopped` of what is on or off."""
    if not resource.counted:
        return "running" if size else "stopped"
    if limits is None or limits.at_rest:
        return str(size)
    suspended = f", suspended: {', '.join(limits.suspended)}" if limits.suspended else ""
    return f"{size} ({limits.minimum} to {limits.maximum}{suspended})"


def as_it_is(resources: Sequence[Resource]) -> PowerState:
    """The state of what may be changed; of all, where nothing may."""
    free = [resource for resource in resources if not resource.held] or uncovered(resources)
    down = sum(resource.is_down for resource in free)
    return "running" if not down else "stopped" if down == len(free) else "partial"


def _outcome(change: Change, failures: Mapping[str, str], after: Mapping[str, str]) -> ResourceOutcome:
    skipped, failed = change.action == "skip", change.ref.id in failures
    return ResourceOutcome(
        name=change.name if change.ref.type == ACCOUNT else quoted(change.name),
        type=change.ref.type,
        action=change.action if change.action in ("stop", "start", "scale", "send") else "skip",
        outcome="failed" if failed else "skipped" if skipped else "done",
        before=change.before,
        after=after.get(change.ref.id, change.before if failed else change.after),
        reason=failures.get(change.ref.id, change.reason),
    )


def _parts(resources: Sequence[ResourceOutcome], direction: Direction) -> list[str]:
    done = [_changed(one) for one in resources if one.outcome == "done"]
    failed = [f"{one.name} ({one.reason})" for one in resources if one.outcome == "failed"]
    skipped = [one for one in resources if one.outcome == "skipped"]
    already = [one for one in skipped if one.reason.startswith(ALREADY)]
    unread = [f"{one.name} could not be read" for one in skipped if one.type == ACCOUNT]
    # Members went with what covers them.
    alone = [one for one in skipped if not one.reason.startswith((ALREADY, COVERED)) and one.type != ACCOUNT]
    parts = [f"{direction.done} {listed(done)}"] if done else []
    parts += [f"failed: {listed(failed)}"] if failed else []
    if not done and not failed:
        parts.append(f"already {direction.wanted}" if already else f"nothing to {direction.action}")
    parts += [f"{listed(names)} left alone ({reason})" for reason, names in _by_reason(alone).items()]
    return [*parts, *unread, *_notes(resources)]


def _by_reason(resources: Sequence[ResourceOutcome]) -> Mapping[str, list[str]]:
    """The names of these, by what is true of them."""
    found: dict[str, list[str]] = {}
    for one in resources:
        found.setdefault(one.reason, []).append(one.name)
    return found


def _notes(resources: Sequence[ResourceOutcome]) -> list[str]:
    """What to know of what was done, once for all it is true of."""
    done = [one for one in resources if one.outcome == "done" and one.reason]
    return [f"{listed(names)}: {reason}" for reason, names in _by_reason(done).items()]


def _changed(one: ResourceOutcome) -> str:
    return f"{one.name} {one.before} -> {one.after}" if one.action == "scale" else one.name


def state_in_words(resource: Resource) -> str:
    """The state in words; what the platform calls it where we have no word."""
    if resource.state == "other":
        return resource.detail or "in an unknown state"
    return f"{resource.state} ({resource.detail})" if resource.counted and resource.detail else resource.state
