"""The figures that texts and JSON values speak of: numbers, dates, times of day, and names with digits in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import JsonValue

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T?"),
    re.compile(rf"(?i)\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?!\w)(?:,?\s+(?P<year>\d{{4}})\b)?"),
    re.compile(rf"(?i)\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:])(?:,?\s+(?P<year>\d{{4}})\b)?"),
)
_TIMES = (
    re.compile(r"(?i)(?<![\w:.])(?P<hour>1?\d)(?::(?P<minute>\d\d))?\s?(?P<half>am|pm)\b"),
    re.compile(r"(?<![\w:.])(?P<hour>[012]?\d):(?P<minute>[0-5]\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?(?![\w:])"),
)
_ENUMERATOR = re.compile(r"(?m)^[ \t]*(\d{1,2})[.)](?=\s)")
_TOKEN = re.compile(r"[\w.,:/@#%+~-]+")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?")
_QUANTITY = re.compile(r"[~+-]*\d[\d,]*(?:\.\d+)?(?:%|[a-zA-Z]{0,12}|-[a-zA-Z]+|[/-]\d[\d,]*%?)")
"""What is a number, maybe with its unit, or two of them (3/4, 3-5), and not a name or an address with digits in it."""
_SPOKEN = dict(
    zip(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split(),
        range(2, 21),
        strict=True,
    )
) | {"dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SPOKEN_WORD = re.compile(rf"(?i)\b(?:{'|'.join(_SPOKEN)})\b")


class Figure(NamedTuple):
    """`shown` is how the text writes it. A date is (year or None, month, day), a time (hour, minute); of the rest it is
    the numbers in `shown`.
    """

    shown: str
    kind: Literal["date", "time", "number", "name"]
    value: tuple[int | None, ...] | tuple[Decimal, ...]


def figures(text: str) -> Iterator[Figure]:
    """Every figure of a text, without the numbers that only count its own lines."""
    text = _without_enumerators(text)
    for pattern in _DATES:
        for match in pattern.finditer(text):
            month = match["month"].lower()
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
            yield Figure(match[0], "date", (int(match["year"]) if match["year"] else None, number, int(match["day"])))
        text = pattern.sub(" ", text)
    for pattern in _TIMES:
        for match in pattern.finditer(text):
            half = (match.groupdict().get("half") or "").lower()
            hour = int(match["hour"]) % 12 + 12 * (half == "pm") if half else int(match["hour"])
            yield Figure(match[0], "time", (hour, int(match["minute"] or 0)))
        text = pattern.sub(" ", text)
    for match in _TOKEN.finditer(text):
        if not re.search(r"\d", match[0]):
            continue
        shown = match[0].strip(".,:/@#-~+")
        numbers = tuple(Decimal(number.replace(",", "")) for number in _NUMBER.findall(shown))
        yield Figure(shown, "number" if _QUANTITY.fullmatch(shown) else "name", numbers)
    for match in _SPOKEN_WORD.finditer(text):
        yield Figure(match[0], "number", (Decimal(_SPOKEN[match[0].lower()]),))


@dataclass
class Known:
    """The figures that may be spoken of: those of the values added, and how many there are of what they list."""

    numbers: set[Decimal] = field(default_factory=set)
    dates: set[tuple[int | None, ...]] = field(default_factory=set)
    times: set[tuple[int | None, ...]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    longest: int = 0

    def add(self, value: JsonValue) -> None:
        if isinstance(value, str):
            self._add_text(value)
        elif isinstance(value, bool) or value is None:
            return
        elif isinstance(value, int | float):
            self.numbers.add(abs(Decimal(str(value))))
        elif isinstance(value, list):
            self._add_counts(value)
            for inner in value:
                self.add(inner)
        else:
            for key, inner in value.items():
                self.names |= {part for part in key.lower().split("_") if not part.isalpha()}
                self.add(inner)

    def has(self, figure: Figure) -> bool:
        """Whether it is among them; a number also where it is one of them rounded, or a fraction in percent."""
        if figure.kind == "date":
            year, *rest = figure.value
            return any(known[1:] == tuple(rest) and (year is None or known[0] in {year, None}) for known in self.dates)
        if figure.kind == "time":
            return figure.value in self.times
        shown = figure.shown.lower()
        if shown in self.names or figure.kind == "name":
            return shown in self.names
        if re.fullmatch(r"\d+(st|nd|rd|th)", shown):
            place = int(shown[:-2])
            return place <= self.longest or place in self.numbers or any(place == date[2] for date in self.dates)
        return all(self._has_number(number, shown) for number in figure.value if isinstance(number, Decimal))

    def _has_number(self, number: Decimal, shown: str) -> bool:
        if number in self.numbers or any(number == date[0] for date in self.dates):
            return True
        places = Decimal(1).scaleb(int(number.as_tuple().exponent)) if number % 1 else Decimal(1)
        rounded = (known * scale for known in self.numbers for scale in ([1, 100] if shown.endswith("%") else [1]))
        return any(known.quantize(places) == number for known in rounded if known < 10**15)

    def _add_text(self, text: str) -> None:
        for figure in figures(text):
            if figure.kind == "date":
                self.dates.add(tuple(figure.value))  # type: ignore[arg-type]
            elif figure.kind == "time":
                self.times.add(tuple(figure.value))  # type: ignore[arg-type]
            else:
                self.names.add(figure.shown.lower())
                if figure.kind == "number":
                    self.numbers |= {number for number in figure.value if isinstance(number, Decimal)}

    def _add_counts(self, elements: list[JsonValue]) -> None:
        """How many elements there are, and how many of them say the same of something: 4 idle ones of 6."""
        self.longest = max(self.longest, len(elements))
        counts = Counter(
            (key, str(said))
            for element in elements
            if isinstance(element, dict)
            for key, said in element.items()
            if isinstance(said, str | bool | int)
        )
        self.numbers |= {Decimal(len(elements)), *map(Decimal, counts.values())}


def _without_enumerators(text: str) -> str:
    """The text without the 1. 2. 3. before the lines of a list."""
    expected = 1

    def drop(match: re.Match[str]) -> str:
        nonlocal expected
        number = int(match[1])
        if number not in {1, expected}:
            return match[0]
        expected = number + 1
        return ""

    return _ENUMERATOR.sub(drop, text)
