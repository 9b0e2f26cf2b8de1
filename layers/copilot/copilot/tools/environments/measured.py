"""What was measured, as commands show it by hand: GetMetricStatistics, a metric each."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from copilot.domain import RawMetric
from copilot.tools.by_hand import ByHand, Place, aws

COMMAND = "cloudwatch get-metric-statistics"
_SIMPLE = {"average": "Average", "minimum": "Minimum", "maximum": "Maximum", "sum": "Sum"}


class MetricInPlace(Place):
    metric: RawMetric = Field(description="the metric by its own names")


def metric_by_hand(one: MetricInPlace, since: datetime, until: datetime, period: int, statistic: str) -> ByHand:
    simple = _SIMPLE.get(statistic)
    return aws(
        one,
        COMMAND,
        namespace=one.metric.namespace,
        metric_name=one.metric.name,
        dimensions=[{"Name": name, "Value": value} for name, value in one.metric.dimensions.items()],
        start_time=since,
        end_time=until,
        period=period,
        statistics=[simple] if simple else (),
        extended_statistics=() if simple else [statistic],
    )
