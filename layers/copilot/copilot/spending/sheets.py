"""What was spent, as far as somebody may see it, and what is left of the caps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.config.caps import Caps
from copilot.domain import (
    CapLeft,
    Payer,
    Person,
    SpendBy,
    Spender,
    SpendLine,
    SpendSheet,
    Spent,
    Sum,
    day_in,
    spenders_of,
)
from copilot.errors import ToolInputError
from copilot.ports import Clock, Spending
from copilot.spending.caps import KINDS, Cap, caps_on, in_dollars

MOST_DAYS = 92
MOST_CAPS = 12
OTHERS = "others"
"""What all persons but one are called together, where they are not told apart: no id is a word with a space."""
WITHHELD = "who spent what is shown to operators and approvers; what others spent is told together"


@dataclass(frozen=True)
class Sheets:
    """For this person; `sees_others` says whether they may see what each of the others spent."""

    spending: Spending
    caps: Caps
    zone: ZoneInfo
    clock: Clock
    person: Person
    sees_others: Callable[[], bool]

    def __call__(self, since: datetime | None, until: datetime | None, by: SpendBy) -> SpendSheet:
        """From the first day of the month, or the day of `since`, to that before `until`; else today. Raises
        ToolInputError, RetryableError.
        """
        now = self.clock.now()
        last = day_in(min(until - timedelta(microseconds=1), now) if until else now, self.zone)
        first = day_in(since, self.zone) if since else last.replace(day=1)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        if not days:
            raise ToolInputError("since is after until, or after now", ours=True)
        if len(days) > MOST_DAYS:
            raise ToolInputError(f"what I cost can be looked at over {MOST_DAYS} days at most", ours=True)
        together = self.spending.spent([Spender(day.isoformat(), "tenant") for day in days])
        total = _total(together.values())
        lines, withheld = self._lines(days, together, total, by)
        return SpendSheet(
            since=first,
            until=last,
            time_zone=self.zone.key,
            by=by,
            dollars=total.dollars,
            calls=total.calls,
            lines=tuple(SpendLine(name=name, dollars=sum.dollars, calls=sum.calls) for name, sum in lines.items()),
            caps=self._caps(),
            withheld=withheld,
        )

    def _lines(
        self, days: list[date], together: Mapping[Spender, Spent], total: Sum, by: SpendBy
    ) -> tuple[dict[str, Sum], str]:
        """By name, and what is withheld."""
        if by == "day":
            return {one.spender.period: _total([one]) for one in sorted(together.values())}, ""
        if by == "kind":
            each = {words: [one.sum_of(kind) for one in together.values()] for kind, words in KINDS.items()}
            return _dearest({words: _sum(sums) for words, sums in each.items()}), ""
        if by == "channel" and not self.sees_others():
            return {}, WITHHELD
        if by == "person" and not self.sees_others():
            own = _total(
                self.spending.spent([Spender(day.isoformat(), "person", self.person.id) for day in days]).values()
            )
            rest = Sum(total.micros - own.micros, total.calls - own.calls)
            return _dearest({self.person.id: own}) | _dearest({OTHERS: rest}), WITHHELD
        found: dict[str, Sum] = {}
        for day in days:
            for one in self.spending.of_period(day.isoformat()):
                if one.spender.scope == by:
                    found[one.spender.name] = found.get(one.spender.name, Sum()).plus(_total([one]))
        return _dearest(found), ""

    def _caps(self) -> tuple[CapLeft, ...]:
        today = day_in(self.clock.now(), self.zone)
        there = self.spending.spent(spenders_of(Payer(person=self.person.id), today))
        left = [
            (cap, cap.of(one.sum_of(kind)))
            for one in there.values()
            for kind in one.sums
            for cap in caps_on(self.caps, one.spender, kind)
            if cap.of(one.sum_of(kind))
        ]
        left.sort(key=lambda one: (-one[1] / max(1, one[0].most), one[0].setting))
        return tuple(self._left(cap, used) for cap, used in left[:MOST_CAPS])

    def _left(self, cap: Cap, used: int) -> CapLeft:
        return CapLeft(
            setting=cap.setting,
            words=cap.words,
            used=in_dollars(used) if cap.measure == "micros" else f"{used:,}",
            left=cap.amount(max(0, cap.most - used)),
            percent=100 * used // max(1, cap.most),
            until=cap.until(self.zone),
        )


def _total(spent: Iterable[Spent]) -> Sum:
    return _sum(sum for one in spent for sum in one.sums.values())


def _sum(sums: Iterable[Sum]) -> Sum:
    total = Sum()
    for one in sums:
        total = total.plus(one)
    return total


def _dearest(sums: Mapping[str, Sum]) -> dict[str, Sum]:
    """What is anything, the dearest first."""
    return {name: sum for name, sum in sorted(sums.items(), key=lambda one: (-one[1].micros, one[0])) if any(sum)}
