"""What a change of power costs or saves, by estimate: the list prices of what it would start or stop."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from copilot.domain import Change, ResourceRef
from copilot.errors import CopilotError
from copilot.ports import Platform
from copilot.text.listing import count
from copilot.tools.environments.inventory import members
from copilot.tools.usage.prices import MONTH, PriceList, price_list


class Estimate(NamedTuple):
    """`saves` is money an hour, below 0 where it costs that; None where nothing of it is known."""

    saves: Decimal | None
    words: str


NOT_KNOWN = "Estimate: what it costs or saves is not known"


def estimate(platform: Platform, environment: ResourceRef, changes: Iterable[Change]) -> Estimate | None:
    """None where nothing is stopped or started. What cannot be read has no estimate: it is no reason to fail."""
    turned = {change.ref.id: change.direction for change in changes if change.direction}
    if not turned:
        return None
    prices = price_list()
    try:
        resources = [one for one in members(platform.survey(environment.id), environment.id) if one.ref.id in turned]
        sizes = platform.sizes(resources)
    except CopilotError:
        return Estimate(None, f"{NOT_KNOWN}, as sizes could not be read.")
    hours = {id: price for id, size in sizes.items() if (price := prices.hour(size)) is not None}
    saves = sum((price if turned[id] == "stop" else -price for id, price in hours.items()), Decimal(0))
    return _worded(saves, len(hours), len(turned) - len(hours), prices)


def _worded(saves: Decimal, priced: int, unpriced: int, prices: PriceList) -> Estimate:
    if not priced:
        return Estimate(None, f"{NOT_KNOWN}: {count(unpriced, 'resource')} without a known price.")
    way = "less" if saves >= 0 else "more"
    about = f"Estimate: about {abs(saves):,.2f} {prices.currency} an hour {way}"
    without = f", not counting {count(unpriced, 'resource')} without a known price" if unpriced else ""
    stays = "; storage is paid for all the same" if saves > 0 else ""
    month = f" In a month of {MONTH} hours that is about {abs(saves) * MONTH:,.2f} {prices.currency}."
    return Estimate(saves, f"{about} by list prices of {prices.date}{without}{stays}.{month}")
