"""Cancel a Run, or start it again: what a person may do to one that is under way, by whatever edge they come."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.domain import Person, Run
from copilot.errors import NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.policy.entities import TenantAction
from copilot.triggers.ingesting import Ingest


@dataclass(frozen=True)
class Interfere:
    """Policy decides before anything is done. Raises NotAllowed; else as Ingest does."""

    ingest: Ingest
    policy: Policy

    def cancel(self, tenant: str, run_id: str, person: Person) -> Run:
        self._allow(person, "cancel", own=self._asked_by(tenant, run_id, person))
        return self.ingest.cancel(tenant, run_id, person)

    def resume(self, tenant: str, run_id: str, person: Person) -> Run:
        self._allow(person, "resume")
        return self.ingest.resume(tenant, run_id)

    def _asked_by(self, tenant: str, run_id: str, person: Person) -> bool:
        """Whether it is a Run of theirs. Of one that there is not it says no more than of another's."""
        try:
            return self.ingest.store.run(tenant, run_id).trigger.person.id == person.id
        except NotFound:
            return False

    def _allow(self, person: Person, action: TenantAction, *, own: bool = False) -> None:
        decision = self.policy.may(person, action, own=own)
        if decision.outcome != "allow":
            raise NotAllowed(f"{decision.reason}; nothing was done")
