"""Deployments one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from copilot.domain import EnvironmentId, Frozen, Made, ServiceName
from copilot.domain.deployments import Deployment, doubtful
from copilot.errors import ToolInputError
from copilot.text.listing import count, listed
from copilot.text.nearness import squashed
from copilot.text.outside import quoted
from copilot.times.zones import moment, zone_of
from copilot.tools.deployments.period import SERVICE, WEEK, known_of, read
from copilot.tools.deployments.telling import DeploymentStatus, DeploymentSummary, status_of, told
from copilot.tools.tool import ReadTool

BACK = timedelta(days=30)
FURTHEST = 26 * WEEK
NO_END_SAID = timedelta(days=1)
ENDED = {"succeeded": "succeeded", "failed": "failed", "cancelled": "was cancelled", "under way": "is under way"}
REPORTS = "Looked at: what pipelines, CodeBuild, CodePipeline and ECS reported to the copilot. Logs were not read."


class ListDeploymentsInput(Frozen):
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)
    environments: tuple[EnvironmentId, ...] = Field(
        default=(), max_length=100, description="only to these, by id; none given means all"
    )
    status: DeploymentStatus | None = Field(default=None, description="only those of this status")
    since: AwareDatetime | None = Field(default=None, description="begun from then on; else 30 days back")
    until: AwareDatetime | None = Field(default=None, description="begun until then; else now")
    most: int = Field(default=10, ge=1, le=50, description="how many, the newest")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class ListDeploymentsOutput(Frozen):
    deployments: tuple[DeploymentSummary, ...] = Field(description="the newest first")
    total: int = Field(description="how many there are, with those that are not listed")
    none: Made = Field(description="that there are none, in a sentence; empty else")
    more: Made = Field(description="how many there are that are not listed; empty where all are")
    notes: tuple[Made, ...] = Field(description="what to know about it")
    looked_at: Made = Field(description="from when to when was looked, and at what not")


class ListDeployments(ReadTool[ListDeploymentsInput, ListDeploymentsOutput]):
    """Rollbacks are among them, and say so. What ECS reports of a pipeline's deployment is not there twice, as far as
    that can be told (see deployments.distinct).
    """

    name = "list_deployments"
    summary = "List deployments one by one: what was deployed, by whom, when, its status, stage and version."
    Input = ListDeploymentsInput
    Output = ListDeploymentsOutput

    def run(self, input: ListDeploymentsInput) -> ListDeploymentsOutput:
        zone = zone_of(input.time_zone)
        now = self.clients.clock.now()
        since, until = _period(input, now)
        service, found, rollbacks, complete = read(self.clients.deployments, since, until, input.service)
        there = sorted([*found, *rollbacks], key=lambda one: (one.started_at, one.id), reverse=True)
        wanted, unsaid = _to(there, input.environments)
        asked = [one for one in wanted if input.status in {None, status_of(one)}]
        shown = asked[: input.most]
        known = known_of(self.clients.deployments, there, since, until, service)
        left = len(asked) - len(shown)
        return ListDeploymentsOutput(
            deployments=tuple(told(one, zone) for one in shown),
            total=len(asked),
            none="" if asked else f"No deployment{_of(service, input)} was reported in that time.",
            more=f"{count(left, 'more deployment')} not listed; these are the newest {input.most}." if left else "",
            notes=tuple(_notes(shown, unsaid, [*found, *rollbacks], complete, now)),
            looked_at=f"From {moment(known.since, zone)} to {moment(until, zone)}"
            f"{'' if known.whole else ', since when there are reports'}. {REPORTS}",
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


def _of(service: str | None, input: ListDeploymentsInput) -> str:
    of = f" of {quoted(service)}" if service else ""
    to = f" to {listed(list(map(quoted, input.environments)))}" if input.environments else ""
    return f"{of}{to}" + (f" that {ENDED[input.status]}" if input.status else "")


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
