"""Which caps hold what is paid for, how much of each is left, and how that is said. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, tzinfo
from decimal import Decimal
from typing import Literal, NamedTuple

from copilot.config.caps import Caps
from copilot.domain import MICROS, Room, Spender, SpendKind, SpendScope, Spent, Sum, micros_of, next_period
from copilot.text.outside import quoted

NEARLY = 80
"""Percent of a cap at which it is told."""
KINDS: Mapping[SpendKind, str] = {
    "models": "models",
    "log_searches": "searches of logs",
    "cost_explorer": "questions to Cost Explorer",
    "sweeps": "sweeps",
}
"""What is said for each."""
Measure = Literal["micros", "calls"]


class Cap(NamedTuple):
    """On what is counted there, of one kind, in one measure: micro-dollars, or calls."""

    spender: Spender
    kind: SpendKind
    measure: Measure
    most: int

    @property
    def setting(self) -> str:
        """What it is called in the configuration."""
        period, measure = (
            "day" if self.spender.is_of_day else "month",
            "calls" if self.measure == "calls" else "dollars",
        )
        return f"caps.{self.spender.scope}.{self.kind}.{period}_{measure}"

    def of(self, sum: Sum) -> int:
        """The part of a sum that it is on."""
        used: int = getattr(sum, self.measure)
        return used

    def amount(self, number: int) -> str:
        """`$2.00`, `300 calls`."""
        if self.measure == "calls":
            return f"{number:,} call{'' if number == 1 else 's'}"
        return in_dollars(number)

    @property
    def words(self) -> str:
        """`the $2.00 a day for models of person ann`."""
        period = "day" if self.spender.is_of_day else "month"
        whose = of_whom(self.spender.scope, self.spender.name)
        return f"the {self.amount(self.most)} a {period} for {KINDS[self.kind]} of {whose}"

    def until(self, zone: tzinfo) -> str:
        """`Tue 1 Dec 00:00 CET`: from when on it holds no more of what was."""
        at = datetime.combine(next_period(self.spender.period), time(), zone)
        return f"{at:%a} {at.day} {at:%b %H:%M %Z}"


def of_whom(scope: SpendScope, name: str) -> str:
    return "everybody" if scope == "tenant" else f"{scope} {quoted(name)}"


def in_dollars(micros: int) -> str:
    """`$2.00`; of less than a cent so much as says something."""
    exact = Decimal(micros) / MICROS
    return f"${exact:,.2f}" if micros % 10_000 == 0 or abs(micros) >= MICROS else f"${exact:,.4f}"


def caps_on(caps: Caps, spender: Spender, kind: SpendKind) -> Iterator[Cap]:
    """Those of the configuration on what is counted there of this kind."""
    most = getattr(getattr(caps, spender.scope), kind, None)
    if most is None:
        return
    dollars, calls = (most.day_dollars, most.day_calls) if spender.is_of_day else (most.month_dollars, most.month_calls)
    if dollars is not None:
        yield Cap(spender, kind, "micros", micros_of(dollars))
    if calls is not None:
        yield Cap(spender, kind, "calls", calls)


def broken(caps: Caps, there: Spent, kind: SpendKind, more: Sum) -> Cap | None:
    """The cap that leaves no room for this beside what is counted there; None where none is in its way."""
    after = there.sum_of(kind).plus(more)
    return next((cap for cap in caps_on(caps, there.spender, kind) if cap.of(after) > cap.most), None)


def room_in(caps: Caps, spender: Spender, kind: SpendKind, more: Sum) -> Room:
    """How much may be counted there before this."""
    return Room(**{cap.measure: cap.most - cap.of(more) for cap in caps_on(caps, spender, kind)})


def nearly(caps: Caps, spent: Spent, kind: SpendKind, sum: Sum) -> Iterator[Cap]:
    """The caps that are nearly reached with this sum there, and of which that was not told yet."""
    for cap in caps_on(caps, spent.spender, kind):
        if cap.most and 100 * cap.of(sum) >= NEARLY * cap.most and not is_told(spent, cap):
            yield cap


def is_told(spent: Spent, cap: Cap) -> bool:
    return spent.told.get(cap.setting, ("", ""))[0] == str(cap.most)


def nearly_words(cap: Cap, used: Sum, zone: tzinfo) -> str:
    """That it is nearly reached, in brackets, for the end of an answer."""
    there = f"{used.calls:,}" if cap.measure == "calls" else in_dollars(used.micros)
    return f"({there} of {cap.words} are used; that holds until {cap.until(zone)} ({cap.setting}).)"


def why_not(cap: Cap, used: Sum, more: Sum, zone: tzinfo) -> str:
    """Why something has no room under it, until when, and what can be done."""
    counts = cap.measure == "calls"
    there = f"{used.calls if counts else in_dollars(used.micros)} of {cap.words} are used up or under way"
    asked = "" if counts else f", and this may cost up to {in_dollars(more.micros)}"
    return (
        f"{there}{asked}. It may go on from {cap.until(zone)} on, or once whoever keeps the configuration raises "
        f"{cap.setting}; what costs nothing goes on meanwhile"
    )
