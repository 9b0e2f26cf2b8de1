"""CodePipeline, by AWS's user guide ("Monitoring CodePipeline events"), read 2026-11."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from copilot.domain.deployments import DeploymentFact, Stage, Status, words_of
from copilot.triggers.pipelines.event import Event, Translate, beside, in_words

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


def _commit(result: Event) -> str:
    """What a source action gives as its execution's id is the commit, where it is of a repository."""
    id = result.get("external-execution-id")
    return id if isinstance(id, str) and re.fullmatch(r"[0-9a-f]{7,64}", id) else ""


def _why(result: Event) -> str:
    code, summary = result.get("error-code"), result.get("external-execution-summary")
    return in_words(": ".join(one for one in (code, summary) if isinstance(one, str) and one))


def _build(event: Event, result: Event) -> str:
    """The ARN of the build that an action ran, by its execution's id, `project:uuid`."""
    id = beside(result.get("external-execution-id"))
    region = event["detail"].get("region") or event.get("region", "")
    return beside(f"arn:aws:codebuild:{region}:{event['account']}:build/{id}") if id else ""


def _pipeline(event: Event, stage: Stage | None = None, part: str = "") -> Iterator[DeploymentFact]:
    detail = event["detail"]
    if status := _PIPELINE_STATES.get(detail["state"]):  # not STOPPING
        trigger, result = detail.get("execution-trigger") or {}, detail.get("execution-result") or {}
        of = detail.get("type") or {}
        yield DeploymentFact(
            service=detail["pipeline"],
            deployment=detail["execution-id"],
            account=event["account"],
            region=beside(event.get("region")),
            source="codepipeline",
            stage=stage,
            part=part,
            status=status,
            at=datetime.fromisoformat(event["time"]),
            rollback=_is_rollback(detail),
            version=_commit(result) if of.get("category") == "Source" else "",
            by=beside(trigger.get("trigger-detail") or trigger.get("trigger-type")),
            reason=_why(result) if status in {"failed", "cancelled"} else "",
            build=_build(event, result) if status == "failed" and of.get("provider") == "CodeBuild" else "",
        )


def _pipeline_stage(event: Event) -> Iterator[DeploymentFact]:
    """Its actions say what was done; it says when the execution was in the stage, so that the rest is waiting."""
    yield from _pipeline(event, part=event["detail"]["stage"])


def _pipeline_action(event: Event) -> Iterator[DeploymentFact]:
    detail = event["detail"]
    if stage := _action_stage(detail["type"]["category"], detail["action"]):
        yield from _pipeline(event, stage, detail.get("action-execution-id") or detail["action"])


EVENTS: dict[str, Translate] = {
    "CodePipeline Pipeline Execution State Change": _pipeline,
    "CodePipeline Stage Execution State Change": _pipeline_stage,
    "CodePipeline Action Execution State Change": _pipeline_action,
}
