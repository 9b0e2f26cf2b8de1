"""Recurrences: their next times, and their text in EventBridge Scheduler's cron."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, Day, Recurrence, in_order


def next_times(recurrence: Recurrence, after: datetime, count: int) -> list[datetime]:
    """The first `count` times later than `after`, in the recurrence's zone, earliest first; fewer where it is once."""
    return list(islice(_times(recurrence, after), count))


def is_missing(wall: datetime) -> bool:
    """Whether a clock in the zone of `wall` never shows this time, because it is put forward over it."""
    return wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None)


def is_repeated(wall: datetime) -> bool:
    """Whether the clock shows this time twice, because it is put back."""
    return not is_missing(wall) and wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def timer_text(recurrence: Recurrence) -> str:
    """As EventBridge Scheduler takes it: at(date and time) for what happens once, cron for the rest."""
    if recurrence.on is None:
        return cron_text(recurrence)
    (hour,), (minute,) = recurrence.hours, recurrence.minutes
    return f"at({recurrence.on.isoformat()}T{hour:02}:{minute:02}:00)"


def cron_text(recurrence: Recurrence) -> str:
    """Minutes, hours, day of month, month, day of week, year."""
    minutes, hours = (_numbers(some) for some in (recurrence.minutes, recurrence.hours))
    return f"cron({minutes} {'*' if len(recurrence.hours) == 24 else hours} ? * {day_text(recurrence.days)} *)"


def _times(recurrence: Recurrence, after: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(recurrence.time_zone)
    for day in _dates(recurrence, after.astimezone(zone).date()):
        if DAYS[day.weekday()] in recurrence.days:
            for hour in sorted(recurrence.hours):
                for minute in sorted(recurrence.minutes):
                    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                    # Compared in UTC: within one zone Python compares what the clocks show.
                    if not is_missing(wall) and wall.astimezone(UTC) > after.astimezone(UTC):
                        yield wall


def _dates(recurrence: Recurrence, first: date) -> Iterator[date]:
    if recurrence.on is not None:
        yield recurrence.on
        return
    while True:
        yield first
        first += timedelta(days=1)


def _numbers(some: Sequence[int]) -> str:
    return ",".join(str(number) for number in sorted(some))


def day_text(days: Sequence[Day]) -> str:
    """MON-FRI for days in a row, MON,WED else, * for all.

    Scheduler's week begins on Sunday, so that a range that ends there is none.
    """
    ordered = in_order(days)
    if len(ordered) == len(DAYS):
        return "*"
    first, last = DAYS.index(ordered[0]), DAYS.index(ordered[-1])
    if len(ordered) > 2 and last - first + 1 == len(ordered) and ordered[-1] != "SUN":
        return f"{ordered[0]}-{ordered[-1]}"
    return ",".join(ordered)
