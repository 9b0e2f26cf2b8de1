"""What an hour of a resource costs, by a dated price list. What the list does not have has no price."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field

from copilot.domain import Frozen, Size

# A price is what is written, not the nearest binary fraction.
Price = Annotated[Decimal, BeforeValidator(lambda written: Decimal(str(written)))]


MONTH = 730
"""Hours in one, as price lists reckon."""


class TaskPrice(Frozen):
    """Of one vCPU and of one GB of memory."""

    vcpu: Price
    gb: Price


class PriceList(Frozen):
    """Prices of an hour, by product, region and name. `date` is when they were compiled, `billed_as` what a bill calls
    the service of each product.
    """

    date: dt.date
    source: str
    currency: str
    billed_as: dict[str, str]
    products: dict[str, dict[str, dict[str, Annotated[TaskPrice | Price, Field(union_mode="left_to_right")]]]]

    def hour(self, size: Size) -> Decimal | None:
        """What an hour of it costs; None where the list does not say."""
        price = self.products.get(size.product, {}).get(size.region, {}).get(size.name)
        if isinstance(price, TaskPrice):
            return size.count * (price.vcpu * Decimal(str(size.vcpu)) + price.gb * Decimal(str(size.gb)))
        return None if price is None else size.count * price


@cache
def price_list() -> PriceList:
    """The one in this package."""
    return PriceList.model_validate(yaml.safe_load(files("copilot").joinpath("tools/usage/prices.yaml").read_text()))
