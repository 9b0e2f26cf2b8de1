"""The words of time expressions, one after the other, and the ones that several expressions share."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile
from typing import TypeVar

from copilot.domain import DAYS, Day, TimeOfDay
from copilot.times.question import Question
from copilot.times.recurrence import in_order
from copilot.times.zones import WORDS_AT_MOST, named_zone, says_zone

T = TypeVar("T")

_FORMS: dict[Day, str] = {
    "MON": "mon monday mondays",
    "TUE": "tue tues tuesday tuesdays",
    "WED": "wed wednesday wednesdays",
    "THU": "thu thur thurs thursday thursdays",
    "FRI": "fri friday fridays",
    "SAT": "sat saturday saturdays",
    "SUN": "sun sunday sundays",
}
_DAY_WORDS = {form: day for day, forms in _FORMS.items() for form in forms.split()}
_ALL_DAYS = frozenset({"day", "night", "evening"})
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|h)?(am|pm)?")
_GOES_ON = frozenset({",", "and", "then", "starting", "every", "each", "daily", "on", "at", "from", "until"})
"""What something else begins with, after a zone."""
TIME_CHOICES = ("at 18:00", "at 6pm")


class MustAsk(Exception):
    """What is written has no one meaning: here is what to ask."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


class Words:
    """The words of an expression, and how far they have been read."""

    def __init__(self, text: str) -> None:
        text = re.sub(r"\b([ap])\.?\s?m\b\.?", r"\1m", " ".join(text.lower().replace("\u2019", "'").split()))
        text = re.sub(r"(\d)\s+([ap]m)\b", r"\1\2", text)
        text = re.sub(r"(?<=\d)([ap]m)?\s*[-–]\s*(?=\d)", r"\1 to ", text)
        text = re.sub(rf"\b({'|'.join(_DAY_WORDS)})\s*[-–]\s*(?=({'|'.join(_DAY_WORDS)})\b)", r"\1 to ", text)
        self.all = text.replace(",", " , ").strip(" ?!.;,").split()
        self.at = 0

    @property
    def left(self) -> list[str]:
        return self.all[self.at :]

    def take(self, *wanted: str) -> str | None:
        """The next word, if it is one of these."""
        if self.left and self.left[0] in wanted:
            self.at += 1
            return self.all[self.at - 1]
        return None

    def peek(self, offset: int = 0) -> str:
        return self.left[offset] if len(self.left) > offset else ""

    def attempt(self, read: Callable[[], T | None]) -> T | None:
        """What `read` gives; the words it took are put back where that is nothing."""
        at = self.at
        found = read()
        if found is None:
            self.at = at
        return found

    # times of day

    def time(self) -> TimeOfDay | None:
        """A time of day. Raises MustAsk for one that may be of the morning or the evening, or that there is none."""
        word = self.peek()
        if word in {"noon", "midday", "midnight"}:
            self.at += 1
            return "00:00" if word == "midnight" else "12:00"
        found = _TIME.fullmatch(word)
        if found is None:
            return None
        self.at += 1
        self.take("o'clock")
        hour, minute = int(found[1]), int(found[2] or 0)
        if minute > 59 or hour > (12 if found[3] else 23) or (found[3] and hour == 0):
            raise MustAsk(Question(f"There is no time “{word}”; which is meant?", TIME_CHOICES))
        if found[3]:
            hour = hour % 12 + (12 if found[3] == "pm" else 0)
        elif 1 <= hour <= 12 and "h" not in word and not (found[2] and len(found[1]) == 2):
            # 06:30 is of the 24-hour clock, and 10:30 to 12:30 are taken for it; 6:30 is written for both.
            either = (f"{hour:02}:{minute:02}", f"{hour % 12 + 12 if hour < 12 else 0:02}:{minute:02}")
            raise MustAsk(Question(f"Is “{word}” in the morning or in the evening?", either))
        return f"{hour:02}:{minute:02}"

    # days

    def days(self) -> tuple[Day, ...] | None:
        """Days that come again and again. Raises MustAsk for one that may be meant once."""
        return self.attempt(self._days)

    def day(self) -> Day | None:
        """One day by its name."""
        if found := _DAY_WORDS.get(self.peek()):
            self.at += 1
            return found
        return None

    def _days(self) -> tuple[Day, ...] | None:
        if self.take("daily", "nightly"):
            return DAYS
        self.take("on")
        each = self.take("every", "each")
        word = self.peek()
        if (each and word in _ALL_DAYS) or (not each and word == "all" and self.peek(1) == "days"):
            self.at += 1 if each else 2
            return DAYS
        if word in {"weekday", "weekdays", "weekend", "weekends"} and (each or word.endswith("s")):
            self.at += 1
            return DAYS[:5] if word.startswith("weekday") else DAYS[5:]
        self.take("from")
        named = self._named_days()
        if named is None:
            return None
        found, single = named
        if single and not each:
            name = single.capitalize()
            raise MustAsk(Question(f"Every {name}, or one {name} only?", (f"every {name}",)))
        return in_order(found)

    def _named_days(self) -> tuple[list[Day], str] | None:
        """Names of days and ranges of them, and the one word where it is one that may mean a single day."""
        word, first = self.peek(), self.day()
        if first is None:
            return None
        found, single = [first], "" if word.endswith("s") and word not in {"tues", "thurs"} else word
        while True:
            at = self.at
            if self.take("to", "through", "until", "till"):
                last = self.day()
                if last is None:
                    self.at = at
                    return found, single
                start, length = DAYS.index(found[-1]), (DAYS.index(last) - DAYS.index(found[-1])) % 7
                found += [DAYS[(start + step) % 7] for step in range(1, length + 1)]
                single = ""
                continue
            joined = False
            while self.take(",", "and", "on"):
                joined = True
            following = self.day() if joined else None
            if following is None:
                self.at = at
                return found, single
            found.append(following)
            single = "" if self.all[self.at - 1].endswith("s") else single

    # time zones

    def zone(self, own: str) -> str | None:
        """A time zone, as in "Paris time", "in Europe/Paris", "UTC". Raises MustAsk for one that may be several."""
        return self.attempt(lambda: self._zone(own))

    def _zone(self, own: str) -> str | None:
        led = bool(self.take("in"))
        self.take("the") if led else None
        for length in range(min(WORDS_AT_MOST, len(self.left)), 0, -1):
            words = self.left[:length]
            found = named_zone(words, own)
            if found is None:
                continue
            self.at += length
            said_time = bool(self.take("time", "timezone", "time-zone") or self._two("time", "zone"))
            # A bare word such as "nice" may mean anything; "in", "time" or what is nothing else says that it is a zone.
            if said_time or led or says_zone(words):
                if isinstance(found, Question):
                    raise MustAsk(found)
                return found
            self.at -= length
        return None

    def no_zone(self) -> str | None:
        """What stands where a zone would, "mars" of "mars time and ..." or "in mars"; for where none was found."""
        part = list(takewhile(lambda word: word not in _GOES_ON, self.left))
        for at, word in enumerate(part):
            if at and word in {"time", "timezone", "time-zone"}:
                return " ".join(part[:at]).removeprefix("in ")
        return " ".join(part[1:]) if part[:1] == ["in"] and len(part) > 1 else None

    def _two(self, first: str, second: str) -> bool:
        if self.peek() == first and self.peek(1) == second:
            self.at += 2
            return True
        return False
