"""GitLab's web hooks, by docs.gitlab.com ("Webhook events"), read 2026-11.

A fork's pipelines run in the fork, whose hooks are its own, but for those that a member begins for its merge request:
these are told as such. Whose code a job runs its own event does not say, so that jobs count only beside their
pipeline (domain/deployments.py), which tells of all its jobs again.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.config.configuration import Repository
from copilot.domain.deployments import DeploymentFact, Status
from copilot.triggers.pipelines.event import beside, in_words
from copilot.triggers.pipelines.hook import Payload, Read, Telling, is_from, part_of, said, stage_of, time_of

_STATES: dict[str, Status] = {
    "success": "succeeded",
    "failed": "failed",
    "canceled": "cancelled",
    "skipped": "cancelled",
}
_DEPLOYMENTS: dict[str, Status] = {"running": "started", **_STATES}
_BEGUN = frozenset({"running", *_STATES}) - {"skipped"}
_MOST_JOBS = 200


def _pipeline(payload: Payload, repository: Repository) -> Iterator[DeploymentFact]:
    pipeline = payload["object_attributes"]
    if not repository.environment or payload.get("merge_request") or pipeline["source"] == "merge_request_event":
        return
    if not is_from(pipeline["ref"], repository, payload["project"].get("default_branch")):
        return
    if repository.pipelines and pipeline.get("name") not in repository.pipelines:
        return
    told, began = _of(pipeline["id"], repository), time_of(pipeline["created_at"])
    of = {"version": beside(pipeline["sha"]), "by": beside((payload.get("user") or {}).get("username"))}
    yield told.fact("started", began, more=of)
    ended = _STATES.get(pipeline["status"])
    if ended and pipeline.get("finished_at"):
        yield told.fact(ended, max(began, time_of(pipeline["finished_at"])), more=of)
    for job in (payload.get("builds") or ())[:_MOST_JOBS]:
        yield from _of_job(told, job)


def _job(payload: Payload, repository: Repository) -> Iterator[DeploymentFact]:
    """Of whatever pipeline: one that counts says so itself."""
    if repository.environment and is_from(
        payload["ref"], repository, (payload.get("project") or {}).get("default_branch")
    ):
        names = "id name stage status created_at started_at finished_at failure_reason allow_failure".split()
        job = {name: payload.get(f"build_{name}") for name in names} | {"environment": payload.get("environment")}
        yield from _of_job(_of(payload["pipeline_id"], repository), job)


def _of_job(told: Telling, job: Payload) -> Iterator[DeploymentFact]:
    """One that was begun, and that its pipeline does not do without."""
    status = job["status"]
    if status not in _BEGUN or not job.get("started_at") or (status == "failed" and job.get("allow_failure")):
        return
    part, began = part_of(job["name"]), time_of(job["started_at"])
    stage = "deploy" if job.get("environment") else stage_of(job["name"], job["stage"])
    yield told.fact("started", began, stage, part)
    ended = _STATES.get(status)
    if ended and job.get("finished_at"):
        why = in_words(f"job {said(job['name'])} of stage {said(job['stage'])} failed: {job.get('failure_reason')}")
        more = {"reason": why, "build": told.build(told.id, job["id"])} if ended == "failed" else {}
        yield told.fact(ended, max(began, time_of(job["finished_at"])), stage, part, more)


def _deployment(payload: Payload, repository: Repository) -> Iterator[DeploymentFact]:
    environment, status = repository.environments.get(payload["environment"]), _DEPLOYMENTS.get(payload["status"])
    if environment is None or status is None or str(payload["ref"]).startswith("refs/merge-requests/"):
        return
    told = Telling("gitlab", repository, f"deployment/{int(payload['deployment_id'])}", environment)
    at, job = time_of(payload["status_changed_at"]), payload.get("deployable_id")
    of = {"version": beside(payload.get("short_sha")), "by": beside((payload.get("user") or {}).get("username"))}
    yield told.fact(status, at, more=of)
    # Of which pipeline the job is, is not said, and not needed to find it.
    yield told.fact(status, at, "deploy", more={"build": told.build(0, job)} if status == "failed" and job else {})


def _of(pipeline: object, repository: Repository) -> Telling:
    return Telling("gitlab", repository, str(pipeline), repository.environment or "")


EVENTS: dict[str, Read] = {
    "Pipeline Hook": _pipeline,
    "Job Hook": _job,
    "Deployment Hook": _deployment,
}
