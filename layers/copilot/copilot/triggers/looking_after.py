"""Look after a Schedule: what failed three times in a row, and what has no owner any more, is paused."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.config.configuration import Configuration
from copilot.domain import EXCLUSION, FREEZE, Firing, Outcome, Schedule
from copilot.errors import NotFound
from copilot.ports import Clock, Runs, Schedules
from copilot.text.outside import quoted_people
from copilot.triggers.firing import is_pause, is_too_late

IN_A_ROW = 3
LOOKED_AT = 20
FAILED: frozenset[Outcome] = frozenset(
    {"failed", "denied", "expired", "aborted", "not_understood", "declined", "asked"}
)
"""What a firing comes to that did not do what it is for; to be cancelled, or to do part of it, is none of these."""


@dataclass(frozen=True)
class LookAfter:
    schedules: Schedules
    store: Runs
    config: Configuration
    clock: Clock

    def __call__(self, schedule_id: str) -> Schedule | None:
        """The Schedule, where it is one that the copilot has paused, now or before; None for any other.

        Its timers are left: what they fire is not done. Raises RetryableError.
        """
        schedule = self.schedules.schedule(schedule_id)
        if schedule is None or schedule.paused:
            return schedule if schedule is not None and schedule.paused_because else None
        because = self._without_owner(schedule) or self._failing(schedule)
        return self.schedules.pause(schedule_id, because, self.clock.now()) if because else None

    def _without_owner(self, schedule: Schedule) -> str:
        known = self.config.known(schedule.owner)
        if known is None:
            return f"its owner {quoted_people(schedule.owner)} is no longer a person of this copilot"
        return "" if known.roles else f"its owner {quoted_people(schedule.owner)} has no role any more"

    def _failing(self, schedule: Schedule) -> str:
        failed = 0
        for firing in self.schedules.firings(schedule.id, LOOKED_AT):
            if schedule.paused_at is not None and firing.fired_at <= schedule.paused_at:
                break
            went_well = self._went_well(schedule, firing)
            if went_well:
                break
            failed += went_well is False
            if failed == IN_A_ROW:
                return f"its last {IN_A_ROW} firings failed"
        return ""

    def _went_well(self, schedule: Schedule, firing: Firing) -> bool | None:
        """None of what says nothing about it: what a person had run, what came late, is not over, was cancelled, or was
        kept back by a freeze or an exclusion.
        """
        if firing.by is not None:
            return None
        if firing.run_id is None:
            return None if is_too_late(firing) or is_pause(firing) else False
        try:
            outcome = self.store.run(self.config.tenant, firing.run_id).outcome
        except NotFound:
            return None
        if outcome is None or outcome == "cancelled":
            return None
        if outcome in FAILED:
            return None if self._was_kept_back(firing.run_id) else False
        return True

    def _was_kept_back(self, run_id: str) -> bool:
        steps = self.store.load_run(self.config.tenant, run_id).steps.values()
        decisions = [item.decision for step in steps for item in step.items if item.decision]
        return any({FREEZE, EXCLUSION} & {*one.policies} for one in decisions)
