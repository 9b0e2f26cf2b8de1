"""Code hosts as the copilot knows them: where repositories are, whose pipelines deploy and in which people comment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, StringConstraints

from copilot.domain.conversations import AnswerTo
from copilot.domain.frozen import Frozen

CodeHostName = Literal["github", "gitlab"]
CODE_HOSTS: dict[str, str] = {"github": "GitHub", "gitlab": "GitLab"}
"""What people call each."""
CodeAddress = Annotated[str, StringConstraints(pattern=r"^(github|gitlab):[1-9][0-9]{0,19}$")]
"""A user as configurations write them: github:583231, by the number that stays theirs whatever they call themselves."""


class Hook(Frozen):
    """A verified web hook, unread: its event by the host's name for it, and when it came in at the door."""

    platform: CodeHostName
    event: str
    payload: dict[str, Any]
    received_at: AwareDatetime


class Commented(Frozen):
    """Somebody wrote a comment that begins with the copilot's command; `text` is what follows that.

    `where` is the issue, or the request to merge, of a repository by its number; `login` is what the host calls them
    now, `key` the same for every delivery of it.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    user: CodeAddress
    login: Annotated[str, StringConstraints(pattern=r"^[\w.-]+$", max_length=255)]
    where: AnswerTo
    text: str
    at: AwareDatetime


def is_on_code_host(where: AnswerTo | None) -> bool:
    return where is not None and where.platform in CODE_HOSTS


def is_of_code_host(conversation: str) -> bool:
    """Whether it is one of an issue, or of a request to merge."""
    return conversation.partition(":")[0] in CODE_HOSTS


class CodeJob(Frozen):
    """One job of a pipeline, as facts of deployments name it: github:REPOSITORY/PIPELINE/JOB, by numbers."""

    platform: CodeHostName
    repository: int
    pipeline: int
    job: int

    @property
    def name(self) -> str:
        return f"{self.platform}:{self.repository}/{self.pipeline}/{self.job}"

    @classmethod
    def of(cls, build: str) -> CodeJob | None:
        """None of what is built elsewhere."""
        platform, _, rest = build.partition(":")
        if platform not in CODE_HOSTS or rest.count("/") != 2 or not rest.replace("/", "").isdecimal():
            return None
        repository, pipeline, job = map(int, rest.split("/"))
        return cls.model_validate({"platform": platform, "repository": repository, "pipeline": pipeline, "job": job})
