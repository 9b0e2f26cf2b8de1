"""Deployments, as they were reported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from copilot.domain.deployments import DeploymentFact, History


class Deployments(Protocol):
    """What was reported of deployments. The methods that read, and the one that writes, raise RetryableError."""

    def record(self, facts: Iterable[DeploymentFact]) -> None:
        """Keep facts. In any order and however often: what is kept is their set."""

    def services(self, since: datetime) -> list[str]:
        """The services of which anything was reported since then, or shortly before it, by name."""

    def between(self, since: datetime, until: datetime, service: str | None = None) -> History:
        """Deployments that started in this time, of one service (its exact name) or of all.

        Of very many the newest; the History then says that it is not complete.
        """

    def first(self, service: str | None = None) -> datetime | None:
        """The beginning of the first day (in UTC) of which anything is kept, of one service or of any.

        What was deployed before that day was not reported, or is not kept any more.
        """
