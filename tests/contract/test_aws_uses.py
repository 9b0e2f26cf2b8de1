"""When things were last used, as CloudWatch tells of it, beside what was put there by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from aws_accounts import DEV, REGION, Cloud, account, add_database, add_instance, simulated, tagged
from managed_account import action_of

from copilot.domain import Fixture, Resource, ResourceRef, Use
from copilot.tools.environments.use import HOURS, beginning

LB = "app/front/0123456789abcdef"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def put(cloud: Cloud, namespace: str, name: str, of: dict[str, str], *figures: tuple[datetime, float]) -> None:
    dimensions = [{"Name": key, "Value": value} for key, value in of.items()]
    some: Any = [
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Value": value, "Unit": "Count"}
        for at, value in figures
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=some)


def told(cloud: Cloud, *ones: Resource | Fixture) -> dict[str, tuple[Use, ...]]:
    platform = cloud.platform(account())
    cloud.requests.clear()
    found = platform.uses(ones, beginning(cloud.clock.at), HOURS, 5.0)
    return {one.name: tuple(found[one.ref.id]) for one in ones}


def fixture(type: str, name: str, resource: str, **more: Any) -> Fixture:
    ref = ResourceRef(type=type, id=f"arn:aws:any:{REGION}:{DEV}:{resource}")
    given: dict[str, Any] = {"environment": "shop", "account": "dev", "region": REGION, "detail": ""}
    return Fixture(ref=ref, name=name, **given, **more)


def test_databases_and_machines_by_the_hour_in_which_they_were_last_used(cloud: Cloud) -> None:
    add_database(cloud.client("rds"), "orders", tagged("shop"))
    add_database(cloud.client("rds"), "forgotten", tagged("shop"))
    machine = add_instance(cloud.client("ec2"), tagged("shop", Name="batch"))
    hour = cloud.clock.at.replace(minute=0, second=0)
    of = {"DBInstanceIdentifier": "orders"}
    put(cloud, "AWS/RDS", "DatabaseConnections", of, (hour - timedelta(hours=30), 3), (hour - timedelta(hours=29), 7))
    put(cloud, "AWS/RDS", "DatabaseConnections", of, (hour - timedelta(hours=1), 0))
    of = {"DBInstanceIdentifier": "forgotten"}
    put(cloud, "AWS/RDS", "DatabaseConnections", of, (hour - timedelta(days=20), 9), (hour - timedelta(days=2), 0))
    of = {"InstanceId": machine}
    put(cloud, "AWS/EC2", "CPUUtilization", of, (hour - timedelta(hours=5), 61.5), (hour - timedelta(hours=1), 4.9))
    resources = cloud.platform(account()).survey("shop").resources
    found = told(cloud, *resources)
    (orders,), (forgotten,), (batch,) = found["orders"], found["forgotten"], found["batch"]
    assert (orders.total, orders.lately, orders.last) == (7, 0, hour - timedelta(hours=29))
    assert (forgotten.total, forgotten.last, forgotten.since) == (0, None, hour - timedelta(days=2))
    assert (batch.name, batch.total, batch.lately, batch.last) == ("% of CPU", 61.5, 4.9, hour - timedelta(hours=5))


def test_what_is_only_looked_at_by_what_it_was_asked_to_do(cloud: Cloud) -> None:
    hour = cloud.clock.at.replace(minute=0, second=0)
    early, late = hour - timedelta(hours=50), hour - timedelta(hours=1)
    put(cloud, "AWS/Lambda", "Invocations", {"FunctionName": "mailer"}, (early, 3), (early, 4), (late, 5))
    put(cloud, "AWS/Lambda", "Errors", {"FunctionName": "mailer"}, (early, 2))
    for name, value in (("ConsumedReadCapacityUnits", 10), ("ConsumedWriteCapacityUnits", 2.5)):
        put(cloud, "AWS/DynamoDB", name, {"TableName": "carts"}, (early, value))
    put(cloud, "AWS/ApplicationELB", "RequestCount", {"LoadBalancer": LB}, (late, 120))
    for node, value in (("pages-001", 40), ("pages-002", 2)):
        put(cloud, "AWS/ElastiCache", "GetTypeCmds", {"CacheClusterId": node}, (early, value))
        put(cloud, "AWS/ElastiCache", "CurrConnections", {"CacheClusterId": node}, (late, 4))
    put(cloud, "AWS/ElastiCache", "CmdGet", {"CacheClusterId": "old"}, (early, 0))
    found = told(
        cloud,
        fixture("lambda-function", "mailer", "function:mailer"),
        fixture("lambda-function", "never", "function:never"),
        fixture("dynamodb-table", "carts", "table/carts"),
        fixture("load-balancer", "front", f"loadbalancer/{LB}"),
        fixture("load-balancer", "inside", "loadbalancer/net/inside/0123"),
        fixture("sqs-queue", "mails", "mails"),
        fixture("elasticache", "pages", "rg:pages", engine="valkey 8.0", members=("pages-001", "pages-002")),
        fixture("elasticache", "old", "cluster:old", engine="memcached 1.6"),
        fixture("elasticache", "dark", "cluster:dark", engine="redis 7.1"),
        fixture("eks-cluster", "kube", "cluster/kube"),
    )
    calls, errors = found["mailer"]
    assert (calls.total, calls.lately, calls.last, calls.since) == (12, 5, late, beginning(cloud.clock.at))
    assert (errors.total, errors.shows_use) == (2, False)
    assert [(one.total, one.last) for one in found["never"]] == [(0, None), (0, None)]
    assert [(one.total, one.last) for one in found["carts"]] == [(12.5, early)]
    assert [(one.name, one.total, one.last) for one in found["front"]] == [("requests", 120, late)]
    assert [(one.name, one.total) for one in found["inside"]] == [("new connections", 0)]
    assert [(one.name, one.total) for one in found["mails"]] == [("messages sent", 0)]
    commands, connections = found["pages"]
    assert (commands.total, commands.last, connections.lately) == (42, early, 8)
    assert (found["old"][0].total, found["old"][0].last) == (0, None)
    assert found["dark"][0].total is None and found["kube"] == ()


def test_all_of_a_place_costs_one_call_with_the_right_that_is_there(cloud: Cloud) -> None:
    told(cloud, *(fixture("lambda-function", f"f{number}", f"function:f{number}") for number in range(100)))
    asked = [name for name, _ in cloud.requests if not name.startswith("STS.")]
    assert asked == ["CLOUDWATCH.GetMetricData"] and action_of(asked[0]) == "cloudwatch:GetMetricData"


def test_nothing_is_asked_of_what_is_not_measured(cloud: Cloud) -> None:
    assert told(cloud, fixture("eks-cluster", "kube", "cluster/kube")) == {"kube": ()}
    assert cloud.count("CLOUDWATCH.GetMetricData") == 0


def test_figures_of_many_hours_come_to_what_they_come_to_by_hand(cloud: Cloud) -> None:
    """Against the raw figures, some of them before the period, counted here without the product."""
    random = Random(12)
    hour = cloud.clock.at.replace(minute=0, second=0)
    raw = [
        (hour - timedelta(minutes=random.randrange(5, 60 * 24 * 20)), float(random.choice((0, 0, 0, 1, 7))))
        for _ in range(400)
    ]
    put(cloud, "AWS/Lambda", "Invocations", {"FunctionName": "mailer"}, *raw)
    put(cloud, "AWS/RDS", "DatabaseConnections", {"DBInstanceIdentifier": "orders"}, *raw)
    add_database(cloud.client("rds"), "orders", tagged("shop"))
    (orders,) = cloud.platform(account()).survey("shop").resources
    found = told(cloud, orders, fixture("lambda-function", "mailer", "function:mailer"))
    (connections,), (invocations, _) = found["orders"], found["mailer"]
    within = [(at, value) for at, value in raw if at >= hour - timedelta(hours=14 * 24 - 1)]
    last = max(at for at, value in within if value).replace(minute=0, second=0)
    assert len(within) < len(raw) and invocations.total == sum(value for _, value in within)
    assert (connections.total, connections.last, invocations.last) == (max(v for _, v in within), last, last)
    recent = [value for at, value in within if at >= hour - timedelta(hours=1)]
    assert connections.lately == max(recent, default=None) and invocations.lately == sum(recent)
    assert connections.since == min(at for at, _ in within).replace(minute=0, second=0)
