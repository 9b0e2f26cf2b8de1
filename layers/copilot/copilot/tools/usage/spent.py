"""When each resource ran, and what an hour of it costs: an estimate, by the figures of monitors and list prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from copilot.domain import Resource, Size
from copilot.ports import Platform
from copilot.tools.usage.hours import hours_of
from copilot.tools.usage.period import Period
from copilot.tools.usage.prices import price_list

CPU_BELOW = 5.0
"""Percent of CPU up to which nothing is going on; usage_statistics has the same where nothing else is said."""
OTHER = "other services"


class Spent(NamedTuple):
    """One resource. `price` is of an hour of the size it has now, None where the list has none; `service` is what a
    bill would call what it is of; `ran` and `idle` are for each hour of the period.
    """

    resource: Resource
    size: Size | None
    price: Decimal | None
    service: str
    ran: tuple[bool, ...]
    idle: tuple[bool, ...]


def spent(platform: Platform, by_environment: Mapping[str, Sequence[Resource]], period: Period) -> list[Spent]:
    """Of these resources; a member of a group or cluster is billed as part of it, and not to be among them."""
    resources = [one for some in by_environment.values() for one in some]
    hourly = platform.hourly(resources, period.since, period.hours)
    ran = {id: tuple(most is not None for most in of.maxima) for id, of in hourly.items()}
    sizes = platform.sizes([one for one in resources if any(ran.get(one.ref.id, ()))])
    prices, never = price_list(), (False,) * period.hours
    found: list[Spent] = []
    for some in by_environment.values():
        rests = hours_of(some, hourly, period.hours, CPU_BELOW).idle
        for one in some:
            on, size = ran.get(one.ref.id, never), sizes.get(one.ref.id)
            idle = tuple(up and at_rest for up, at_rest in zip(on, rests, strict=True))
            service = prices.billed_as.get(size.product, OTHER) if size else OTHER
            found.append(Spent(one, size, prices.hour(size) if size else None, service, on, idle))
    return found


def unpriced(some: Iterable[Spent]) -> list[Spent]:
    """What ran and has no price."""
    return [one for one in some if one.price is None and any(one.ran)]
