"""GitHub's web hooks, by docs.github.com ("Webhook events and payloads") and recorded payloads, read 2026-11.

What a fork runs is told by the run alone: `workflow_run` names the repository its code is of, `workflow_job` does not,
so that jobs count only beside a run that did (domain/deployments.py), and `deployment_status` at most says by which
event its run was begun.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.config.configuration import Repository
from copilot.domain.deployments import DeploymentFact, Status
from copilot.triggers.pipelines.event import beside, in_words
from copilot.triggers.pipelines.hook import Payload, Read, Telling, is_from, part_of, said, stage_of, time_of

_OF_ITS_OWN = frozenset("push workflow_dispatch schedule release repository_dispatch merge_group workflow_run".split())
"""The events by which nobody begins a run but who may write to the repository; a fork's pull request is another."""
_CONCLUSIONS: dict[str, Status] = {
    "success": "succeeded",
    "failure": "failed",
    "timed_out": "failed",
    "startup_failure": "failed",
    "cancelled": "cancelled",
    "neutral": "cancelled",
    "skipped": "cancelled",
    "stale": "cancelled",
}
_STATES: dict[str, Status] = {
    "in_progress": "started",
    "success": "succeeded",
    "failure": "failed",
    "error": "failed",
}
_FAILED_STEPS = 3


def _run(payload: Payload, repository: Repository) -> Iterator[DeploymentFact]:
    run = payload["workflow_run"]
    if not repository.environment or not _is_own(run, payload, must_say=True) or not _deploys(run, repository):
        return
    if not is_from(run["head_branch"], repository, payload["repository"].get("default_branch")):
        return
    told, by = _attempt(run["id"], run["run_attempt"], repository), run.get("triggering_actor") or run.get("actor")
    of = {"version": beside(run["head_sha"]), "by": beside((by or {}).get("login"))}
    began = time_of(run.get("run_started_at") or run["created_at"])
    yield told.fact("started", began, more=of)
    ended = _CONCLUSIONS.get(run.get("conclusion") or "")
    if payload["action"] == "completed" and ended:
        why = "" if run["conclusion"] in {"success", "failure", "cancelled"} else in_words(run["conclusion"])
        yield told.fact(ended, max(began, time_of(run["updated_at"])), more={**of, "reason": why})


def _job(payload: Payload, repository: Repository) -> Iterator[DeploymentFact]:
    """Of whatever run: one that counts says so itself."""
    job = payload["workflow_job"]
    if not repository.environment or job.get("conclusion") in {"skipped", "action_required"}:
        return
    if not is_from(job["head_branch"], repository, payload["repository"].get("default_branch")):
        return
    told, part = _attempt(job["run_id"], job["run_attempt"], repository), part_of(job["name"])
    asked = time_of(job["created_at"])
    yield told.fact("started", asked, "queue", part)
    if payload["action"] not in {"in_progress", "completed"}:
        return
    stage = "deploy" if payload.get("deployment") else stage_of(job["name"])
    began = max(asked, time_of(job["started_at"]))
    yield told.fact("succeeded", began, "queue", part)
    yield told.fact("started", began, stage, part)
    ended = _CONCLUSIONS.get(job.get("conclusion") or "")
    if payload["action"] == "completed" and ended:
        failed = ended == "failed"
        more = {"reason": _why(job), "build": told.build(job["run_id"], job["id"])} if failed else {}
        yield told.fact(ended, max(began, time_of(job["completed_at"])), stage, part, more)


def _why(job: Payload) -> str:
    """Which of its steps failed."""
    steps = [one for one in job.get("steps") or () if one.get("conclusion") in {"failure", "timed_out"}]
    named = ", ".join(f"step {said(one['name'])}" for one in steps[:_FAILED_STEPS])
    how = "ran out of time" if job["conclusion"] == "timed_out" else "failed"
    return in_words(f"job {said(job['name'])} {how}" + (f" in {named}" if named else ""))


def _deployment(payload: Payload, repository: Repository) -> Iterator[DeploymentFact]:
    deployment, run = payload["deployment"], payload.get("workflow_run")
    environment = repository.environments.get(deployment["environment"])
    if environment is None or (run is not None and not _is_own(run, payload)):
        return
    told = Telling("github", repository, f"deployment/{int(deployment['id'])}", environment)
    of = {"version": beside(deployment["sha"]), "by": beside((deployment.get("creator") or {}).get("login"))}
    began = time_of(deployment["created_at"])
    yield told.fact("started", began, more=of)
    status = payload.get("deployment_status")
    state = _STATES.get(status["state"]) if status else None
    if status is None or state is None:
        return
    at, check, more = max(began, time_of(status["created_at"])), payload.get("check_run"), dict[str, str]()
    if state == "failed":
        build = told.build(run["id"], check["id"]) if check and run else ""
        more = {"reason": in_words(status.get("description")), "build": build}
    yield told.fact(state, at, "deploy", more=more)
    if state != "started":
        yield told.fact(state, at, more=of)


def _is_own(run: Payload, payload: Payload, *, must_say: bool = False) -> bool:
    """Whether it is of the repository itself: code of it, begun by who may write to it."""
    head = run.get("head_repository")
    if head is None and (must_say or "head_repository" in run):  # null where the fork is gone
        return False
    return run["event"] in _OF_ITS_OWN and (head is None or head["id"] == payload["repository"]["id"])


def _deploys(run: Payload, repository: Repository) -> bool:
    file = str(run.get("path") or "").partition("@")[0].rpartition("/")[2]
    return bool({run.get("name"), file} & {*repository.pipelines})


def _attempt(run: object, attempt: object, repository: Repository) -> Telling:
    """Each attempt of a run is a deployment of its own."""
    return Telling("github", repository, f"{run}/{attempt}", repository.environment or "")


EVENTS: dict[str, Read] = {
    "workflow_run": _run,
    "workflow_job": _job,
    "deployment": _deployment,
    "deployment_status": _deployment,
}
