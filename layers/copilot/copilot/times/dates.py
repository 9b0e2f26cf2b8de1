"""One day, as it is said, and the date it is: "today", "tonight", "tomorrow", "this Friday", "14 March"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, Day, TimeOfDay
from copilot.times.question import Question
from copilot.times.recurrence import is_missing
from copilot.times.windows import day_in_words
from copilot.times.words import DAY_WORDS, PARTS, MustAsk, Words

FURTHEST = timedelta(days=366)
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH_WORDS = {form: at for at, name in enumerate(_MONTHS, 1) for form in (name, name[:3])} | {"sept": 9}
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"\d{4}")
_WHOLE = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)")
_AHEAD = {"today": 0, "tonight": 0, "tomorrow": 1}
_FIRST_OF_THE_DAY = 6
"""Before this hour it is still the night of the day before."""


Offer = Callable[[str, TimeOfDay], str]
"""How a day and a time are offered, as they can be said in place of the whole: "tomorrow" and 09:00."""


class CalendarDay(NamedTuple):
    day: int
    month: int
    year: int | None


class OneDay(NamedTuple):
    """`said` is how it can be said again. One of `ahead`, days from today; `weekday`; `on`, with a weekday or not."""

    said: str
    ahead: int | None = None
    weekday: Day | None = None
    week: Literal["", "this", "next"] = ""
    on: CalendarDay | None = None
    part: str = ""

    @property
    def is_one_date(self) -> bool:
        """Whether it can be no day of every week: "tomorrow", "next Monday", and not "Monday"."""
        return self.weekday is None or self.on is not None or self.week != ""


def one_day(words: Words) -> OneDay | None:
    """The one day that the next words name."""
    return words.attempt(lambda: _one_day(words))


def date_of(day: OneDay, time: TimeOfDay, here: datetime, offer: Offer) -> date:
    """The date, where something is to happen on this day at that time. `here` is now, in the zone that is meant.

    Raises MustAsk for one that may be another, or that there is none.
    """
    today = here.date()
    if day.on is not None:
        return _in_the_calendar(day, day.on, time, here, offer)
    if day.weekday is not None:
        found = _on_weekday(day.weekday, day, time, here, offer)
    else:
        found = today + timedelta(days=day.ahead or 0)
    if day.part == "night" and int(time[:2]) < _FIRST_OF_THE_DAY:
        after = found + timedelta(days=1)
        if day.ahead != 0:
            raise MustAsk(
                Question(
                    f"Is {time} in the night to {day_in_words(found)}, or to {day_in_words(after)}?",
                    (offer(on_day(found), time), offer(on_day(after), time)),
                    words=(f"{found:%A} {found.day} {found:%B}", f"{after:%A} {after.day} {after:%B}"),
                )
            )
        still_night = here.hour < _FIRST_OF_THE_DAY and at(found, time, here) > here.astimezone(UTC)
        return found if still_night else after
    return found


def moment_on(day: date, time: TimeOfDay, here: datetime, offer: Offer) -> datetime:
    """That time on that date, in the zone of `here`, which is now.

    Raises MustAsk where the clock leaves it out, where it has passed, or where it is more than a year ahead.
    """
    meant = datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:]), tzinfo=here.tzinfo)
    if is_missing(meant):
        later = meant.astimezone(UTC).astimezone(here.tzinfo)
        text = f"The clock is put forward over {time} on {day_in_words(day)} {day.year}; when instead?"
        raise MustAsk(Question(text, (offer(on_day(day), f"{later:%H:%M}"),)))
    if meant.astimezone(UTC) <= here.astimezone(UTC):
        text = f"{time} on {day_in_words(day)} {day.year} has passed; when is meant?"
        raise MustAsk(Question(text, (offer("tomorrow", time),)))
    if meant.astimezone(UTC) - here.astimezone(UTC) > FURTHEST:
        raise MustAsk(Question(f"{day_in_words(day)} {day.year} is more than a year ahead; when is meant?"))
    return meant


def at(day: date, time: TimeOfDay, here: datetime) -> datetime:
    """That time on that date, in UTC."""
    zone = here.tzinfo or ZoneInfo("UTC")
    return datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:]), tzinfo=zone).astimezone(UTC)


def on_day(day: date) -> str:
    """on 2 March 2026, as it is understood again."""
    return f"on {day.day} {day:%B} {day.year}"


def _one_day(words: Words) -> OneDay | None:
    word = words.peek()
    if word in _AHEAD:
        words.at += 1
        part = "night" if word == "tonight" else _part(words)
        return OneDay(f"{word} {part}" if part and word != "tonight" else word, ahead=_AHEAD[word], part=part)
    if word == "this" and words.peek(1) in PARTS:
        words.at += 2
        part = words.all[words.at - 1]
        return OneDay("tonight" if part == "night" else f"this {part}", ahead=0, part=part)
    words.take("on")
    words.take("the")
    if (on := _calendar(words)) is not None:
        return OneDay(_said(on), on=on, part=_part(words))
    week = words.take("this", "next", "coming")
    words.take("coming")
    weekday = words.day()
    if weekday is None:
        return None
    name = next(form for form, day in DAY_WORDS.items() if day == weekday and form.endswith("day"))
    if week is None and (on := words.attempt(lambda: _after_comma(words))) is not None:
        return OneDay(_said(on), weekday=weekday, on=on, part=_part(words))
    lead: Literal["", "this", "next"] = "next" if week == "next" else "this" if week else ""
    return OneDay(f"{lead or 'on'} {name}", weekday=weekday, week=lead, part=_part(words))


def _part(words: Words) -> str:
    return words.take(*PARTS) or ""


def _calendar(words: Words) -> CalendarDay | None:
    return words.attempt(lambda: _read_calendar(words))


def _after_comma(words: Words) -> CalendarDay | None:
    words.take(",")
    return _calendar(words)


def _read_calendar(words: Words) -> CalendarDay | None:
    if found := _WHOLE.fullmatch(words.peek()):
        words.at += 1
        return CalendarDay(int(found[3]), int(found[2]), int(found[1]))
    if (month := _MONTH_WORDS.get(words.peek())) is not None:
        words.at += 1
        words.take("the")
        day = _DAY_OF_MONTH.fullmatch(words.peek())
    else:
        day = _DAY_OF_MONTH.fullmatch(words.peek())
        words.at += 1
        words.take("of")
        month = _MONTH_WORDS.get(words.peek())
    if day is None or month is None:
        return None
    words.at += 1
    year = words.attempt(lambda: _year(words))
    return CalendarDay(int(day[1]), month, year)


def _year(words: Words) -> int | None:
    words.take(",")
    if not _YEAR.fullmatch(words.peek()):
        return None
    words.at += 1
    return int(words.all[words.at - 1])


def _said(on: CalendarDay) -> str:
    month = _MONTHS[on.month - 1].title() if 1 <= on.month <= 12 else on.month
    return f"on {on.day} {month}{f' {on.year}' if on.year else ''}"


def _in_the_calendar(day: OneDay, on: CalendarDay, time: TimeOfDay, here: datetime, offer: Offer) -> date:
    year = on.year or here.year
    if year not in {here.year, here.year + 1}:
        what = "has passed" if year < here.year else "is more than a year ahead"
        raise MustAsk(Question(f"{_said(on).removeprefix('on ')} {what}; when is meant?"))
    try:
        found = date(year, on.month, on.day)
    except ValueError:
        raise MustAsk(Question(f"There is no {_said(on).removeprefix('on ')}; which day is meant?")) from None
    if day.weekday is not None and DAYS[found.weekday()] != day.weekday:
        raise MustAsk(
            Question(
                f"{found.day} {found:%B} {year} is a {found:%A}; which day is meant?", (offer(on_day(found), time),)
            )
        )
    if on.year is None and at(found, time, here) <= here.astimezone(UTC):
        text = f"{time} on {day_in_words(found)} {year} has passed; when is meant?"
        raise MustAsk(Question(text, (offer(f"{_said(on)} {year + 1}", time),)))
    return found


def _on_weekday(weekday: Day, day: OneDay, time: TimeOfDay, here: datetime, offer: Offer) -> date:
    today = here.date()
    ahead = (DAYS.index(weekday) - today.weekday()) % 7
    if day.week == "next":
        coming = today + timedelta(days=ahead or 7)
        if ahead and today.weekday() + ahead < 7:  # it comes in this week still
            after = coming + timedelta(days=7)
            raise MustAsk(
                Question(
                    f"Is that {day_in_words(coming)}, or {day_in_words(after)}?",
                    (offer(on_day(coming), time), offer(on_day(after), time)),
                    words=(f"{coming:%A} {coming.day} {coming:%B}", f"{after:%A} {after.day} {after:%B}"),
                )
            )
        return coming
    passed = ahead == 0 and at(today, time, here) <= here.astimezone(UTC)
    return today + timedelta(days=7 if passed and day.week != "this" else ahead)
