"""Deployments one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from copilot.domain import DeploymentId, EnvironmentId, Frozen, Made, ServiceName
from copilot.domain.deployments import Deployment, doubtful
from copilot.errors import ToolInputError
from copilot.text.listing import count, listed
from copilot.text.nearness import squashed
from copilot.text.outside import quoted, quoted_people
from copilot.times.zones import moment, zone_of
from copilot.tools.by_hand import FOR_COMMANDS, TOOL_RUN, ByHand, tool_run
from copilot.tools.deployments.finding import by_id
from copilot.tools.deployments.period import SERVICE, WEEK, known_of, read
from copilot.tools.deployments.reported_by import SHOWN_BY, Reported, deployments_by_hand, reported_by
from copilot.tools.deployments.telling import (
    DeploymentStatus,
    DeploymentSummary,
    is_begun_by,
    line,
    status_of,
    told,
    who,
)
from copilot.tools.tool import ReadTool

BACK = timedelta(days=30)
FURTHEST = 26 * WEEK
SECOND = timedelta(seconds=1)
NO_END_SAID = timedelta(days=1)
ENDED = {"succeeded": "succeeded", "failed": "failed", "cancelled": "was cancelled", "under way": "is under way"}
ENDED_OF_MANY = {"cancelled": "were cancelled", "under way": "are under way"}
NEWER_AT_MOST, PEOPLE_AT_MOST = 3, 10
REPORTS = "Looked at: what pipelines, CodeBuild, CodePipeline and ECS reported to the copilot. Logs were not read."


class ListDeploymentsInput(Frozen):
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)
    environments: tuple[EnvironmentId, ...] = Field(default=(), max_length=100, description="ids; else all")
    status: DeploymentStatus | None = Field(default=None, description="only those of this status")
    deployment: DeploymentId = Field(default="", max_length=200, description="this one, by its id")
    by: str = Field(default="", max_length=200, description="this person or pipeline")
    since: AwareDatetime | None = Field(default=None, description="else 30 days back")
    until: AwareDatetime | None = Field(default=None, description="else now")
    most: int = Field(default=10, ge=1, le=50, description="the newest")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class ListDeploymentsOutput(Frozen):
    deployments: tuple[DeploymentSummary, ...] = Field(description="the newest first")
    total: int = Field(description="how many there are, with those that are not listed")
    counted: Made = Field(description="how many, in a sentence")
    none: Made = Field(description="that there are none, in a sentence; empty else")
    more: Made = Field(description="how many there are that are not listed; empty where all are")
    newer: tuple[Made, ...] = Field(
        description="asked for those that succeeded: newer ones that did not, or have not ended"
    )
    notes: tuple[Made, ...] = Field(description="what to know about it")
    looked_at: Made = Field(description="from when to when was looked, and at what not")
    by_hand: tuple[Reported, ...] = Field(default=(), description=FOR_COMMANDS)


class ListDeployments(ReadTool[ListDeploymentsInput, ListDeploymentsOutput]):
    """Rollbacks are among them, and say so. What ECS reports of a pipeline's deployment is not there twice, as far as
    that can be told (see deployments.distinct).
    """

    name = "list_deployments"
    summary = "List deployments one by one: what was deployed, by whom, when, its status, stage and version."
    Input = ListDeploymentsInput
    Output = ListDeploymentsOutput
    shown_by = (*SHOWN_BY, TOOL_RUN)

    @classmethod
    def by_hand(cls, input: ListDeploymentsInput, output: ListDeploymentsOutput) -> Sequence[ByHand]:
        """What pipelines of one's own reported the copilot alone has in one place."""
        return [*deployments_by_hand(output.by_hand), tool_run(cls.name, input)]

    def run(self, input: ListDeploymentsInput) -> ListDeploymentsOutput:
        zone = zone_of(input.time_zone)
        now = self.clients.clock.now()
        if input.deployment:
            one = by_id(self.clients.deployments, now, input.deployment)
            input = input.model_copy(update={"since": one.started_at, "until": one.started_at + SECOND})
        since, until = _period(input, now)
        service, found, rollbacks, complete = read(self.clients.deployments, since, until, input.service)
        there = sorted([*found, *rollbacks], key=lambda one: (one.started_at, one.id), reverse=True)
        if input.deployment:
            there = [one]
        wanted, unsaid = _to(there, input.environments)
        theirs = [one for one in wanted if is_begun_by(one, input.by)]
        asked = [one for one in theirs if input.status in {None, status_of(one)}]
        shown = asked[: input.most]
        known = known_of(self.clients.deployments, there, since, until, service)
        left = len(asked) - len(shown)
        return ListDeploymentsOutput(
            deployments=tuple(told(one, zone) for one in shown),
            total=len(asked),
            counted=f"{count(len(asked), 'deployment') if asked else 'No deployment'}{_of(service, input, len(asked))}"
            f"{'' if asked else ' was reported in that time'}.",
            none="" if asked else f"No deployment{_of(service, input)} was reported in that time.",
            more=f"{count(left, 'more deployment')} not listed; these are the newest {input.most}." if left else "",
            newer=tuple(line(one, zone) for one in _newer(theirs, asked, input.status)[:NEWER_AT_MOST]),
            notes=tuple(_begun(wanted, theirs, input.by) + _notes(shown, unsaid, [*found, *rollbacks], complete, now)),
            looked_at=f"From {moment(known.since, zone)} to {moment(until, zone)}"
            f"{'' if known.whole else ', since when there are reports'}. {REPORTS}",
            by_hand=reported_by(shown),
        )


def _period(input: ListDeploymentsInput, now: datetime) -> tuple[datetime, datetime]:
    """Raises ToolInputError where it ends before it begins, or is too long."""
    until = (input.until or now).astimezone(UTC)
    since = (input.since or until - BACK).astimezone(UTC)
    if not timedelta() < until - since <= FURTHEST:
        raise ToolInputError(f"deployments can be looked at over up to {FURTHEST // WEEK} weeks", ours=True)
    return since, until


def _to(there: Sequence[Deployment], environments: Sequence[str]) -> tuple[list[Deployment], int]:
    """Those to one of these environments, or all; and of how many it was not said where to."""
    if not environments:
        return list(there), 0
    wanted = {squashed(name) for name in environments}
    return [one for one in there if squashed(one.environment) in wanted], sum(not one.environment for one in there)


def _of(service: str | None, input: ListDeploymentsInput, number: int = 1) -> str:
    of = f" of {quoted(service)}" if service else ""
    to = f" to {listed(list(map(quoted, input.environments)))}" if input.environments else ""
    by = f" begun by {quoted_people(input.by)}" if input.by else ""
    ended = (ENDED if number == 1 else ENDED | ENDED_OF_MANY)[input.status] if input.status else ""
    return f"{of}{to}{by}" + (f" that {ended}" if ended else "")


def _newer(
    theirs: Sequence[Deployment], asked: Sequence[Deployment], status: DeploymentStatus | None
) -> list[Deployment]:
    """Of which somebody who asks for what succeeded has to know as well."""
    if status != "succeeded":
        return []
    last = asked[0].started_at if asked else None
    return [one for one in theirs if one not in asked and (last is None or one.started_at > last)]


def _begun(wanted: Sequence[Deployment], theirs: Sequence[Deployment], by: str) -> list[str]:
    """Who there is, where none was begun by whom was asked for."""
    others = sorted({quoted_people(who(one.by)) for one in wanted if one.by}) if by and not theirs else []
    return [f"These were begun by {listed(others[:PEOPLE_AT_MOST])}."] if others else []


def _notes(
    shown: Sequence[Deployment], unsaid: int, there: Sequence[Deployment], complete: bool, now: datetime
) -> list[str]:
    notes = []
    old = [one for one in shown if one.outcome is None and now - one.started_at > NO_END_SAID]
    if old:
        names = listed(sorted({quoted(one.service) for one in old}))
        notes.append(
            f"Of {count(len(old), 'deployment')} (of {names}) begun more than a day ago no end was reported: "
            "it may have ended all the same."
        )
    if unsaid:
        notes.append(f"{count(unsaid, 'deployment')} left out, of which it was not reported where to.")
    if twice := {one.id for one in doubtful(there)} & {one.id for one in shown}:
        notes.append(
            f"{count(len(twice), 'deployment')} that ECS reported began while a pipeline of another name ran, and may "
            "be that pipeline's."
        )
    notes += [] if complete else ["There are more deployments than can be read at once: the oldest are left out."]
    return notes
