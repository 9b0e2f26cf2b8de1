"""What is asked of a code host, in the words of each (docs.github.com/rest, docs.gitlab.com/api, read 2026-11)."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from copilot.adapters.code_hosts.calls import Calls
from copilot.config.configuration import Repository
from copilot.domain import AnswerTo, CodeHostName, CodeJob, Commented

READS_AT_MOST = 200_000
"""Bytes of the end of a job's log."""
_MAY_WRITE = frozenset({"admin", "write"})
"""GitHub's `permission`, of which that of who maintains is `write`."""
_DEVELOPER = 30
"""GitLab's level from which on somebody may push."""


class Host(Protocol):
    """Raises as ports.CodeHosts says."""

    def is_private(self, repository: Repository) -> bool:
        """Whether nobody reads it but whom it was given to."""

    def may_write(self, repository: Repository, comment: Commented) -> bool: ...

    def log(self, repository: Repository, job: CodeJob) -> bytes:
        """The end of what it logged, with the host's own times and marks in it."""

    def link(self, repository: Repository, job: CodeJob) -> str:
        """Where people see it."""

    def web(self, repository: Repository) -> str:
        """The address of the repository for people."""

    def comment(self, repository: Repository, where: AnswerTo, text: str) -> str:
        """The id of a new comment."""


class GitHub:
    API = "https://api.github.com"

    def __init__(self, endpoint: str | None, token: str) -> None:
        base = endpoint or self.API
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        self._calls = Calls("GitHub", base, headers | {"Authorization": f"Bearer {token}"})
        self._web = base.removesuffix("/api/v3") if endpoint else "https://github.com"

    def is_private(self, repository: Repository) -> bool:
        found = self._calls.get("asking who may read a repository", f"/repos/{repository.name}")
        # One of another number stands under that name by now; one that is internal, the whole enterprise reads.
        private = found.get("private") is True and found.get("visibility", "private") == "private"
        return private and found.get("id") == repository.id

    def may_write(self, repository: Repository, comment: Commented) -> bool:
        path = f"/repos/{repository.name}/collaborators/{quote(comment.login, safe='')}/permission"
        found = self._calls.get("asking what somebody may in a repository", path)
        # It is asked by name, and answered of whoever has that name now.
        return f"github:{found['user']['id']}" == comment.user and found.get("permission") in _MAY_WRITE

    def log(self, repository: Repository, job: CodeJob) -> bytes:
        path = f"/repos/{repository.name}/actions/jobs/{job.job}/logs"
        return self._calls.tail("reading a job's log", path, READS_AT_MOST)

    def link(self, repository: Repository, job: CodeJob) -> str:
        return f"{self.web(repository)}/actions/runs/{job.pipeline}/job/{job.job}"

    def web(self, repository: Repository) -> str:
        return f"{self._web}/{repository.name}"

    def comment(self, repository: Repository, where: AnswerTo, text: str) -> str:
        path = f"/repos/{repository.name}/issues/{where.thread}/comments"
        return str(self._calls.post("commenting", path, {"body": text})["id"])


class GitLab:
    API = "https://gitlab.com/api/v4"

    def __init__(self, endpoint: str | None, token: str) -> None:
        base = endpoint or self.API
        self._calls = Calls("GitLab", base, {"PRIVATE-TOKEN": token})
        self._web = base.removesuffix("/api/v4")

    def is_private(self, repository: Repository) -> bool:
        found = self._calls.get("asking who may read a project", f"/projects/{repository.id}")
        return bool(found.get("visibility") == "private")

    def may_write(self, repository: Repository, comment: Commented) -> bool:
        user = comment.user.removeprefix("gitlab:")
        path = f"/projects/{repository.id}/members/all/{user}"
        found = self._calls.get("asking what somebody may in a project", path)
        is_them = f"gitlab:{found['id']}" == comment.user and found.get("state") == "active"
        return is_them and int(found.get("access_level", 0)) >= _DEVELOPER

    def log(self, repository: Repository, job: CodeJob) -> bytes:
        path = f"/projects/{repository.id}/jobs/{job.job}/trace"
        return self._calls.tail("reading a job's log", path, READS_AT_MOST)

    def link(self, repository: Repository, job: CodeJob) -> str:
        return f"{self.web(repository)}/-/jobs/{job.job}"

    def web(self, repository: Repository) -> str:
        return f"{self._web}/{repository.name}"

    def comment(self, repository: Repository, where: AnswerTo, text: str) -> str:
        path = f"/projects/{repository.id}/{where.thread}/notes"
        return str(self._calls.post("commenting", path, {"body": text})["id"])


def host_of(platform: CodeHostName, endpoint: str | None, token: str) -> Host:
    """`endpoint` is the base URL of its API; None for the host's own."""
    return GitHub(endpoint, token) if platform == "github" else GitLab(endpoint, token)
