"""Figures of what runs, as CloudWatch has them: which metric a word is for a type of resource, and its values.

By GetMetricData alone, and without expressions: what is a share of something else is reckoned here. What a load
balancer saw of a service stands under the load balancer and the target group (Elastic Load Balancing, "CloudWatch
metrics for your Application Load Balancer"), which the service and its target groups name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import yaml

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.resources.stoppable import Client, several
from copilot.adapters.aws.sessions import Reader
from copilot.domain import (
    Fixture,
    Frozen,
    Measured,
    Measurements,
    MetricTimes,
    MetricWord,
    NotLookedAt,
    Point,
    RawMetric,
    Resource,
    Statistic,
)
from copilot.errors import CopilotError, RetryableError
from copilot.text.outside import quoted

READS = frozenset({"cloudwatch:GetMetricData", "ecs:DescribeServices", "elasticloadbalancing:DescribeTargetGroups"})
ASKED_AT_ONCE = 100
"""Of the 500 that GetMetricData takes: with so many points each it stays within its limit of 100,800."""
STATISTICS: Mapping[Statistic, str] = {
    "average": "Average",
    "minimum": "Minimum",
    "maximum": "Maximum",
    "sum": "Sum",
    "p50": "p50",
    "p90": "p90",
    "p95": "p95",
    "p99": "p99",
}
By = Literal["name", "cluster", "last", "load_balancer", "target_group"]
BALANCED = frozenset({"load_balancer", "target_group"})

Thing = Resource | Fixture


class Named(Frozen):
    """`share_of` is what it is a share of, in percent."""

    namespace: str
    name: str
    by: dict[str, By]
    share_of: Named | None = None


class Word(Frozen):
    unit: str
    statistic: Statistic
    of: dict[str, Named]


class _Query(NamedTuple):
    """A metric of one thing; `whole` is what it is a share of."""

    name: str
    account: str
    region: str
    metric: RawMetric
    whole: RawMetric | None = None


@cache
def _words() -> Mapping[MetricWord, Word]:
    path = files("copilot").joinpath("adapters/aws/metric_names.yaml")
    return {word: Word.model_validate(given) for word, given in yaml.safe_load(path.read_text()).items()}


class AwsMetrics:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def known(self) -> Mapping[MetricWord, Collection[str]]:
        return {word: tuple(given.of) for word, given in _words().items()}

    def measured(self, word: MetricWord, of: Sequence[Thing], times: MetricTimes) -> Measurements:
        meant = _words()[word]
        statistic = meant.statistic if times.statistic is None or _is_share(meant) else times.statistic

        def queries(place: tuple[str, str], some: Sequence[Thing]) -> Iterator[_Query | NotLookedAt]:
            for one in some:
                if named := meant.of.get(one.ref.type):
                    yield from self._queries(place, one, named)

        return self._found(of, times, statistic, meant.unit, queries)

    def raw(self, metric: RawMetric, near: Sequence[Thing], times: MetricTimes) -> Measurements:
        def queries(place: tuple[str, str], some: Sequence[Thing]) -> Iterator[_Query | NotLookedAt]:
            yield _Query("", some[0].account, some[0].region, metric)

        return self._found(near, times, times.statistic or "average", "", queries)

    def _found(
        self, of: Sequence[Thing], times: MetricTimes, statistic: Statistic, unit: str, queries: Any
    ) -> Measurements:
        places: dict[tuple[str, str], list[Thing]] = defaultdict(list)
        for one in of:
            places[one.ref.account, one.ref.region].append(one)
        found: list[Measured] = []
        hidden: list[NotLookedAt] = []
        errors: list[CopilotError] = []
        for place, some in sorted(places.items()):
            try:
                with translated(f"reading metrics in {' '.join(place)}"):
                    asked = list(queries(place, some))
                    hidden += [one for one in asked if isinstance(one, NotLookedAt)]
                    asked = [one for one in asked if isinstance(one, _Query)]
                    found += self._values(place, asked, times, statistic, unit) if asked else []
            except CopilotError as error:
                errors.append(error)
                hidden.append(_hidden(some[0], "figures", str(error), isinstance(error, RetryableError)))
        if errors and len(errors) == len(places):
            raise errors[0]
        return Measurements(series=tuple(found), not_looked_at=tuple(hidden))

    def _values(
        self, place: tuple[str, str], asked: Sequence[_Query], times: MetricTimes, statistic: Statistic, unit: str
    ) -> Iterator[Measured]:
        cloudwatch = self._reader.client(*place, "cloudwatch")
        wanted = [metric for one in asked for metric in (one.metric, one.whole) if metric is not None]
        values = iter(_values(cloudwatch, wanted, times, statistic))
        for one in asked:
            own = next(values)
            if one.whole is not None:
                own = {at: 100 * own.get(at, 0) / whole for at, whole in next(values).items() if whole}
            points = tuple(Point(at=at, value=value) for at, value in sorted(own.items()))
            where: Any = {"account": one.account, "region": one.region}
            of = tuple(metric for metric in (one.metric, one.whole) if metric is not None)
            yield Measured(name=one.name, unit=unit, statistic=statistic, points=points, of=of, **where)

    def _queries(self, place: tuple[str, str], one: Thing, named: Named) -> Iterator[_Query | NotLookedAt]:
        balanced = BALANCED & {*named.by.values()}
        given = self._balanced(place, one) if balanced else [{}]
        if not given:
            why = "no application load balancer takes its traffic, and nothing else counts it"
            yield _hidden(one, f"requests of {quoted(one.name)}", why)
        for balancer in given:
            parts = {"name": one.name, "cluster": getattr(one, "cluster", "") or "", "last": parse_arn(one.ref.id).name}
            parts |= balancer
            metric, whole = (
                RawMetric(
                    namespace=of.namespace, name=of.name, dimensions={key: parts[by] for key, by in of.by.items()}
                )
                if of
                else None
                for of in (named, named.share_of)
            )
            if metric is not None:
                yield _Query(one.name, one.account, one.region, metric, whole)

    def _balanced(self, place: tuple[str, str], service: Thing) -> list[dict[str, str]]:
        """The load balancers and target groups that take its traffic, as the dimensions of their metrics name them."""
        ecs, elb = (self._reader.client(*place, name) for name in ("ecs", "elbv2"))
        cluster = getattr(service, "cluster", "") or ""
        described = ecs.describe_services(cluster=cluster, services=[service.ref.id])["services"]
        arns = [
            balanced["targetGroupArn"]
            for one in described
            for balanced in [
                *one.get("loadBalancers", ()),
                *(b for s in one.get("taskSets", ()) for b in s.get("loadBalancers", ())),
            ]
            if balanced.get("targetGroupArn")
        ]
        if not arns:
            return []
        groups = elb.describe_target_groups(TargetGroupArns=list(dict.fromkeys(arns)))["TargetGroups"]
        return [
            # loadbalancer/app/NAME/ID and targetgroup/NAME/ID
            {
                "load_balancer": parse_arn(balancer).resource.removeprefix("loadbalancer/"),
                "target_group": parse_arn(group["TargetGroupArn"]).resource,
            }
            for group in groups
            for balancer in group["LoadBalancerArns"]
            if parse_arn(balancer).resource.startswith("loadbalancer/app/")
        ]


def _is_share(word: Word) -> bool:
    return any(one.share_of is not None for one in word.of.values())


def _hidden(of: Thing, what: str, reason: str, passing: bool = False) -> NotLookedAt:
    return NotLookedAt(what=what, account=of.account, region=of.region, reason=reason, passing=passing)


def _values(
    cloudwatch: Client, metrics: Sequence[RawMetric], times: MetricTimes, statistic: Statistic
) -> list[dict[datetime, float]]:
    """Of each metric, in their order, the value of each period that has one."""
    found: list[dict[datetime, float]] = [{} for _ in metrics]
    for some in several([str(at) for at in range(len(metrics))], ASKED_AT_ONCE):
        queries = [
            {
                "Id": f"m{at}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": metrics[int(at)].namespace,
                        "MetricName": metrics[int(at)].name,
                        "Dimensions": [
                            {"Name": name, "Value": value} for name, value in metrics[int(at)].dimensions.items()
                        ],
                    },
                    "Period": times.period,
                    "Stat": STATISTICS[statistic],
                },
            }
            for at in some
        ]
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=times.since, EndTime=times.until
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                found[int(result["Id"][1:])] |= dict(zip(result["Timestamps"], result["Values"], strict=True))
    return found
