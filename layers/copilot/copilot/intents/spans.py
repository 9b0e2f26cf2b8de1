"""A time that has been, as people say it: "yesterday", "the last 2 hours", "since this morning", "last week"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
_SHORT = {"m": "minute", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "w": "week", "wk": "week"}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = "january february march april may june july august september october november december".split()
_NUMBER = rf"\d{{1,4}}|{'|'.join(NUMBERS)}"
_CLOCK = r"(\d{1,2})(?::(\d\d))? ?(am|pm)?"
_LED = re.compile(rf"(?:the )?(?:last|past|previous) (?:({_NUMBER}) )?({'|'.join(_LENGTHS)})s?")
_BRIEF = re.compile(rf"(?:(?:the )?(?:last|past|previous) )?(\d{{1,4}}) ?({'|'.join(_SHORT)})")
_FROM = {
    "last night": (1, 17), "yesterday evening": (1, 17), "yesterday morning": (1, 7), "yesterday noon": (1, 12),
    "yesterday afternoon": (1, 12), "noon": (0, 12), "lunch": (0, 12), "lunchtime": (0, 12), "midday": (0, 12),
    "this afternoon": (0, 12), "this evening": (0, 17), "the day before yesterday": (2, 0), "last week": (7, 0),
}  # fmt: skip
"""So many days ago, and at what hour."""
_PART_OF_DAY = rf"(?:{'|'.join(_DAYS)}) (?:morning|evening|night|noon)"
_DEPLOYED = "deploy|deployment|release|rollout"
_EVENT = rf"(?:the |our )?(?:last |latest )?(?:{_DEPLOYED}|outage|incident)|(?:we|you) (?:deployed|released)"
"""What was then: it is looked at from the beginning of that time."""
_OF_EVENT = rf"(?:(?:{_EVENT}) (?:on |of |from )?)?"
_SINCE_THEN = re.compile(rf"since (?:about |around )?{_OF_EVENT}({'|'.join(_FROM)}|{_PART_OF_DAY})")
_AROUND = re.compile(rf"(?:around|about|at about|at around) (?:(noon|midday|midnight)|{_CLOCK})")
_LAST_DAY = rf"(?:on )?last ({'|'.join(_DAYS)})(?: (morning|afternoon|evening|night))?"
_MONTH = rf"(?:the month of )?({'|'.join(_MONTHS)})(?: (20\d\d))?"
_LATELY = "lately|recently|of late|in the last while|for a while"
_BEGUN = f"yesterday|today|midnight|this morning|the morning|this week|{'|'.join(_DAYS)}"
_SINCE = re.compile(rf"since {_OF_EVENT}({_BEGUN}|{_CLOCK})")
_AGO = re.compile(rf"since ({_NUMBER}|an) ({'|'.join(_LENGTHS)})s? ago")
_BETWEEN = re.compile(rf"(?:between {_CLOCK} and|from {_CLOCK} to) {_CLOCK}")
_NAMED = (
    "today|tonight|yesterday|last night|this morning|this afternoon|this evening|yesterday evening|this week|this month"
    "|month to date|overnight|so far today|today so far|all day|all morning|all week|the day before yesterday"
    f"|yesterday morning|yesterday afternoon|yesterday night|{_LATELY}"
)
_HALF = "(?:the )?(?:last|past) half (?:an )?hour"
EARLIER = re.compile(
    rf"(?:the )?(?:(?:previous|preceding) )?({'|'.join(_LENGTHS)}|period|time)(?: (?:before|earlier)(?: that)?| prior)"
    rf"|before that|the (?:previous|preceding|prior) ({'|'.join(_LENGTHS)}|period|time)"
)
"""The time before the one that was spoken of last, as long or of that length."""
PATTERN = "|".join(
    (
        *(_NAMED, _LED.pattern, _HALF, _SINCE.pattern, _AGO.pattern, _BETWEEN.pattern, f"on (?:{'|'.join(_DAYS)})"),
        *(_BRIEF.pattern, _SINCE_THEN.pattern, _AROUND.pattern, _LAST_DAY, _MONTH),
    )
)
LONGEST = 8
_EVENING, _MORNING = 17, 7
_PARTS = {
    "this morning": (0, 12),
    "this afternoon": (12, 18),
    "this evening": (_EVENING, 24),
    "tonight": (_EVENING, 24),
}
"""Of today: one that has not begun yet is all of today so far."""


class Span(NamedTuple):
    since: datetime
    until: datetime


def before(said: str, last: Span) -> Span:
    """The time before that one."""
    found = EARLIER.fullmatch(said)
    length = _LENGTHS.get((found[1] or found[2] or "") if found else "", last.until - last.since)
    return Span(last.since - length, last.since)


def span_of(said: str, now: datetime, time_zone: str) -> Span:
    """In the zone of who says it. "The last week" is seven days up to now, and "yesterday" from midnight to midnight.

    Raises ToolInputError, with the question to ask, for what is longer than a month.
    """
    here = now.astimezone(ZoneInfo(time_zone))
    today = here.replace(hour=0, minute=0, second=0, microsecond=0)
    for form, read in _READ:
        if found := re.fullmatch(form, said):
            return read(found, today, here)
    return _named(said, today, here)


def _led(found: re.Match[str], today: datetime, here: datetime) -> Span:
    return _up_to(here, _count(found[1]) if found[1] else 1, found[2], found[0])


def _brief(found: re.Match[str], today: datetime, here: datetime) -> Span:
    return _up_to(here, int(found[1]), _SHORT[found[2]], found[0])


def _up_to(here: datetime, number: int, of: str, said: str) -> Span:
    length = _LENGTHS[of] * number
    if length > timedelta(days=31):
        raise ToolInputError(
            f"Over which time? “{said}” is longer than a month. Nothing was done; please say a shorter one."
        )
    return Span(here - length, here)


def _ago(found: re.Match[str], today: datetime, here: datetime) -> Span:
    return Span(here - _LENGTHS[found[2]] * _count(found[1].replace("an", "one")), here)


def _between(found: re.Match[str], today: datetime, here: datetime) -> Span:
    parts = found.groups()
    begin = _clock(parts[0:3] if parts[0] else parts[3:6], today, here)
    end = _clock(parts[6:9], today, here)
    return Span(begin, end if end > begin else here)


def _around(found: re.Match[str], today: datetime, here: datetime) -> Span:
    """Half an hour on either side."""
    named = {"midnight": "0", "noon": "12", "midday": "12"}.get(found[1] or "")
    at = _clock((named, None, None) if named else found.groups()[1:4], today, here)
    return Span(at - timedelta(minutes=30), min(at + timedelta(minutes=30), here))


def _on(found: re.Match[str], today: datetime, here: datetime) -> Span:
    begin = _last(found[1], today)
    return Span(begin, min(begin + timedelta(days=1), here))


def _last_day(found: re.Match[str], today: datetime, here: datetime) -> Span:
    """Of today's name, a week ago; a night goes on into the next morning."""
    begin = _last(found[1], today - timedelta(days=1))
    hours = {"morning": (0, 12), "afternoon": (12, 18), "evening": (_EVENING, 24), "night": (_EVENING, 24 + _MORNING)}
    first, end = hours.get(found[2], (0, 24))
    return Span(begin + timedelta(hours=first), min(begin + timedelta(hours=end), here))


def _month(found: re.Match[str], today: datetime, here: datetime) -> Span:
    """Of the calendar; without a year the last one that has begun."""
    month = _MONTHS.index(found[1]) + 1
    year = int(found[2]) if found[2] else here.year - (month > here.month)
    begin = today.replace(year=year, month=month, day=1)
    if begin > here:
        raise ToolInputError(
            f"Over which time? “{found[0]}” has not begun. Nothing was done; please say an earlier one."
        )
    return Span(begin, min((begin + timedelta(days=31)).replace(day=1), here))


def _named(said: str, today: datetime, here: datetime) -> Span:
    yesterday = today - timedelta(days=1)
    night = Span(yesterday.replace(hour=_EVENING), min(today.replace(hour=_MORNING), here))
    noon = yesterday.replace(hour=12)
    if said in _PARTS:
        begin, end = (today + timedelta(hours=hour) for hour in _PARTS[said])
        return Span(begin, min(end, here)) if begin < here else Span(today, here)
    return {
        "the day before yesterday": Span(yesterday - timedelta(days=1), yesterday),
        "yesterday": Span(yesterday, today),
        "yesterday morning": Span(yesterday, noon),
        "yesterday afternoon": Span(noon, yesterday.replace(hour=18)),
        "yesterday evening": Span(yesterday.replace(hour=_EVENING), today),
        "yesterday night": night,
        "last night": night,
        "overnight": night,
        "this month": Span(today.replace(day=1), here),
        "month to date": Span(today.replace(day=1), here),
        "all week": Span(today - timedelta(days=today.weekday()), here),
        "this week": Span(today - timedelta(days=today.weekday()), here),
    }.get(said, Span(today, here))


def _since_then(said: str, today: datetime) -> datetime:
    """In the morning of a day that is named; else as it stands in the table."""
    if said in _FROM:
        days, hour = _FROM[said]
        return (today - timedelta(days=days)).replace(hour=hour)
    day, part = said.split()
    hours = {"morning": 0, "noon": 12, "evening": _EVENING, "night": _EVENING}
    return _last(day, today).replace(hour=hours[part])


def _since(found: re.Match[str], today: datetime, here: datetime) -> datetime:
    if found[2]:
        return _clock(found.groups()[1:4], today, here)
    if found[1] in _DAYS:
        return _last(found[1], today)
    if found[1] == "this week":
        return today - timedelta(days=today.weekday())
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


_READ: Sequence[tuple[re.Pattern[str] | str, Callable[[re.Match[str], datetime, datetime], Span]]] = (
    (_LED, _led),
    (_BRIEF, _brief),
    (_HALF, lambda found, today, here: Span(here - timedelta(minutes=30), here)),
    (_LATELY, lambda found, today, here: Span(here - timedelta(days=1), here)),
    (_SINCE, lambda found, today, here: Span(_since(found, today, here), here)),
    (_SINCE_THEN, lambda found, today, here: Span(_since_then(found[1], today), here)),
    (_AGO, _ago),
    (_BETWEEN, _between),
    (_AROUND, _around),
    (rf"on ({'|'.join(_DAYS)})", _on),
    (_LAST_DAY, _last_day),
    (_MONTH, _month),
)
"""How each form of a time is read, with the midnight before and the moment it is said at."""
