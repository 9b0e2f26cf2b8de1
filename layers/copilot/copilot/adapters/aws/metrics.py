"""What CloudWatch knows of resources: how much they did, hour by hour for 15 months, which alarms rang, and what those
measure now.

An alarm's own words are of when it changed its state, which may be days ago. So what it watches is read again; where
that is an expression, or measures nothing any more, the last value that its words are about is taken (StateReasonData,
API Reference, MetricAlarm).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from copilot.adapters.aws.resources.stoppable import Client, Metric
from copilot.domain import Activity, Alarm, Hourly, RawMetric

READS = frozenset({"cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms"})
"""The IAM actions this needs, all of which the read role has to have."""
ASKED_AT_ONCE = 500  # the limit of GetMetricData
POINTS_AT_ONCE = 100_800  # the same; more would come as further pages
HOUR = 3600
LONGEST_REASON = 300
LOOKED_BACK = timedelta(hours=3)
PERIODS_LOOKED_BACK = 5
COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}

Dimensions = frozenset[tuple[str, str]]


class Watched(NamedTuple):
    """Named by an alarm that has these dimensions, and none of those names besides."""

    by: Dimensions
    without: frozenset[str]


def maxima(client: Client, metrics: Mapping[str, Metric], since: datetime, until: datetime) -> dict[str, Activity]:
    """The greatest value of each metric in any hour since then; None without datapoints. The keys are the caller's."""
    found = {key: _nothing_of(one) for key, one in metrics.items()}
    keys = list(metrics)
    for first in range(0, len(keys), ASKED_AT_ONCE):
        asked = dict(enumerate(keys[first : first + ASKED_AT_ONCE]))
        queries = [_query(f"m{number}", metrics[key]) for number, key in asked.items()]
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=since, EndTime=until
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                key = asked[int(result["Id"][1:])]
                most, earliest = found[key].maximum, found[key].since
                values = [*result["Values"], *([] if most is None else [most])]
                times = [*result.get("Timestamps", []), *([] if earliest is None else [earliest])]
                update = {"maximum": max(values, default=None), "since": min(times, default=None)}
                found[key] = found[key].model_copy(update=update)
    return found


def _nothing_of(metric: Metric) -> Activity:
    of = RawMetric(namespace=metric.namespace, name=metric.name, dimensions=metric.dimensions)
    return Activity(metric=metric.name, unit=metric.unit, maximum=None, of=of)


def hourly(client: Client, metrics: Mapping[str, Metric], since: datetime, hours: int) -> dict[str, Hourly]:
    """The greatest value of each metric in each hour from `since`, a full hour. The keys are the caller's."""
    found: dict[str, list[float | None]] = {key: [None] * hours for key in metrics}
    keys = list(metrics)
    at_once = max(1, min(ASKED_AT_ONCE, POINTS_AT_ONCE // hours))
    for first in range(0, len(keys), at_once):
        asked = dict(enumerate(keys[first : first + at_once]))
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[_query(f"m{number}", metrics[key]) for number, key in asked.items()],
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


def alarms(
    client: Client, watched: Collection[Watched], since: datetime, now: datetime, account: str, region: str
) -> Iterator[Alarm]:
    """Alarms on these dimensions that are ringing, or whose state has changed since then."""
    found = [
        alarm
        for page in client.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
        for alarm in page["MetricAlarms"]
        # INSUFFICIENT_DATA is what a new alarm says, and one whose resource was stopped.
        if alarm["StateValue"] == "ALARM" or (alarm["StateValue"] == "OK" and _changed(alarm) >= since)
        if names(alarm, watched)
    ]
    latest = _latest(client, found, now)
    for alarm in found:
        measured = latest.get(alarm["AlarmName"]) or _last_judged(alarm)
        threshold = alarm.get("Threshold")
        comparison = COMPARISONS.get(alarm.get("ComparisonOperator", ""))
        yield Alarm(
            name=alarm["AlarmName"],
            state=alarm["StateValue"],
            reason=alarm.get("StateReason", "")[:LONGEST_REASON],
            since=_changed(alarm),
            account=account,
            region=region,
            value=measured.value if measured else None,
            measured_at=measured.at if measured else None,
            limit=f"{comparison} {threshold:.6g}" if comparison and threshold is not None else "",
        )


class _Measured(NamedTuple):
    at: datetime
    value: float


def _changed(alarm: Any) -> datetime:
    at: datetime = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
    return at


def _latest(client: Client, found: Sequence[Any], now: datetime) -> dict[str, _Measured]:
    """The latest value of what each alarm on one metric watches, by the alarm's name."""
    single = [alarm for alarm in found if alarm.get("MetricName") and alarm.get("Period")][:ASKED_AT_ONCE]
    if not single:
        return {}
    back = max(timedelta(seconds=PERIODS_LOOKED_BACK * alarm["Period"]) for alarm in single)
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_watched(f"m{number}", alarm) for number, alarm in enumerate(single)],
        StartTime=now - max(back, LOOKED_BACK),
        EndTime=now,
    )
    latest: dict[str, _Measured] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            name = single[int(result["Id"][1:])]["AlarmName"]
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                if name not in latest or at > latest[name].at:
                    latest[name] = _Measured(at, value)
    return latest


def _watched(id: str, alarm: Any) -> dict[str, Any]:
    metric = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions") if alarm.get(key)}
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": alarm["Period"], "Stat": statistic}}


def _last_judged(alarm: Any) -> _Measured | None:
    """The last of the datapoints for which an alarm came to the state it is in."""
    try:
        points = json.loads(alarm.get("StateReasonData") or "{}")["evaluatedDatapoints"]
        judged = [_Measured(_time(one["timestamp"]), float(one["value"])) for one in points if "value" in one]
    except (KeyError, TypeError, ValueError):
        return None
    return max(judged, default=None)


def _time(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def watched(metrics: Iterable[Metric]) -> set[Watched]:
    """How an alarm names one of these metrics' resources, or the whole that one of them is in."""
    found: set[Watched] = set()
    for metric in metrics:
        found.add(Watched(frozenset(metric.dimensions.items()), frozenset()))
        if metric.whole:
            of_whole = frozenset(item for item in metric.dimensions.items() if item[0] in metric.whole)
            found.add(Watched(of_whole, frozenset(metric.dimensions.keys() - metric.whole)))
    return found


def names(alarm: Any, watched: Collection[Watched]) -> bool:
    """Whether an alarm, as DescribeAlarms gives it, is on what is watched."""
    return any(_names(dimensions, watched) for dimensions in _dimensions(alarm))


def _names(dimensions: Dimensions, watched: Iterable[Watched]) -> bool:
    """Whether an alarm's dimensions name what is watched. One on a service is not one on its whole cluster."""
    names = {name for name, _ in dimensions}
    return any(one.by <= dimensions and not one.without & names for one in watched)


def _dimensions(alarm: Any) -> Iterator[Dimensions]:
    """Those of an alarm on one metric, or of each metric that goes into an alarm on an expression."""
    parts = [query.get("MetricStat", {}).get("Metric", {}) for query in alarm.get("Metrics", [])]
    for part in (alarm, *parts):
        yield frozenset((dimension["Name"], dimension["Value"]) for dimension in part.get("Dimensions", []))


def _query(id: str, metric: Metric) -> dict[str, Any]:
    """The query for the greatest value in each hour, or another statistic of it."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": id, "MetricStat": {"Metric": named, "Period": HOUR, "Stat": metric.statistic}}
