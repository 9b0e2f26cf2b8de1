"""A small grammar of time: windows that come again and again, and ends of exceptions. What it does not know, it asks.

"after 6pm" · "every weekday at 18:00 Paris time" · "weekdays from 7pm to 7am" · "between 20:00 and 06:30"
"at 18:00 and start them again at 7am" · "until 23:00" · "until tomorrow 9am" · "for 2 hours"

"at 23:59" and no more says when, but not whether once or every day: that is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, Day, Window
from copilot.times.question import Question
from copilot.times.recurrence import in_order, is_missing
from copilot.times.words import TIME_CHOICES, MustAsk, Words
from copilot.times.zones import unknown_zone

_ONCE = frozenset("today tonight tomorrow once now then".split())
_START = frozenset({"start", "restart", "resume", "boot"})
_BRING = frozenset({"bring", "turn", "switch", "power", "wake"})
_THEM = frozenset({"them", "it", "again", "back", "up", "on", "those", "these", "everything"})
_SOON = timedelta(hours=12)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "half": 0.5}
_IN_A_WHILE = re.compile(r"in (?:\d|an? |half )")
_UNITS = {"minute": 1, "min": 1, "hour": 60, "h": 60, "hr": 60, "day": 24 * 60, "week": 7 * 24 * 60}
_START_CHOICES = ("start them again at 7am on mondays", "start them again at 7am every day")
_MOST_MINUTES = 366 * 24 * 60
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)([a-z]*)")


def parse_window(text: str, time_zone: str) -> Window | Question:
    """The window that a text names; `time_zone` is that of the person, for a text which names none.

    Where no days are named it is every day, if anything else says that it comes again: "after", an end, a start.
    """
    try:
        return _WindowParts(Words(text), time_zone).read()
    except MustAsk as asked:
        return asked.question


def parse_until(text: str, now: datetime, time_zone: str) -> datetime | Question:
    """The time an exception ends, in its zone. A bare time is its next coming within twelve hours, or today's."""
    words = Words(text)
    try:
        if words.take("for"):
            return _after(words, now, time_zone)
        words.take("until", "till")
        return _until(words, now, time_zone)
    except MustAsk as asked:
        return asked.question


@dataclass
class _WindowParts:
    """What has been read of a window so far."""

    words: Words
    own: str
    stop: str | None = None
    start: str | None = None
    days: tuple[Day, ...] | None = None
    start_days: tuple[Day, ...] | None = None
    zone: str | None = None
    enforce: bool = False
    restarts: bool = False
    bare: bool = False
    """Whether the stop is a mere time of day: "at 23:59"."""

    def read(self) -> Window:
        while self.words.left:
            if not (self._enforced() or self._restart() or self._days() or self._zone() or self._times()):
                if self.words.take(",", "and", "then", "starting"):
                    continue
                raise MustAsk(self._unknown())
        if self.stop is None:
            raise MustAsk(Question("At what time?", TIME_CHOICES))
        if self.restarts and self.start is None:
            raise MustAsk(Question("At what time should they be started again?", ("at 07:00", "at 7am")))
        if self.start == self.stop and self.start is not None:
            raise MustAsk(Question(f"They would be stopped and started at the same time, {self.stop}; when is which?"))
        if self.bare and self.days is None and self.start is None and not self.enforce:
            raise MustAsk(_once_or_every_day(f"{self.stop} {self.zone or ''}".rstrip()))
        days = self.days or DAYS
        return Window(
            stop=self.stop,
            days=days,
            start=self.start,
            start_days=self._starting(days) if self.start else (),
            time_zone=self.zone or self.own,
            enforce=self.enforce,
        )

    def _starting(self, days: tuple[Day, ...]) -> tuple[Day, ...]:
        """The days it ends on. "from .. to": where each one ends. "start them again": the days that were named."""
        assert self.start is not None and self.stop is not None
        if self.start_days is not None:
            return self.start_days
        if self.restarts:
            if days not in {DAYS, DAYS[:5]}:  # the same day a week later, or the morning after: it may be either
                raise MustAsk(Question(f"On which days should they be started again at {self.start}?", _START_CHOICES))
            return days
        over_night = self.start <= self.stop
        return in_order([DAYS[(DAYS.index(day) + over_night) % 7] for day in days])

    def _times(self) -> bool:
        words = self.words
        led = words.take("after", "at", "from", "past", "between")
        first = words.time()
        if first is None:
            if led:
                words.at -= 1
            return False
        self._zone()
        second = None
        if led == "between" and not words.take("and"):
            raise MustAsk(Question(f"Between {first} and when?"))
        if led == "between" or (not self.restarts and words.take("to", "until", "till")):
            second = words.time()
            if second is None:
                raise MustAsk(Question(f"From {first} until when?"))
        if self.restarts:
            self._once("start", first)
        else:
            self._once("stop", first)
            self.bare = led in {None, "at"}
            if second is not None:
                self._once("start", second)
        return True

    def _days(self) -> bool:
        found = self.words.days()
        if found is not None:
            self._once("start_days" if self.restarts else "days", found)
        return found is not None

    def _zone(self) -> bool:
        found = self.words.zone(self.own)
        if found is not None:
            if self.zone not in {None, found}:
                raise MustAsk(Question(f"Two time zones are named, {self.zone} and {found}; which is meant?"))
            self.zone = found
        return found is not None

    def _restart(self) -> bool:
        """ "and start them again", after which times and days are those of the start."""
        words, at = self.words, self.words.at
        while words.take(",", "and", "then"):
            pass
        led = words.take(*_START, *_BRING)
        while words.peek() in _THEM and not (words.peek() == "on" and words.peek(1) not in _THEM | {"at"}):
            words.at += 1
        if led is None or (led in _BRING and words.all[words.at - 1] not in _THEM):
            words.at = at
            return False
        if self.restarts or self.start is not None:
            raise MustAsk(Question("They would be started again twice; when should they be?"))
        self.restarts = True
        return True

    def _enforced(self) -> bool:
        words, at = self.words, self.words.at
        while words.take(",", "and"):
            pass
        if words.take("enforce", "enforced", "enforcing"):
            words.take("it", "this", "that")
            self.enforce = True
            return True
        if words.left[:3] in (["keep", "them", "stopped"], ["keep", "them", "off"], ["keep", "it", "off"]):
            words.at += 3
            self.enforce = True
            return True
        words.at = at
        return False

    def _once(self, part: str, value: object) -> None:
        before = getattr(self, part)
        if before not in {None, value}:
            what = {"stop": "times", "start": "times to start again"}.get(part, "sets of days")
            raise MustAsk(Question(f"Two {what} are named; which is meant?"))
        setattr(self, part, value)

    def _unknown(self) -> Question:
        words = self.words
        said = " ".join(words.left)[:60]
        once = said if _IN_A_WHILE.match(said) else words.peek()
        if once in _ONCE or _IN_A_WHILE.match(once):
            return Question(
                f"“{once}” is one time, and a schedule repeats. Every day, or on which days?",
                ("every day", "every weekday"),
            )
        if zone := words.no_zone():
            return unknown_zone(zone)
        return Question(
            f"I do not understand “{said}” as a time. When should they be stopped?",
            ("every weekday at 18:00", "every day from 19:00 to 07:00", "on Fridays at 5pm"),
        )


def _once_or_every_day(time: str) -> Question:
    """`time` is a time of day, with its zone where one was named."""
    return Question(
        f"Is {time} meant once, or every day? A schedule repeats; what is done once has to be asked for at its time.",
        (f"every day at {time}", f"every weekday at {time}"),
    )


def _after(words: Words, now: datetime, own: str) -> datetime:
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
    if not 0 < minutes <= _MOST_MINUTES or words.left:
        raise MustAsk(Question("For how long?", ("for 2 hours", "for 30 minutes", "until 23:00")))
    return (now + timedelta(minutes=minutes)).astimezone(ZoneInfo(own))


def _until(words: Words, now: datetime, own: str) -> datetime:
    date: int | Day | None = None
    time, zone = None, None
    relative = {"today": 0, "tonight": 0, "tomorrow": 1}
    while words.left:
        if words.take("at", "on", "the", ","):
            continue
        if date is None and words.peek() in relative:
            date = relative[words.take(*relative) or ""]
        elif date is None and (day := words.day()) is not None:
            date = day
        elif time is None and (found := words.time()) is not None:
            time = found
        elif zone is None and (named := words.zone(own)) is not None:
            zone = named
        else:
            said = " ".join(words.left)[:60]
            if (no_zone := words.no_zone()) and not _IN_A_WHILE.match(said):
                raise MustAsk(unknown_zone(no_zone))
            raise MustAsk(Question(f"I do not understand “{said}” as a time. Until when?", ("until 23:00",)))
    if time is None:
        raise MustAsk(Question("Until what time?", ("until tomorrow 9am", "until 23:00")))
    return _moment(date, time, now.astimezone(ZoneInfo(zone or own)))


def _moment(date: int | Day | None, time: str, here: datetime) -> datetime:
    """`here` is now, in the zone that is meant."""

    def on(days: int) -> datetime:
        day = (here + timedelta(days=days)).date()
        return datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:]), tzinfo=here.tzinfo)

    if isinstance(date, str):
        ahead = (DAYS.index(date) - here.weekday()) % 7
        meant = on(ahead)
        if meant.astimezone(UTC) <= here.astimezone(UTC):
            meant = on(ahead + 7)
    elif date is not None:
        meant = on(date)
    else:
        meant = on(0)
        if meant.astimezone(UTC) <= here.astimezone(UTC):
            meant = on(1)
            if meant.astimezone(UTC) - here.astimezone(UTC) > _SOON:
                raise MustAsk(
                    Question(f"It is {here:%H:%M} already; until {time} tomorrow?", (f"until tomorrow {time}",))
                )
    if is_missing(meant):
        raise MustAsk(Question(f"The clock is put forward over {time} on {meant:%d %b %Y}; until when instead?"))
    if meant.astimezone(UTC) <= here.astimezone(UTC):
        passed = f"{meant:%H:%M} on {meant:%d %b %Y} has passed; until when?"
        raise MustAsk(Question(passed, (f"until tomorrow {time}",)))
    return meant
