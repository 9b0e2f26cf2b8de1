"""Grant a schedule a standing approval, or take one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import (
    JournalEntry,
    Kind,
    Person,
    ResourceRef,
    Standing,
    Target,
    digest,
    names_written,
    shape_of,
)
from copilot.errors import Conflict, NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.ports import Clock, Schedules, Standings
from copilot.text.masking import mask_text
from copilot.times.titles import title_of


@dataclass(frozen=True)
class Grant:
    """Policy decides first. What is granted is bound to the schedule's plans as they are kept now."""

    store: Standings
    schedules: Schedules
    policy: Policy
    clock: Clock
    config: Configuration

    def __call__(self, person: Person, schedule_id: str, most: int, days: int, reason: str) -> Standing:
        """Raises NotFound, NotAllowed, Conflict where the same is granted already."""
        schedule = self.schedules.schedule(schedule_id)
        now = self.clock.now()
        if schedule is None or schedule.is_over(now):
            raise NotFound(f"no schedule {schedule_id}; nothing was granted")
        if person.id == schedule.owner:
            raise NotAllowed("nobody grants a standing approval to a schedule of their own; nothing was granted")
        self._allow(person, schedule.id, title_of(schedule), schedule.kind)
        shapes = tuple(sorted({shape_of(plan) for plan in schedule.runbooks.values()}))
        standing = Standing(
            id="g" + digest([schedule.id, shapes, most, person.id, now.isoformat()])[:9],
            schedule=schedule.id,
            title=title_of(schedule),
            owner=schedule.owner,
            shapes=shapes,
            names=tuple(sorted({*names_written(*schedule.runbooks.values())})),
            most=most,
            by=person,
            at=now,
            expires_at=now + timedelta(days=days),
            reason=mask_text(reason),
        )
        there = [one for one in self.store.standings(self.config.tenant) if one.schedule == schedule.id]
        if any(one.most >= most and one.expires_at >= standing.expires_at and one.shapes == shapes for one in there):
            raise Conflict(f"schedule {schedule.id} has a standing approval for as much already; nothing was granted")
        self.store.grant(self.config.tenant, standing, evidence_of(standing, person.id, "granted", now))
        return standing

    def revoke(self, person: Person, standing_id: str) -> Standing:
        """Raises NotFound; NotAllowed for who may neither approve nor owns the schedule, which may be gone."""
        found = next((one for one in self.store.standings(self.config.tenant) if one.id == standing_id), None)
        if found is None:
            raise NotFound(f"no standing approval {standing_id}; nothing was changed")
        schedule = self.schedules.schedule(found.schedule)
        if person.id not in {found.owner, found.by.id}:
            self._allow(person, found.schedule, found.title, schedule.kind if schedule else "production")
        self.store.revoke(self.config.tenant, standing_id, evidence_of(found, person.id, "revoked", self.clock.now()))
        return found

    def _allow(self, person: Person, schedule: str, title: str, kind: Kind) -> None:
        ref = ResourceRef(type="schedule", id=schedule)
        allowed = self.policy.may_approve(person, (Target(ref=ref, name=title, kind=kind),))
        if allowed.outcome != "allow":
            raise NotAllowed(f"{allowed.reason}; nothing was changed")


def evidence_of(standing: Standing, by: str, what: str, at: datetime) -> JournalEntry:
    """That this was done with one, by the person of that id."""
    data: JsonValue = {
        "standing": standing.id,
        "schedule": standing.schedule,
        "most": standing.most,
        "until": standing.expires_at.isoformat(),
        "state": what,
        "reason": standing.reason,
    }
    id = f"{standing.id}-{what}-{at.isoformat()}"
    return JournalEntry(at=at, id=id, kind="standing", run_id="", person=by, data=data)
