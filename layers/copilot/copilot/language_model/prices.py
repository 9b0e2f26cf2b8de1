"""What a model's tokens cost, by a dated price list. A model that is not in it has no price."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from importlib.resources import files

import yaml

from copilot.domain import Frozen, TokenUsage

_CLAUDE = re.compile(r"claude-[a-z0-9.-]+")
_SUFFIX = re.compile(r"(-v\d+|-latest|-\d{8})+$")
"""A revision, an alias or a date: claude-haiku-4-5-20251001-v1 is claude-haiku-4-5."""


class ModelPrice(Frozen):
    """Dollars for a million tokens."""

    input: float
    cache_write: float
    cache_read: float
    output: float


class ModelPrices(Frozen):
    """By model. `date` is when they were compiled."""

    date: dt.date
    source: str
    currency: str
    models: dict[str, ModelPrice]


def dollars(model: str, usage: TokenUsage) -> float | None:
    """What these tokens cost; None for a model without a price.

    The name may be the provider's own, Bedrock's (an id, a profile's id or ARN) or a gateway's.
    """
    price = model_prices().models.get(_family(model))
    if price is None:
        return None
    return (
        usage.input * price.input
        + usage.cache_written * price.cache_write
        + usage.cached * price.cache_read
        + usage.output * price.output
    ) / 1_000_000


@cache
def model_prices() -> ModelPrices:
    """The list in this package."""
    return ModelPrices.model_validate(
        yaml.safe_load(files("copilot").joinpath("language_model/prices.yaml").read_text())
    )


def _family(model: str) -> str:
    found = _CLAUDE.search(model.lower())
    return _SUFFIX.sub("", found[0].replace(".", "-")) if found else model
