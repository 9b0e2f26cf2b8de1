"""What CloudWatch knows of resources: how much they did, and which alarms rang."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from copilot.adapters.aws.stoppable import Client, Metric
from copilot.model import Alarm

ASKED_AT_ONCE = 500  # the limit of GetMetricData
HOUR = 3600
LONGEST_REASON = 300

Dimensions = frozenset[tuple[str, str]]


def maxima(client: Client, metrics: Mapping[str, Metric], since: datetime, until: datetime) -> dict[str, float | None]:
    """The greatest value of each metric in any hour since then; None without datapoints. The keys are the caller's."""
    found: dict[str, float | None] = dict.fromkeys(metrics)
    keys = list(metrics)
    for first in range(0, len(keys), ASKED_AT_ONCE):
        asked = dict(enumerate(keys[first : first + ASKED_AT_ONCE]))
        queries = [query(f"m{number}", metrics[key]) for number, key in asked.items()]
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=since, EndTime=until
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                key = asked[int(result["Id"][1:])]
                values = [*result["Values"], *([] if found[key] is None else [found[key]])]
                found[key] = max(values, default=None)
    return found


def alarms(
    client: Client, watched: Collection[Dimensions], since: datetime, account: str, region: str
) -> Iterator[Alarm]:
    """Alarms on these dimensions that are ringing, or whose state has changed since then."""
    for page in client.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"]):
        for alarm in page["MetricAlarms"]:
            at = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
            state = alarm["StateValue"]
            # INSUFFICIENT_DATA is what a new alarm says, and one whose resource was stopped.
            rang = state == "ALARM" or (state == "OK" and at >= since)
            if rang and any(_names(dimensions, watched) for dimensions in _dimensions(alarm)):
                yield Alarm(
                    name=alarm["AlarmName"],
                    state=state,
                    reason=alarm.get("StateReason", "")[:LONGEST_REASON],
                    since=at,
                    account=account,
                    region=region,
                )


def watched_dimensions(metrics: Sequence[Metric]) -> set[Dimensions]:
    """By which dimensions an alarm names one of these metrics' resources, or the cluster one of them is in."""
    resources = {frozenset(metric.dimensions.items()) for metric in metrics}
    clusters = {frozenset({dimension}) for some in resources for dimension in some if dimension[0] == "ClusterName"}
    return resources | clusters


def _names(dimensions: Dimensions, watched: Collection[Dimensions]) -> bool:
    """Whether an alarm's dimensions name what is watched. One on a service is not one on its whole cluster."""
    of_service = "ServiceName" in dict(dimensions)
    return any(one <= dimensions and ("ServiceName" in dict(one)) == of_service for one in watched)


def _dimensions(alarm: Any) -> Iterator[Dimensions]:
    """Those of an alarm on one metric, or of each metric that goes into an alarm on an expression."""
    parts = [query.get("MetricStat", {}).get("Metric", {}) for query in alarm.get("Metrics", [])]
    for part in (alarm, *parts):
        yield frozenset((dimension["Name"], dimension["Value"]) for dimension in part.get("Dimensions", []))


def query(id: str, metric: Metric) -> dict[str, Any]:
    """The query for the greatest value in each hour."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": id, "MetricStat": {"Metric": named, "Period": HOUR, "Stat": "Maximum"}}
