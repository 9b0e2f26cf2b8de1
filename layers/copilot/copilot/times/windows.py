"""What follows from the times of a schedule: their recurrences, what is next, whether a window holds now, how they
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, LATEST, Day, Firing, Keep, Recurrence, ScheduleAction, Times, Window
from copilot.text.outside import quoted_people
from copilot.times.recurrence import in_order, is_missing, is_repeated, next_times

AGAIN_MINUTES = 30
"""How often an enforced window looks whether what it stopped is stopped still."""
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


def recurrences(times: Times) -> Mapping[ScheduleAction, Recurrence]:
    """One for each action: the one of a request, or those of a window.

    `again` recurs all day and every day: whoever it wakes asks `holds` whether the window is open.
    """
    if isinstance(times, Recurrence):
        return {"run": times}
    window = times
    if window.on is not None:
        once: dict[ScheduleAction, Recurrence] = {"stop": _at(window.stop, (), window.time_zone, window.on)}
        if window.start:
            once["start"] = _at(window.start, (), window.time_zone, _starts_once(window, window.on, window.start))
        return once
    found: dict[ScheduleAction, Recurrence] = {"stop": _at(window.stop, window.days, window.time_zone)}
    if window.enforce:
        minute = int(window.stop[3:]) % AGAIN_MINUTES
        found["again"] = Recurrence(
            minutes=tuple(range(minute, 60, AGAIN_MINUTES)),
            hours=tuple(range(24)),
            days=DAYS,
            time_zone=window.time_zone,
        )
    if window.start:
        found["start"] = _at(window.start, window.start_days or window.days, window.time_zone)
    return found


def next_due(times: Times, made_at: datetime, after: datetime, count: int) -> list[Due]:
    """What a schedule made then does next, earliest first. Before its first stop a window starts nothing."""
    made = recurrences(times)
    if isinstance(times, Recurrence):
        return [Due(at, "run") for at in next_times(times, after, count)]
    first = next(iter(next_times(made["stop"], made_at, 1)), None)
    if first is None:
        return []
    since = max(after.astimezone(UTC), first.astimezone(UTC) - timedelta(minutes=1))
    due = [
        Due(at, action)
        for action, recurrence in made.items()
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
    if times.on is None:
        return []
    made = recurrences(times).items()
    return [
        f"{action}: the clock is put forward over {wall:%H:%M} on {wall:%d %b %Y} ({times.time_zone})"
        for action, recurrence in made
        if is_missing(wall := _wall(recurrence, recurrence.on or times.on))
    ]


def ends_at(times: Times) -> datetime | None:
    """The last time of what happens once, in UTC; None for what comes again and again."""
    if times.on is None:
        return None
    return max(_wall(one, one.on or times.on).astimezone(UTC) for one in recurrences(times).values())


def holds(window: Window, at: datetime, made_at: datetime) -> bool:
    """Whether the window is open then: it was begun, and neither its start nor, without one, midnight has come.

    A window that was made in the middle of its hours begins with its next stop, as the person was told.
    """
    made = recurrences(window)
    since = max(at - timedelta(days=8), made_at)
    begun = [time for time in next_times(made["stop"], since, 9) if time.astimezone(UTC) <= at.astimezone(UTC)]
    if not begun:
        return False
    if "start" not in made:
        return begun[-1].date() == at.astimezone(ZoneInfo(window.time_zone)).date()
    (end,) = next_times(made["start"], begun[-1], 1)
    return at.astimezone(UTC) < end.astimezone(UTC)


def too_late(times: Times, action: ScheduleAction, scheduled_at: datetime, now: datetime) -> timedelta | None:
    """How late a firing is, where that is too late: later than an hour, or than its next time or its opposite's comes.

    A stop that comes when the start was due would stop what nothing starts again until the next day.
    """
    made = recurrences(times)
    opposite: ScheduleAction = "stop" if action == "start" else "start"
    following = [time for one in (action, opposite) if one in made for time in next_times(made[one], scheduled_at, 1)]
    late = now - scheduled_at
    return late if late > min([LATEST, *(time.astimezone(UTC) - scheduled_at for time in following)]) else None


def describe(times: Times) -> str:
    """How often, in a line: "every weekday at 18:00 Europe/Paris, started again at 07:00", "once on Fri 6 Mar 2026 at
    18:00 Europe/Paris".
    """
    window = times if isinstance(times, Window) else _as_window(times)
    if window.on is not None:
        starts = f", started again at {window.start}" if window.start else ""
        if window.start and (day := _starts_once(window, window.on, window.start)) != window.on:
            starts += f" on {day_in_words(day)}"
        return f"once on {day_in_words(window.on)} {window.on.year} at {window.stop} {window.time_zone}{starts}"
    stop = f"{days_in_words(window.days)} at {window.stop} {window.time_zone}"
    start = f", started again at {window.start}{_starting_on(window)}" if window.start else ""
    enforced = f", enforced: looked at every {AGAIN_MINUTES} minutes until {window.start or 'midnight'}"
    return stop + start + (enforced if window.enforce else "")


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
    first = after.astimezone(ZoneInfo(times.time_zone)).date()
    lines = []
    for action, recurrence in recurrences(times).items():
        if action == "again":
            continue
        for offset in range(days):
            day = first + timedelta(days=offset)
            wall = _wall(recurrence, day)
            if DAYS[day.weekday()] not in recurrence.days or recurrence.on not in {None, day}:
                continue
            if is_missing(wall):
                lines.append(f"{wall:%a %d %b %Y %H:%M} does not exist ({times.time_zone}): no {action} then")
            elif is_repeated(wall):
                lines.append(f"{wall:%a %d %b %Y %H:%M} comes twice ({times.time_zone}): one {action}, the first time")
    return lines


def _as_window(when: Recurrence) -> Window:
    """Of one time of day, the window that is told as it is."""
    (hour, *_), (minute, *_) = when.hours, when.minutes
    days = when.days if when.on is None else ()
    return Window(stop=f"{hour:02}:{minute:02}", days=days, on=when.on, time_zone=when.time_zone)


def _at(time: str, days: Sequence[Day], time_zone: str, on: date | None = None) -> Recurrence:
    weekdays = in_order(days) if on is None else (DAYS[on.weekday()],)
    return Recurrence(minutes=(int(time[3:]),), hours=(int(time[:2]),), days=weekdays, time_zone=time_zone, on=on)


def _wall(recurrence: Recurrence, day: date) -> datetime:
    """What the clock shows at its first time on that day, whether it ever does."""
    (hour, *_), (minute, *_) = recurrence.hours, recurrence.minutes
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(recurrence.time_zone))


def _starts_once(window: Window, on: date, start: str) -> date:
    """The date on which what is stopped once is started again: the first after its stop, of those days if any."""
    first = on if start > window.stop else on + timedelta(days=1)
    days = [first + timedelta(days=ahead) for ahead in range(7)]
    return next(day for day in days if not window.start_days or DAYS[day.weekday()] in window.start_days)


def _starting_on(window: Window) -> str:
    """The days of its starts, where they are others than those of its stops."""
    starts = in_order(window.start_days or window.days)
    if starts == in_order(window.days):
        return ""
    if starts == in_order([DAYS[(DAYS.index(day) + 1) % 7] for day in window.days]):
        return " the next day"
    return " on " + ("weekdays" if starts == DAYS[:5] else ", ".join(DAY_NAMES[day] for day in starts))
