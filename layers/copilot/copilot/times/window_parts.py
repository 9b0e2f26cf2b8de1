"""The parts of a window, read in whatever order they are written, and what they come to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, Day, TimeOfDay, Window
from copilot.times.dates import OneDay, at, date_of, moment_on, on_day, one_day
from copilot.times.lengths import length
from copilot.times.question import Question
from copilot.times.recurrence import in_order, is_repeated
from copilot.times.windows import day_in_words, days_in_words, never, recurrences
from copilot.times.words import PART_WORDS, TIME_CHOICES, MustAsk, Words
from copilot.times.zones import unknown_zone

_START = frozenset({"start", "restart", "resume", "boot"})
_BRING = frozenset({"bring", "turn", "switch", "power", "wake"})
_THINGS = frozenset({"them", "it", "those", "these", "environment", "environments", "envs"})
_UP = frozenset({"again", "back", "up", "on", "online", "running"})
_OFF = frozenset({"off", "down", "stop", "stopped"})
_LEDS = frozenset({"at", "after", "from", "past"})
_CLOCK = re.compile(r"\d{1,2}(?:[:.h]\d{2}|[ap]m).*|\d{1,2}[:.h]?\d*[ap]m")
_IN_A_WHILE = re.compile(r"in (?:\d|an? |half )")
_ONLY = ("only", "just")


@dataclass
class WindowParts:
    """What has been read of a window so far. `here` is now, in the zone of the person."""

    words: Words
    here: datetime
    own: str
    stop: TimeOfDay | None = None
    start: TimeOfDay | None = None
    days: tuple[Day, ...] | None = None
    day: OneDay | None = None
    start_days: tuple[Day, ...] | None = None
    start_day: OneDay | None = None
    next_day: bool = False
    """Whether it is started on the day after its stop, whatever the times."""
    zone: str | None = None
    once: bool = False
    enforce: bool = False
    restarts: bool = False
    same_days: bool = False
    """Whether days behind both times are those of both: "off at 18:00 and on at 07:00 on weekdays"."""
    midnight: bool = False
    """Whether the stop is the word: of which day it is the midnight may be asked."""
    from_there: bool = False
    """Whether it is from the day on, which wants an end: "from Friday 6pm to Monday 7am"."""
    day_came_last: bool = False
    """Whether the day was named after "from .. to ..", of both of which it may be the day."""

    def read(self) -> Window:
        words = self.words
        parts = (
            self._enforced,
            self._restart,
            self._next_day,
            self._days,
            self._in_a_while,
            self._once,
            self._zone,
            self._times,
            self._until,
            self._part,
            self._in_between,
        )
        while words.left:
            if not any(part() for part in parts):
                raise MustAsk(self._unknown())
        if self.stop is None:
            raise MustAsk(Question("At what time?", TIME_CHOICES))
        if self.restarts and self.start is None:
            raise MustAsk(Question("At what time should they be started again?", (self._said("", "07:00"),)))
        if self.start == self.stop and self.start is not None and not self.next_day:
            raise MustAsk(Question(f"They would be stopped and started at the same time, {self.stop}; when is which?"))
        if self.from_there and self.start is None and self.day is not None:
            once = self._said(self.day.said)
            said = self.day.said.removeprefix("on ")
            raise MustAsk(Question(f"From {said} until when? Or is it once, {once}?", (once,), words=("once",)))
        shared = self.same_days or self.start_days == DAYS
        if shared and self.days is None and self.day is None and not self.once:
            self.days = self.start_days
        again, single = self.days is not None or self.enforce, self.day is not None or self.once
        if again and single:
            raise MustAsk(self._both())
        return self._again(self.days or DAYS) if again else self._on(self.stop) if single else self._either(self.stop)

    # what it comes to

    def _again(self, days: tuple[Day, ...]) -> Window:
        assert self.stop is not None
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
        over_night = self.start <= self.stop
        which = f"On which days should they be started again at {self.start}?"
        if self.start_day is not None:
            if self.start_day.weekday is None or self.start_day.is_one_date:
                text = f"“{self.start_day.said}” is one time, and {days_in_words(days)} comes again; when is the start?"
                raise MustAsk(Question(text, self._starts(days)))
            return (self.start_day.weekday,)
        if self.start_days is not None:
            return self.start_days
        if self.next_day and not over_night:
            raise MustAsk(Question(which, self._starts(days)))
        if self.restarts and not self.next_day:
            if days not in {DAYS, DAYS[:5]}:  # the same day a week later, or the morning after: it may be either
                raise MustAsk(Question(which, self._starts(days)))
            return days
        return in_order([DAYS[(DAYS.index(day) + over_night) % 7] for day in days])

    def _starts(self, days: tuple[Day, ...]) -> tuple[str, ...]:
        """The window with days for its start, as it can be said."""
        plain = replace(self, restarts=True, next_day=False, start_day=None)
        following = in_order([DAYS[(DAYS.index(day) + 1) % 7] for day in days])
        others = DAYS[:5] if days == DAYS else DAYS[:1]
        return tuple(replace(plain, start_days=some)._said(days_in_words(days)) for some in (following, others))

    def _on(self, stop: TimeOfDay) -> Window:
        """What happens once, on the day that was named, or next."""
        here = self.here.astimezone(ZoneInfo(self.zone or self.own))

        def offer(said: str, time: TimeOfDay) -> str:
            return replace(self, stop=time)._said(said)

        if self.day is None:
            day = here.date()
        elif self.midnight and self.day.part != "night":
            day = self._whose_midnight(self.day, here)
        else:
            day = date_of(self.day, stop, here, offer)
        moment_on(day, stop, here, offer)
        if self.day_came_last and day > here.date() and self.start is not None and self.start <= stop:
            before = day - timedelta(days=1)
            text = f"Is {day_in_words(day)} when they are stopped, or when they are started again?"
            choices = tuple(self._said(on_day(one)) for one in (day, before))
            raise MustAsk(Question(text, choices, words=("stopped", "started again")))
        window = Window(
            stop=stop, on=day, start=self.start, start_days=self._started_on(day, here), time_zone=self.zone or self.own
        )
        if window.start and (lost := never(window)):
            raise MustAsk(Question(f"There would be no {lost[0]}; when instead?"))
        return window

    def _started_on(self, stopped: date, here: datetime) -> tuple[Day, ...]:
        assert self.stop is not None
        if self.start is None:
            return ()
        if self.start_days is not None:
            text = (
                f"{days_in_words(self.start_days).capitalize()} comes again, and the stop is once; when is the start?"
            )
            raise MustAsk(Question(text))
        if self.next_day:
            return (DAYS[(stopped.weekday() + 1) % 7],)
        if self.start_day is None:
            return ()
        if self.start_day.weekday is not None and not self.start_day.is_one_date:
            return (self.start_day.weekday,)

        def offer(said: str, time: TimeOfDay) -> str:
            return replace(self, start=time, start_day=OneDay(said))._said(on_day(stopped))

        day = date_of(self.start_day, self.start, here, offer)
        days = (DAYS[day.weekday()],)
        window = Window(stop=self.stop, on=stopped, start=self.start, start_days=days, time_zone=self.zone or self.own)
        if recurrences(window)["start"].on != day:
            text = f"{day_in_words(day)} at {self.start} is before the stop, or more than a week after it; when is it?"
            raise MustAsk(Question(text))
        return days

    def _whose_midnight(self, day: OneDay, here: datetime) -> date:
        """Midnight of today is the one to come; that of another day may be the one it begins with or ends with."""
        found = date_of(day, "23:59", here, lambda said, _: self._said(said))
        after = found + timedelta(days=1)
        if day.ahead == 0:
            return after
        text = f"Is that midnight in the night to {day_in_words(found)}, or to {day_in_words(after)}?"
        choices = tuple(self._said(on_day(one)) for one in (found, after))
        raise MustAsk(Question(text, choices, words=tuple(f"{one:%A} {one.day} {one:%B}" for one in (found, after))))

    def _either(self, stop: TimeOfDay) -> Window:
        """Nothing says whether it is meant once or again and again: that is asked, and each choice says it whole."""
        if self.start_days is not None:
            often = (self._said("every day"), self._said("every weekday"))
            raise MustAsk(Question(f"Are they stopped at {stop} every day, or on which days?", often))
        here = self.here.astimezone(ZoneInfo(self.zone or self.own))
        today = here.date()
        passed = at(today, stop, here) <= here.astimezone(UTC)
        said, day = ("tomorrow", today + timedelta(days=1)) if passed else ("today", today)
        choices = (self._said(said), self._said("every day"), self._said("every weekday"))
        once = self._said(f"{said} ({day_in_words(day)})").replace("start them again", "started again")
        raise MustAsk(Question(f"Is that once, {once}, or every day?", choices))

    def _both(self) -> Question:
        once = self.day.said if self.day else "once"
        if self.days is None:
            again, choices = "what is enforced", [self._said("every day")]
        else:
            again = days_in_words(self.days)
            choices = [self._said(once if self.day else "today"), self._said(again)]
        text = f"“{once}” is one time, and {again} comes again; which is meant?"
        return Question(text, tuple(choices), contradictory=True, words=("once", "every") if len(choices) == 2 else ())

    def _said(self, when: str, start: TimeOfDay | None = None) -> str:
        """The window with this for its day, as it can be said in its place."""
        start = start or self.start
        zone = f" {self.zone}" if self.zone else ""
        ends = start is not None and not self.restarts
        times = f"from {self.stop} to {start}{zone}" if ends else f"at {self.stop}{zone}"
        if self.restarts:
            times += f" and start them again at {start}"
            if self.next_day:
                times += " the next day"
            elif self.start_days is not None:
                times += f" {days_in_words(self.start_days)}"
            elif self.start_day is not None:
                times += f" {self.start_day.said}"
        return f"{when} {times}{' and enforce it' if self.enforce else ''}".strip()

    # what is read

    def _times(self) -> bool:
        words = self.words
        led = words.take("after", "at", "from", "past", "between")
        midnight = words.peek() == "midnight"
        first = words.time(self._part_of_day())
        if first is None:
            if led:
                words.at -= 1
            return False
        self._zone()
        if self.restarts:
            self._one_of("start", first)
            return True
        self._one_of("stop", first)
        self.midnight = self.midnight or midnight
        if led == "between" and not words.take("and"):
            raise MustAsk(Question(f"Between {first} and when?"))
        if led == "between" or words.take("to", "until", "till"):
            self._end()
        return True

    def _until(self) -> bool:
        """The end, where a day stands before it: "from 8pm tonight until 7am"."""
        if self.stop is None or self.restarts or not self.words.take("to", "until", "till"):
            return False
        self._end()
        return True

    def _end(self) -> None:
        self._day_of_start()
        self.words.take("at")
        end = self.words.time()
        if end is None:
            raise MustAsk(Question(f"From {self.stop} until when?"))
        self._one_of("start", end)

    def _day_of_start(self) -> None:
        """Of "from Friday 6pm to Monday 7am", "until tomorrow at 7am", "until the next morning at 7am"."""
        if not self._next_day() and (found := one_day(self.words)) is not None:
            self._one_of("start_day", found)

    def _part_of_day(self) -> str | None:
        """The part of the day that is named on this side of the start: "tonight at 9", "every morning at 7"."""
        all = self.words.all
        starts = [at for at, word in enumerate(all) if word in _START | _BRING | {"until", "till"}]
        turn = starts[0] if starts else len(all)
        side = all[turn:] if self.restarts else all[:turn]
        named = {PART_WORDS[word] for word in side if word in PART_WORDS}
        return named.pop() if len(named) == 1 else None

    def _part(self) -> bool:
        """ "in the morning", standing by itself: which time it is of was seen where that was read."""
        return self.words.part() is not None

    def _days(self) -> bool:
        found = self.words.days()
        if found is not None:
            self._one_of("start_days" if self.restarts else "days", found)
        return found is not None

    def _once(self) -> bool:
        """One day, or the word: "tonight", "on 14 March", "this Friday only", "just once"."""
        words, at = self.words, self.words.at
        words.take(*_ONLY)
        from_there = words.take("from") is not None
        found = one_day(words)
        if found is not None:
            self.from_there = self.from_there or from_there
            if not self.restarts and self.start is not None and found.said not in {"today", "tonight"}:
                self.day_came_last = True
            self._one_of("start_day" if self.restarts else "day", found)
        elif from_there or not (words.take_all("this", "once") or words.take("once") or words.take_all("one", "time")):
            words.at = at
            return False
        self.once = self.once or not self.restarts
        words.take(*_ONLY)
        return True

    def _in_a_while(self) -> bool:
        """ "in 2 hours", "2 hours from now": once, to the minute; "in 3 days at 18:00"."""
        words, start = self.words, self.words.at
        led = words.take("in") is not None
        found = length(words)
        if found is None or not (led or words.take_all("from", "now")):
            words.at = start
            return False
        if self.restarts:
            raise MustAsk(Question("Is that from now, or from the stop? At what time should they be started again?"))
        meant = self.here.astimezone(UTC) + found
        if meant.second or meant.microsecond:
            meant = meant.replace(second=0, microsecond=0) + timedelta(minutes=1)
        wall = meant.astimezone(ZoneInfo(words.any_zone(self.own) or self.zone or self.own))
        if is_repeated(wall):
            raise MustAsk(
                Question(f"The clock shows {wall:%H:%M} twice on {day_in_words(wall)}; at what time instead?")
            )
        if found.days < 1 or found.seconds or not self._time_ahead():
            self._one_of("stop", f"{wall:%H:%M}")
        self._one_of("day", one_day(Words(on_day(wall))))
        return True

    def _time_ahead(self) -> bool:
        return self.stop is not None or any(_CLOCK.fullmatch(word) or word == "at" for word in self.words.left)

    def _zone(self) -> bool:
        found = self.words.zone(self.own)
        if found is not None:
            if self.zone not in {None, found}:
                text = f"Two time zones are named, {self.zone} and {found}; which is meant?"
                raise MustAsk(Question(text, contradictory=True))
            self.zone = found
        return found is not None

    def _restart(self) -> bool:
        """ "and start them again", "and wake them up", "on at 6am": after it times and days are those of the start."""
        words, before = self.words, self.words.at
        while words.take(",", "and", "then"):
            pass
        led = words.take(*_START, *_BRING)
        if led is not None:
            self._things()
        ups = 0
        while words.peek() in _UP and not (words.peek() == "on" and self._names_days(1)):
            words.at, ups = words.at + 1, ups + 1
        if led is not None:
            self._things()
        bare = led is None and ups and (words.peek() == "at" or _CLOCK.fullmatch(words.peek()))
        said = led in _START or (led in _BRING and words.at - before > 1 and words.all[words.at - 1] in _THINGS | _UP)
        if not (said or bare):
            words.at = before
            return False
        if self.restarts or self.start is not None:
            raise MustAsk(Question("They would be started again twice; when should they be?"))
        self.restarts, self.same_days = True, bool(bare)
        return True

    def _things(self) -> None:
        words = self.words
        while (
            words.peek() in _THINGS
            or (words.peek() in {"the", "of"} and words.peek(1) in _THINGS)
            or (words.peek() == "all" and words.all[words.at - 1] in _THINGS)
        ):
            words.at += 1

    def _names_days(self, offset: int) -> bool:
        """Whether days or a date stand there, of which "on" is the lead."""
        ahead = Words("")
        ahead.all = ["on", *self.words.left[offset:]]
        return not _CLOCK.fullmatch(self.words.peek(offset)) and (
            self.words.peek(offset) == "the" or ahead.days() is not None or one_day(ahead) is not None
        )

    def _in_between(self) -> bool:
        """What stands between the parts: "and", "starting at", "off at"."""
        words = self.words
        if words.take(",", "and", "then") or (words.peek(1) in _LEDS and words.take("starting", *_OFF)):
            return True
        return _CLOCK.fullmatch(words.peek(1)) is not None and words.take(*_OFF) is not None

    def _next_day(self) -> bool:
        """ "the next morning", of the start."""
        words, before = self.words, self.words.at
        words.take("the", "on")
        words.take("the")
        if words.take("next", "following") and words.take("day", "morning"):
            self.next_day = True
            return True
        words.at = before
        return False

    def _enforced(self) -> bool:
        words, before = self.words, self.words.at
        while words.take(",", "and"):
            pass
        if words.take("enforce", "enforced", "enforcing"):
            words.take("it", "this", "that")
            self.enforce = True
            return True
        if words.take_all("keep", "them", "stopped") or words.take_all("keep", "them", "off"):
            self.enforce = True
            return True
        if words.take_all("keep", "it", "off") or words.take_all("keep", "it", "stopped"):
            self.enforce = True
            return True
        words.at = before
        return False

    def _one_of(self, part: str, value: object) -> None:
        before = getattr(self, part)
        if before not in {None, value}:
            what = {"stop": "times", "start": "times to start again", "day": "days"}.get(part, "sets of days")
            raise MustAsk(Question(f"Two {what} are named; which is meant?", contradictory=True))
        setattr(self, part, value)

    def _unknown(self) -> Question:
        words = self.words
        said = " ".join(words.left)[:60]
        if (zone := words.no_zone()) and not _IN_A_WHILE.match(said):
            return unknown_zone(zone)._replace(understood=False)
        return Question(
            f"I do not understand “{said}” as a time. When should they be stopped?",
            ("every weekday at 18:00", "every day from 19:00 to 07:00", "on Fridays at 5pm", "tonight at 21:00"),
            understood=False,
        )
