"""Fire: a Schedule that came due becomes a Run, once, under the rights its owner has now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from copilot.config import Configuration
from copilot.errors import NotFound, PlanError
from copilot.ingesting import Ingest
from copilot.model import Firing, Person, Run, Schedule, ScheduleAction, Trigger
from copilot.plan_check import check_plan
from copilot.ports import Clock, Schedules
from copilot.times.windows import holds, too_late
from copilot.tools.registry import Registry


@dataclass(frozen=True)
class Fire:
    schedules: Schedules
    ingest: Ingest
    registry: Registry
    config: Configuration
    clock: Clock

    def __call__(self, schedule_id: str, action: ScheduleAction, scheduled_at: datetime) -> Firing | None:
        """What came of a firing; None where there was nothing to do: no such schedule, or no window to look after.

        Delivered again, it gives the same, however late. Later than an hour, or than its window's next time, it is
        discarded.
        """
        schedule = self.schedules.schedule(schedule_id)
        if schedule is None or (action == "again" and not holds(schedule.window, scheduled_at, schedule.created_at)):
            return None
        now = self.clock.now()
        firing = Firing(schedule=schedule_id, action=action, scheduled_at=scheduled_at, fired_at=now)
        owner = self.config.known(schedule.owner)
        if (late := too_late(schedule.window, action, scheduled_at, now)) is not None:
            return self._refuse(firing, f"discarded: it came {_duration(late)} late")
        if schedule.paused:
            return self._refuse(firing, "nothing was done: the schedule is paused")
        if owner is None:
            return self._refuse(
                firing, f"nothing was done: its owner {schedule.owner} is no longer a person of this copilot"
            )
        try:
            key = firing_key(schedule_id, action, scheduled_at)
            run = self._run(schedule, action, owner.person, "schedule", key)
        except PlanError as error:
            return self._refuse(firing, f"nothing was done: its plan may not run any more: {error}"[:400])
        return self.schedules.record_firing(firing.model_copy(update={"run_id": run.run_id}))

    def now(self, schedule_id: str, action: ScheduleAction, person: Person, dedupe_key: str) -> Run:
        """Do what a firing would, at once and under the rights of the person who asks. Raises NotFound."""
        schedule = self.schedules.schedule(schedule_id)
        if schedule is None:
            raise NotFound(f"no schedule {schedule_id}")
        if action not in schedule.runbooks or (action == "start" and schedule.window.start is None):
            raise NotFound(f"schedule {schedule_id} never starts anything again")
        run = self._run(schedule, action, person, "api", f"{schedule_id}/{action}/{dedupe_key}")
        at = run.trigger.received_at  # the same for a repeat
        self.schedules.record_firing(
            Firing(schedule=schedule_id, action=action, scheduled_at=at, fired_at=at, run_id=run.run_id, by=person.id)
        )
        return run

    def _run(self, schedule: Schedule, action: ScheduleAction, person: Person, kind: str, dedupe_key: str) -> Run:
        plan = schedule.runbooks[action]
        check_plan(plan, self.registry)
        doing = {"stop": "Stop", "again": "Stop again", "start": "Start again"}[action]
        trigger = Trigger.model_validate(
            {
                "kind": kind,
                "tenant": self.config.tenant,
                "person": person,
                "text": f"{doing}, as the schedule {schedule.id} says: {schedule.title}",
                "conversation": f"schedule/{schedule.id}",
                "dedupe_key": dedupe_key,
                "received_at": self.clock.now(),
            }
        )
        run, _ = self.ingest(trigger, plan)
        return run

    def _refuse(self, firing: Firing, reason: str) -> Firing:
        return self.schedules.record_firing(firing.model_copy(update={"reason": reason}))


def firing_key(schedule_id: str, action: ScheduleAction, scheduled_at: datetime) -> str:
    """The same for every delivery of a firing; the dedupe key of its Run."""
    return f"{schedule_id}/{action}/{scheduled_at.astimezone(UTC).isoformat()}"


def _duration(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
