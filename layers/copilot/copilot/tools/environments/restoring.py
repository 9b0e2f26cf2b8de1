"""What the copilot stopped is known from its own ledger too, whatever has become of the notes on the resources.

A stop notes on each resource what to bring it back to. That note is a tag, and whoever applies infrastructure as code
may remove all tags that code does not know, or put an old one back; and who restores a snapshot copies it. The ledger
holds the same: each stop and each start of an environment is recorded, with what there was before, before anything is
changed. Where the two differ the newer counts. Of a note without a time nobody knows which that is: then the ledger
counts, and of two sizes the smaller. Never is more started than one of them says that there was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from pydantic import ValidationError

from copilot.domain import (
    Activity,
    Alarm,
    Change,
    Fixture,
    Fixtures,
    Hourly,
    LedgerEntry,
    Limits,
    Permission,
    PlatformEvent,
    Resource,
    ResourceRef,
    ResourceType,
    ServiceState,
    Size,
    Survey,
    Use,
    WritePack,
)
from copilot.ports import Effects, Platform
from copilot.tools.environments.outcomes import PowerOutput
from copilot.tools.environments.prior import Prior, PriorResource
from copilot.tools.environments.starting import StartEnvironment
from copilot.tools.environments.stopping import StopEnvironment

EFFECTS_LOOKED_AT = 50
CLOCKS_APART = timedelta(minutes=5)
"""By so much the platform's clock and ours may differ, when what was made is compared with what was noted."""


class Note(NamedTuple):
    """What the ledger says of one resource, as of `at`: that it was stopped from `size`, or, without one, that it was
    not, or was started since."""

    at: datetime
    size: int | None = None
    limits: Limits | None = None


@dataclass(frozen=True)
class Restoring:
    """The same Platform, whose surveys of one environment know from the ledger what it was stopped from."""

    platform: Platform
    effects: Effects

    @property
    def types(self) -> Mapping[str, ResourceType]:
        return self.platform.types

    def survey(self, environment: str | None = None) -> Survey:
        survey = self.platform.survey(environment)
        rests = {one.ref.id for one in survey.resources if _rests(one)}
        if environment is None or not rests:
            return survey
        notes = notes_of(self.effects.on(ResourceRef(type="environment", id=environment)), rests)
        known = [_known(one, notes.get(one.ref.id)) if one.ref.id in rests else one for one in survey.resources]
        return survey.model_copy(update={"resources": tuple(known)})

    @property
    def environment_tag(self) -> str:
        return self.platform.environment_tag

    @property
    def fixture_types(self) -> Mapping[str, str]:
        return self.platform.fixture_types

    def fixtures(self, environment: str, types: Collection[str] | None = None) -> Fixtures:
        return self.platform.fixtures(environment, types)

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        return self.platform.activity(resources, since)

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        return self.platform.hourly(resources, since, hours)

    def uses(
        self, ones: Sequence[Resource | Fixture], since: datetime, hours: int, cpu_below: float
    ) -> Mapping[str, Sequence[Use]]:
        return self.platform.uses(ones, since, hours, cpu_below)

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        return self.platform.sizes(resources)

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        return self.platform.alarms(resources, since)

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        return self.platform.events(resources)

    def services(self, resources: Sequence[Resource]) -> Mapping[str, ServiceState]:
        return self.platform.services(resources)

    def permissions(self, change: Change) -> Sequence[Permission]:
        return self.platform.permissions(change)

    def require(self, resource: Resource, pack: WritePack) -> None:
        self.platform.require(resource, pack)

    def apply(self, change: Change, resource: Resource) -> None:
        self.platform.apply(change, resource)


def notes_of(effects: Iterable[LedgerEntry], ids: Collection[str]) -> dict[str, Note]:
    """What effects, newest first, say of the resources with these ids.

    The newest that knows a resource settles it: it stopped it, started it, or left it as it was, with what had been
    noted of it by then. But for one that it saw on and did not touch, an older one may have been at work still.
    """
    found: dict[str, Note] = {}
    seen_on: dict[str, datetime] = {}
    for entry in islice(effects, EFFECTS_LOOKED_AT):
        for id, note in _told(entry):
            if id not in ids or id in found:
                continue
            if note is None:
                seen_on.setdefault(id, entry.started_at)
            elif id in seen_on and (entry.finished_at or entry.dead_after) <= seen_on[id]:
                found[id] = Note(seen_on[id])
            else:
                found[id] = note
        if len(found) == len(ids):
            break
    return {**{id: Note(at) for id, at in seen_on.items()}, **found}


def _told(entry: LedgerEntry) -> Iterable[tuple[str, Note | None]]:
    """What one effect says of each resource it knew; None of one that it saw on and did not touch."""
    stops = entry.tool.partition("@")[0] == StopEnvironment.name
    if entry.state == "failed_clean" or not (stops or entry.tool.partition("@")[0] == StartEnvironment.name):
        return
    try:
        prior = Prior.model_validate(entry.prior.state)
    except ValidationError:
        return
    changed = {change.ref.id for change in entry.prior.wanted}
    failed = _failed(entry)
    for row in prior.resources:
        before = Note(entry.started_at, row.saved, row.saved_limits)
        if row.id not in changed:
            yield row.id, before if row.state == "off" else None
        elif stops:
            stopped = Note(entry.started_at, row.size or row.saved, _awake(row))
            yield row.id, Note(entry.finished_at or entry.started_at) if row.id in failed else stopped
        else:
            # What did not come to a known end may have left it off.
            yield row.id, before if entry.state != "done" or row.id in failed else Note(entry.started_at)


def _failed(entry: LedgerEntry) -> set[str]:
    """What an effect set out to change and could not."""
    if entry.state != "done":
        return set()
    try:
        output = PowerOutput.model_validate(entry.output)
    except ValidationError:
        return set()
    outcomes = zip(entry.prior.changes, output.resources, strict=False)
    return {change.ref.id for change, resource in outcomes if resource.outcome == "failed"}


def _rests(resource: Resource) -> bool:
    """Whether there is anything to restore it from: it is off, or its scaling is."""
    return resource.is_down or (resource.limits is not None and resource.limits.at_rest)


def _awake(row: PriorResource) -> Limits | None:
    """The limits it had; where they rested already, the work of an attempt before, those that were noted then."""
    return row.limits if row.limits is None or not row.limits.at_rest else row.saved_limits or row.limits


def _known(resource: Resource, note: Note | None) -> Resource:
    """A resource with what there is to restore, from its own note or the ledger's."""
    if resource.saved_at is not None and _is_older(resource.saved_at, resource):
        resource = resource.model_copy(update={"saved": None, "saved_limits": None, "saved_at": None})
    if note is None or _is_older(note.at, resource):
        return resource
    if resource.saved is not None and resource.saved_at is not None and resource.saved_at >= note.at:
        return resource
    if resource.saved is not None and resource.saved_at is None and resource.saved < (note.size or 0):
        return resource
    return resource.model_copy(update={"saved": note.size, "saved_limits": note.limits, "saved_at": note.at})


def _is_older(at: datetime, resource: Resource) -> bool:
    """Whether what was noted then cannot be of this resource, since it was made later: another had its name."""
    return resource.made_at is not None and at < resource.made_at - CLOCKS_APART
