"""A time that has been, as people say it: "yesterday", "the last 2 hours", "since this morning", "last week"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.errors import ToolInputError
from copilot.intents.periods import NUMBERS

_LENGTHS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBER = rf"\d{{1,4}}|{'|'.join(NUMBERS)}"
_CLOCK = r"(\d{1,2})(?::(\d\d))?(am|pm)?"
_LED = re.compile(rf"(?:the )?(?:last|past|previous) (?:({_NUMBER}) )?({'|'.join(_LENGTHS)})s?")
_DEPLOYED = "deploy|deployment|release|rollout"
_EVENT = rf"(?:the |our )?(?:last |latest )?(?:{_DEPLOYED}|outage|incident)|(?:we|you) (?:deployed|released)"
"""What was then: it is looked at from the beginning of that time."""
_BEGUN = f"yesterday|last night|this week|last week|today|midnight|this morning|{'|'.join(_DAYS)}"
_SINCE = re.compile(rf"since (?:(?:{_EVENT}) (?:on |of |from )?)?({_BEGUN}|{_CLOCK})")
_AGO = re.compile(rf"since ({_NUMBER}|an) ({'|'.join(_LENGTHS)})s? ago")
_BETWEEN = re.compile(rf"(?:between {_CLOCK} and|from {_CLOCK} to) {_CLOCK}")
_NAMED = (
    "today|tonight|all day|all morning|all week|yesterday"
    "|last night|this morning|this afternoon|this evening|yesterday evening|this week|this month"
    "|month to date"
)
_HALF = "(?:the )?(?:last|past) half (?:an )?hour"
PATTERN = "|".join(
    (_NAMED, _LED.pattern, _HALF, _SINCE.pattern, _AGO.pattern, _BETWEEN.pattern, f"on (?:{'|'.join(_DAYS)})")
)
LONGEST = 8
_EVENING, _MORNING = 17, 7


class Span(NamedTuple):
    since: datetime
    until: datetime


def span_of(said: str, now: datetime, time_zone: str) -> Span:
    """In the zone of who says it. "The last week" is seven days up to now, and "yesterday" from midnight to midnight.

    Raises ToolInputError, with the question to ask, for what is longer than a month.
    """
    here = now.astimezone(ZoneInfo(time_zone))
    today = here.replace(hour=0, minute=0, second=0, microsecond=0)
    if led := _LED.fullmatch(said):
        length = _LENGTHS[led[2]] * (_count(led[1]) if led[1] else 1)
        if length > timedelta(days=31):
            raise ToolInputError(
                f"Over which time? “{said}” is longer than a month. Nothing was done; please say a shorter one."
            )
        return Span(here - length, here)
    if re.fullmatch(_HALF, said):
        return Span(here - timedelta(minutes=30), here)
    if since := _SINCE.fullmatch(said):
        return Span(_since(since, today, here), here)
    if ago := _AGO.fullmatch(said):
        return Span(here - _LENGTHS[ago[2]] * _count(ago[1].replace("an", "one")), here)
    if between := _BETWEEN.fullmatch(said):
        parts = between.groups()
        begin = _clock(parts[0:3] if parts[0] else parts[3:6], today, here)
        end = _clock(parts[6:9], today, here)
        return Span(begin, end if end > begin else here)
    if said.startswith("on "):
        begin = _last(said.removeprefix("on "), today)
        return Span(begin, min(begin + timedelta(days=1), here))
    yesterday = today - timedelta(days=1)
    return {
        "yesterday": Span(yesterday, today),
        "yesterday evening": Span(yesterday.replace(hour=_EVENING), today),
        "last night": Span(yesterday.replace(hour=_EVENING), min(today.replace(hour=_MORNING), here)),
        "this month": Span(today.replace(day=1), here),
        "month to date": Span(today.replace(day=1), here),
        "all week": Span(today - timedelta(days=today.weekday()), here),
        "this week": Span(today - timedelta(days=today.weekday()), here),
    }.get(said, Span(today, here))


def _since(found: re.Match[str], today: datetime, here: datetime) -> datetime:
    if found[2]:
        return _clock(found.groups()[1:4], today, here)
    if found[1] in _DAYS:
        return _last(found[1], today)
    if found[1] in {"this week", "last week"}:
        return today - timedelta(days=today.weekday() + 7 * (found[1] == "last week"))
    if found[1] == "last night":
        return today - timedelta(hours=24 - _EVENING)
    return today - timedelta(days=1) if found[1] == "yesterday" else today


def _clock(said: Sequence[str | None], today: datetime, here: datetime) -> datetime:
    """When it was last so late: hour, minute, and half of the day where that is said."""
    hour, minute, half = int(said[0] or 0), int(said[1] or 0), said[2]
    hour = hour % 12 + 12 * (half == "pm") if half else hour
    at = today.replace(hour=min(hour, 23), minute=min(minute, 59))
    return at if at <= here else at - timedelta(days=1)


def _last(day: str, today: datetime) -> datetime:
    """The last such day; of today's name, today."""
    return today - timedelta(days=(today.weekday() - _DAYS.index(day)) % 7)


def _count(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS[said]
