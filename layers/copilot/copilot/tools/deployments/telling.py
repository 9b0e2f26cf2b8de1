"""One deployment as it is told of."""

from __future__ import annotations

import re
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from copilot.domain import DeploymentId, EnvironmentId, Frozen, Made, People, ServiceName
from copilot.domain.deployments import Deployment
from copilot.text.durations import spoken
from copilot.text.outside import quoted, quoted_people
from copilot.times.zones import moment

DeploymentStatus = Literal["succeeded", "failed", "cancelled", "under way"]


class DeploymentSummary(Frozen):
    """What was reported of one. What nobody said is empty."""

    id: DeploymentId = Field(description="its id, as its pipeline has it")
    service: ServiceName = Field(description="the service")
    environment_id: EnvironmentId | None = Field(description="where to; of what ECS reports, the cluster")
    status: DeploymentStatus = Field(description="how it ended; under way where no end was told")
    rollback: bool = Field(description="whether it brings back what was there before")
    stage: Made = Field(description="the stage it reached: queue, build, push, deploy or health check")
    version: str = Field(description="what was delivered: a tag or a commit")
    revision: str = Field(description="the definition it runs by, with its revision")
    by: People = Field(description="who or what began it")
    started: AwareDatetime = Field(description="when it was begun")
    seconds: float | None = Field(description="how long it took; none until its end")
    summary: Made = Field(description="one line about it")


def status_of(one: Deployment) -> DeploymentStatus:
    return one.outcome or "under way"


def told(one: Deployment, zone: ZoneInfo) -> DeploymentSummary:
    return DeploymentSummary(
        id=one.id,
        service=one.service,
        environment_id=one.environment or None,
        status=status_of(one),
        rollback=one.is_rollback,
        stage=one.reached or "",
        version=one.version,
        revision=one.revision,
        by=who(one.by),
        started=one.started_at,
        seconds=one.seconds,
        summary=line(one, zone),
    )


def line(one: Deployment, zone: ZoneInfo) -> str:
    """`Mon 2 Mar 12:00 UTC: web 1.4 (web:12) to production failed in deploy after 5 min 3 s, begun by jo (d1)`."""
    to = f" to {quoted(one.environment)}" if one.environment else ""
    by = f", begun by {quoted_people(who(one.by))}" if one.by else ""
    back = "rollback of " if one.is_rollback else ""
    return f"{moment(one.started_at, zone)}: {back}{named(one)}{to} {_went(one)}{by} ({quoted(one.id)})"


def named(one: Deployment) -> str:
    """`web 1.4 (web:12)`, as far as it was told."""
    version = f" {quoted(one.version)}" if one.version else ""
    return f"{quoted(one.service)}{version}" + (f" ({quoted(one.revision)})" if one.revision else "")


def who(by: str) -> str:
    """Without what stands before the name in an ARN: `Admin/jo` of a session, `jo` of a user."""
    return re.sub(r"^arn:[\w-]+:(?:sts|iam)::\d*:(?:assumed-role|user|role)/", "", by)


def is_begun_by(one: Deployment, said: str) -> bool:
    """Whether it is this person or pipeline who began it: all of the name, or the part of it that names a person."""
    whole = who(one.by).casefold()
    name = whole.rpartition("/")[2]
    return not said or said.casefold() in {whole, name, name.partition("@")[0]}


def _went(one: Deployment) -> str:
    status, took = status_of(one), f" after {spoken(one.seconds)}" if one.seconds else ""
    match status:
        case "succeeded":
            return f"succeeded{took}"
        case "under way":
            return f"is under way, in {one.reached}" if one.reached else "is under way"
        case _:
            return (
                f"{'was ' if status == 'cancelled' else ''}{status}{f' in {one.reached}' if one.reached else ''}{took}"
            )
