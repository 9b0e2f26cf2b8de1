"""What an hour of a resource costs, by a dated price list. What the list does not have has no price."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BeforeValidator

from copilot.domain import Frozen, Size

# A price is what is written, not the nearest binary fraction.
Price = Annotated[Decimal, BeforeValidator(lambda written: Decimal(str(written)))]


class TaskPrice(Frozen):
    """Of one vCPU and of one GB of memory."""

    vcpu: Price
    gb: Price


class PriceList(Frozen):
    """Prices of an hour, by region and name. `date` is when they were compiled."""

    date: dt.date
    source: str
    currency: str
    ec2: dict[str, dict[str, Price]]
    rds: dict[str, dict[str, Price]]
    fargate: dict[str, dict[str, TaskPrice]]

    def hour(self, size: Size) -> Decimal | None:
        """What an hour of it costs; None where the list does not say."""
        if size.product == "fargate":
            task = self.fargate.get(size.region, {}).get(size.name)
            if task is None:
                return None
            return size.count * (task.vcpu * Decimal(str(size.vcpu)) + task.gb * Decimal(str(size.gb)))
        listed = {"ec2": self.ec2, "rds": self.rds}.get(size.product, {})
        price = listed.get(size.region, {}).get(size.name)
        return None if price is None else size.count * price


@cache
def price_list() -> PriceList:
    """The one in this package."""
    return PriceList.model_validate(yaml.safe_load(files("copilot").joinpath("tools/usage/prices.yaml").read_text()))
