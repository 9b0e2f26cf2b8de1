"""How an environment's services are doing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from copilot.errors import CopilotError
from copilot.model import Alarm, Frozen, Kind, Made, Resource, Unreachable, Untrusted
from copilot.outside import quoted
from copilot.ports import Platform
from copilot.tools.inventory import (
    GROUP,
    NOUNS,
    UnreachableSummary,
    count,
    listed,
    look_up,
    members,
    partly_hidden,
    state_of,
    uncovered,
    unreachable,
)
from copilot.tools.tool import ReadTool

ALARMS_AT_MOST = 20
RINGING = "ALARM"


class ClusterHealthInput(Frozen):
    environment_id: str = Field(min_length=1, max_length=256, description="an environment's id")
    hours: int = Field(default=24, ge=1, le=168, description="how many hours back an alarm counts as recent")


class ServiceHealth(Frozen):
    name: str = Field(description="the service's name")
    cluster: str = Field(description="the cluster it runs in")
    wanted: int = Field(description="how many tasks it is to have")
    running: int = Field(description="how many of them run")
    summary: Made = Field(description="one line about it")


class AlarmSummary(Frozen):
    name: str = Field(description="the alarm's name")
    state: str = Field(description="ALARM while it rings, OK after")
    since: datetime = Field(description="since when it is in that state")
    reason: Untrusted = Field(description="why, as the monitor puts it")
    summary: Made = Field(description="one line about it")


class ClusterHealthOutput(Frozen):
    environment_id: str = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    wanted: int = Field(description="tasks its services are to have, all together")
    running: int = Field(description="tasks that run, all together")
    healthy: bool = Field(description="whether all that is wanted runs, no alarm rings, and all could be read")
    services: tuple[ServiceHealth, ...] = Field(description="every service")
    failing: tuple[ServiceHealth, ...] = Field(description="services with fewer tasks than they are to have")
    alarms: tuple[AlarmSummary, ...] = Field(description="alarms that ring or changed lately, newest first, at most 20")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    summary: Made = Field(description="one line about it, with the numbers")


class ClusterHealth(ReadTool[ClusterHealthInput, ClusterHealthOutput]):
    name = "cluster_health"
    summary = "Say how an environment's cluster is doing: tasks wanted and running, failing services, recent alarms."
    Input = ClusterHealthInput
    Output = ClusterHealthOutput

    def run(self, input: ClusterHealthInput) -> ClusterHealthOutput:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = members(survey, environment.name)
        since = self.clients.clock.now() - timedelta(hours=input.hours)
        alarms, silent = _alarms(self.clients.platform, resources, since)
        unread = [*survey.unreachable, *silent]
        services = [_service(resource) for resource in resources if resource.cluster]
        failing = [service for service in services if service.running < service.wanted]
        others = [resource for resource in uncovered(resources) if not resource.cluster]
        short = [resource for resource in others if resource.counted and resource.running < resource.size]
        ringing = [alarm for alarm in alarms if alarm.state == RINGING]
        stopped = state_of(resources) == "stopped"
        odd = [resource for resource in others if resource.state == "other"]
        healthy = not (stopped or failing or short or odd or ringing or partly_hidden(resources, unread))
        words = _words(services, failing, others, stopped, healthy)
        words += [_alarm_words(len(ringing), len(alarms) - len(ringing), input.hours)]
        words += [f"could not read {listed(sorted({place.account for place in unread}))}"] if unread else []
        return ClusterHealthOutput(
            environment_id=environment.name,
            name=environment.name,
            kind=environment.kind,
            wanted=sum(service.wanted for service in services),
            running=sum(service.running for service in services),
            healthy=healthy,
            services=tuple(services),
            failing=tuple(failing),
            alarms=tuple(_alarm(alarm) for alarm in alarms[:ALARMS_AT_MOST]),
            unreachable=unreachable(unread),
            summary=f"{quoted(environment.name)} ({environment.kind}): {'; '.join(words)}",
        )


def _alarms(
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


def _service(resource: Resource) -> ServiceHealth:
    return ServiceHealth(
        name=resource.name,
        cluster=resource.cluster or "",
        wanted=resource.size,
        running=resource.running,
        summary=f"{quoted(resource.name)}: {resource.running} of {resource.size} running",
    )


def _alarm(alarm: Alarm) -> AlarmSummary:
    rings = "ringing" if alarm.state == RINGING else quoted(alarm.state)
    where = f"{alarm.account}, {alarm.region}"
    return AlarmSummary(
        name=alarm.name,
        state=alarm.state,
        since=alarm.since,
        reason=alarm.reason,
        summary=f"{quoted(alarm.name)}: {rings} since {alarm.since:%Y-%m-%d %H:%M} UTC in {where}",
    )


def _words(
    services: Sequence[ServiceHealth],
    failing: Sequence[ServiceHealth],
    others: Sequence[Resource],
    stopped: bool,
    healthy: bool,
) -> list[str]:
    words = ["stopped" if stopped else "healthy" if healthy else "not healthy"]
    if services:
        running, wanted = sum(one.running for one in services), sum(one.wanted for one in services)
        words.append(f"{running} of {wanted} tasks running in {count(len(services), 'service')}")
    short = [(one.name, one.running, one.wanted) for one in failing]
    short += [(one.name, one.running, one.size) for one in others if one.counted and one.running < one.size]
    if short:
        told = [f"{quoted(name)} ({running} of {wanted})" for name, running, wanted in short]
        words.append(f"failing: {listed(told)}")
    for type, noun in NOUNS.items():
        some = [resource for resource in others if resource.ref.type == type]
        if some and type == GROUP:
            in_all = f"{sum(one.running for one in some)} of {sum(one.size for one in some)} instances"
            words.append(f"{in_all} in service in {count(len(some), noun)}")
        elif some:
            words.append(f"{sum(one.running for one in some)} of {count(len(some), noun)} running")
    return words


def _alarm_words(ringing: int, changed: int, hours: int) -> str:
    rings = f"{count(ringing, 'alarm')} ringing" if ringing else "no alarm ringing"
    return rings + (f", {changed} gone to OK in the last {hours} h" if changed else "")
