"""What things did, hour by hour, as CloudWatch has it: for when they were last used, and whether at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from copilot.adapters.aws.metrics import hourly
from copilot.adapters.aws.resources.stoppable import Client, Metric
from copilot.domain import Hourly, Use

LATELY = 2
"""Hours: the one that is not over, and the one before it."""


class Gauge(NamedTuple):
    """What is counted of one thing, over some metrics together; `quiet` is as much as there is when nobody uses it.

    `adds_up`: the figures of the hours are a sum together. `silent`: without a figure there was nothing; else without a
    figure nothing is known.
    """

    name: str
    metrics: tuple[Metric, ...]
    adds_up: bool = False
    shows_use: bool = True
    silent: bool = False
    quiet: float = 0


def uses(
    client: Client, gauges: Mapping[str, Sequence[Gauge]], since: datetime, hours: int
) -> dict[str, tuple[Use, ...]]:
    """What each did in so many hours from `since`, a full hour. The keys are the caller's."""
    asked = {
        f"{key} {at} {part}": metric
        for key, some in gauges.items()
        for at, gauge in enumerate(some)
        for part, metric in enumerate(gauge.metrics)
    }
    found = hourly(client, asked, since, hours) if asked else {}
    return {
        key: tuple(
            _use(gauge, [found[f"{key} {at} {part}"] for part in range(len(gauge.metrics))], since)
            for at, gauge in enumerate(some)
        )
        for key, some in gauges.items()
    }


def _use(gauge: Gauge, found: Sequence[Hourly], since: datetime) -> Use:
    hours = list(_together(found, gauge.silent))
    there = [(at, value) for at, value in enumerate(hours) if value is not None]
    used = [at for at, value in there if value > gauge.quiet]
    together = sum if gauge.adds_up else max
    lately = [value for value in hours[-LATELY:] if value is not None]
    return Use(
        name=gauge.name,
        adds_up=gauge.adds_up,
        shows_use=gauge.shows_use,
        total=together(value for _, value in there) if there else None,
        lately=together(lately) if lately else None,
        last=since + timedelta(hours=used[-1]) if used else None,
        since=since + timedelta(hours=there[0][0]) if there else None,
    )


def _together(found: Sequence[Hourly], silent: bool) -> Iterator[float | None]:
    """The sum of them in each hour."""
    for values in zip(*(one.maxima for one in found), strict=True):
        known = [value for value in values if value is not None]
        yield sum(known) if known or silent else None
