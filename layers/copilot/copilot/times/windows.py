"""What follows from the times of a schedule: what is next, whether a window holds now, how they read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import (
    AGAIN_MINUTES,
    DAYS,
    LATEST,
    Day,
    Firing,
    Keep,
    Recurrence,
    ScheduleAction,
    Times,
    in_order,
)
from copilot.text.outside import quoted_people
from copilot.times.recurrence import is_missing, is_repeated, next_times

LAST_FIRINGS = 10
"""So many firings back it is looked for what the last one that did something was."""
DAY_NAMES: dict[Day, str] = {
    "MON": "Monday",
    "TUE": "Tuesday",
    "WED": "Wednesday",
    "THU": "Thursday",
    "FRI": "Friday",
    "SAT": "Saturday",
    "SUN": "Sunday",
}


class Due(NamedTuple):
    """A time to come, and what is done then."""

    at: datetime
    action: ScheduleAction


def next_due(times: Times, made_at: datetime, after: datetime, count: int) -> list[Due]:
    """What a schedule made then does next, earliest first. Before its first stop a window starts nothing."""
    first = next(iter(next_times(_first(times), made_at, 1)), None)
    if first is None:
        return []
    since = max(after.astimezone(UTC), first.astimezone(UTC) - timedelta(minutes=1))
    due = [
        Due(at, action)
        for action, recurrence in times.items()
        if action != "again"
        for at in next_times(recurrence, since, count)
    ]
    return sorted(due, key=lambda one: one.at.astimezone(UTC))[:count]


def still_due(times: Times, made_at: datetime, firings: Sequence[Firing], after: datetime, count: int) -> list[Due]:
    """What a schedule with these last firings, newest first, does next.

    A start is among them only where there is something to start: after a stop that came, or is to come.
    """
    last = next((firing.action for firing in firings if firing.run_id), "start")
    return next_due(times, max(made_at, after) if last == "start" else made_at, after, count)


def never(times: Times) -> list[str]:
    """A line for each time of what happens once which the clock leaves out, so that it would never come."""
    return [
        f"{action}: the clock is put forward over {wall:%H:%M} on {wall:%d %b %Y} ({one.time_zone})"
        for action, one in times.items()
        if one.on is not None and is_missing(wall := _wall(one, one.on))
    ]


def ends_at(times: Times) -> datetime | None:
    """The last time of what happens once, in UTC; None for what comes again and again."""
    dates = [(one, one.on) for one in times.values() if one.on is not None]
    return max((_wall(one, on).astimezone(UTC) for one, on in dates), default=None)


def holds(times: Times, at: datetime, made_at: datetime) -> bool:
    """Whether the window is open then: it was begun, and neither its start nor, without one, midnight has come.

    A window that was made in the middle of its hours begins with its next stop, as the person was told.
    """
    since = max(at - timedelta(days=8), made_at)
    begun = [time for time in next_times(times["stop"], since, 9) if time.astimezone(UTC) <= at.astimezone(UTC)]
    if not begun:
        return False
    if "start" not in times:
        return begun[-1].date() == at.astimezone(ZoneInfo(times["stop"].time_zone)).date()
    (end,) = next_times(times["start"], begun[-1], 1)
    return at.astimezone(UTC) < end.astimezone(UTC)


def too_late(times: Times, action: ScheduleAction, scheduled_at: datetime, now: datetime) -> timedelta | None:
    """How late a firing is, where that is too late: later than an hour, or than its next time or its opposite's comes.

    A stop that comes when the start was due would stop what nothing starts again until the next day.
    """
    opposite: ScheduleAction = "stop" if action == "start" else "start"
    following = [time for one in (action, opposite) if one in times for time in next_times(times[one], scheduled_at, 1)]
    late = now - scheduled_at
    return late if late > min([LATEST, *(time.astimezone(UTC) - scheduled_at for time in following)]) else None


def describe(times: Times) -> str:
    """How often, in a line: "every weekday at 18:00 Europe/Paris, started again at 07:00", "once on Fri 6 Mar 2026 at
    18:00 Europe/Paris".
    """
    first, start = _first(times), times.get("start")
    often = days_in_words(first.days) if first.on is None else f"once on {day_in_words(first.on)} {first.on.year}"
    starts = f", started again at {start.time_of_day}{_starting_on(start, first)}" if start else ""
    until = start.time_of_day if start else "midnight"
    enforced = f", enforced: looked at every {AGAIN_MINUTES} minutes until {until}" if "again" in times else ""
    return f"{often} at {first.time_of_day} {first.time_zone}{starts}{enforced}"


def days_in_words(days: Sequence[Day]) -> str:
    """every day, every weekday, every Monday and Friday."""
    ordered = in_order(days)
    if ordered == DAYS:
        return "every day"
    if ordered == DAYS[:5]:
        return "every weekday"
    names = [DAY_NAMES[day] for day in ordered]
    return "every " + " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def day_in_words(day: date) -> str:
    """Fri 6 Mar"""
    return f"{day:%a} {day.day} {day:%b}"


def moment(at: datetime) -> str:
    """Fri 27 Nov 2026 18:00 CET"""
    return f"{at:%a %d %b %Y %H:%M %Z}"


def kept_words(keep: Keep) -> str:
    return f"kept until {moment(keep.until.astimezone(ZoneInfo(keep.time_zone)))} by {quoted_people(keep.by)}"


def clock_changes(times: Times, after: datetime, days: int = 366) -> list[str]:
    """A line for each time within these days that the clock leaves out or shows twice."""
    lines = []
    for action, one in times.items():
        if action == "again":
            continue
        first = after.astimezone(ZoneInfo(one.time_zone)).date()
        for offset in range(days):
            day = first + timedelta(days=offset)
            wall = _wall(one, day)
            if DAYS[day.weekday()] not in one.days or one.on not in {None, day}:
                continue
            if is_missing(wall):
                lines.append(f"{wall:%a %d %b %Y %H:%M} does not exist ({one.time_zone}): no {action} then")
            elif is_repeated(wall):
                lines.append(f"{wall:%a %d %b %Y %H:%M} comes twice ({one.time_zone}): one {action}, the first time")
    return lines


def _first(times: Times) -> Recurrence:
    return next(iter(times.values()))


def _wall(recurrence: Recurrence, day: date) -> datetime:
    """What the clock shows at its first time on that day, whether it ever does."""
    time = datetime.strptime(recurrence.time_of_day, "%H:%M").time()
    return datetime.combine(day, time, ZoneInfo(recurrence.time_zone))


def _starting_on(start: Recurrence, stop: Recurrence) -> str:
    """The day or days of the starts, where they are others than those of the stops."""
    starts = start.days
    if (starts, start.on) == (stop.days, stop.on):
        return ""
    if start.on is not None:
        return f" on {day_in_words(start.on)}"
    if starts == in_order([DAYS[(DAYS.index(day) + 1) % 7] for day in stop.days]):
        return " the next day"
    return " on " + ("weekdays" if starts == DAYS[:5] else ", ".join(DAY_NAMES[day] for day in starts))
