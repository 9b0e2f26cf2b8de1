"""Which job of which pipeline this is, as its platform's variables say. What it says of itself only narrows its rights.

GitHub: "Variables" in its documentation of Actions, and the event that started the workflow. GitLab: "Predefined CI/CD
variables". Both as of November 2026.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cli.exits import Refused
from copilot.domain import Job as Says

Platform = Literal["github", "gitlab"]
OF_ANYBODY = frozenset(
    "issue_comment issues discussion discussion_comment commit_comment fork watch star gollum public label".split()
)
"""Events of GitHub that whoever reads the repository may cause."""


class Job(NamedTuple):
    """`identity` is what tells this job from every other one, and from the same one run again. `url` is where it is
    shown.
    """

    platform: Platform
    identity: tuple[str, ...]
    says: Says
    url: str
    name: str

    def key(self, request: str, own: str, use: int) -> str:
        """The dedupe key of the `use`th time that it asks this; `own` is what the pipeline's author calls it."""
        told = json.dumps([self.platform, *self.identity, own, request, use])
        return f"{self.platform}-{hashlib.sha256(told.encode()).hexdigest()[:40]}"

    @property
    def conversation(self) -> str:
        """One of its own: what another job waits for keeps it from nothing."""
        digest = hashlib.sha256(json.dumps(self.identity).encode()).hexdigest()[:8]
        return f"{self.platform}/{re.sub(r'[^A-Za-z0-9._-]+', '-', self.name)[:60]}/{digest}"


def job_of(environment: Mapping[str, str]) -> Job:
    """Raises Refused where no pipeline is known."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment)
    raise Refused(
        "This is no job of GitHub or GitLab. In another pipeline: devops-copilot ask --ci --json --dedupe-key ID '...'"
    )


def _github(given: Mapping[str, str]) -> Job:
    repository = given.get("GITHUB_REPOSITORY_ID") or given.get("GITHUB_REPOSITORY", "")
    run, attempt = given.get("GITHUB_RUN_ID", ""), given.get("GITHUB_RUN_ATTEMPT", "1")
    of = given.get("DEVOPS_COPILOT_JOB_INDEX", ""), given.get("GITHUB_ACTION", "")
    server = given.get("GITHUB_SERVER_URL", "https://github.com")
    return Job(
        "github",
        (repository, run, attempt, given.get("GITHUB_JOB", ""), *of),
        _says_on_github(given, _event(given.get("GITHUB_EVENT_PATH", ""))),
        f"{server}/{given.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}",
        f"{given.get('GITHUB_REPOSITORY', '').rpartition('/')[2]}-{run}-{given.get('GITHUB_JOB', '')}",
    )


def _says_on_github(given: Mapping[str, str], event: Mapping[str, Any]) -> Says:
    kind = given.get("GITHUB_EVENT_NAME", "")
    base = _get(event, "repository", "full_name") or given.get("GITHUB_REPOSITORY", "")
    head = _get(event, "pull_request", "head", "repo", "full_name")
    if kind.startswith("pull_request"):
        return "pull_request" if head and head == base else "fork"
    if kind == "workflow_run":
        came = _get(event, "workflow_run", "head_repository", "full_name")
        if came != base:
            return "fork"
        branch = _get(event, "workflow_run", "head_branch")
        is_request = _get(event, "workflow_run", "event").startswith("pull_request")
        return "pull_request" if is_request else _of_branch(branch, _get(event, "repository", "default_branch"))
    if kind in OF_ANYBODY:
        return "pull_request"
    if given.get("GITHUB_REF_TYPE") != "branch":
        return "branch"
    return _of_branch(given.get("GITHUB_REF_NAME", ""), _get(event, "repository", "default_branch"))


def _of_branch(branch: str, default: str) -> Says:
    return "main" if branch and branch == default else "branch"


def _gitlab(given: Mapping[str, str]) -> Job:
    name = f"{given.get('CI_PROJECT_NAME', '')}-{given.get('CI_JOB_NAME', '')}"
    return Job(
        "gitlab",
        (given.get("CI_SERVER_HOST", ""), given.get("CI_PROJECT_ID", ""), given.get("CI_JOB_ID", "")),
        _says_on_gitlab(given),
        given.get("CI_JOB_URL", ""),
        name,
    )


def _says_on_gitlab(given: Mapping[str, str]) -> Says:
    source = given.get("CI_PIPELINE_SOURCE", "")
    if given.get("CI_MERGE_REQUEST_IID") or source == "merge_request_event":
        own = given.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") == given.get("CI_PROJECT_ID")
        return "pull_request" if own else "fork"
    if source == "external_pull_request_event":
        return "fork"
    return _of_branch(given.get("CI_COMMIT_BRANCH", ""), given.get("CI_DEFAULT_BRANCH", ""))


def _event(path: str) -> Mapping[str, Any]:
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _get(event: Mapping[str, Any], *path: str) -> str:
    found: Any = event
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
