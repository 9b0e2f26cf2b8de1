"""Fire: a Schedule that came due becomes a Run, once, under the rights its owner has now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from copilot.config.configuration import Configuration
from copilot.domain import Firing, Person, Plan, Run, Schedule, ScheduleAction, Trigger, firing_key, key_of
from copilot.errors import Conflict, NotFound, PlanError
from copilot.plans.check import check_plan
from copilot.ports import Clock, Schedules
from copilot.text.outside import quoted, quoted_people
from copilot.times.moving import at_time
from copilot.times.titles import title_of
from copilot.times.windows import holds, too_late
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest

LONGEST_REASON = 350
PAUSED, LATE = "nothing was done: the schedule is paused", "discarded: it came "


@dataclass(frozen=True)
class Fire:
    schedules: Schedules
    ingest: Ingest
    registry: Registry
    config: Configuration
    clock: Clock

    def __call__(self, schedule_id: str, action: ScheduleAction, scheduled_at: datetime) -> Firing | None:
        """What came of a firing; None where there was nothing to do: no such schedule or time, or no window is open.

        What is to become of it is recorded before it is done: delivered again, whatever has changed since, the same
        becomes of it. Later than an hour, or than its window's next time, a firing is discarded.
        """
        schedule = self.schedules.schedule(schedule_id)
        if schedule is None or action not in schedule.times:
            return None
        if action == "again" and not holds(schedule.times, scheduled_at, schedule.created_at):
            return None
        now = self.clock.now()
        late = too_late(schedule.times, action, scheduled_at, now)
        key = firing_key(schedule_id, action, scheduled_at)
        trigger = self._trigger(schedule, action, self._owner(schedule), "schedule", key)
        plan = _plan(schedule, action, scheduled_at)
        reason = self._reason_against(schedule, plan, late)
        firing = self.schedules.record_firing(
            Firing(
                schedule=schedule_id,
                action=action,
                scheduled_at=scheduled_at,
                fired_at=now,
                run_id=None if reason else trigger.run_id,
                reason=reason,
            )
        )
        if firing.run_id is None:
            return firing
        if late is not None:
            return firing if self._was_begun(firing.run_id) else _refused(firing, _discarded(late))
        self.ingest(trigger, plan)
        return firing

    def now(self, schedule_id: str, action: ScheduleAction, person: Person, dedupe_key: str | None) -> Run:
        """Do what a firing would, at once and under the rights of the person who asks; anew where they give no key.

        Of a request there is one thing to do, whatever action is named. Raises NotFound; OtherRequest where the key
        stands for another request, of this schedule or not; Conflict where its plan may not run any more.
        """
        schedule = self.schedules.schedule(schedule_id)
        if schedule is None:
            raise NotFound(f"no schedule {schedule_id}")
        action = action if schedule.window else "run"
        if action not in schedule.times:
            raise NotFound(f"schedule {schedule_id} never starts anything again")
        plan = _plan(schedule, action, self.clock.now())
        if outdated := self._outdated(plan):
            raise Conflict(f"{outdated}. Delete the schedule and make it anew")
        trigger = self._trigger(schedule, action, person, "api", key_of(dedupe_key))
        run, _ = self.ingest(trigger, plan)
        at = run.trigger.received_at  # the same for a repeat
        self.schedules.record_firing(
            Firing(schedule=schedule_id, action=action, scheduled_at=at, fired_at=at, run_id=run.run_id, by=person.id)
        )
        return run

    def _reason_against(self, schedule: Schedule, plan: Plan, late: timedelta | None) -> str:
        """Why a firing is not to become a Run; "" where it is."""
        if late is not None:
            return _discarded(late)
        if schedule.paused:
            return PAUSED
        known = self.config.known(schedule.owner)
        if known is None:
            return f"nothing was done: its owner {quoted_people(schedule.owner)} is no longer a person of this copilot"
        if not known.roles:
            return f"nothing was done: its owner {quoted_people(schedule.owner)} has no role any more"
        return self._outdated(plan)

    def _outdated(self, plan: Plan) -> str:
        """Why a plan that is kept may not run any more; "" where it may."""
        try:
            check_plan(plan, self.registry)
        except PlanError as error:
            return f"nothing was done: its plan may not run any more: {quoted(str(error)[:LONGEST_REASON])}"
        return ""

    def _owner(self, schedule: Schedule) -> Person:
        return self.config.current(Person(id=schedule.owner, name=schedule.owner))

    def _trigger(
        self, schedule: Schedule, action: ScheduleAction, person: Person, kind: Literal["api", "schedule"], key: str
    ) -> Trigger:
        doing = {"stop": "Stop, as", "again": "Stop again, as", "start": "Start again, as", "run": "As"}[action]
        text = f"{doing} the schedule {schedule.id} says: {title_of(schedule)}"
        tenant, now = self.config.tenant, self.clock.now()
        return Trigger.of_schedule(schedule.id, text, tenant, person, now, kind=kind, dedupe_key=key)

    def _was_begun(self, run_id: str) -> bool:
        try:
            self.ingest.store.run(self.config.tenant, run_id)
        except NotFound:
            return False
        return True


def _plan(schedule: Schedule, action: ScheduleAction, at: datetime) -> Plan:
    """As it was kept, with its times as they are then."""
    return at_time(schedule.runbooks[action], at)


def _refused(firing: Firing, reason: str) -> Firing:
    return firing.model_copy(update={"run_id": None, "reason": reason})


def _discarded(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    by = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    return f"{LATE}{by} late"


def is_pause(firing: Firing) -> bool:
    """Whether it became no Run because its Schedule was paused."""
    return firing.run_id is None and firing.reason == PAUSED


def is_too_late(firing: Firing) -> bool:
    return firing.run_id is None and firing.reason.startswith(LATE)
