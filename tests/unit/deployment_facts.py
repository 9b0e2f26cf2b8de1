"""Deployments made up for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.domain.deployments import DeploymentFact

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def fact(second: float, status: str, stage: str | None = None, **more: Any) -> DeploymentFact:
    about = {"service": "web", "deployment": "d1", "environment": "production", "source": "ci"}
    return DeploymentFact.model_validate(
        about | {"stage": stage, "status": status, "at": AT + timedelta(seconds=second)} | more
    )


def deployment(
    id: str, start: datetime, stages: dict[str, float], status: str = "succeeded", **more: Any
) -> Iterable[DeploymentFact]:
    """One after the other; the last of the stages ends as the whole does. Without a status it is still under way."""
    began = (start - AT).total_seconds()
    yield fact(began, "started", deployment=id, **more)
    at = began
    for stage, seconds in stages.items():
        yield fact(at, "started", stage, deployment=id, **more)
        at += seconds
        ended = "succeeded" if stage != list(stages)[-1] else status
        if ended:
            yield fact(at, ended, stage, deployment=id, **more)
    if status:
        yield fact(at, status, deployment=id, **more)
