"""What a question about logs or figures is about: an environment or one of its services, and a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from copilot.domain import EnvironmentId, Frozen, Kind, NotLookedAt, Resource, ServiceName, Unreachable
from copilot.errors import ToolInputError
from copilot.ports import Platform
from copilot.text.outside import quoted
from copilot.times.zones import known_zone
from copilot.tools.environments.inventory import look_up, members, unreachable
from copilot.tools.environments.services import service_with_kind

HOUR = timedelta(hours=1)
FURTHEST = timedelta(days=31)


class ScopeInput(Frozen):
    """What is asked about, and over which time."""

    environment_id: EnvironmentId | None = Field(default=None, max_length=256, description="an environment's id")
    service: ServiceName | None = Field(default=None, max_length=200, description="only of this service")
    since: AwareDatetime | None = Field(default=None, description="else an hour ago")
    until: AwareDatetime | None = Field(default=None, description="else now")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class Scope(NamedTuple):
    """`resources` are those that are asked about: the service, in each cluster, or all of the environment."""

    environment: str
    kind: Kind
    service: str | None
    resources: tuple[Resource, ...]
    unread: tuple[Unreachable, ...]

    @property
    def words(self) -> str:
        named = quoted(self.environment)
        return f"{quoted(self.service)} in {named}" if self.service else named


def scope_of(platform: Platform, environment_id: str | None, service: str | None) -> Scope:
    """Raises ToolInputError where neither is said, or what is said is not there."""
    if service is not None:
        found, kind, survey = service_with_kind(platform, service, environment_id)
        return Scope(found[0].environment, kind, found[0].name, tuple(found), survey.unreachable)
    if environment_id is None:
        raise ToolInputError("of which environment, or of which service?", ours=True)
    environment, survey = look_up(platform, environment_id)
    of = tuple(members(survey, environment.name))
    return Scope(environment.name, environment.kind, None, of, survey.unreachable)


class Times(NamedTuple):
    """From `since` to before `until`; told in this zone."""

    since: datetime
    until: datetime
    zone: ZoneInfo

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    @property
    def words(self) -> str:
        """ "14:00 to 15:00 UTC on Mon 2 Mar", "from Sun 1 Mar 00:00 to Mon 2 Mar 15:00 UTC"."""
        since, until = self.since.astimezone(self.zone), self.until.astimezone(self.zone)
        if since.date() == until.date():
            return f"{since:%H:%M} to {until:%H:%M} {until:%Z} on {since:%a} {since.day} {since:%b}"
        begin, end = (f"{at:%a} {at.day} {at:%b %H:%M}" for at in (since, until))
        return f"{begin} to {end} {until:%Z}"

    def at(self, at: datetime) -> str:
        """A moment of it: with its day where it has more than one."""
        here = at.astimezone(self.zone)
        one_day = self.since.astimezone(self.zone).date() == self.until.astimezone(self.zone).date()
        return f"{here:%H:%M:%S}" if one_day else f"{here:%a} {here.day} {here:%b %H:%M:%S}"


def times_of(since: datetime | None, until: datetime | None, time_zone: str, now: datetime, usual: timedelta) -> Times:
    """Up to now where no end is said, and of the usual length where no begin is. Raises ToolInputError."""
    if not known_zone(time_zone):
        raise ToolInputError(f"there is no time zone {time_zone!r}", ours=True)
    until = min(until, now) if until else now
    since = since or until - usual
    if since >= until:
        raise ToolInputError("since is not before until, or not before now", ours=True)
    if until - since > FURTHEST:
        raise ToolInputError(f"at most {FURTHEST.days} days can be looked at at once", ours=True)
    return Times(since, until, ZoneInfo(time_zone))


def not_looked_at(of: Iterable[NotLookedAt], places: Iterable[Unreachable]) -> tuple[str, ...]:
    """A line for each, for people."""
    lines = [f"{one.what}, {one.account} in {one.region}: {quoted(one.reason)}" for one in of]
    return tuple(dict.fromkeys([*lines, *(one.summary for one in unreachable(places))]))
