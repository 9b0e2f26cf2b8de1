"""ports.Schedules and ports.Scheduler in this process's memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Firing, Keep, LedgerEntry, Permission, Schedule, Timer


class MemorySchedules:
    """`store` has the ledgers and the journal of the tenant's runs."""

    def __init__(self, store: MemoryStore | None = None, tenant: str = "main") -> None:
        self._store, self._tenant = store or MemoryStore(), tenant
        self._schedules: dict[str, Schedule] = {}
        self._firings: dict[tuple[str, str, str], Firing] = {}
        self._keeps: dict[str, Keep] = {}

    def schedules(self) -> list[Schedule]:
        return sorted(self._schedules.values(), key=lambda one: (one.created_at, one.id))

    def schedule(self, schedule_id: str) -> Schedule | None:
        return self._schedules.get(schedule_id)

    def firings(self, schedule_id: str, limit: int = 50) -> list[Firing]:
        found = sorted((at, action) for schedule, at, action in self._firings if schedule == schedule_id)
        return [self._firings[schedule_id, at, action] for at, action in reversed(found)][:limit]

    def keeps(self) -> list[Keep]:
        return list(self._keeps.values())

    def effects(self, run_id: str) -> list[LedgerEntry]:
        return self._store.effects(self._tenant, run_id)

    def writers(self, tool: str, since: datetime, until: datetime) -> list[str]:
        days = [since.date() + timedelta(days=number) for number in range((until.date() - since.date()).days + 1)]
        entries = [entry for day in days for entry in self._store.journal(self._tenant, day.isoformat())]
        return list(dict.fromkeys(one.run_id for one in entries if since <= one.at <= until and one.is_write_by(tool)))

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action="any:keep", arn="schedules")]

    def put(self, schedule: Schedule) -> None:
        self._schedules[schedule.id] = schedule

    def pause(self, schedule_id: str, because: str, at: datetime) -> Schedule | None:
        schedule = self._schedules.get(schedule_id)
        if schedule is None or schedule.paused:
            return schedule if schedule is not None and schedule.paused_because else None
        more = {"paused": True, "paused_because": because, "paused_at": at}
        self._schedules[schedule_id] = schedule.model_copy(update=more)
        return self._schedules[schedule_id]

    def remove(self, schedule_id: str) -> None:
        self._schedules.pop(schedule_id, None)

    def put_keep(self, keep: Keep) -> None:
        self._keeps[keep.environment] = keep

    def remove_keep(self, environment: str) -> None:
        self._keeps.pop(environment, None)

    def record_firing(self, firing: Firing) -> Firing:
        at = firing.scheduled_at.astimezone(UTC).isoformat(timespec="milliseconds")
        return self._firings.setdefault((firing.schedule, at, firing.action), firing)


class MemoryScheduler:
    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Timer] = {}

    def timers(self, schedule_id: str) -> Mapping[str, Timer]:
        return {action: timer for (schedule, action), timer in self.held.items() if schedule == schedule_id}

    def permissions(self, schedule_id: str, actions: Iterable[str]) -> Sequence[Permission]:
        return [Permission(action="any:schedule", arn=f"{schedule_id}/{action}") for action in actions]

    def put(self, schedule_id: str, action: str, timer: Timer) -> None:
        self.held[schedule_id, action] = timer

    def remove(self, schedule_id: str, action: str) -> None:
        self.held.pop((schedule_id, action), None)

    def fired(self, schedule_id: str, action: str) -> None:
        """A timer that fires once is gone when it has."""
        if (timer := self.held.get((schedule_id, action))) is not None and timer.is_once:
            self.remove(schedule_id, action)
