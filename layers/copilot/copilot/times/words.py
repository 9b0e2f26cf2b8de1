"""The words of time expressions, one after the other, and the ones that several expressions share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import TypeVar

from copilot.domain import DAYS, Day, TimeOfDay, in_order
from copilot.times.question import Question
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
DAY_WORDS = {form: day for day, forms in _FORMS.items() for form in forms.split()}
_SHORT = {"mo": "mon", "tu": "tue", "we": "wed", "th": "thu", "fr": "fri", "sa": "sat", "su": "sun"}
"""Days by two letters, which are other words where they stand alone: "mo-fr"."""
_WORKING = frozenset({"working", "business", "week", "work"})
"""What a day of the working week is called in two words."""
_GOES_ON = frozenset({",", "and", "then", "starting", "every", "each", "daily", "on", "at", "from", "until"})
"""What something else begins with, after a zone."""
TIME_CHOICES = ("at 18:00", "at 6pm")

# times of day

_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2})h?|h)?(am|pm)?")
PARTS: Mapping[str, tuple[int, ...]] = {
    "morning": tuple(range(12)),
    "afternoon": tuple(range(12, 19)),
    "evening": tuple(range(16, 24)),
    "night": (*range(17, 24), *range(6)),
}
"""The hours that a part of the day may have."""
PART_WORDS = {form: part for part in PARTS for form in (part, f"{part}s")} | {"nightly": "night", "tonight": "night"}
SPOKEN = frozenset(
    "today tomorrow tonight every each daily nightly weekday weekdays weekend weekends workday workdays noon midday "
    "midnight hour hours minute minutes until between after starting".split()
) | {word for word in (*DAY_WORDS, *PART_WORDS) if len(word) > len("tues")}
"""Words of times by which others may be put right that are nearly the same."""
NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_NUMBER = "|".join(NUMBERS)


def _days_of(first: str, last: str) -> str:
    return f"{_SHORT[first]} to {_SHORT[last]}"


def _of_the_clock(said: str, hour: str) -> str:
    """ "half past nine" as 9:30, of the clock with twelve hours."""
    number = NUMBERS[hour] if hour in NUMBERS else int(hour)
    if said.endswith("to"):
        return f"{(number - 1) % 12 or 12 if number <= 12 else number - 1}:45 o'clock "
    return f"{number}:{30 if said.startswith('half') else 15} o'clock "


_SPELLED: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"[()]"), " "),
    (re.compile(r":(?=\s)|;"), " , "),
    (re.compile(r"&"), " and "),
    (re.compile(r"\s+"), " "),
    (
        re.compile(
            rf"\b({_NUMBER})\b(?=\s*(?:[ap]\.?\s?m\b|o'clock\b|in the (?:morning|afternoon|evening)\b|at night\b))"
        ),
        lambda found: str(NUMBERS[found[1]]),
    ),
    (
        re.compile(
            rf"\b(after|at|from|past|to|until|till|between) ({_NUMBER})\b(?! (?:minutes?|hours?|days?|weeks?)\b)"
        ),
        lambda found: f"{found[1]} {NUMBERS[found[2]]}",
    ),
    (
        re.compile(rf"\b(half past|(?:a )?quarter (?:past|to)) ({_NUMBER}|\d{{1,2}})(?=\s*[ap]m\b|\b)"),
        lambda found: _of_the_clock(found[1], found[2]),
    ),
    (re.compile(r"\b([ap])\.?\s?m\b\.?"), r"\1m"),
    (re.compile(r"(\d)\s+([ap]m)\b"), r"\1\2"),
    (re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b"), r"\1.\2.\3"),
    (re.compile(r"(?<=\d)([ap]m)?\s*[-–]\s*(?=\d)"), r"\1 to "),
    (
        re.compile(rf"\b({'|'.join(_SHORT)})\s*[-–]\s*({'|'.join(_SHORT)})\b"),
        lambda found: _days_of(found[1], found[2]),
    ),
    (re.compile(rf"\b({'|'.join(DAY_WORDS)})\s*[-–]\s*(?=({'|'.join(DAY_WORDS)})\b)"), r"\1 to "),
    (re.compile(r","), " , "),
    (
        re.compile(
            r"\bfrom (\d{1,2}(?:[:.]\d\d)?(?:[ap]m)?) "
            r"(?:onwards?\b|on(?=\s*(?:$|,|every\b|each\b|daily\b|nightly\b|on\b)))"
        ),
        r"after \1",
    ),
)
"""What is spelled in several ways, and how it is read; one after the other."""


class MustAsk(Exception):
    """What is written has no one meaning: here is what to ask."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


class Words:
    """The words of an expression, and how far they have been read."""

    def __init__(self, text: str) -> None:
        text = text.lower().replace("\u2019", "'")
        for spelled, read in _SPELLED:
            text = spelled.sub(read, text)
        self.all = text.strip(" ?!.;,").split()
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

    def take_all(self, *wanted: str) -> bool:
        """All of these, one after the other, or none."""
        if self.left[: len(wanted)] == [*wanted]:
            self.at += len(wanted)
            return True
        return False

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

    def time(self, part: str | None = None) -> TimeOfDay | None:
        """A time of day, of this part of it where it does not name one itself.

        Raises MustAsk for one that might be in the morning or in the evening, that is of another part, or that there is
        none.
        """
        word, at = self.peek(), self.at
        if word in {"noon", "midday", "midnight"}:
            self.at += 1
            return "00:00" if word == "midnight" else "12:00"
        found = _TIME.fullmatch(word)
        if found is None:
            return None
        self.at += 1
        of_twelve = self.take("o'clock") is not None
        half = found[3] or self.take("am", "pm")
        part = self.part() or part
        hour, minute = int(found[1]), int(found[2] or 0)
        if minute > 59 or hour > (12 if half else 23) or (half and hour == 0):
            raise MustAsk(Question(f"There is no time “{word}”; which is meant?", TIME_CHOICES))
        either = (hour % 12, hour % 12 + 12)
        if half:
            hours = either[half == "pm" :][:1]
        elif not 1 <= hour <= 12 or "h" in word or word.startswith("0"):
            hours = (hour,)
        elif part is None:
            # 06:30 is of the 24-hour clock, and 10:30 to 12:30 are taken for it; 6:30 is written for both.
            hours = (hour,) if found[2] and len(found[1]) == 2 and not of_twelve else either
        else:
            fitting = tuple(one for one in either if one in PARTS[part])
            hours = fitting if hour < 12 or part != "morning" else either
        if not hours or (part and not {*hours} & {*PARTS[part]}):
            text = f"“{word}” is not in the {part}; which is meant?"
            raise MustAsk(Question(text, TIME_CHOICES, contradictory=True))
        if len(hours) > 1:
            choices = tuple(self._with(at, f"{one:02}:{minute:02}") for one in hours)
            raise MustAsk(_which_half(word, choices, twelve=not hour % 12))
        return f"{hours[0]:02}:{minute:02}"

    def part(self) -> str | None:
        """A part of the day, as in "in the evening", "at night"."""
        if self.take_all("at", "night"):
            return "night"
        if self.left[:2] == ["in", "the"] and self.peek(2) in PARTS:
            self.at += 3
            return self.all[self.at - 1]
        return None

    def _with(self, at: int, time: str) -> str:
        """The whole, with this time for what was read from there on."""
        return " ".join([*self.all[:at], time, *self.left]).replace(" ,", ",")

    # days

    def days(self) -> tuple[Day, ...] | None:
        """Days that come again and again, and what says so. Raises MustAsk for several that may be meant once."""
        return self.attempt(self._days)

    def day(self) -> Day | None:
        """One day by its name."""
        if found := DAY_WORDS.get(self.peek()):
            self.at += 1
            return found
        return None

    def _days(self) -> tuple[Day, ...] | None:
        once_a = self.take("once") is not None
        if self.take("daily", "nightly") or self.take_all("all", "days"):
            return DAYS
        each = self.take(*(("every", "each", "a", "per") if once_a else ("every", "each", "weekly"))) is not None
        if once_a and not each:
            return None
        if not each:
            self.take("on", "at", "in", "all", "over", "during")
            self.take("the", "all")
        self.take("single")
        if each and self.take("week") and self.peek() not in {"day", "days"} and self.peek() not in DAY_WORDS:
            self.take("on")
        if (kind := self._kind_of_days(each)) is not None:
            return kind
        self.take("on", "from")
        named = self._named_days()
        if named is None:
            return None
        found, recurs = named
        self.take(*PARTS, *(f"{part}s" for part in PARTS))
        if not (each or recurs) and len(found) > 1:
            names = " and ".join(day.capitalize() for day in found)
            text = f"Is that every {names}, or once on each? What is done once on each has to be asked for one by one."
            raise MustAsk(Question(text, (self._every(),)))
        return in_order(found) if each or recurs else None

    def _kind_of_days(self, each: bool) -> tuple[Day, ...] | None:
        """ "day", "weekdays", "working day", "weekends": in the singular only where each is meant."""
        word = self.peek()
        if word in _WORKING and self.peek(1) in {"day", "days"}:
            self.at += 1
            word = f"week{self.peek()}"
        plural = word.endswith("s")
        if not (each or plural):
            return None
        single = word.removesuffix("s")
        days: tuple[Day, ...] | None = None
        if single in {"weekday", "workday", "weekend"}:
            days = DAYS[5:] if single == "weekend" else DAYS[:5]
        elif single in PARTS or (each and single == "day"):
            days = DAYS
        if days is None:
            return None
        self.at += 1
        self.take_all("of", "the", "week")
        self.take(*PARTS)
        return days

    def _named_days(self) -> tuple[list[Day], bool] | None:
        """Names of days and ranges of them, and whether the words alone say that they come again."""
        word, first = self.peek(), self.day()
        if first is None:
            return None
        found, recurs = [first], _is_plural(word)
        while True:
            at = self.at
            if self.take("to", "through", "until", "till", "thru"):
                last = self.day()
                if last is None:
                    self.at = at
                    return found, recurs
                start, length = DAYS.index(found[-1]), (DAYS.index(last) - DAYS.index(found[-1])) % 7
                found += [DAYS[(start + step) % 7] for step in range(1, length + 1)]
                recurs = True
                continue
            joined = False
            while self.take(",", "and", "on"):
                joined = True
            following = self.day() if joined else None
            if following is None:
                self.at = at
                return found, recurs
            found.append(following)
            recurs = recurs or _is_plural(self.all[self.at - 1])

    def _every(self) -> str:
        """The whole, with "every" before the first day that it names."""
        first = next(at for at, word in enumerate(self.all) if word in DAY_WORDS)
        before = self.all[: first - 1] if self.all[first - 1 : first] == ["on"] else self.all[:first]
        return " ".join([*before, "every", *self.all[first:]]).replace(" ,", ",")

    # time zones

    def zone(self, own: str) -> str | None:
        """A time zone, as in "Paris time", "in Europe/Paris", "UTC". Raises MustAsk for one that may be several."""
        return self.attempt(lambda: self._zone(own))

    def any_zone(self, own: str) -> str | None:
        """The first time zone that is named, here or further on; nothing is read. Raises MustAsk as `zone` does."""
        ahead = Words("")
        for at in range(len(self.left)):
            ahead.all, ahead.at = self.left[at:], 0
            if (found := ahead.zone(own)) is not None:
                return found
        return None

    def _zone(self, own: str) -> str | None:
        led = bool(self.take("in"))
        self.take("the") if led else None
        for length in range(min(WORDS_AT_MOST, len(self.left)), 0, -1):
            words = self.left[:length]
            found = named_zone(words, own)
            if found is None:
                continue
            self.at += length
            said_time = bool(self.take("time", "timezone", "time-zone") or self.take_all("time", "zone"))
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


def _which_half(word: str, choices: tuple[str, ...], twelve: bool) -> Question:
    """Of the two times that a clock with twelve hours shows so."""
    if not twelve:
        return Question(f"Is “{word}” in the morning or in the evening?", choices, words=("morning", "evening"))
    text = f"Is “{word}” at night, from midnight on, or by day, from noon on?"
    return Question(text, choices, words=("night midnight", "day noon midday"))


def _is_plural(day: str) -> bool:
    return day.endswith("days")
