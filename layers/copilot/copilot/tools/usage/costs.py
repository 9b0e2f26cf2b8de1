"""What idle hours cost, and how that is said. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from copilot.text.listing import count


class Cost(NamedTuple):
    """Of so many resources that had idle hours; `unpriced` are the ref.ids of those without a price, not in the sum."""

    amount: Decimal
    priced: int
    unpriced: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether any of it has a price, or nothing was idle, which costs nothing."""
        return self.priced > 0 or not self.unpriced


def cost_of(idle_by_resource: Mapping[str, int], prices: Mapping[str, Decimal | None]) -> Cost:
    """What idle hours cost, by the price of an hour of each resource."""
    idle = {id: hours for id, hours in idle_by_resource.items() if hours}
    priced = {id: price for id in idle if (price := prices.get(id)) is not None}
    amount = sum((idle[id] * price for id, price in priced.items()), Decimal(0))
    return Cost(amount, len(priced), tuple(id for id in idle if id not in priced))


def together(costs: Iterable[Cost]) -> Cost:
    some = list(costs)
    amount = sum((cost.amount for cost in some), Decimal(0))
    return Cost(amount, sum(cost.priced for cost in some), tuple(id for cost in some for id in cost.unpriced))


def headline(cost: Cost, currency: str) -> str:
    """One or two sentences."""
    without = count(len(cost.unpriced), "idle resource")
    if not cost.is_known:
        return f"What idle time cost is not known: {without}, and none with a known price."
    known = f"Idle time cost about {with_commas(float(cost.amount), 2)} {currency}"
    return f"{known}, not counting {without} without a known price." if cost.unpriced else f"{known}."


def cost_words(cost: Cost, currency: str, idle: int) -> str:
    """Behind so many idle hours."""
    if not idle:
        return ""
    if not cost.is_known:
        return ", cost not known"
    rest = " and what has no known price" if cost.unpriced else ""
    return f", about {with_commas(float(cost.amount), 2)} {currency}{rest}"


def money(cost: Cost) -> float | None:
    """None where it is not known."""
    return float(round(cost.amount, 2)) if cost.is_known else None


def with_commas(value: float, digits: int = 0) -> str:
    """`12,345`"""
    return f"{value:,.{digits}f}"
