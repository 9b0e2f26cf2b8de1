"""Grant a schedule or a reaction a standing approval, or take one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import (
    JournalEntry,
    Kind,
    Person,
    Plan,
    ResourceRef,
    Standing,
    Target,
    digest,
    names_written,
    of_reaction,
    shape_of,
    shape_of_reaction,
)
from copilot.errors import Conflict, NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.ports import Clock, Runbooks, Schedules, Standings
from copilot.runbooks.finding import find_runbook
from copilot.text.masking import mask_text
from copilot.text.nearness import there_are
from copilot.text.outside import quoted
from copilot.times.titles import title_of


@dataclass(frozen=True)
class Grant:
    """Policy decides first. What is granted is bound to the schedule's plans as they are kept now; of a reaction, to
    what it answers to, as whom, and the version of its runbook.
    """

    store: Standings
    schedules: Schedules
    policy: Policy
    clock: Clock
    config: Configuration
    runbooks: Callable[[], Runbooks]

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
        return self._granted(standing, f"schedule {schedule.id}")

    def to_reaction(self, person: Person, name: str, most: int, days: int, reason: str) -> Standing:
        """The same to the reaction of this name, for the runbook it runs as that is now. Raises the same."""
        reaction, now = self.config.reaction(name), self.clock.now()
        if reaction is None:
            near = there_are(name, [one.name for one in self.config.reactions])
            raise NotFound(f"no reaction {quoted(name)}{near}; nothing was granted")
        if reaction.runbook is None:
            raise Conflict(
                f"reaction {name} asks in words, which are planned anew each time; save what it is to do as a runbook, "
                "and name that. Nothing was granted"
            )
        self._allow(person, of_reaction(name), name, "production")
        runbook = find_runbook(self.runbooks(), reaction.runbook).runbook
        written = names_written(Plan(steps=runbook.steps, answer=runbook.answer))
        said = [value for value in reaction.parameters.values() if isinstance(value, str) and "{" not in value]
        shapes = (shape_of_reaction(reaction.binds, runbook.version),)
        standing = Standing(
            id="g" + digest([of_reaction(name), shapes, most, person.id, now.isoformat()])[:9],
            reaction=name,
            title=f"runs runbook {runbook.called}",
            owner=reaction.person,
            shapes=shapes,
            names=tuple(sorted({*written, *said})),
            most=most,
            by=person,
            at=now,
            expires_at=now + timedelta(days=days),
            reason=mask_text(reason),
        )
        return self._granted(standing, f"reaction {name}")

    def _granted(self, standing: Standing, of: str) -> Standing:
        there = [one for one in self.store.standings(self.config.tenant) if one.of == standing.of]
        until, shapes = standing.expires_at, standing.shapes
        if any(one.most >= standing.most and one.expires_at >= until and one.shapes == shapes for one in there):
            raise Conflict(f"{of} has a standing approval for as much already; nothing was granted")
        evidence = evidence_of(standing, standing.by.id, "granted", standing.at)
        self.store.grant(self.config.tenant, standing, evidence)
        return standing

    def revoke(self, person: Person, standing_id: str) -> Standing:
        """Raises NotFound; NotAllowed for who may neither approve nor owns the schedule, which may be gone."""
        found = next((one for one in self.store.standings(self.config.tenant) if one.id == standing_id), None)
        if found is None:
            raise NotFound(f"no standing approval {standing_id}; nothing was changed")
        schedule = self.schedules.schedule(found.schedule) if found.schedule else None
        if person.id not in {found.owner, found.by.id}:
            self._allow(person, found.of, found.title, schedule.kind if schedule else "production")
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
        "reaction": standing.reaction,
        "most": standing.most,
        "until": standing.expires_at.isoformat(),
        "state": what,
        "reason": standing.reason,
    }
    id = f"{standing.id}-{what}-{at.isoformat()}"
    return JournalEntry(at=at, id=id, kind="standing", run_id="", person=by, data=data)
