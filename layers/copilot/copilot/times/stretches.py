"""Reading when something is off limits: "on Fridays", "between 9 and 12 on weekdays", "from 20 Dec to 2 Jan"; and until
when something is to be so. What has two meanings is read as the wider one, and told back.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, Day, Stretches, TimeOfDay
from copilot.times.dates import OneDay, one_day
from copilot.times.words import MustAsk, Words

_ALWAYS = re.compile(
    r"(?:ever|always|at all|at any time|at all times|any time|permanently|for good|around the clock|24/7|again"
    r"|under any circumstances|no matter what|whatever happens|day and night|for now)(?!\w)"
)
_HOURS = re.compile(
    r"(?:(?:between|from|at) )?(?P<start>\d{1,2}(?:[:.]\d\d)?) ?(?P<first>[ap]m)?"
    r" ?(?P<joint>and|to|until|till|-|–) ?(?P<end>\d{1,2}(?:[:.]\d\d)?) ?(?P<last>[ap]m)?(?![\w:]| (?:jan|feb"
    r"|mar|apr|may"
    r"|jun|jul|aug|sep|oct|nov|dec))"
)
_MONTHS = "january february march april may june july august september october november december".split()
_IN_MONTH = re.compile(rf"(?:in|during|all of|throughout) (?P<month>{'|'.join(_MONTHS)})")
_DATES = re.compile(r"(?:from|between) (?P<first>.+?) (?:to|until|till|through|and) (?P<last>.+)")
_WHILES = re.compile(
    r"(?:(?:during|over|in|on|at) )?(?:(?:the|every|each|all) )?"
    r"(?P<what>weekends?|weekdays?|week\b|work(?:ing|ing-|-)? ?days?|business days?|working week)"
)
_NIGHT = re.compile(r"(?:at night|overnight|during the night|by night|every night|nightly)")
_OFFICE = re.compile(r"(?:(?:during|in) (?:our |the )?)?(?:office|business|working|work) hours")
_AHEAD = re.compile(
    r"(?:the )?(?:(?P<end>end of )(?:the |this )?(?P<of>day|week|month|year)|next (?P<next>week|month|year))"
)


def stretches_in(text: str, now: datetime, zone: str) -> Stretches | None:
    """The times that a text names whole, "" for always; None where it is not understood."""
    left, found = f" {_plain(text)} ", _Found()
    while left.strip(" ,"):
        rest = found.take(left.strip(" ,"), now, zone)
        if rest is None or rest == left:
            return None
        left = rest
    try:
        return Stretches.model_validate({**found.parts, "time_zone": found.zone or zone})
    except ValueError:
        return None


def until_in(text: str, now: datetime, zone: str) -> datetime | None:
    """The moment until which something is so: the end of a day that is named without a time, the beginning of what is
    named as the next; None for what is no time to come.
    """
    words, here = Words(_plain(text)), now.astimezone(ZoneInfo(zone))
    said = " ".join(words.all).removeprefix("until ").removeprefix("till ")
    if (ahead := _AHEAD.fullmatch(said)) is not None:
        return _midnight(_next(here.date(), ahead["of"] or ahead["next"]), here)
    try:
        words = Words(said)
        day = one_day(words)
        clock = words.time() if words.take("at") or words.left else None
        if day is None or words.left:
            return None
        on = _date(day, here.date())
    except (MustAsk, ValueError):
        return None
    if on is None:
        return None
    at = _midnight(on + timedelta(days=1), here) if clock is None else _at(on, clock, here)
    return at if at.astimezone(UTC) > now.astimezone(UTC) else None


class _Found:
    def __init__(self) -> None:
        self.parts: dict[str, object] = {}
        self.zone = ""

    def take(self, left: str, now: datetime, zone: str) -> str | None:
        """What is left once one part was read; None where none was."""
        if always := _ALWAYS.match(left):
            return left[always.end() :]
        for pattern, start, end in ((_NIGHT, "20:00", "06:00"), (_OFFICE, "09:00", "17:00")):
            if (named := pattern.match(left)) and self._hours(start, end):
                office = pattern is _OFFICE and "days" not in self.parts
                self.parts |= {"days": DAYS[:5]} if office else {}
                return left[named.end() :]
        if (hours := _HOURS.match(left)) and self._hours(*_clock(hours)):
            return left[hours.end() :]
        today = now.astimezone(ZoneInfo(zone)).date()
        if month := _IN_MONTH.match(left):
            return left[month.end() :] if self._month(_MONTHS.index(month["month"]) + 1, today) else None
        if whiles := _WHILES.match(left):
            days = DAYS[5:] if whiles["what"].startswith("weekend") else DAYS[:5]
            return left[whiles.end() :] if self._days(days) else None
        return self._by_words(left, today, zone)

    def _by_words(self, left: str, today: date, zone: str) -> str | None:
        if (dates := _DATES.fullmatch(left)) and self._between(dates["first"], dates["last"], today):
            return ""
        words = Words(re.sub(r"^from (?=(?:mon|tue|wed|thu|fri|sat|sun)\w* )", "", left))
        try:
            if (named := words.zone(zone)) is not None:
                self.zone = named
                return " ".join(words.left)
            if (days := words.days()) is not None and self._days(days):
                return " ".join(words.left)
            if (day := one_day(words)) is not None:
                on = _date(day, today)
                recurs = day.weekday is not None and not day.week and day.on is None
                if recurs and day.weekday is not None and self._days((day.weekday,)):
                    return " ".join(words.left)
                if on is not None and self._dates(on, on):
                    return " ".join(words.left)
        except (MustAsk, ValueError):
            return None
        return None

    def _between(self, first: str, last: str, today: date) -> bool:
        begins, ends = _one_date(first, today), _one_date(last, today)
        if begins is None or ends is None:
            return False
        while ends < begins:
            ends = ends.replace(year=ends.year + 1)
        return self._dates(begins, ends)

    def _month(self, month: int, today: date) -> bool:
        year = today.year + (month < today.month)
        after = date(year + month // 12, month % 12 + 1, 1)
        return self._dates(date(year, month, 1), after - timedelta(days=1))

    def _days(self, days: tuple[Day, ...]) -> bool:
        return self._keep(days=days)

    def _hours(self, start: TimeOfDay, end: TimeOfDay) -> bool:
        return self._keep(start=start, end=end)

    def _dates(self, first: date, last: date) -> bool:
        return self._keep(first=first, last=last)

    def _keep(self, **parts: object) -> bool:
        """Each once."""
        if parts.keys() & self.parts.keys():
            return False
        self.parts |= parts
        return True


def _plain(text: str) -> str:
    said = " ".join(text.lower().replace("\u2019", "'").split())
    said = re.sub(r"\b(?:noon|midday)\b", "12:00", said)
    return re.sub(r"\bmidnight\b", "00:00", said)


def _clock(hours: re.Match[str]) -> tuple[TimeOfDay, TimeOfDay]:
    """Hours without a half of the day are of the clock with 24 hours, but for "9 to 5"."""
    last, first = hours["last"], hours["first"] or ""
    bare = not (first or last) and ":" not in hours["start"] and len(hours["start"]) < len("09")
    start, end = _time(hours["start"], first), _time(hours["end"], last or "")
    if bare and end <= start and int(end[:2]) + 12 > int(start[:2]) and int(end[:2]) < 12:
        end = f"{int(end[:2]) + 12:02}{end[2:]}"
    return start, end


def _time(said: str, half: str) -> TimeOfDay:
    hour, _, minute = said.replace(".", ":").partition(":")
    number = int(hour) % 12 + 12 * (half == "pm") if half else int(hour) % 24
    return f"{number:02}:{minute or '00'}"


def _one_date(said: str, today: date) -> date | None:
    words = Words(said)
    try:
        day = one_day(words)
        return None if day is None or day.weekday is not None or words.left else _date(day, today)
    except (MustAsk, ValueError):
        return None


def _date(day: OneDay, today: date) -> date | None:
    if day.on is not None:
        year = day.on.year or today.year
        on = date(year, day.on.month, day.on.day)
        return on.replace(year=year + 1) if day.on.year is None and on < today else on
    if day.weekday is not None:
        ahead = (DAYS.index(day.weekday) - today.weekday()) % 7 or 7
        monday = today + timedelta(days=7 - today.weekday())
        return monday + timedelta(days=DAYS.index(day.weekday)) if day.week == "next" else today + timedelta(days=ahead)
    return today + timedelta(days=day.ahead or 0)


def _next(today: date, unit: str) -> date:
    """The day with which the next of these begins."""
    if unit == "day":
        return today + timedelta(days=1)
    if unit == "week":
        return today + timedelta(days=7 - today.weekday())
    if unit == "year":
        return date(today.year + 1, 1, 1)
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _at(day: date, clock: TimeOfDay, here: datetime) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), here.tzinfo)


def _midnight(day: date, here: datetime) -> datetime:
    return datetime.combine(day, time(), here.tzinfo)
