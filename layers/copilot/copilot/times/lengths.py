"""Lengths of time: "2 hours", "half an hour", "90 minutes", "3h", "a week"."""

from __future__ import annotations

import re
from datetime import timedelta

from copilot.times.words import NUMBERS, Words

_NUMBERS = {"a": 1, "an": 1, "half": 0.5} | NUMBERS
_UNITS = {"minute": 1, "min": 1, "hour": 60, "h": 60, "hr": 60, "day": 24 * 60, "week": 7 * 24 * 60}
_MOST_MINUTES = 366 * 24 * 60
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([a-z]*)")


def length(words: Words) -> timedelta | None:
    """The length that the next words name, at most a year; None where they name none."""
    return words.attempt(lambda: _length(words))


def _length(words: Words) -> timedelta | None:
    first = words.peek()
    found = _LENGTH.fullmatch(first)
    number = float(found[1]) if found else _NUMBERS.get(first)
    words.at += 1
    if first == "half":
        words.take("a", "an")
    unit = (found[2] if found and found[2] else words.peek()).rstrip("s")
    if not (found and found[2]):
        words.at += 1
    minutes = (number or 0) * _UNITS.get(unit, 0)
    return timedelta(minutes=minutes) if 0 < minutes <= _MOST_MINUTES else None
