"""The timers by which the Scheduler fires a schedule: what they have to be, what they are, who may set them."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Permission, Preview, Schedule, Timer
from copilot.ports import Clients
from copilot.text.outside import quoted
from copilot.times.recurrence import cron_text
from copilot.times.windows import recurrences


def timers_of(schedule: Schedule) -> dict[str, Timer]:
    return {
        action: Timer(expression=cron_text(recurrence), time_zone=recurrence.time_zone, enabled=not schedule.paused)
        for action, recurrence in recurrences(schedule.window).items()
    }


def unlike(clients: Clients, schedule: Schedule) -> str:
    """What the Scheduler holds otherwise than the schedule says; "" where it is the same."""
    held, wanted = dict(clients.scheduler.timers(schedule.id)), timers_of(schedule)
    unlike = [action for action in {*held, *wanted} if held.get(action) != wanted.get(action)]
    return f"its timers {named(sorted(unlike))} are not as they should be" if unlike else ""


def named(timers: Sequence[str]) -> str:
    return ", ".join(map(quoted, timers))


def permissions(clients: Clients, preview: Preview, actions: Sequence[str]) -> tuple[Permission, ...]:
    if preview.is_idle:
        return ()
    of_timers = clients.scheduler.permissions(preview.targets[0].ref.id, actions)
    return (*of_timers, *clients.schedules.permissions())
