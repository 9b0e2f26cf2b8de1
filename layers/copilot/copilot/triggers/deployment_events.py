"""What pipelines report, as EventBridge delivers it, in facts about deployments. Pure.

Shapes: AWS's user guides of CodePipeline ("Monitoring CodePipeline events"), CodeBuild ("Build notifications input
format reference") and ECS ("Amazon ECS service deployment state change events"), read 2026-11; examples in events/.

Any other pipeline puts events of its own: any source that is not an AWS service's, detail-type "Deployment", and as
detail {"service", "deployment_id", "environment"?, "stage"?: queue | build | push | deploy | health check, "status":
started | succeeded | failed | cancelled, "time", "started_at"?, "stages"?, "rollback"?}. Without a stage the status is
the whole deployment's. With `started_at` one event says when something began and when it ended; with `stages`, a list
of {"stage", "status", "time", "started_at"?}, one event tells a whole deployment. With `rollback` true it is about one
that brings back what was there before, and counts as no deployment.

Ids are what pipelines have: numbers, UUIDs, URLs, refs. What is not of the alphabet of a Name is made so, the same way
each time and differently for different ids. A field that is null is one that is not there.

Of which account an event is, is what its envelope says: EventBridge writes that itself, the sender the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from copilot.domain import digest
from copilot.domain.deployments import LONGEST_NAME, DeploymentFact, Name, Stage, Status, Utc, words_of

Event = dict[str, Any]

CLOCKS_APART = timedelta(seconds=5)
"""So far apart the clocks of two machines may be. What began later than it ended by no more, took no time."""


def facts_of(event: Event) -> list[DeploymentFact]:
    """The facts in an event; none where it has none for us.

    Raises KeyError, TypeError or ValueError for what is not the event it says it is.
    """
    translate = _TRANSLATORS.get(event["detail-type"])
    return list(translate(event)) if translate else []


# --- any pipeline ----------------------------------------------------------------------------------


def _fit(said: object) -> object:
    """A name of the sender's in the alphabet of a Name. What is none at all (null, a list) stays as it is: refused."""
    if isinstance(said, int | float) and not isinstance(said, bool) and said == int(said):
        return str(int(said))
    if not isinstance(said, str) or not said.strip():
        return said
    fit = re.sub(r"[^A-Za-z0-9_ .:/@+-]+", "-", said.strip()).lstrip("-+@/:. ")
    if fit == said.strip() and len(fit) <= LONGEST_NAME:
        return fit
    ending = f"-{digest(said)[:8]}"
    return f"{fit[: LONGEST_NAME - len(ending) - 2] or 'id'}{ending}"


def _or(nothing: object) -> BeforeValidator:
    return BeforeValidator(lambda said: nothing if said is None else said)


class _Told(BaseModel):
    """How something stood at a time. Fields that are not ours are the sender's own business."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: Stage | None = None
    status: Annotated[Status, BeforeValidator(lambda said: "cancelled" if said == "canceled" else said)]
    time: Utc
    started_at: Utc | None = None

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
    deployment_id: Annotated[Name, BeforeValidator(_fit)]
    environment: Annotated[Name | Literal[""], BeforeValidator(_fit), _or("")] = ""
    stages: Annotated[tuple[_ToldStage, ...], Field(max_length=100), _or(())] = ()
    rollback: Annotated[bool, _or(False)] = False


def _any(event: Event) -> Iterator[DeploymentFact]:
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
            )


# --- CodePipeline ----------------------------------------------------------------------------------

_PIPELINE_STATES: dict[str, Status] = {
    "STARTED": "started",
    "RESUMED": "started",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "CANCELED": "cancelled",
    "STOPPED": "cancelled",
    "SUPERSEDED": "cancelled",
    "ABANDONED": "cancelled",
}
_CATEGORIES: dict[str, Stage] = {
    "Source": "queue",
    "Approval": "queue",
    "Build": "build",
    "Compute": "build",
    "Deploy": "deploy",
    "Invoke": "deploy",
    "Test": "health check",
}
_NAMED: dict[str, Stage] = {
    "push": "push",
    "publish": "push",
    "health": "health check",
    "healthcheck": "health check",
    "smoke": "health check",
    "verify": "health check",
    "verification": "health check",
}
_SAYS_SO: dict[str, frozenset[str]] = {
    "Build": frozenset({"build", "compile"}),
    "Compute": frozenset({"build", "compile"}),
    "Invoke": frozenset({"deploy", "release", "rollout"}),
}
"""The categories in which people also push and check, for which there is none: there a word of the action's name says
which it is, unless another says that it is what its category says. Everywhere else the category says it: an approval
waits, whatever it is named after."""


def _is_rollback(detail: Event) -> bool:
    """Whether an execution brings back an earlier one's artifacts ("View rollback status details" of the guide)."""
    trigger = detail.get("execution-trigger") or {}
    return str(trigger.get("trigger-type", "")).endswith("Rollback") or detail.get("execution-type") == "ROLLBACK"


def _action_stage(category: str, action: str) -> Stage | None:
    words = words_of(action)
    named = [stage for word, stage in _NAMED.items() if word in words]
    if category in _SAYS_SO and named and not words & _SAYS_SO[category]:
        return named[0]
    return _CATEGORIES.get(category)


def _pipeline(event: Event, stage: Stage | None = None, part: str = "") -> Iterator[DeploymentFact]:
    detail = event["detail"]
    if status := _PIPELINE_STATES.get(detail["state"]):  # not STOPPING
        yield DeploymentFact(
            service=detail["pipeline"],
            deployment=detail["execution-id"],
            account=event["account"],
            source="codepipeline",
            stage=stage,
            part=part,
            status=status,
            at=_time(event["time"]),
            rollback=_is_rollback(detail),
        )


def _pipeline_stage(event: Event) -> Iterator[DeploymentFact]:
    """Its actions say what was done; it says when the execution was in the stage, so that the rest is waiting."""
    yield from _pipeline(event, part=event["detail"]["stage"])


def _pipeline_action(event: Event) -> Iterator[DeploymentFact]:
    detail = event["detail"]
    if stage := _action_stage(detail["type"]["category"], detail["action"]):
        yield from _pipeline(event, stage, detail.get("action-execution-id") or detail["action"])


# --- CodeBuild -------------------------------------------------------------------------------------

_BUILD_STATES: dict[str, Status] = {
    "IN_PROGRESS": "started",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "FAULT": "failed",
    "TIMED_OUT": "failed",
    "STOPPED": "cancelled",
}
_PHASES: dict[str, Stage] = {
    "SUBMITTED": "queue",
    "QUEUED": "queue",
    "PROVISIONING": "queue",
    "DOWNLOAD_SOURCE": "build",
    "INSTALL": "build",
    "PRE_BUILD": "build",
    "BUILD": "build",
    "POST_BUILD": "push",
    "UPLOAD_ARTIFACTS": "push",
    "FINALIZING": "push",
}


def _build_state(event: Event) -> Iterator[DeploymentFact]:
    detail, more = event["detail"], event["detail"]["additional-information"]
    if _is_of_a_pipeline(detail):
        return
    status = _BUILD_STATES[detail["build-status"]]
    yield _build_fact(event, "started", _build_time(more["build-start-time"]))
    for phase in more.get("phases", ()):
        if phase.get("phase-status") and phase.get("end-time"):
            yield from _phase(event, phase["phase-type"], phase["phase-status"], phase["start-time"], phase["end-time"])
    if status != "started":
        yield _build_fact(event, status, _time(event["time"]))


def _build_phase(event: Event) -> Iterator[DeploymentFact]:
    detail = event["detail"]
    if not _is_of_a_pipeline(detail):
        yield from _phase(
            event,
            detail["completed-phase"],
            detail["completed-phase-status"],
            detail["completed-phase-start"],
            detail["completed-phase-end"],
        )


def _phase(event: Event, phase: str, status: str, start: str, end: str) -> Iterator[DeploymentFact]:
    if stage := _PHASES.get(phase):
        yield _build_fact(event, "started", _build_time(start), stage, phase)
        yield _build_fact(event, _BUILD_STATES[status], _build_time(end), stage, phase)


def _build_fact(
    event: Event, status: Status, at: datetime, stage: Stage | None = None, part: str = ""
) -> DeploymentFact:
    detail = event["detail"]
    return DeploymentFact(
        service=detail["project-name"],
        deployment=detail["build-id"].rpartition("/")[2],
        account=event["account"],
        source="codebuild",
        stage=stage,
        part=part,
        status=status,
        at=at,
    )


def _is_of_a_pipeline(detail: Event) -> bool:
    """A build that a pipeline started is an action of it, and its times are in the pipeline's own events."""
    return str(detail["additional-information"].get("initiator", "")).startswith("codepipeline/")


def _build_time(said: str) -> datetime:
    return datetime.strptime(said, "%b %d, %Y %I:%M:%S %p").replace(tzinfo=UTC)


# --- ECS -------------------------------------------------------------------------------------------

_ECS_EVENTS: dict[str, Status] = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "started",
    "SERVICE_DEPLOYMENT_COMPLETED": "succeeded",
    "SERVICE_DEPLOYMENT_FAILED": "failed",
}
_ROLLS_BACK = re.compile(r"(?i)\broll(?:ing|ed|s)?[ -]?back")


def _ecs(event: Event) -> Iterator[DeploymentFact]:
    """A deployment of which ECS tells the one stage it does. Its environment is its cluster's name.

    Rolling back is no deployment: that the one it is for has failed is told besides.
    """
    detail, (service,) = event["detail"], event["resources"]
    status = _ECS_EVENTS.get(detail["eventName"])
    if status is None or (status != "failed" and _ROLLS_BACK.search(detail.get("reason") or "")):
        return
    cluster, _, name = service.partition(":service/")[2].rpartition("/")
    for stage in ("deploy", None):
        yield DeploymentFact(
            service=name,
            deployment=detail["deploymentId"],
            account=event["account"],
            environment=cluster,
            source="ecs",
            stage=stage,
            status=status,
            at=_time(detail["updatedAt"]),
        )


def _time(said: str) -> datetime:
    return datetime.fromisoformat(said)


_TRANSLATORS: dict[str, Callable[[Event], Iterator[DeploymentFact]]] = {
    "Deployment": _any,
    "CodePipeline Pipeline Execution State Change": _pipeline,
    "CodePipeline Stage Execution State Change": _pipeline_stage,
    "CodePipeline Action Execution State Change": _pipeline_action,
    "CodeBuild Build State Change": _build_state,
    "CodeBuild Build Phase Change": _build_phase,
    "ECS Deployment State Change": _ecs,
}
