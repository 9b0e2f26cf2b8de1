"""How an environment's services are doing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from copilot.domain import (
    Alarm,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    Monitor,
    Resource,
    ServiceName,
    Unreachable,
    Untrusted,
)
from copilot.errors import CopilotError
from copilot.ports import Platform
from copilot.text.listing import NAMED_AT_MOST, count, listed
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand, Named, aws, by_place
from copilot.tools.environments import shown_by
from copilot.tools.environments.inventory import (
    Types,
    UnreachableSummary,
    look_up,
    members,
    partly_hidden,
    state_of,
    type_of,
    uncovered,
    unreachable,
)
from copilot.tools.environments.shown_by import Shown, shown
from copilot.tools.environments.where import where_of
from copilot.tools.tool import MOMENTS, ReadTool

ALARMS_AT_MOST = 20
ALARMS = "cloudwatch describe-alarms"
RINGING = "ALARM"


class ClusterHealthInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    hours: int = Field(default=24, ge=1, le=168, description="within which an alarm is recent")


class ServiceHealth(Frozen):
    name: ServiceName = Field(description="the service's name")
    cluster: str = Field(description="the cluster it runs in")
    wanted: int = Field(description="how many tasks it is to have")
    running: int = Field(description="how many of them run")
    where: Made = Field(default="", description="region, account or cluster, where another service has its name")
    summary: Made = Field(description="one line about it")


class AlarmSummary(Frozen):
    name: str = Field(description="the alarm's name")
    state: str = Field(description="ALARM while it rings, OK after")
    since: datetime = Field(description="since when it is in that state")
    reason: Monitor = Field(description="why, as the monitor puts it")
    value: float | None = Field(default=None, description="the latest value of what it watches, if known")
    measured_at: datetime | None = Field(default=None, description="when that was measured")
    limit: Made = Field(default="", description="what it is held against, such as > 80")
    summary: Made = Field(description="one line about it")


class FailureEvent(Frozen):
    """The last things that happened to what fails."""

    name: str = Field(description="the name of what fails")
    at: datetime = Field(description="when it happened")
    text: Untrusted = Field(description="what happened, as the platform puts it")


class HealthByHand(Frozen):
    resources: tuple[Shown, ...] = Field(description="what was looked at")
    alarms: tuple[Named, ...] = Field(description="the alarms that were told of")


class ClusterHealthOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    wanted: int = Field(description="tasks its services are to have, all together")
    running: int = Field(description="tasks that run, all together")
    healthy: bool = Field(description="whether all that is wanted runs, no alarm rings, and all could be read")
    services: tuple[ServiceHealth, ...] = Field(description="every service")
    failing: tuple[ServiceHealth, ...] = Field(description="services with fewer tasks than they are to have")
    alarms: tuple[AlarmSummary, ...] = Field(description="alarms that ring or changed lately, newest first, at most 20")
    events: tuple[FailureEvent, ...] = Field(default=(), description="the last events of what fails, newest first")
    why: tuple[Annotated[str, Field(json_schema_extra={"monitor": True})], ...] = Field(
        default=(),
        description="why it is not healthy, in the words of monitor and platform, a line each",
        json_schema_extra={"untrusted": True},
    )
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    summary: Made = Field(description="one line about it, with the numbers")
    by_hand: HealthByHand | None = Field(default=None, description=FOR_COMMANDS)


class ClusterHealth(ReadTool[ClusterHealthInput, ClusterHealthOutput]):
    name = "cluster_health"
    summary = "Say how an environment's cluster is doing and why: tasks, failing services, their events, recent alarms."
    Input = ClusterHealthInput
    Output = ClusterHealthOutput
    lasts = MOMENTS
    shown_by = (*shown_by.SHOWN_BY, f"aws {ALARMS}")

    @classmethod
    def by_hand(cls, input: ClusterHealthInput, output: ClusterHealthOutput) -> Sequence[ByHand]:
        if (needed := output.by_hand) is None:
            return ()
        return [*shown_by.resources(needed.resources), *alarms_by_hand(needed.alarms)]

    def run(self, input: ClusterHealthInput) -> ClusterHealthOutput:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = members(survey, environment.name)
        since = self.clients.clock.now() - timedelta(hours=input.hours)
        alarms, silent = alarms_of(self.clients.platform, resources, since)
        unread = [*survey.unreachable, *silent]
        tasks = [resource for resource in resources if resource.cluster]
        services = [
            _service(resource, where_of(resource, [one for one in tasks if one.name == resource.name]))
            for resource in tasks
        ]
        failing = [service for service in services if service.running < service.wanted]
        others = [resource for resource in uncovered(resources) if not resource.cluster]
        short = [resource for resource in others if resource.counted and resource.running < resource.size]
        ringing = [alarm for alarm in alarms if alarm.state == RINGING]
        wanted = sum(service.wanted for service in services)
        state = state_of(resources)
        # One service of several may be scaled to none for good; where all are, the environment is not at work.
        off = state == "stopped" or (state == "partly running" and bool(services) and not wanted)
        odd = [resource for resource in others if resource.state == "other"]
        healthy = not (off or failing or short or odd or ringing or partly_hidden(resources, unread))
        verdict = state if off else "healthy" if healthy else "not healthy"
        words = _words(tasks, failing, others, verdict, self.clients.platform.types)
        words += [_alarm_words(len(ringing), len(alarms) - len(ringing), input.hours)]
        words += [f"could not read {listed(sorted({place.account for place in unread}))}"] if unread else []
        failed = {service.name for service in failing}
        ill = [one for one in resources if one.cluster and one.name in failed] + short + odd
        events, unheard = _events(self.clients.platform, ill)
        return ClusterHealthOutput(
            environment_id=environment.name,
            name=environment.name,
            kind=environment.kind,
            wanted=wanted,
            running=sum(service.running for service in services),
            healthy=healthy,
            services=tuple(services),
            failing=tuple(failing),
            alarms=tuple(_alarm(alarm) for alarm in alarms[:ALARMS_AT_MOST]),
            events=tuple(events),
            why=(
                *(f"{alarm.name}: {alarm.reason}" for alarm in ringing[:ALARMS_AT_MOST] if alarm.reason),
                *(f"{event.name}, {event.at:%Y-%m-%d %H:%M} UTC: {event.text}" for event in events),
                *unheard,
            ),
            unreachable=unreachable(unread),
            summary=f"{quoted(environment.name)} ({environment.kind}): {'; '.join(words)}",
            by_hand=HealthByHand(
                resources=tuple(map(shown, [*tasks, *others])), alarms=named_alarms(alarms[:ALARMS_AT_MOST])
            ),
        )


def alarms_of(
    platform: Platform, resources: Iterable[Resource], since: datetime
) -> tuple[list[Alarm], list[Unreachable]]:
    """Alarms, newest first, and where they could not be read: one such place does not hide the others."""
    places: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        places[resource.account, resource.region].append(resource)
    found: list[Alarm] = []
    unread: list[Unreachable] = []
    for (account, region), some in places.items():
        try:
            found += platform.alarms(some, since)
        except CopilotError as error:
            unread.append(Unreachable(account=account, region=region, reason=str(error)))
    return sorted(found, key=lambda alarm: alarm.since, reverse=True), unread


def named_alarms(alarms: Iterable[Alarm]) -> tuple[Named, ...]:
    places = by_place((one.account, one.region, one.name) for one in alarms)
    return tuple(Named(account=at.account, region=at.region, names=tuple(names)) for at, names in places.items())


def alarms_by_hand(found: Iterable[Named]) -> list[ByHand]:
    return [aws(one, ALARMS, alarm_names=one.names) for one in found]


def _events(platform: Platform, ill: Sequence[Resource]) -> tuple[list[FailureEvent], list[str]]:
    """What happened last to these, newest first, and why that cannot be said."""
    if not ill:
        return [], []
    asked = ill[:NAMED_AT_MOST]
    try:
        told = platform.events(asked)
    except CopilotError as error:
        return [], [f"{listed([one.name for one in ill])}: {error}"]
    events = [
        FailureEvent(name=one.name, at=event.at.astimezone(UTC), text=event.text)
        for one in asked
        for event in told.get(one.ref.id, ())
    ]
    return sorted(events, key=lambda event: event.at, reverse=True), []


def _service(resource: Resource, where: str) -> ServiceHealth:
    return ServiceHealth(
        name=resource.name,
        cluster=resource.cluster or "",
        wanted=resource.size,
        running=resource.running,
        where=where,
        summary=f"{_named(resource.name, where)}: {_tasks(resource.running, resource.size)}",
    )


def _named(name: str, where: str) -> str:
    return f"{quoted(name)} in {where}" if where else quoted(name)


def _alarm(alarm: Alarm) -> AlarmSummary:
    rings = "ringing" if alarm.state == RINGING else quoted(alarm.state)
    where = f"{alarm.account}, {alarm.region}"
    return AlarmSummary(
        name=alarm.name,
        state=alarm.state,
        since=alarm.since,
        reason=alarm.reason,
        value=alarm.value,
        measured_at=alarm.measured_at,
        limit=alarm.limit,
        summary=f"{quoted(alarm.name)}: {rings} since {alarm.since:%Y-%m-%d %H:%M} UTC in {where}{_measured(alarm)}",
    )


def _measured(alarm: Alarm) -> str:
    if alarm.value is None:
        return ""
    at = f" at {alarm.measured_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if alarm.measured_at else ""
    return f"; latest value {alarm.value:.4g}{at}" + (f" (alarm if {alarm.limit})" if alarm.limit else "")


def _words(
    services: Sequence[Resource],
    failing: Sequence[ServiceHealth],
    others: Sequence[Resource],
    verdict: str,
    types: Types,
) -> list[str]:
    words = [verdict, *_in_numbers(services, types, "running")]
    short = [(_named(one.name, one.where), one.running, one.wanted) for one in failing]
    short += [(quoted(one.name), one.running, one.size) for one in others if one.counted and one.running < one.size]
    if short:
        told = [f"{name} ({running} of {wanted})" for name, running, wanted in short]
        words.append(f"failing: {listed(told)}")
    return words + _in_numbers(others, types, "in service")


def _in_numbers(resources: Sequence[Resource], types: Types, up: str) -> list[str]:
    """How much of them runs, type by type; `up` is what is said of what comes in numbers.

    Of what is stopped nothing is wanted: that 0 of 0 run would say that all is as it should be.
    """
    by_type = defaultdict[str, list[Resource]](list)
    for resource in resources:
        by_type[type_of(resource.ref.type, types).name].append(resource)
    words: list[str] = []
    for type in types.values():
        some = by_type[type.name]
        if some and type.unit and not any(one.size for one in some):
            words.append(f"{count(len(some), type.noun)} scaled to none")
        elif some and type.unit:
            in_all = f"{sum(one.running for one in some)} of {sum(one.size for one in some)} {type.unit}"
            words.append(f"{in_all} {up} in {count(len(some), type.noun)}")
        elif some:
            words.append(f"{sum(one.running for one in some)} of {count(len(some), type.noun)} running")
    return words


def _tasks(running: int, wanted: int) -> str:
    return f"{running} of {wanted} running" if wanted or running else "scaled to none"


def _alarm_words(ringing: int, changed: int, hours: int) -> str:
    rings = f"{count(ringing, 'alarm')} ringing" if ringing else "no alarm ringing"
    return rings + (f", {changed} gone to OK in the last {hours} h" if changed else "")
