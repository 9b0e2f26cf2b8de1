"""What resources did hour by hour, from CloudWatch, which keeps hourly figures for 15 months."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from copilot.adapters.aws.metrics import ASKED_AT_ONCE, HOUR, query
from copilot.adapters.aws.resources.stoppable import Client, Metric
from copilot.domain import Hourly

POINTS_AT_ONCE = 100_800  # the limit of GetMetricData; more would come as further pages


def hourly(client: Client, metrics: Mapping[str, Metric], since: datetime, hours: int) -> dict[str, Hourly]:
    """The greatest value of each metric in each hour from `since`, a full hour. The keys are the caller's."""
    found: dict[str, list[float | None]] = {key: [None] * hours for key in metrics}
    keys = list(metrics)
    at_once = max(1, min(ASKED_AT_ONCE, POINTS_AT_ONCE // hours))
    for first in range(0, len(keys), at_once):
        asked = dict(enumerate(keys[first : first + at_once]))
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[query(f"m{number}", metrics[key]) for number, key in asked.items()],
            StartTime=since,
            EndTime=since + timedelta(hours=hours),
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                maxima = found[asked[int(result["Id"][1:])]]
                for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                    hour = int((at - since).total_seconds() // HOUR)
                    if 0 <= hour < hours:
                        maxima[hour] = value
    return {
        key: Hourly(metric=metric.name, unit=metric.unit, maxima=tuple(found[key])) for key, metric in metrics.items()
    }
