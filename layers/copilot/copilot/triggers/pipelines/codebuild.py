"""CodeBuild, by AWS's user guide ("Build notifications input format reference"), read 2026-11."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from copilot.domain.deployments import DeploymentFact, Stage, Status
from copilot.triggers.pipelines.event import Event, Translate, beside, in_words

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
            yield from _phase(
                event,
                phase["phase-type"],
                phase["phase-status"],
                phase["start-time"],
                phase["end-time"],
                phase.get("phase-context"),
            )
    if status != "started":
        yield _build_fact(event, status, datetime.fromisoformat(event["time"]))


def _build_phase(event: Event) -> Iterator[DeploymentFact]:
    detail = event["detail"]
    if not _is_of_a_pipeline(detail):
        yield from _phase(
            event,
            detail["completed-phase"],
            detail["completed-phase-status"],
            detail["completed-phase-start"],
            detail["completed-phase-end"],
            detail.get("completed-phase-context"),
        )


def _phase(event: Event, phase: str, status: str, start: str, end: str, context: object) -> Iterator[DeploymentFact]:
    if stage := _PHASES.get(phase):
        ended = _BUILD_STATES[status]
        yield _build_fact(event, "started", _build_time(start), stage, phase)
        yield _build_fact(event, ended, _build_time(end), stage, phase, _why(context) if ended != "succeeded" else "")


def _why(context: object) -> str:
    """A list of messages in one kind of event, the same as one text in brackets in the other."""
    if isinstance(context, list):
        context = "; ".join(one for one in context if isinstance(one, str) and one.strip(": "))
    return in_words(context[1:-1] if isinstance(context, str) and re.fullmatch(r"\[.*\]", context, re.S) else context)


def _build_fact(
    event: Event, status: Status, at: datetime, stage: Stage | None = None, part: str = "", why: str = ""
) -> DeploymentFact:
    detail = event["detail"]
    more = detail["additional-information"]
    return DeploymentFact(
        service=detail["project-name"],
        deployment=detail["build-id"].rpartition("/")[2],
        account=event["account"],
        region=beside(event.get("region")),
        source="codebuild",
        stage=stage,
        part=part,
        status=status,
        at=at,
        version=beside(more.get("source-version")),
        by=beside(more.get("initiator")),
        reason=why,
        build=beside(detail["build-id"]) if status == "failed" else "",
    )


def _is_of_a_pipeline(detail: Event) -> bool:
    """A build that a pipeline started is an action of it, and its times are in the pipeline's own events."""
    return str(detail["additional-information"].get("initiator", "")).startswith("codepipeline/")


def _build_time(said: str) -> datetime:
    return datetime.strptime(said, "%b %d, %Y %I:%M:%S %p").replace(tzinfo=UTC)


EVENTS: dict[str, Translate] = {
    "CodeBuild Build State Change": _build_state,
    "CodeBuild Build Phase Change": _build_phase,
}
