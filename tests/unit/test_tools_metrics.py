"""Figures over a time: of what, in which unit and period, and what they come to against the time before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from fakes_metrics import FakeMetrics
from fakes_platform import NOW, FakeClients, FakePlatform, database, instance, service
from pydantic import ValidationError

from copilot.domain import Fixture, MetricWord, NotLookedAt, ResourceRef, Unreachable
from copilot.errors import Ambiguous, ToolInputError
from copilot.tools.observing.metrics import MOST_POINTS, MetricValues, MetricValuesInput, MetricValuesOutput, amount

HOUR = timedelta(hours=1)


@dataclass
class Clients(FakeClients):
    metrics: FakeMetrics = field(default_factory=FakeMetrics)


def queue(name: str) -> Fixture:
    ref = ResourceRef(type="sqs-queue", id=f"arn:aws:sqs:eu-west-1:111111111111:{name}")
    return Fixture(ref=ref, name=name, environment="shop", account="main (1)", region="eu-west-1", detail="")


def platform() -> FakePlatform:
    return FakePlatform(
        [
            service("shop", "web", 2),
            service("shop", "cart", 1),
            service("other", "cart", 1),
            instance("shop", "box"),
            instance("shop", "member", covered_by="fleet"),
            database("shop", "orders"),
        ],
        fixed=[queue("mails")],
    )


def measure(values: dict[str, Callable[[datetime], float | None]], **given: Any) -> MetricValuesOutput:
    return run(FakeMetrics(values), platform(), **given)


def run(metrics: FakeMetrics, on: FakePlatform, **given: Any) -> MetricValuesOutput:
    taken = MetricValuesInput.model_validate({"environment_id": "shop"} | given)
    return MetricValues(Clients(platform=on, metrics=metrics)).run(taken)


def rising(at: datetime) -> float:
    """From 0 at an hour ago to 60 now, and half of a percent before."""
    minutes = (at - (NOW - HOUR)) / timedelta(minutes=1)
    return minutes if minutes >= 0 else 0.5


def test_the_least_the_average_the_most_and_the_last_with_their_unit_against_the_time_before() -> None:
    found = measure({"web": rising}, metric="cpu", service="web")
    (one,) = found.figures
    assert (one.label, one.minimum, one.average, one.maximum, one.last) == ("web", 0, 29.5, 59, 59)
    assert (one.last_at, one.total, one.before) == (NOW - timedelta(minutes=1), None, 0.5)
    assert found.lines == (
        "web: 29.5 % on average, 0 % to 59 %, 59 % last (12:29); 0.5 % on average in the 1 h before",
    )
    assert found.summary == "CPU of web in shop, 11:30 to 12:30 UTC on Mon 2 Mar, in periods of 1 min."
    assert (found.environment_id, found.service, found.statistic, found.period) == ("shop", "web", "average", 60)
    (series,) = found.series
    assert (series.label, series.unit, len(series.points)) == ("web", "Percent", 60)
    assert (series.points[0].at, series.points[0].value) == (NOW - HOUR, 0)


def test_of_what_is_counted_all_together_is_said() -> None:
    since, until = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"
    found = measure({"cart": lambda at: 2}, metric="requests", service="cart", since=since, until=until)
    (one,) = found.figures
    assert (one.total, one.before, one.minimum, one.maximum, found.period) == (2880, 2880, 30, 30, 900)
    assert one.summary == "cart: 2,880 in all, 30 in each 15 min; 2,880 in all in the 24 h before"


def test_what_was_before_is_told_apart_where_there_was_less_of_it() -> None:
    found = measure({"web": lambda at: 5 if at >= NOW - 1.5 * HOUR else None}, metric="requests", service="web")
    assert found.lines[0].endswith("150 in all in the 1 h before, of 30 values in place of 60")


def test_numbers_are_those_of_a_count_by_hand_whatever_the_time() -> None:
    random = Random(20260302)
    values = {NOW - number * timedelta(minutes=1): random.uniform(0, 90) for number in range(1, 60 * 24 * 64)}
    for hours in (0.5, 1, 3, 7, 24, 24 * 7, 24 * 31):
        since = NOW - hours * HOUR
        found = measure({"web": values.get}, metric="cpu", service="web", since=since, statistic="maximum")
        assert len(found.series[0].points) <= MOST_POINTS
        own = [value for at, value in values.items() if found.since <= at < NOW]
        before = [
            value for at, value in values.items() if found.since - (found.until - found.since) <= at < found.since
        ]
        assert found.since <= since and since - found.since < timedelta(seconds=found.period)
        assert found.figures[0].maximum == max(own) and before
        assert found.figures[0].before is not None and found.figures[0].before <= max(before)


def test_a_period_is_one_that_is_still_kept() -> None:
    for ago, period in ((1, 60), (14, 60), (16, 300), (80, 3600)):
        until = NOW - timedelta(days=ago)
        found = measure({}, metric="cpu", service="web", since=until - HOUR, until=until)
        assert found.period == period, ago


def test_all_of_an_environment_that_has_it_and_no_member_of_something_that_is_measured_whole() -> None:
    found = measure({"web": lambda at: 1, "cart": lambda at: 2, "box": lambda at: 3}, metric="cpu")
    assert [one.label for one in found.figures] == ["box", "cart", "web"]
    assert [one.label for one in found.series] == ["box", "cart", "orders", "web"]
    assert found.lines[-1] == "orders: nothing was measured in that time"
    assert [one.label for one in measure({}, metric="cpu", types=["databases"]).series] == ["orders"]
    assert [one.label for one in measure({}, metric="cpu", name="Box").series] == ["box"]
    assert [one.label for one in measure({}, metric="queue_depth").series] == ["mails"]


def test_more_than_ten_are_not_told() -> None:
    on = FakePlatform([service("shop", f"s{number:02}", 1) for number in range(13)])
    found = run(FakeMetrics(), on, metric="cpu")
    assert len(found.series) == 10 and found.lines[-1] == "and of 3 more, which are not told here: name one"


def test_two_of_one_name_are_told_apart() -> None:
    on = FakePlatform([service("shop", "web", 1), service("shop", "web", 1, region="us-east-1")])
    assert [one.label for one in run(FakeMetrics(), on, metric="cpu").series] == [
        "web in eu-west-1",
        "web in us-east-1",
    ]


def test_what_has_no_such_figure_is_said_with_what_has() -> None:
    with pytest.raises(ToolInputError, match="web in shop has nothing with connections; databases, database clusters"):
        measure({}, metric="connections", service="web")
    with pytest.raises(ToolInputError, match="shop has nothing called nowhere with CPU"):
        measure({}, metric="cpu", name="nowhere")


def test_a_metric_by_its_own_name_is_read_where_the_environment_is() -> None:
    raw = {"namespace": "AWS/RDS", "name": "ReadIOPS", "dimensions": {"DBInstanceIdentifier": "orders"}}
    found = run(FakeMetrics({"": lambda at: 12.5}), platform(), raw=raw, statistic="p99")
    assert found.lines == ("ReadIOPS: 12.5 throughout; 12.5 on average in the 1 h before",)
    assert found.summary.startswith("P99 AWS/RDS ReadIOPS of shop") and found.series[0].unit == ""
    for given in ({}, {"raw": raw, "metric": "cpu"}):
        with pytest.raises(ToolInputError, match="one of them"):
            measure({}, **given)
    with pytest.raises(ValidationError):
        measure({}, metric="kindness")


def test_what_could_not_be_measured_is_told() -> None:
    on = platform()
    on.unreachable.append(Unreachable(account="far (2)", region="eu-west-1", reason="AccessDenied"))
    on.fixtures_hidden += on.unreachable
    where: Any = {"account": "main (1)", "region": "eu-west-1", "reason": "no load balancer"}
    found = run(FakeMetrics(hidden=[NotLookedAt(what="requests of web", **where)]), on, metric="queue_depth")
    assert found.not_looked_at == (
        "requests of web, main (1) in eu-west-1: «no load balancer»",
        "far (2) in eu-west-1 could not be read: AccessDenied",
    )


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (42.345, "Percent", "42.3 %"),
        (0.1834, "Seconds", "183 ms"),
        (2.5, "Seconds", "2.5 s"),
        (260, "Seconds", "4 min 20 s"),
        (0, "Seconds", "0 s"),
        (1.5 * 2**30, "Bytes", "1.5 GB"),
        (12345, "Count", "12,345"),
        (12345.6, "Count", "12,346"),
        (2.345, "Count", "2.35"),
        (7, "", "7"),
    ],
)
def test_a_value_is_said_with_its_unit(value: float, unit: str, said: str) -> None:
    assert amount(value, unit) == said


def balancer(environment: str, name: str) -> Fixture:
    ref = ResourceRef(type="load-balancer", id=f"arn:aws:elasticloadbalancing:x:1:loadbalancer/app/{name}/1")
    return Fixture(ref=ref, name=name, environment=environment, account="main (1)", region="eu-west-1", detail="")


ALSO: dict[MetricWord, tuple[str, ...]] = {
    "latency": ("ecs-service", "load-balancer"),
    "errors": ("ecs-service", "lambda-function"),
}


def named(name: str | None, *fixed: Fixture, **given: Any) -> MetricValuesOutput:
    on = FakePlatform(
        [service("shop", "web", 1), database("shop", "shop-orders-db"), database("other", "other-stock")],
        fixed=list(fixed),
    )
    metrics = FakeMetrics(known={**FakeMetrics().known, **ALSO})
    return run(metrics, on, **({"environment_id": None, "name": name} | given))


def test_a_thing_is_found_by_its_name_or_by_words_of_it_wherever_it_is() -> None:
    for name in ("shop-orders-db", "orders", "Orders-DB"):
        found = named(name, metric="connections", types=["database"])
        assert (found.environment_id, [one.label for one in found.series]) == ("shop", ["shop-orders-db"])
        assert found.title == "Connections of database shop-orders-db in shop"
    assert [one.label for one in named("mails", queue("shop-mails"), metric="queue_depth").series] == ["shop-mails"]
    both = (balancer("shop", "web"), balancer("other", "other-web"))
    assert named("other-web", *both, metric="latency", types=["load balancer"]).environment_id == "other"
    found = named("orders", metric="connections", environment_id="shop")
    assert [one.label for one in found.series] == ["shop-orders-db"]


def test_what_is_in_several_environments_is_asked_about_and_what_is_nowhere_is_said_with_the_nearest() -> None:
    two = (queue("shop-mails"), queue("other-mails").model_copy(update={"environment": "other"}))
    with pytest.raises(Ambiguous, match="mails is in 2 environments: other, shop; which one is meant") as error:
        named("mails", *two, metric="queue_depth")
    assert error.value.nearest == ("other", "shop")
    with pytest.raises(ToolInputError, match=r"nothing called shop-order-db of which connections .*shop-orders-db"):
        named("shop-order-db", metric="connections")


def test_of_an_environment_alone_what_stands_beside_it_is_measured_only_where_nothing_else_has_that() -> None:
    found = named(None, balancer("shop", "front"), metric="latency", environment_id="shop")
    assert [one.label for one in found.series] == ["web"]
    only = named(None, balancer("shop", "front"), metric="latency", environment_id="shop", types=["load balancer"])
    assert [one.label for one in only.series] == ["front"] and only.title.endswith("of load balancers in shop")


def test_what_a_monitor_has_by_the_hour_is_said_by_the_hour() -> None:
    def hourly(at: datetime) -> float | None:
        return at.hour if at.minute == 0 else None

    found = measure({"web": hourly}, metric="requests", service="web", since=NOW - 6 * HOUR)
    assert found.time == "06:30 to 12:30 UTC on Mon 2 Mar, a value every 1 h"
    assert found.lines[0].startswith("web: 57 in all, 7 to 12 in 1 h, 12 last (12:00); ")

    def now_and_then(at: datetime) -> float | None:
        return 3 if at.minute in {7, 8, 31, 52} else None

    found = measure({"web": now_and_then}, metric="requests", service="web", since=NOW - 6 * HOUR)
    assert found.time.endswith("in periods of 5 min")


def test_what_is_written_of_trouble_alone_is_none_where_nothing_is() -> None:
    found = named("web", metric="errors")
    assert found.lines == ("web: none was counted in that time",)


def test_an_only_value_is_told_as_that() -> None:
    found = measure(
        {"web": lambda at: 7 if at == NOW - 30 * timedelta(minutes=1) else None}, metric="cpu", service="web"
    )
    assert found.lines == ("web: 7 % (12:00), the only value; nothing was measured before",)
