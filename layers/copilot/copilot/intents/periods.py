"""How people say how many days back: "30 days", "week", "three months"."""

from __future__ import annotations

import re

from copilot.errors import ToolInputError

MOST_DAYS = 90
UNITS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90}
NUMBERS = {
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
    "ten": 10,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
PATTERN = rf"(?:(?:\d{{1,6}}|{'|'.join(NUMBERS)})[\s-]+)?(?:{'|'.join(UNITS)})s?"


def days_of(said: str) -> int:
    """A month is 30 days, a quarter 90. Raises ToolInputError, with the question to ask, for none or too many."""
    *number, unit = re.split(r"[\s-]+", said)
    times = (int(number[0]) if number[0].isdigit() else NUMBERS[number[0]]) if number else 1
    days = times * UNITS[unit.removesuffix("s")]
    if not 1 <= days <= MOST_DAYS:
        raise ToolInputError(
            f"Over how many days? \u201c{said}\u201d is {days} days, and usage can be looked at over 1 to {MOST_DAYS}. "
            "Nothing was done; please ask again with another period."
        )
    return days
