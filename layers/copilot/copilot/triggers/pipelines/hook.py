"""A web hook of a code host, and what facts of each have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from copilot.config.configuration import Repository
from copilot.domain import CodeHostName, CodeJob
from copilot.domain.deployments import DeploymentFact, Stage, Status, words_of
from copilot.text.masking import mask_text
from copilot.text.outside import looks_like_a_name
from copilot.triggers.pipelines.event import beside

Payload = dict[str, Any]
Read = Callable[[Payload, Repository], Iterator[DeploymentFact]]
"""Raises KeyError, TypeError, ValueError or AttributeError for what is not the event it says it is."""
_STAGES: dict[str, Stage] = {
    **dict.fromkeys(("push", "publish", "upload"), "push"),
    **dict.fromkeys(("health", "healthcheck", "smoke", "verify", "verification"), "health check"),
    **dict.fromkeys(("deploy", "deployment", "release", "rollout", "promote", "production", "staging"), "deploy"),
}
"""By a word of a job's name; what has none of these builds, or tests what was built."""


def stage_of(*names: object) -> Stage:
    """Of a job, by the first of these names that says it: its own, that of the stage it stands in."""
    for name in names:
        words = words_of(name) if isinstance(name, str) else frozenset()
        if found := next((stage for word, stage in _STAGES.items() if word in words), None):
            return found
    return "build"


def part_of(name: object) -> str:
    """What tells apart the jobs of a pipeline: their names, as far as those are names."""
    return beside(name) or "job"


def said(name: object) -> str:
    """A name of somebody's in a sentence of ours, which is itself words from outside: on one line, masked and then
    cut, since half a secret looks like none.
    """
    text = " ".join(mask_text(str(name)).split())[:80]
    return text if looks_like_a_name(text) else f"'{text}'"


def is_from(ref: object, repository: Repository, default: object) -> bool:
    """Whether a pipeline of this branch or tag deploys."""
    wanted = repository.branches or ((default,) if isinstance(default, str) else ())
    return isinstance(ref, str) and any(fnmatchcase(ref, one) for one in wanted)


def time_of(text: str) -> datetime:
    """As GitHub writes it, or GitLab in either of its ways."""
    return datetime.fromisoformat(text.replace(" UTC", "+00:00")).astimezone(UTC)


NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Telling:
    """What is told of one deployment, by its id"""

    platform: CodeHostName
    repository: Repository
    id: str
    environment: str

    def fact(
        self,
        status: Status,
        at: datetime,
        stage: Stage | None = None,
        part: str = "",
        more: Mapping[str, str] = NOTHING,
    ) -> DeploymentFact:
        of = {"service": self.repository.service, "deployment": self.id, "environment": self.environment}
        told = {"source": self.platform, "stage": stage, "part": part, "status": status, "at": at}
        return DeploymentFact.model_validate({**of, **told, **more})

    def build(self, pipeline: object, job: object) -> str:
        """The name of a job that knows more of why it failed."""
        given = {"platform": self.platform, "repository": self.repository.id, "pipeline": pipeline, "job": job}
        return CodeJob.model_validate(given).name
