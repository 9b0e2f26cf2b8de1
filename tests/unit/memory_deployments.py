"""ports.Deployments in this process's memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from threading import Lock

from copilot.domain.deployments import LONGEST, DeploymentFact, History, merged


class MemoryDeployments:
    def __init__(self, facts: Iterable[DeploymentFact] = ()) -> None:
        self._facts = set(facts)
        self._guard = Lock()

    def record(self, facts: Iterable[DeploymentFact]) -> None:
        with self._guard:
            self._facts |= set(facts)

    def services(self, since: datetime) -> list[str]:
        return sorted({fact.service for fact in self._facts if fact.at.date() >= (since - LONGEST).date()})

    def between(self, since: datetime, until: datetime, service: str | None = None) -> History:
        found = merged(fact for fact in self._facts if service in {None, fact.service})
        return History([one for one in found if since <= one.started_at < until])

    def first(self, service: str | None = None) -> datetime | None:
        days = [fact.at.date() for fact in self._facts if service in {None, fact.service}]
        return datetime.combine(min(days), time(), UTC) if days else None
