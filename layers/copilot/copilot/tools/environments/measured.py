"""What was measured, as commands show it by hand: GetMetricStatistics, a metric each."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from copilot.domain import Frozen, RawMetric
from copilot.tools.by_hand import ByHand, Place, aws

COMMAND = "cloudwatch get-metric-statistics"
_SIMPLE = {"average": "Average", "minimum": "Minimum", "maximum": "Maximum", "sum": "Sum"}


class Dimension(Frozen):
    name: str = Field(description="its name")
    value: str = Field(description="its value")


class MetricInPlace(Place):
    namespace: str = Field(description="the namespace of the metric")
    name: str = Field(description="its name there")
    dimensions: tuple[Dimension, ...] = Field(description="its dimensions")


def metric_in_place(account: str, region: str, of: RawMetric) -> MetricInPlace:
    dimensions = tuple(Dimension(name=name, value=value) for name, value in of.dimensions.items())
    return MetricInPlace(account=account, region=region, namespace=of.namespace, name=of.name, dimensions=dimensions)


def metric_by_hand(one: MetricInPlace, since: datetime, until: datetime, period: int, statistic: str) -> ByHand:
    simple = _SIMPLE.get(statistic)
    return aws(
        one,
        COMMAND,
        namespace=one.namespace,
        metric_name=one.name,
        dimensions=[{"Name": each.name, "Value": each.value} for each in one.dimensions],
        start_time=since,
        end_time=until,
        period=period,
        statistics=[simple] if simple else (),
        extended_statistics=() if simple else [statistic],
    )
