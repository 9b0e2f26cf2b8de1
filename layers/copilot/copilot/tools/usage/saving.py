"""What being off in some hours of every week would save a month, by estimate. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from copilot.domain import Window
from copilot.errors import ToolInputError
from copilot.text.listing import count
from copilot.times.windows import describe, holds
from copilot.tools.usage.costs import with_commas
from copilot.tools.usage.period import Period
from copilot.tools.usage.prices import MONTH
from copilot.tools.usage.spent import Spent

LONG_BEFORE = timedelta(days=8)
WEEK = 168
"""In hours."""
UNLIKE = Decimal("0.05")
"""How much more or less often than in a month it may be off in the period, and nothing is said of that."""


class Savings(NamedTuple):
    """A month, in all and by environment; and how that is reckoned."""

    amount: Decimal
    by_environment: Mapping[str, Decimal]
    words: str


def savings(window: Window, used: Sequence[Spent], period: Period, currency: str) -> Savings:
    """By what ran in these hours of the period: what was off anyway saves nothing more. What must be left alone is not
    stopped, and saves nothing. Raises ToolInputError for what does not come every week, or has no end.
    """
    if window.on is not None or window.start is None:
        raise ToolInputError("what being off saves is reckoned for hours of every week, with an end", ours=True)
    made = period.since - LONG_BEFORE
    off = [holds(window.times, period.since + timedelta(hours=hour), made) for hour in range(period.hours)]
    cost = defaultdict[str, Decimal](Decimal)
    for one in used:
        if one.price is not None and not one.resource.held:
            ran = sum(on and rests for on, rests in zip(one.ran, off, strict=True))
            cost[one.resource.environment] += ran * one.price
    total, in_a_month = sum(cost.values(), Decimal(0)), Decimal(MONTH) / period.hours
    when = f"Off {describe(window.times)}"
    hours = f"{count(sum(off), 'hour')} of the {with_commas(period.hours)} looked at"
    if not total and (unpriced := _unpriced(used, off)):
        none = f"{count(unpriced, 'resource')} that ran in {hours}, and none with a known price"
        return Savings(total, cost, f"{when}: what that would save is not known: {none}.")
    words = (
        f"{when}, it would save about {with_commas(float(total * in_a_month), 2)} {currency} a month, by estimate: "
        f"in {hours}, what ran came to {with_commas(float(total), 2)} {currency}; a month has {MONTH} hours. "
        f"{_often(window, off, total * in_a_month, period, currency)}"
        "What was off then anyway, or must be left alone, saves nothing, nor does storage."
    )
    return Savings(total * in_a_month, {name: amount * in_a_month for name, amount in cost.items()}, words)


def _unpriced(used: Sequence[Spent], off: Sequence[bool]) -> int:
    """How many ran in these hours and have no price."""
    some = [one for one in used if one.price is None and not one.resource.held]
    return sum(any(on and rests for on, rests in zip(one.ran, off, strict=True)) for one in some)


def _often(window: Window, off: Sequence[bool], saved: Decimal, period: Period, currency: str) -> str:
    """That these hours came more or less often than they do in a month, as where it has five weekends; with what is
    saved in one in which they come as often as they do.
    """
    made = period.since - LONG_BEFORE
    each_week = sum(holds(window.times, period.since + timedelta(hours=hour), made) for hour in range(WEEK))
    usual, found = Decimal(each_week) * period.hours / WEEK, Decimal(sum(off))
    if not saved or abs(found - usual) <= UNLIKE * usual:
        return ""
    times = sum(now and not before for before, now in zip((False, *off[:-1]), off, strict=True))
    a_month = Decimal(len(window.days)) * MONTH / WEEK
    return (
        f"That was {count(times, 'time')} in {count(period.hours // 24, 'day')}, and in a month it is {a_month:.1f}: "
        f"then it is rather {with_commas(float(saved * usual / found), 2)} {currency}. "
    )
