"""Figures as CloudWatch has them, for each word and type, against moto; what moto lacks has the documented shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from aws_accounts import DEV, FAR, REGION, Cloud, account, add_database, add_service, simulated, tagged

from copilot.adapters.aws.measuring import AwsMetrics
from copilot.domain import Fixture, MetricTimes, MetricWord, Point, RawMetric, Resource, ResourceRef
from copilot.errors import PermissionDenied

HOUR = timedelta(hours=1)
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{DEV}:loadbalancer/app/web/50dc6c495c0c9188"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{DEV}:targetgroup/web/0123456789abcdef"
GROUPS = "ELASTIC-LOAD-BALANCING-V2.DescribeTargetGroups"
BALANCED = {"LoadBalancer": "app/web/50dc6c495c0c9188", "TargetGroup": "targetgroup/web/0123456789abcdef"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def metrics(cloud: Cloud, *regions: str) -> AwsMetrics:
    return AwsMetrics(cloud.reader(account(regions=regions or (REGION,))))


def times(cloud: Cloud, **more: Any) -> MetricTimes:
    until = cloud.clock.at.replace(minute=0, second=0, microsecond=0)
    return MetricTimes(since=until - 3 * HOUR, until=until, period=3600, **more)


def put(cloud: Cloud, namespace: str, name: str, dimensions: dict[str, str], *values: tuple[float, float]) -> None:
    """Each so many hours before the end of the time."""
    end = times(cloud).until
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    data: Any = [
        {"MetricName": name, "Dimensions": named, "Timestamp": end - ago * HOUR, "Value": value}
        for ago, value in values
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def web(cloud: Cloud) -> Resource:
    add_service(cloud.client("ecs"), "shop", "web", tagged("shop"))
    (found,) = cloud.platform(account()).survey("shop").resources
    return found


def balanced(cloud: Cloud, service: Resource, *balancers: str) -> None:
    """The next answers: it has a target group, behind these load balancers."""
    told = {"serviceArn": service.ref.id, "serviceName": "web", "status": "ACTIVE", "desiredCount": 1}
    cloud.pages["ECS.DescribeServices"] = [{"services": [told | {"loadBalancers": [{"targetGroupArn": GROUP}]}]}]
    cloud.pages[GROUPS] = [{"TargetGroups": [{"TargetGroupArn": GROUP, "LoadBalancerArns": list(balancers)}]}]


def test_a_word_is_the_metric_of_its_type_with_the_statistic_that_is_asked_for(cloud: Cloud) -> None:
    service = web(cloud)
    where = {"ClusterName": "shop", "ServiceName": "web"}
    put(cloud, "AWS/ECS", "CPUUtilization", where, (2.9, 10), (2.8, 30), (0.5, 80), (5, 99))
    put(cloud, "AWS/ECS", "CPUUtilization", {"ClusterName": "shop", "ServiceName": "other"}, (0.5, 1))
    (found,) = metrics(cloud).measured("cpu", [service], times(cloud)).series
    end = times(cloud).until
    assert (found.name, found.unit, found.statistic, found.region) == ("web", "Percent", "average", REGION)
    assert found.points == (Point(at=end - 3 * HOUR, value=20), Point(at=end - HOUR, value=80))
    (most,) = metrics(cloud).measured("cpu", [service], times(cloud, statistic="maximum")).series
    assert [one.value for one in most.points] == [30, 80] and most.statistic == "maximum"


def test_a_database_and_a_queue_have_theirs_and_nothing_else_is_asked_of_them(cloud: Cloud) -> None:
    add_database(cloud.client("rds"), "orders", tagged("shop"))
    (database,) = cloud.platform(account()).survey("shop").resources
    ref = ResourceRef(type="sqs-queue", id=f"arn:aws:sqs:{REGION}:{DEV}:mails")
    queue = Fixture(ref=ref, name="mails", environment="shop", account="dev", region=REGION, detail="")
    put(cloud, "AWS/RDS", "FreeStorageSpace", {"DBInstanceIdentifier": "orders"}, (1.5, 5e9))
    put(cloud, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "mails"}, (0.5, 14))
    of: list[Resource | Fixture] = [database, queue]
    (storage,) = metrics(cloud).measured("free_storage", of, times(cloud)).series
    (depth,) = metrics(cloud).measured("queue_depth", of, times(cloud)).series
    assert [(one.name, one.unit, one.points[0].value) for one in (storage, depth)] == [
        ("orders", "Bytes", 5e9),
        ("mails", "Count", 14),
    ]
    assert metrics(cloud).measured("memory", of, times(cloud)).series == ()


def test_a_load_balancer_a_function_a_table_and_a_cache_have_theirs(cloud: Cloud) -> None:
    def thing(type: str, arn: str, name: str, **more: Any) -> Fixture:
        ref = ResourceRef(type=type, id=arn)
        return Fixture(ref=ref, name=name, environment="shop", account="dev", region=REGION, detail="", **more)

    def only(word: MetricWord, one: Fixture, **more: Any) -> list[tuple[str, str, float]]:
        found = metrics(cloud).measured(word, [one], times(cloud, **more)).series
        return [(series.name, series.unit, point.value) for series in found for point in series.points]

    balancer = thing("load-balancer", BALANCER, "web")
    function = thing("lambda-function", f"arn:aws:lambda:{REGION}:{DEV}:function:thumbs", "thumbs")
    table = thing("dynamodb-table", f"arn:aws:dynamodb:{REGION}:{DEV}:table/carts", "carts")
    arn = f"arn:aws:elasticache:{REGION}:{DEV}:replicationgroup:kept"
    cache = thing("elasticache", arn, "kept", members=("kept-001", "kept-002"))
    of_all = {"LoadBalancer": "app/web/50dc6c495c0c9188"}
    put(cloud, "AWS/ApplicationELB", "RequestCount", of_all, (1.5, 200))
    put(cloud, "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", of_all, (1.5, 3))
    put(cloud, "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", of_all, (1.5, 1))
    put(cloud, "AWS/Lambda", "Duration", {"FunctionName": "thumbs"}, (1.5, 1500))
    put(cloud, "AWS/Lambda", "Errors", {"FunctionName": "thumbs"}, (1.5, 5))
    put(cloud, "AWS/DynamoDB", "WriteThrottleEvents", {"TableName": "carts"}, (1.5, 4))
    put(cloud, "AWS/DynamoDB", "ReadThrottleEvents", {"TableName": "carts"}, (1.5, 2))
    put(cloud, "AWS/ElastiCache", "CacheHitRate", {"CacheClusterId": "kept-002"}, (1.5, 87.5))
    assert only("requests", balancer) == [("web", "Count", 200)]
    assert only("errors", balancer) == [("web", "Count", 4)]
    assert only("error_rate", balancer) == [("web", "Percent", 2)]
    assert only("latency", function, statistic="average") == [("thumbs", "Seconds", 1.5)]
    assert only("errors", function) == [("thumbs", "Count", 5)]
    assert only("throttles", table) == [("carts", "Count", 6)]
    assert only("hit_rate", cache) == [("kept-002", "Percent", 87.5)]
    net = thing("load-balancer", BALANCER.replace("/app/", "/net/"), "tcp")
    found = metrics(cloud).measured("requests", [net], times(cloud))
    assert found.series == () and "is no application load balancer" in found.not_looked_at[0].reason


def test_what_a_load_balancer_saw_of_a_service_and_a_share_reckoned_here(cloud: Cloud) -> None:
    service = web(cloud)
    put(cloud, "AWS/ApplicationELB", "RequestCount", BALANCED, (2.5, 400), (2.4, 100), (1.5, 50))
    put(cloud, "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", BALANCED, (2.5, 25))
    reads = metrics(cloud)
    balanced(cloud, service, BALANCER)
    (requests,) = reads.measured("requests", [service], times(cloud)).series
    assert ([one.value for one in requests.points], requests.statistic) == ([500, 50], "sum")
    balanced(cloud, service, BALANCER)
    (rate,) = reads.measured("error_rate", [service], times(cloud, statistic="p95")).series
    assert ([one.value for one in rate.points], rate.unit, rate.statistic) == ([5, 0], "Percent", "sum")


def test_a_service_that_no_application_load_balancer_serves_is_told_and_not_taken_for_quiet(cloud: Cloud) -> None:
    service = web(cloud)
    assert [one.what for one in metrics(cloud).measured("latency", [service], times(cloud)).not_looked_at] == [
        "requests of web"
    ]
    balanced(cloud, service, BALANCER.replace("/app/", "/net/"))
    found = metrics(cloud).measured("latency", [service], times(cloud))
    assert found.series == () and "no application load balancer" in found.not_looked_at[0].reason


def test_a_metric_by_its_own_name_is_read_in_each_place(cloud: Cloud) -> None:
    service = web(cloud)
    far = service.model_copy(
        update={"ref": ResourceRef(type="x", id=service.ref.id.replace(REGION, FAR)), "region": FAR}
    )
    put(cloud, "Shop", "Orders", {"Store": "1"}, (0.5, 3), (0.4, 5))
    raw = RawMetric(namespace="Shop", name="Orders", dimensions={"Store": "1"})
    found = metrics(cloud, REGION, FAR).raw(raw, [service, service, far], times(cloud, statistic="sum"))
    assert [(one.region, [point.value for point in one.points]) for one in found.series] == [(REGION, [8]), (FAR, [])]


def test_a_place_that_cannot_be_read_is_told_and_where_none_can_be_it_fails(cloud: Cloud) -> None:
    service = web(cloud)
    far = service.model_copy(update={"ref": ResourceRef(type="ecs-service", id=service.ref.id.replace(REGION, FAR))})
    reads = metrics(cloud, REGION, FAR)
    cloud.refuse("CLOUDWATCH.GetMetricData", where=lambda parameters, region: region == FAR)
    found = reads.measured("cpu", [service, far], times(cloud))
    assert len(found.series) == 1 and "not authorized" in found.not_looked_at[0].reason
    cloud.refuse("CLOUDWATCH.GetMetricData")
    with pytest.raises(PermissionDenied, match="not authorized"):
        reads.measured("cpu", [service], times(cloud))


def test_every_word_is_known_and_no_expression_is_asked_for(cloud: Cloud) -> None:
    reads = metrics(cloud)
    assert set(reads.known) == set(get_args(MetricWord))
    service = web(cloud)
    for word in reads.known:
        balanced(cloud, service, BALANCER)
        reads.measured(word, [service], times(cloud))
    asked = [one for call in cloud.parameters("CLOUDWATCH.GetMetricData") for one in call["MetricDataQueries"]]
    assert asked and all("Expression" not in one for one in asked)
