"""What the copilot itself pays for: on whose behalf, in which of its periods, and what is counted of that."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Literal, NamedTuple

from copilot.domain.conversations import AnswerTo
from copilot.domain.frozen import Frozen
from copilot.domain.runs import Run

SpendKind = Literal["models", "log_searches", "cost_explorer", "sweeps"]
SpendScope = Literal["tenant", "person", "channel", "reaction"]
MICROS = 1_000_000
"""So many micro-dollars are a dollar: sums of whole numbers have no rounding."""


def micros_of(dollars: float) -> int:
    """Rounded to whole micro-dollars."""
    return round(dollars * MICROS)


class Payer(Frozen):
    """On whose behalf something is paid for, besides the tenant's: a person, in a channel, by a reaction. `run` is in
    which Run, or other piece of work.
    """

    person: str | None = None
    channel: str | None = None
    reaction: str | None = None
    run: str = ""

    @classmethod
    def of_run(cls, run: Run) -> Payer:
        trigger = run.trigger
        channel = channel_of(trigger.answer_to)
        return cls(person=trigger.person.id, channel=channel, reaction=trigger.reaction, run=run.run_id)

    @property
    def scopes(self) -> tuple[tuple[SpendScope, str], ...]:
        named: tuple[tuple[SpendScope, str | None], ...] = (
            ("person", self.person),
            ("channel", self.channel),
            ("reaction", self.reaction),
        )
        return (("tenant", ""), *((scope, name) for scope, name in named if name))


def channel_of(where: AnswerTo | None) -> str | None:
    """The place in which something is asked for, as it is counted; None where a person is answered directly."""
    if where is None or where.person:
        return None
    return "/".join(part for part in (where.platform, where.workspace, where.place) if part)


class Spender(NamedTuple):
    """Where something is counted: of whom, and in which day or month, as 2026-11-30 or 2026-11."""

    period: str
    scope: SpendScope
    name: str = ""

    @property
    def is_of_day(self) -> bool:
        return len(self.period) > len("2026-11")


def day_in(at: datetime, zone: tzinfo) -> date:
    """The day in which what is paid for then is counted."""
    return at.astimezone(zone).date()


def spenders_of(payer: Payer, day: date) -> tuple[Spender, ...]:
    """Everywhere that it counts: for all whose it is, the day and its month."""
    periods = (day.isoformat(), day.isoformat()[:7])
    return tuple(Spender(period, scope, name) for scope, name in payer.scopes for period in periods)


def next_period(period: str) -> date:
    """The first day after it."""
    if len(period) > len("2026-11"):
        return date.fromordinal(date.fromisoformat(period).toordinal() + 1)
    year, month = (int(part) for part in period.split("-"))
    return date(year + month // 12, month % 12 + 1, 1)


class Sum(NamedTuple):
    """So many micro-dollars, in so many calls."""

    micros: int = 0
    calls: int = 0

    @property
    def dollars(self) -> float:
        return self.micros / MICROS

    def plus(self, other: Sum) -> Sum:
        return Sum(self.micros + other.micros, self.calls + other.calls)


class Room(NamedTuple):
    """How much may be there before something is added; None where nothing bounds it."""

    micros: int | None = None
    calls: int | None = None


class Spent(NamedTuple):
    """What is counted there, by kind, what was begun and is not settled with the most that it may come to. `told` are
    the caps of which was told that they are nearly reached: how much each was, and in which piece of work.
    """

    spender: Spender
    sums: dict[SpendKind, Sum]
    told: dict[str, tuple[str, str]]

    def sum_of(self, kind: SpendKind) -> Sum:
        return self.sums.get(kind, Sum())


class Held(NamedTuple):
    """What was begun: counted already, with the most it may come to."""

    kind: SpendKind
    most: Sum
    payer: Payer
    spent: tuple[Spent, ...]
    """As it was before."""


SpendBy = Literal["kind", "day", "person", "channel", "reaction"]


class SpendLine(Frozen):
    """A part of what was spent: a kind, a day, a person, a channel or a reaction, by its name."""

    name: str
    dollars: float
    calls: int


class CapLeft(Frozen):
    """A cap, what is used of it and what is left, in words; `until` is when what is used counts no more."""

    setting: str
    words: str
    used: str
    left: str
    percent: int
    until: str


class SpendSheet(Frozen):
    """What the copilot itself cost in these days, the last one too, as far as somebody may see it: the parts that cost
    most first, days in order. `caps` are those of all together and their own of which anything is used; `withheld` says
    what is not shown.
    """

    since: date
    until: date
    time_zone: str
    by: SpendBy
    dollars: float
    calls: int
    lines: tuple[SpendLine, ...]
    caps: tuple[CapLeft, ...]
    withheld: str = ""
