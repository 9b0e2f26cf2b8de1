"""How many hours an environment ran, how many of them idle, and what those cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from copilot.domain import Hourly, Resource
from copilot.tools.environments.idleness import is_used


class Hours(NamedTuple):
    """For each hour of the period whether the environment ran, and whether it was idle.

    `idle_by_resource` counts, by ref.id, the hours in which a resource ran and its environment was idle.
    """

    ran: tuple[bool, ...]
    idle: tuple[bool, ...]
    idle_by_resource: Mapping[str, int]


class Cost(NamedTuple):
    """Of so many resources that had idle hours; `unpriced` are the ref.ids of those without a price, not in the sum."""

    amount: Decimal
    priced: int
    unpriced: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether any of it has a price, or nothing was idle, which costs nothing."""
        return self.priced > 0 or not self.unpriced


def hours_of(resources: Sequence[Resource], hourly: Mapping[str, Hourly], hours: int, cpu_below: float) -> Hours:
    """The hours of one environment.

    A resource ran in an hour in which it has figures; an environment, in which one of its resources ran. It was idle in
    an hour by the rule of `idleness.judge`: of what ran nothing was used, and not all of it must be left alone.
    """
    known = [(resource, hourly[resource.ref.id]) for resource in resources if resource.ref.id in hourly]
    ran, idle = [], []
    idle_by_resource = {resource.ref.id: 0 for resource, _ in known}
    for hour in range(hours):
        up = [
            (resource, figures.unit, most)
            for resource, figures in known
            for most in [figures.maxima[hour]]
            if most is not None
        ]
        used = any(is_used(unit, most, cpu_below) for _, unit, most in up)
        ran.append(bool(up))
        idle.append(bool(up) and not used and not all(resource.held for resource, _, _ in up))
        if idle[-1]:
            for resource, _, _ in up:
                idle_by_resource[resource.ref.id] += 1
    return Hours(tuple(ran), tuple(idle), idle_by_resource)


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
