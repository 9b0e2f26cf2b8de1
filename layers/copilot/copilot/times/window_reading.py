"""Reading a window: its parts, in whatever order they are written."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import Window
from copilot.times.dates import on_day, one_day
from copilot.times.lengths import length
from copilot.times.question import Question
from copilot.times.recurrence import is_repeated
from copilot.times.window_parts import WindowParts
from copilot.times.windows import day_in_words
from copilot.times.words import PART_WORDS, MustAsk, Words
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


class WindowReading:
    """Of one text, of which the parts that were read so far are in `parts`."""

    def __init__(self, words: Words, parts: WindowParts) -> None:
        self.words = words
        self.parts = parts

    def window(self) -> Window:
        """Raises MustAsk for what is not understood, is not said, or has two meanings."""
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
        return self.parts.window()

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
        if self.parts.restarts:
            self._one_of("start", first)
            return True
        self._one_of("stop", first)
        self.parts.midnight = self.parts.midnight or midnight
        if led == "between" and not words.take("and"):
            raise MustAsk(Question(f"Between {first} and when?"))
        if led == "between" or words.take("to", "until", "till"):
            self._end()
        return True

    def _until(self) -> bool:
        """The end, where a day stands before it: "from 8pm tonight until 7am"."""
        if self.parts.stop is None or self.parts.restarts or not self.words.take("to", "until", "till"):
            return False
        self._end()
        return True

    def _end(self) -> None:
        self._day_of_start()
        self.words.take("at")
        end = self.words.time()
        if end is None:
            raise MustAsk(Question(f"From {self.parts.stop} until when?"))
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
        side = all[turn:] if self.parts.restarts else all[:turn]
        named = {PART_WORDS[word] for word in side if word in PART_WORDS}
        return named.pop() if len(named) == 1 else None

    def _part(self) -> bool:
        """ "in the morning", standing by itself: which time it is of was seen where that was read."""
        return self.words.part() is not None

    def _days(self) -> bool:
        found = self.words.days()
        if found is not None:
            self._one_of("start_days" if self.parts.restarts else "days", found)
        return found is not None

    def _once(self) -> bool:
        """One day, or the word: "tonight", "on 14 March", "this Friday only", "just once"."""
        words, at = self.words, self.words.at
        words.take(*_ONLY)
        from_there = words.take("from") is not None
        found = one_day(words)
        if found is not None:
            self.parts.from_there = self.parts.from_there or from_there
            if not self.parts.restarts and self.parts.start is not None and found.said not in {"today", "tonight"}:
                self.parts.day_came_last = True
            self._one_of("start_day" if self.parts.restarts else "day", found)
        elif from_there or not (words.take_all("this", "once") or words.take("once") or words.take_all("one", "time")):
            words.at = at
            return False
        self.parts.once = self.parts.once or not self.parts.restarts
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
        if self.parts.restarts:
            raise MustAsk(Question("Is that from now, or from the stop? At what time should they be started again?"))
        meant = self.parts.here.astimezone(UTC) + found
        if meant.second or meant.microsecond:
            meant = meant.replace(second=0, microsecond=0) + timedelta(minutes=1)
        wall = meant.astimezone(ZoneInfo(words.any_zone(self.parts.own) or self.parts.zone or self.parts.own))
        if is_repeated(wall):
            raise MustAsk(
                Question(f"The clock shows {wall:%H:%M} twice on {day_in_words(wall)}; at what time instead?")
            )
        if found.days < 1 or found.seconds or not self._time_ahead():
            self._one_of("stop", f"{wall:%H:%M}")
        self._one_of("day", one_day(Words(on_day(wall))))
        return True

    def _time_ahead(self) -> bool:
        return self.parts.stop is not None or any(_CLOCK.fullmatch(word) or word == "at" for word in self.words.left)

    def _zone(self) -> bool:
        found = self.words.zone(self.parts.own)
        if found is not None:
            if self.parts.zone not in {None, found}:
                text = f"Two time zones are named, {self.parts.zone} and {found}; which is meant?"
                raise MustAsk(Question(text, contradictory=True))
            self.parts.zone = found
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
        if self.parts.restarts or self.parts.start is not None:
            raise MustAsk(Question("They would be started again twice; when should they be?"))
        self.parts.restarts, self.parts.same_days = True, bool(bare)
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
            self.parts.next_day = True
            return True
        words.at = before
        return False

    def _enforced(self) -> bool:
        words, before = self.words, self.words.at
        while words.take(",", "and"):
            pass
        if words.take("enforce", "enforced", "enforcing"):
            words.take("it", "this", "that")
            self.parts.enforce = True
            return True
        if words.take_all("keep", "them", "stopped") or words.take_all("keep", "them", "off"):
            self.parts.enforce = True
            return True
        if words.take_all("keep", "it", "off") or words.take_all("keep", "it", "stopped"):
            self.parts.enforce = True
            return True
        words.at = before
        return False

    def _one_of(self, part: str, value: object) -> None:
        before = getattr(self.parts, part)
        if before not in {None, value}:
            what = {"stop": "times", "start": "times to start again", "day": "days"}.get(part, "sets of days")
            raise MustAsk(Question(f"Two {what} are named; which is meant?", contradictory=True))
        setattr(self.parts, part, value)

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
