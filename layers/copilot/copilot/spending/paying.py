"""Paying: what costs is counted before it is begun, within the caps, and settled after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import NamedTuple

from copilot.config.caps import Caps
from copilot.domain import Held, Payer, Room, Spender, SpendKind, Spent, Sum, day_in, digest, micros_of, spenders_of
from copilot.errors import Capped, Conflict, RetryableError
from copilot.ports import Clock, Notifier, Spending
from copilot.spending.caps import broken, caps_on, is_told, nearly, nearly_words, room_in, why_not

TRIED = 5


class Near(NamedTuple):
    """A cap that is nearly reached: what it is with its size and time, how much of it is used, in words, and the piece
    of work that came to that.
    """

    key: str
    words: str
    run: str


@dataclass(frozen=True)
class Paying:
    """ports.Purse for one Payer, over what is made when something is paid for. Days are those of `zone`."""

    spending_of: Callable[[], Spending]
    caps: Caps
    zone: tzinfo
    clock: Clock
    payer: Payer

    @cached_property
    def spending(self) -> Spending:
        return self.spending_of()

    def begin(self, kind: SpendKind, dollars: float, calls: int = 1) -> Held:
        more = Sum(micros_of(dollars), calls)
        spenders = spenders_of(self.payer, day_in(self.clock.now(), self.zone))
        rooms = {spender: room_in(self.caps, spender, kind, more) for spender in spenders}
        for _ in range(TRIED):
            there = self._there(spenders)
            for one in there:
                if (cap := broken(self.caps, one, kind, more)) is not None:
                    raise Capped(why_not(cap, one.sum_of(kind), more, self.zone))
            try:
                self.spending.add(kind, more, rooms)
            except Conflict:  # others were quicker: there may still be room beside what they left
                continue
            return Held(kind, more, self.payer, there)
        raise RetryableError("others spend so much at once that it could not be counted; ask again", ours=True)

    def settle(self, held: Held, dollars: float) -> None:
        with suppress(RetryableError):  # what was paid for is there: that is not lost, and the most goes on counting
            self._settle(held, dollars)

    def _settle(self, held: Held, dollars: float) -> None:
        more = Sum(micros_of(dollars) - held.most.micros)
        if more.micros:
            self.spending.add(held.kind, more, dict.fromkeys((one.spender for one in held.spent), Room()))
        for one in held.spent:
            sum = one.sum_of(held.kind).plus(held.most).plus(more)
            for cap in nearly(self.caps, one, held.kind, sum):
                self.spending.tell_once(one.spender, cap.setting, str(cap.most), held.payer.run)

    def _there(self, spenders: Sequence[Spender]) -> tuple[Spent, ...]:
        found = self.spending.spent(spenders)
        return tuple(found.get(spender, Spent(spender, {}, {})) for spender in spenders)

    def told(self) -> list[str]:
        """The caps that were nearly reached in this Payer's piece of work, and how much of them is used, in words."""
        return [one.words for one in self.near() if one.run == self.payer.run]

    def near(self) -> list[Near]:
        """The Payer's caps that are nearly reached or more, whatever came to that."""
        there = self._there(spenders_of(self.payer, day_in(self.clock.now(), self.zone)))
        return [
            Near(
                f"{cap.setting}/{cap.most}/{one.spender.period}",
                nearly_words(cap, one.sum_of(kind), self.zone),
                one.told[cap.setting][1],
            )
            for one in there
            for kind in one.sums
            for cap in caps_on(self.caps, one.spender, kind)
            if is_told(one, cap)
        ]


@dataclass(frozen=True)
class TellOfCaps:
    """Those who keep the configuration are told of the caps of everybody, once for each day or month and size, where
    `channel` is the one they are told in: what comes near to one may be a sweep, which answers nobody.
    """

    of_all: Paying
    notifier: Callable[[], Notifier]
    channel: str | None

    def __call__(self) -> int:
        """How many there are. Raises RetryableError."""
        near = self.of_all.near() if self.channel is not None else []
        for one in near:
            assert self.channel is not None
            self.notifier().send(self.channel, one.words.strip("()"), f"cap-{digest(one.key)[:24]}")
        return len(near)
