"""Figures of what runs, as CloudWatch has them: which metric a word is for a type of resource, and its values.

By GetMetricData alone, and without expressions: what is a share of something else is reckoned here. What a load
balancer saw of a service stands under the load balancer and the target group (Elastic Load Balancing, "CloudWatch
metrics for your Application Load Balancer"), which the service and its target groups name. A cache is measured by its
nodes, each of which is told of (ElastiCache User Guide, "Host-Level Metrics").
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
By = Literal["name", "cluster", "last", "load_balancer", "target_group", "balancer", "member"]
NODES_AT_MOST = 10
"""Of one cache, that are measured."""
BALANCED = frozenset({"load_balancer", "target_group"})

Thing = Resource | Fixture


class Named(Frozen):
    """`share_of` is what it is a share of, in percent, `plus` what is added to it, and `times` what makes its values of
    the unit of the word.
    """

    namespace: str
    name: str
    by: dict[str, By]
    times: float = 1
    plus: Named | None = None
    share_of: Named | None = None


class Word(Frozen):
    unit: str
    statistic: Statistic
    of: dict[str, Named]


class _Query(NamedTuple):
    """Metrics of one thing that are added, each value `times` so much; `whole` is what it is a share of."""

    name: str
    account: str
    region: str
    metrics: Sequence[RawMetric]
    whole: RawMetric | None = None
    times: float = 1


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
            yield _Query("", some[0].account, some[0].region, [metric])

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
        wanted = [metric for one in asked for metric in (*one.metrics, one.whole) if metric is not None]
        values = iter(_values(cloudwatch, wanted, times, statistic))
        for one in asked:
            own = _added([next(values) for _ in one.metrics], one.times)
            if one.whole is not None:
                own = {at: 100 * own.get(at, 0) / whole for at, whole in next(values).items() if whole}
            points = tuple(Point(at=at, value=value) for at, value in sorted(own.items()))
            where: Any = {"account": one.account, "region": one.region}
            of = tuple(metric for metric in (*one.metrics, one.whole) if metric is not None)
            yield Measured(name=one.name, unit=unit, statistic=statistic, points=points, of=of, **where)

    def _queries(self, place: tuple[str, str], one: Thing, named: Named) -> Iterator[_Query | NotLookedAt]:
        arn = parse_arn(one.ref.id)
        parts = {"name": one.name, "cluster": getattr(one, "cluster", "") or "", "last": arn.name}
        given: Sequence[dict[str, str]] = [{}]
        if BALANCED & {*named.by.values()}:
            given = self._balanced(place, one)
        elif "balancer" in named.by.values():
            given = [{"balancer": name} for name in _application(arn.resource)]
        elif "member" in named.by.values():
            given = [{"member": node} for node in (getattr(one, "members", ()) or (one.name,))[:NODES_AT_MOST]]
        if not given:
            why = "no application load balancer takes its traffic, and nothing else counts it"
            if one.ref.type == "load-balancer":
                why = "it is no application load balancer, of which alone requests are counted"
            yield _hidden(one, f"requests of {quoted(one.name)}", why)

        def metric(of: Named, by: Mapping[str, str]) -> RawMetric:
            dimensions = {key: by[part] for key, part in of.by.items()}
            return RawMetric(namespace=of.namespace, name=of.name, dimensions=dimensions)

        for more in given:
            by = parts | more
            metrics = [metric(of, by) for of in (named, named.plus) if of is not None]
            whole = metric(named.share_of, by) if named.share_of else None
            yield _Query(more.get("member", one.name), one.account, one.region, metrics, whole, named.times)

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
            {"load_balancer": balancer, "target_group": parse_arn(group["TargetGroupArn"]).resource}
            for group in groups
            for arn in group["LoadBalancerArns"]
            for balancer in _application(parse_arn(arn).resource)
        ]


def _application(resource: str) -> list[str]:
    """As CloudWatch names the application load balancer loadbalancer/app/NAME/ID; none of what is no such."""
    return [resource.removeprefix("loadbalancer/")] if resource.startswith("loadbalancer/app/") else []


def _added(each: Sequence[Mapping[datetime, float]], times: float) -> dict[datetime, float]:
    found: dict[datetime, float] = defaultdict(float)
    for values in each:
        for at, value in values.items():
            found[at] += value * times
    return dict(found)


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
