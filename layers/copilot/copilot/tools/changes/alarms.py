"""Whether an alarm may be our own doing: what was changed and deployed before it began to ring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from copilot.domain import Alarm, EnvironmentId, Frozen, Kind, Made, Monitor, Resource, ResourceRef
from copilot.domain.deployments import Deployment
from copilot.errors import ToolInputError
from copilot.text.durations import spoken
from copilot.text.listing import count
from copilot.text.nearness import nearest
from copilot.text.outside import quoted
from copilot.times.zones import moment, zone_of
from copilot.tools.by_hand import FOR_COMMANDS, TOOL_RUN, ByHand, Named, tool_run
from copilot.tools.changes.history import ByOthers, by_others, has_changed, told_of
from copilot.tools.changes.looked_up import COMMAND, LookedUp, trail_by_hand
from copilot.tools.environments.health import ALARMS, RINGING, alarms_by_hand, alarms_of, named_alarms
from copilot.tools.environments.inventory import UnreachableSummary, look_up, members, unreachable
from copilot.tools.tool import MOMENTS, ReadTool

ALARMS_AT_MOST = 5
LOOKED_AT, TOLD = 100, 3


class AlarmBackgroundInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    alarm: str = Field(default="", max_length=256, description="only the alarm of this name")
    hours: int = Field(default=24, ge=1, le=168, description="within which an alarm is recent")
    minutes_before: int = Field(default=120, ge=5, le=1440, description="within which changes count")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class AlarmBackground(Frozen):
    name: str = Field(description="the alarm's name")
    state: str = Field(description="ALARM while it rings, OK after")
    since: AwareDatetime = Field(description="since when it is in that state")
    reason: Monitor = Field(description="why, as the monitor puts it")
    ours: tuple[Made, ...] = Field(description="what the copilot changed before, the newest first")
    others: tuple[Made, ...] = Field(description="what others changed in AWS before, the newest first")
    deployments: tuple[Made, ...] = Field(description="deployments that began before, the newest first")
    is_near: bool = Field(description="whether anything of that is known")
    verdict: Made = Field(description="what it may come of, in a sentence")
    lines: tuple[Made, ...] = Field(description="the verdict and what it rests on, a line each")


class AlarmsByHand(Frozen):
    alarms: tuple[Named, ...] = Field(description="the alarms that were told of")
    looked_up: tuple[LookedUp, ...] = Field(description="when and where what others did was looked for")


class AlarmBackgroundOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    kind: Kind = Field(description="development, preview, staging or production")
    alarms: tuple[AlarmBackground, ...] = Field(description="those that ring or rang lately, newest first, at most 5")
    more: int = Field(description="how many alarms more there were")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    not_looked_at: tuple[Made, ...] = Field(description="where others may have changed it, which was not looked at")
    summary: Made = Field(description="one line about it")
    by_hand: AlarmsByHand | None = Field(default=None, description=FOR_COMMANDS)


class ExplainAlarms(ReadTool[AlarmBackgroundInput, AlarmBackgroundOutput]):
    """What was near in time, which proves nothing; and it says so."""

    name = "alarm_background"
    summary = "Say whether an environment's alarms may be our own doing: what anybody changed in it before they rang."
    Input = AlarmBackgroundInput
    Output = AlarmBackgroundOutput
    lasts = MOMENTS
    shows = "security"
    shown_by = (f"aws {ALARMS}", f"aws {COMMAND}", TOOL_RUN)

    @classmethod
    def by_hand(cls, input: AlarmBackgroundInput, output: AlarmBackgroundOutput) -> Sequence[ByHand]:
        """What the copilot did, and what was deployed, it alone knows."""
        found = output.by_hand or AlarmsByHand(alarms=(), looked_up=())
        looked_up = [command for one in found.looked_up for command in trail_by_hand(one)]
        return [*alarms_by_hand(found.alarms), *looked_up, tool_run(cls.name, input)]

    def run(self, input: AlarmBackgroundInput) -> AlarmBackgroundOutput:
        zone = zone_of(input.time_zone)
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = members(survey, environment.name)
        since = self.clients.clock.now() - timedelta(hours=input.hours)
        alarms, silent = alarms_of(self.clients.platform, resources, since)
        if input.alarm:
            alarms = _called(input.alarm, alarms)
        asked = _Asked(environment.name, resources, timedelta(minutes=input.minutes_before), zone)
        found = [self._background(alarm, asked) for alarm in alarms[:ALARMS_AT_MOST]]
        return AlarmBackgroundOutput(
            environment_id=environment.name,
            kind=environment.kind,
            alarms=tuple(one for one, _, _ in found),
            more=max(0, len(alarms) - ALARMS_AT_MOST),
            unreachable=unreachable([*survey.unreachable, *silent]),
            not_looked_at=tuple(dict.fromkeys(gap for _, others, _ in found for gap in others.not_looked_at)),
            summary=_summary(environment.name, [one for one, _, _ in found], input.hours),
            by_hand=AlarmsByHand(
                alarms=named_alarms(alarms[:ALARMS_AT_MOST]),
                looked_up=tuple(
                    LookedUp(since=begin, until=one.since, places=others.places)
                    for one, others, begin in found
                    if others.places
                ),
            ),
        )

    def _background(self, alarm: Alarm, asked: _Asked) -> tuple[AlarmBackground, ByOthers, datetime]:
        begin = alarm.since - asked.before
        target = ResourceRef(type="environment", id=asked.environment)
        ours: list[tuple[datetime, str]] = []
        for at, made in enumerate(self.clients.effects.made(begin, alarm.since, target)):
            if at == LOOKED_AT or len(ours) == TOLD:
                break
            if has_changed(made):
                ours.append((made.entry.started_at, told_of(made, asked.zone).summary))
        others = by_others(self.clients.trail, asked.resources, begin, alarm.since, asked.zone)
        in_aws = [(one.at, one.summary) for one in others.changes if not one.refused][:TOLD]
        deployed = self._deployed(begin, alarm.since, asked)
        near = [("the copilot's own doing", ours), ("what somebody did in AWS", in_aws), ("a deployment", deployed)]
        verdict = _verdict(alarm, near, asked.before)
        return (
            AlarmBackground(
                name=alarm.name,
                state=alarm.state,
                since=alarm.since.astimezone(UTC),
                reason=alarm.reason,
                ours=tuple(said for _, said in ours),
                others=tuple(said for _, said in in_aws),
                deployments=tuple(said for _, said in deployed),
                is_near=bool(ours or in_aws or deployed),
                verdict=verdict,
                lines=(verdict, *(said for _, some in near for _, said in some)),
            ),
            others,
            begin,
        )

    def _deployed(self, since: datetime, until: datetime, asked: _Asked) -> list[tuple[datetime, str]]:
        """Deployments to it, or of one of its services where it is not known to which environment."""
        services = {resource.name for resource in asked.resources if resource.cluster}
        found = [
            one
            for one in self.clients.deployments.between(since, until).deployments
            if one.environment == asked.environment or (not one.environment and one.service in services)
        ]
        newest = sorted(found, key=lambda one: one.started_at, reverse=True)
        return [(one.started_at, _deployment(one, asked.zone)) for one in newest[:TOLD]]


class _Asked(NamedTuple):
    environment: str
    resources: Sequence[Resource]
    before: timedelta
    zone: ZoneInfo


def _called(name: str, alarms: Sequence[Alarm]) -> list[Alarm]:
    """Raises ToolInputError where none is."""
    found = [alarm for alarm in alarms if alarm.name.casefold() == name.casefold()]
    if not found:
        names = [alarm.name for alarm in alarms]
        near = nearest(name, names, 3)
        there = f"; those that do: {', '.join(map(quoted, near or names[:3]))}" if names else ""
        raise ToolInputError(f"no alarm {name!r} rings or rang lately there{there}", near, ours=True)
    return found


def _verdict(alarm: Alarm, near: Sequence[tuple[str, list[tuple[datetime, str]]]], before: timedelta) -> str:
    """Of what was nearest before it."""
    began = f"{quoted(alarm.name)} ({'ringing' if alarm.state == RINGING else 'no longer ringing'})"
    dated = [(at, what) for what, some in near for at, _ in some]
    if not dated:
        return f"{began}: nothing that was changed or deployed in the {spoken(before.total_seconds())} before is known."
    at, what = max(dated)
    return f"{began}: may be {what}, {spoken((alarm.since - at).total_seconds())} before. Near in time is no proof."


def _deployment(one: Deployment, zone: ZoneInfo) -> str:
    return f"{moment(one.started_at, zone)}: deployment of {quoted(one.service)} began ({one.outcome or 'under way'})"


def _summary(environment: str, found: Sequence[AlarmBackground], hours: int) -> str:
    if not found:
        return f"{quoted(environment)}: no alarm rings, and none rang in the last {hours} hours."
    near = sum(one.is_near for one in found)
    before = f"before {near} of them something was" if near else "before none of them anything was"
    return f"{quoted(environment)}: {count(len(found), 'alarm')}, {before} changed or deployed."
