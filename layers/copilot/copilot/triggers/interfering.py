"""Cancel a Run, or start it again: what a person may do to one that is under way, by whatever edge they come."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.domain import Person, Run
from copilot.errors import NotAllowed
from copilot.policy.decisions import Policy
from copilot.policy.entities import TenantAction
from copilot.triggers.ingesting import Ingest


@dataclass(frozen=True)
class Interfere:
    """Policy decides before anything is looked at. Raises NotAllowed; else as Ingest does."""

    ingest: Ingest
    policy: Policy

    def cancel(self, tenant: str, run_id: str, person: Person) -> Run:
        self._allow(person, "cancel")
        return self.ingest.cancel(tenant, run_id, person)

    def resume(self, tenant: str, run_id: str, person: Person) -> Run:
        self._allow(person, "resume")
        return self.ingest.resume(tenant, run_id)

    def _allow(self, person: Person, action: TenantAction) -> None:
        decision = self.policy.may(person, action)
        if decision.outcome != "allow":
            raise NotAllowed(f"{decision.reason}; nothing was done")
