"""The timers by which the Scheduler fires a schedule: what they have to be, what they are, who may set them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from copilot.domain import Permission, Preview, Schedule, ScheduleAction, Timer
from copilot.errors import CopilotError, HalfDone, NotReady, RetryableError
from copilot.ports import Clients
from copilot.text.outside import quoted
from copilot.times.recurrence import next_times, timer_text


def put(clients: Clients, schedule: Schedule) -> None:
    """The record first: a timer that fires without one has nothing to do. Raises as in_turn does."""
    timers = timers_of(schedule, clients.clock.now())

    def set_timer(action: ScheduleAction) -> None:
        if action in timers:
            clients.scheduler.put(schedule.id, action, timers[action])
        else:
            clients.scheduler.remove(schedule.id, action)

    of_timers = [partial(set_timer, action) for action in schedule.times]
    in_turn(schedule.id, [partial(clients.schedules.put, schedule), *of_timers])


def in_turn(schedule_id: str, parts: Iterable[Callable[[], None]]) -> None:
    """All parts of one change. Raises as the first that fails; HalfDone where some were made before it, and it will
    not be made by trying again.
    """
    for number, part in enumerate(parts):
        try:
            part()
        except (RetryableError, NotReady):
            raise
        except CopilotError as error:
            if not number:
                raise
            message = f"{error.told}; of schedule {schedule_id} some was changed before that, and its timers may differ"
            raise HalfDone(message, ours=True) from error


def timers_of(schedule: Schedule, now: datetime) -> dict[str, Timer]:
    """What the Scheduler is to hold. Of what happens once, what is to come: a timer of that kind is gone when it has
    fired, and one that was switched off would never go, so that a paused schedule has none.
    """
    made = schedule.times
    if schedule.is_once:
        made = {action: one for action, one in made.items() if not schedule.paused and next_times(one, now, 1)}
    return {
        action: Timer(expression=timer_text(recurrence), time_zone=recurrence.time_zone, enabled=not schedule.paused)
        for action, recurrence in made.items()
    }


def unlike(clients: Clients, schedule: Schedule) -> str:
    """What the Scheduler holds otherwise than the schedule says; "" where it is the same.

    A timer whose one time has come may be gone or not: Scheduler takes it away when it has handed over its firing.
    """
    now = clients.clock.now()
    held, wanted = dict(clients.scheduler.timers(schedule.id)), timers_of(schedule, now)
    passed = [action for action, one in schedule.times.items() if not next_times(one, now, 1)]
    unlike = [action for action in {*held, *wanted} - {*passed} if held.get(action) != wanted.get(action)]
    return f"its timers {named(sorted(unlike))} are not as they should be" if unlike else ""


def named(timers: Sequence[str]) -> str:
    return ", ".join(map(quoted, timers))


def permissions(clients: Clients, preview: Preview, actions: Sequence[str]) -> tuple[Permission, ...]:
    if preview.is_idle:
        return ()
    of_timers = clients.scheduler.permissions(preview.targets[0].ref.id, actions)
    return (*of_timers, *clients.schedules.permissions())
