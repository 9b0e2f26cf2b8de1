"""Any pipeline that puts events of its own: any source that is not an AWS service's, detail-type "Deployment".

As detail {"service", "deployment_id", "environment"?, "stage"?: queue | build | push | deploy | health check, "status":
started | succeeded | failed | cancelled, "time", "started_at"?, "stages"?, "rollback"?, "version"?, "revision"?, "by"?,
"reason"?, "build"?}. Without a stage the status is the whole deployment's. With `started_at` one event says when
something began and when it ended; with `stages`, a list of {"stage", "status", "time", "started_at"?, "reason"?,
"build"?}, one event tells a whole deployment. With `rollback` true it is about one that brings back what was there
before, and counts as no deployment. `version` is that of what is delivered (a tag, a commit), `revision` that of the
definition it runs by, `by` who or what began it; `reason` says why it, or the stage in whose entry it stands, ended as
it did, and `build` is the ARN of the CodeBuild build that failed then, one of the account that reports it.

Ids are what pipelines have: numbers, UUIDs, URLs, refs. What is not of the alphabet of a Name is made so, the same way
each time and differently for different ids. A field that is null is one that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from copilot.domain.deployments import DeploymentFact, Name, Stage, Status, Utc
from copilot.triggers.pipelines.event import Event, Translate, beside, fit, in_words

CLOCKS_APART = timedelta(seconds=5)
"""So far apart the clocks of two machines may be. What began later than it ended by no more, took no time."""


def _or(nothing: object) -> BeforeValidator:
    return BeforeValidator(lambda said: nothing if said is None else said)


class _Told(BaseModel):
    """How something stood at a time. Fields that are not ours are the sender's own business."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: Stage | None = None
    status: Annotated[Status, BeforeValidator(lambda said: "cancelled" if said == "canceled" else said)]
    time: Utc
    started_at: Utc | None = None
    reason: Annotated[str, BeforeValidator(in_words)] = ""
    build: Annotated[str, BeforeValidator(beside)] = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.began is not None and self.began > self.time:
            raise ValueError("started_at is later than time")
        return self

    @property
    def began(self) -> datetime | None:
        if self.started_at is not None and self.time < self.started_at <= self.time + CLOCKS_APART:
            return self.time
        return self.started_at


class _ToldStage(_Told):
    stage: Stage


class _Detail(_Told):
    service: Name
    deployment_id: Annotated[Name, BeforeValidator(fit)]
    environment: Annotated[Name | Literal[""], BeforeValidator(fit), _or("")] = ""
    stages: Annotated[tuple[_ToldStage, ...], Field(max_length=100), _or(())] = ()
    rollback: Annotated[bool, _or(False)] = False
    version: Annotated[str, BeforeValidator(beside)] = ""
    revision: Annotated[str, BeforeValidator(beside)] = ""
    by: Annotated[str, BeforeValidator(beside)] = ""


def _deployment(event: Event) -> Iterator[DeploymentFact]:
    detail = _Detail.model_validate(event["detail"])
    for told in (detail, *detail.stages):
        times: list[tuple[Status, datetime]] = [(told.status, told.time)]
        times += [("started", told.began)] if told.began else []
        for status, at in times:
            yield DeploymentFact(
                service=detail.service,
                deployment=detail.deployment_id,
                account=event["account"],
                environment=detail.environment,
                source=event["source"],
                stage=told.stage,
                status=status,
                at=at,
                rollback=detail.rollback,
                version=detail.version,
                revision=detail.revision,
                by=detail.by,
                reason="" if status == "started" else told.reason,
                build=told.build if status == "failed" and _is_of(event["account"], told.build) else "",
            )


def _is_of(account: str, build: str) -> bool:
    return re.fullmatch(rf"arn:aws[a-z-]*:codebuild:[a-z0-9-]+:{account}:build/.+", build) is not None


EVENTS: dict[str, Translate] = {
    "Deployment": _deployment,
}
