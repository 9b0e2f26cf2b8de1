"""How people say which days: "30 days", "the last week", and "last month", which is one of the calendar's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from copilot.errors import ToolInputError

MOST_DAYS = 92
OLDEST = 3650
MOST_WEEKS = 26
MOST_LISTED = 50
WEEKS = dict(zip("one two three four five six seven eight nine ten eleven twelve".split(), range(1, 13), strict=True))
UNITS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90}
NUMBERS = {
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fourteen": 14,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
PATTERN = rf"(?:(?:\d{{1,6}}|{'|'.join(NUMBERS)})[\s-]+)?(?:{'|'.join(UNITS)})s?"
AGE = (
    rf"older than {PATTERN}|(?:more than|over|at least) {PATTERN} old|(?:made|created) (?:more than|over) {PATTERN} ago"
)
"""How old something is at least."""
LED = rf"(?:the\s+)?(?:last|past|previous)\s+{PATTERN}"
SAME = r"(?:the\s+same|that)\s+(?:period|time|timeframe|time\s+frame|span|days|weeks|months?|quarter)"
"""The period that was spoken of last."""
RATE = r"(?:per|each|every|a)\s+(?:week|month|quarter|fortnight)|weekly|monthly|quarterly"
"""How much it is each time, which is how much it was the last."""
_CALENDAR = re.compile(r"(?:last|previous)\s+(week|month|quarter)")


class Days(NamedTuple):
    """So many days up to `end`, a midnight in UTC; up to now where that is None."""

    number: int
    end: datetime | None = None


def age_of(said: str) -> int:
    """In days. Raises ToolInputError, with the question to ask, for none or too many."""
    found = re.search(PATTERN, said)
    days = _days(found[0]) if found else 0
    if not 1 <= days <= OLDEST:
        raise ToolInputError(f"How old? \u201c{said}\u201d was said, and 1 to {OLDEST} days can be. Nothing was done.")
    return days


def _days(said: str) -> int:
    *number, unit = re.split(r"[\s-]+", said)
    times = (int(number[0]) if number[0].isdigit() else NUMBERS[number[0]]) if number else 1
    return times * UNITS[unit.removesuffix("s")]


def period_of(said: str, now: datetime) -> Days:
    """ "last month" is the calendar month before this one, "the last month" and "the past month" are 30 days up to now.

    So it is with weeks, which begin on Monday, and quarters; all in UTC, as usage is counted. Raises as days_of does.
    """
    found = _CALENDAR.fullmatch(said)
    if re.fullmatch(RATE, said):
        return Days(next(days for unit, days in UNITS.items() if unit in said))
    if found is None:
        return Days(days_of(re.sub(r"^(?:the\s+)?(?:last|past|previous)\s+", "", said)))
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if found[1] == "week":
        return Days(7, today - timedelta(days=today.weekday()))
    months = 3 if found[1] == "quarter" else 1
    end = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    begin = end
    for _ in range(months):
        begin = (begin - timedelta(days=1)).replace(day=1)
    return Days((end - begin).days, end)


def period_before(slots: Mapping[str, JsonValue]) -> Days | None:
    """The period that a request was filled with; None where it had none."""
    since, end = (slots.get(name) for name in ("since", "until"))
    if isinstance(since, str) and isinstance(end, str):
        until = datetime.fromisoformat(end)
        return Days(max(1, round((until - datetime.fromisoformat(since)) / timedelta(days=1))), until)
    end = slots.get("end")
    until_day = datetime.fromisoformat(end) if isinstance(end, str) else None
    days, weeks = slots.get("days"), slots.get("weeks")
    if isinstance(days, int):
        return Days(days, until_day)
    return Days(7 * weeks) if isinstance(weeks, int) else None


def days_of(said: str) -> int:
    """A month is 30 days, a quarter 90. Raises ToolInputError, with the question to ask, for none or too many."""
    days = _days(said)
    if not 1 <= days <= MOST_DAYS:
        raise ToolInputError(
            f"Over how many days? \u201c{said}\u201d is {days} days, and usage can be looked at over 1 to {MOST_DAYS}. "
            "Nothing was done; please ask again with another period."
        )
    return days


def most_of(said: str) -> int:
    """How many are to be listed. Raises ToolInputError, with the question to ask, for none or too many."""
    most = int(said) if said.isdigit() else WEEKS[said]
    if not 1 <= most <= MOST_LISTED:
        raise ToolInputError(
            f"How many? \u201c{said}\u201d was said, and 1 to {MOST_LISTED} can be listed. "
            "Nothing was done; please ask again with another number."
        )
    return most


def weeks_of(said: str) -> int:
    """Raises ToolInputError, with the question to ask, for none or too many."""
    weeks = int(said) if said.isdigit() else WEEKS[said]
    if not 1 <= weeks <= MOST_WEEKS:
        raise ToolInputError(
            f"Over how many weeks? \u201c{said} weeks\u201d was said, and deployments can be looked at over 1 to "
            f"{MOST_WEEKS}. Nothing was done; please ask again with another period."
        )
    return weeks
