"""What CloudWatch says of resources: how busy they were, and which alarms ring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_accounts import DEV, FAR, PROD, REGION, Cloud, account, simulated

from copilot.adapters.aws.metrics import alarms as alarms_on
from copilot.adapters.aws.metrics import watched
from copilot.adapters.aws.platform import AwsPlatform
from copilot.adapters.aws.resources.stoppable import Metric
from copilot.domain import Activity, Alarm, Resource, ResourceRef
from copilot.errors import PermissionDenied, RetryableError

HOUR = timedelta(hours=1)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def resource(type: str, path: str, account_id: str = DEV, region: str = REGION, cluster: str | None = None) -> Resource:
    """As a survey gives it; `path` is what follows the account in the ARN."""
    service = type.partition("-")[0]
    return Resource(
        ref=ResourceRef(type=type, id=f"arn:aws:{service}:{region}:{account_id}:{path}"),
        name=path.replace(":", "/").rpartition("/")[2],
        environment="dev-1",
        account=account_id,
        region=region,
        cluster=cluster,
        state="running",
        size=1,
        running=1,
    )


WEB = resource("ecs-service", "service/main/web", cluster="main")
BATCH = resource("ec2-instance", "instance/i-1")
ORDERS = resource("rds-instance", "db:orders")
FAR_WEB = resource("ecs-service", "service/main/web", PROD, FAR, cluster="main")

POOL = resource("auto-scaling-group", "autoScalingGroup:0-1:autoScalingGroupName/pool")
AURORA = resource("rds-cluster", "cluster:aurora")

METRICS = {
    POOL.ref.id: ("AWS/EC2", "CPUUtilization", {"AutoScalingGroupName": "pool"}),
    AURORA.ref.id: ("AWS/RDS", "DatabaseConnections", {"DBClusterIdentifier": "aurora"}),
    WEB.ref.id: ("AWS/ECS", "CPUUtilization", {"ClusterName": "main", "ServiceName": "web"}),
    BATCH.ref.id: ("AWS/EC2", "CPUUtilization", {"InstanceId": "i-1"}),
    ORDERS.ref.id: ("AWS/RDS", "DatabaseConnections", {"DBInstanceIdentifier": "orders"}),
    FAR_WEB.ref.id: ("AWS/ECS", "CPUUtilization", {"ClusterName": "main", "ServiceName": "web"}),
}


def put(cloud: Cloud, of: Resource, *points: tuple[timedelta, float]) -> None:
    """Figures of a resource, each so long ago."""
    namespace, name, dimensions = METRICS[of.ref.id]
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    data = [
        {"MetricName": name, "Dimensions": listed, "Timestamp": cloud.clock.at - ago, "Value": value}
        for ago, value in points
    ]
    cloud.client("cloudwatch", of.account, of.region).put_metric_data(Namespace=namespace, MetricData=data)


def platform(cloud: Cloud) -> AwsPlatform:
    return cloud.platform(account(), account(PROD, "prod", regions=(FAR,)))


def activity(cloud: Cloud, *resources: Resource, hours: int = 6) -> dict[str, Activity]:
    return dict(platform(cloud).activity(resources, cloud.clock.at - hours * HOUR))


def test_the_most_each_did_by_the_metric_of_its_type(cloud: Cloud) -> None:
    put(cloud, WEB, (HOUR, 3.5), (2 * HOUR, 41.25), (3 * HOUR, 7))
    put(cloud, BATCH, (HOUR, 0.5))
    put(cloud, ORDERS, (HOUR, 0), (5 * HOUR, 2))
    put(cloud, POOL, (HOUR, 12), (2 * HOUR, 3))
    put(cloud, AURORA, (HOUR, 4))
    found = activity(cloud, WEB, BATCH, ORDERS, POOL, AURORA)
    assert {id: one.model_copy(update={"since": None, "of": None}) for id, one in found.items()} == {
        POOL.ref.id: Activity(metric="CPUUtilization", unit="Percent", maximum=12),
        AURORA.ref.id: Activity(metric="DatabaseConnections", unit="Count", maximum=4),
        WEB.ref.id: Activity(metric="CPUUtilization", unit="Percent", maximum=41.25),
        BATCH.ref.id: Activity(metric="CPUUtilization", unit="Percent", maximum=0.5),
        ORDERS.ref.id: Activity(metric="DatabaseConnections", unit="Count", maximum=2),
    }


def test_it_is_told_since_when_there_are_figures(cloud: Cloud) -> None:
    put(cloud, WEB, (HOUR, 3.5), (3 * HOUR, 7))
    since = activity(cloud, WEB)[WEB.ref.id].since
    assert since is not None and abs(cloud.clock.at - 3 * HOUR - since) < HOUR
    assert activity(cloud, BATCH)[BATCH.ref.id].since is None


def test_only_since_the_time_asked_for(cloud: Cloud) -> None:
    put(cloud, WEB, (HOUR, 1), (7 * HOUR, 90))
    assert activity(cloud, WEB)[WEB.ref.id].maximum == 1
    assert activity(cloud, WEB, hours=8)[WEB.ref.id].maximum == 90


def test_without_figures_it_is_none_and_not_zero(cloud: Cloud) -> None:
    put(cloud, BATCH, (HOUR, 0))
    found = activity(cloud, WEB, BATCH)
    assert found[WEB.ref.id].maximum is None
    assert found[BATCH.ref.id].maximum == 0


def test_a_name_used_in_two_accounts_is_two_resources(cloud: Cloud) -> None:
    put(cloud, WEB, (HOUR, 1))
    put(cloud, FAR_WEB, (HOUR, 60))
    found = activity(cloud, WEB, FAR_WEB)
    assert (found[WEB.ref.id].maximum, found[FAR_WEB.ref.id].maximum) == (1, 60)


def test_many_are_asked_for_in_hours_and_five_hundred_at_once(cloud: Cloud) -> None:
    many = [resource("ec2-instance", f"instance/i-{number}") for number in range(1001)]
    found = activity(cloud, *many)
    asked = cloud.parameters("CLOUDWATCH.GetMetricData")
    assert [len(one["MetricDataQueries"]) for one in asked] == [500, 500, 1]
    assert {query["MetricStat"]["Period"] for query in asked[0]["MetricDataQueries"]} == {3600}
    assert {query["MetricStat"]["Stat"] for query in asked[0]["MetricDataQueries"]} == {"Maximum"}
    assert len(found) == 1001


def test_every_page_of_figures_counts(cloud: Cloud) -> None:
    def page(*values: float) -> dict[str, Any]:
        return {"MetricDataResults": [{"Id": "m0", "Values": list(values)}]}

    cloud.pages["CLOUDWATCH.GetMetricData"] = [
        page(3.0) | {"NextToken": "more"},
        page(9.0) | {"NextToken": "x"},
        page(),
    ]
    assert activity(cloud, WEB)[WEB.ref.id].maximum == 9


def test_nothing_is_asked_about_nothing(cloud: Cloud) -> None:
    assert activity(cloud) == {}
    assert list(platform(cloud).alarms([], cloud.clock.at)) == []
    assert cloud.requests == []


@pytest.mark.parametrize(
    ("code", "status", "expected"), [("AccessDenied", 403, PermissionDenied), ("Throttling", 400, RetryableError)]
)
def test_figures_that_cannot_be_read_are_an_error(
    cloud: Cloud, code: str, status: int, expected: type[Exception]
) -> None:
    cloud.refuse("CLOUDWATCH.GetMetricData", code, status)
    with pytest.raises(expected, match=f"reading metrics in {DEV} {REGION}"):
        activity(cloud, WEB)


# --- alarms ------------------------------------------------------------------------------------


def alarm(cloud: Cloud, name: str, dimensions: dict[str, str], state: str = "ALARM", **more: Any) -> None:
    client = cloud.client("cloudwatch", more.pop("account_id", DEV), more.pop("region", REGION))
    client.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=80,
        MetricName="CPUUtilization",
        Namespace="AWS/ECS",
        Period=60,
        Statistic="Average",
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
    )
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"because of {name}")


def alarms(cloud: Cloud, *resources: Resource, hours: int = 24) -> list[Alarm]:
    return list(platform(cloud).alarms(resources, cloud.clock.at - hours * HOUR))


@pytest.mark.parametrize(
    ("of", "dimensions", "rings"),
    [
        (WEB, {"ClusterName": "main", "ServiceName": "web"}, True),
        (WEB, {"ClusterName": "main"}, True),
        (WEB, {"ClusterName": "main", "ServiceName": "api"}, False),
        (WEB, {"ClusterName": "other", "ServiceName": "web"}, False),
        (WEB, {"ServiceName": "web"}, False),
        (WEB, {"ClusterName": "other"}, False),
        (BATCH, {"InstanceId": "i-1"}, True),
        (BATCH, {"InstanceId": "i-1", "path": "/"}, True),
        (BATCH, {"InstanceId": "i-2"}, False),
        (ORDERS, {"DBInstanceIdentifier": "orders"}, True),
        (ORDERS, {}, False),
        (POOL, {"AutoScalingGroupName": "pool"}, True),
        (POOL, {"AutoScalingGroupName": "other"}, False),
        (AURORA, {"DBClusterIdentifier": "aurora", "Role": "WRITER"}, True),
        (AURORA, {"DBInstanceIdentifier": "aurora"}, False),
    ],
)
def test_alarms_on_a_resource_or_its_cluster(
    cloud: Cloud, of: Resource, dimensions: dict[str, str], rings: bool
) -> None:
    alarm(cloud, "one", dimensions)
    assert [one.name for one in alarms(cloud, of)] == (["one"] if rings else [])


@pytest.mark.parametrize(("whole", "ringing"), [((), []), (("ClusterName",), ["all"])])
def test_what_a_resource_is_in_is_named_by_what_its_kind_says(
    cloud: Cloud, whole: tuple[str, ...], ringing: list[str]
) -> None:
    alarm(cloud, "all", {"ClusterName": "main"})
    alarm(cloud, "beside", {"ClusterName": "main", "Broker": "2"})
    metric = Metric("AWS/Kafka", "CpuUser", "Percent", {"ClusterName": "main", "Broker": "1"}, frozenset(whole))
    at = cloud.clock.at
    found = alarms_on(cloud.client("cloudwatch"), watched([metric]), at - HOUR, at, DEV, REGION)
    assert [one.name for one in found] == ringing


def test_an_alarm_on_an_expression_is_on_what_goes_into_it(cloud: Cloud) -> None:
    metric = {
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "ClusterName", "Value": "main"}],
    }
    cloud.pages["CLOUDWATCH.DescribeAlarms"] = [
        {
            "MetricAlarms": [
                {
                    "AlarmName": "sum",
                    "StateValue": "ALARM",
                    "StateUpdatedTimestamp": cloud.clock.at,
                    "Metrics": [{"Id": "e", "Expression": "a*2"}, {"Id": "a", "MetricStat": {"Metric": metric}}],
                }
            ]
        }
    ]
    assert [one.name for one in alarms(cloud, WEB)] == ["sum"]


def test_what_an_alarm_tells(cloud: Cloud) -> None:
    alarm(cloud, "errors", {"ClusterName": "main"})
    (found,) = alarms(cloud, WEB)
    assert (found.name, found.state, found.reason) == ("errors", "ALARM", "because of errors")
    assert (found.account, found.region) == (WEB.account, REGION)
    assert abs(found.since - cloud.clock.at) < timedelta(minutes=1)


def test_an_alarm_tells_the_latest_value_and_what_it_is_held_against(cloud: Cloud) -> None:
    put(cloud, WEB, (HOUR, 99), (HOUR / 6, 84.5))
    alarm(cloud, "cpu", {"ClusterName": "main", "ServiceName": "web"})
    (found,) = alarms(cloud, WEB)
    assert (found.value, found.limit) == (84.5, "> 80")
    assert found.measured_at is not None and abs(cloud.clock.at - HOUR / 6 - found.measured_at) < timedelta(minutes=2)
    (asked,) = cloud.parameters("CLOUDWATCH.GetMetricData")
    (query,) = asked["MetricDataQueries"]
    assert (query["MetricStat"]["Period"], query["MetricStat"]["Stat"]) == (60, "Average")


def test_without_a_value_now_it_tells_the_last_that_it_was_judged_by(cloud: Cloud) -> None:
    judged = [
        {"timestamp": "2026-03-02T11:58:00.000+0000", "value": 91.0},
        {"timestamp": "2026-03-02T12:00:00.000+0000", "value": 93.0},
        {"timestamp": "2026-03-02T12:02:00.000+0000"},
    ]
    one = page(cloud, ("cpu", "ALARM", HOUR))
    one["MetricAlarms"][0]["StateReasonData"] = json.dumps({"version": "1.0", "evaluatedDatapoints": judged})
    cloud.pages["CLOUDWATCH.DescribeAlarms"] = [one]
    (found,) = alarms(cloud, WEB)
    assert (found.value, str(found.measured_at)) == (93.0, "2026-03-02 12:00:00+00:00")


@pytest.mark.parametrize("data", ["", "{}", "not JSON", '{"evaluatedDatapoints": [{"value": 1}]}', "[1]"])
def test_where_nobody_knows_a_value_there_is_none(cloud: Cloud, data: str) -> None:
    one = page(cloud, ("cpu", "ALARM", HOUR))
    one["MetricAlarms"][0]["StateReasonData"] = data
    cloud.pages["CLOUDWATCH.DescribeAlarms"] = [one]
    (found,) = alarms(cloud, WEB)
    assert (found.value, found.measured_at, found.limit) == (None, None, "")


# --- events


def test_the_last_events_of_a_service_without_those_that_all_is_well(cloud: Cloud) -> None:
    messages = ["(service web) has reached a steady state.", *(f"(service web) failed {n}\n times." for n in range(5))]
    events = [{"id": "e", "createdAt": cloud.clock.at - n * HOUR, "message": text} for n, text in enumerate(messages)]
    service = {"serviceName": "web", "status": "ACTIVE", "desiredCount": 1, "events": events}
    cloud.pages["ECS.DescribeServices"] = [{"services": [service]}]
    told = platform(cloud).events([WEB])[WEB.ref.id]
    assert [one.text for one in told] == [f"(service web) failed {n} times." for n in range(3)]
    assert told[0].at == cloud.clock.at - HOUR


def test_the_last_events_of_groups_and_databases(cloud: Cloud) -> None:
    activity = {"StartTime": cloud.clock.at, "StatusCode": "Failed", "Description": "Launching a new EC2 instance"}
    activity["StatusMessage"] = "We currently do not have sufficient capacity."
    cloud.pages["AUTO-SCALING.DescribeScalingActivities"] = [{"Activities": [activity]}]
    cloud.pages["RDS.DescribeEvents"] = [{"Events": [{"Date": cloud.clock.at, "Message": "Storage is full."}]}]
    told = platform(cloud).events([POOL, ORDERS, BATCH])
    assert [[one.text for one in told[of.ref.id]] for of in (POOL, ORDERS, BATCH)] == [
        ["Launching a new EC2 instance: We currently do not have sufficient capacity."],
        ["Storage is full."],
        [],
    ]
    (asked,) = cloud.parameters("RDS.DescribeEvents")
    assert (asked["SourceType"], asked["SourceIdentifier"]) == ("db-instance", "orders")


def page(cloud: Cloud, *states: tuple[str, str, timedelta]) -> dict[str, Any]:
    """A page of alarms on the cluster: name, state, and how long ago it came into that."""
    return {
        "MetricAlarms": [
            {
                "AlarmName": name,
                "StateValue": state,
                "StateUpdatedTimestamp": cloud.clock.at - ago,
                "Dimensions": [{"Name": "ClusterName", "Value": "main"}],
            }
            for name, state, ago in states
        ]
    }


def test_ringing_counts_whenever_it_began_and_the_rest_only_if_it_changed_since(cloud: Cloud) -> None:
    cloud.pages["CLOUDWATCH.DescribeAlarms"] = [
        page(
            cloud,
            ("rings long", "ALARM", 99 * HOUR),
            ("rang", "OK", 3 * HOUR),
            ("quiet", "OK", 25 * HOUR),
            ("new", "INSUFFICIENT_DATA", HOUR),
        )
    ]
    assert [one.name for one in alarms(cloud, WEB)] == ["rang", "rings long"]


def test_every_page_of_alarms_is_read_newest_first(cloud: Cloud) -> None:
    cloud.pages["CLOUDWATCH.DescribeAlarms"] = [
        page(cloud, ("old", "ALARM", 5 * HOUR)) | {"NextToken": "more"},
        page(cloud, ("new", "ALARM", HOUR)),
    ]
    assert [one.name for one in alarms(cloud, WEB)] == ["new", "old"]


def test_alarms_of_another_account_with_the_same_names_are_not_mixed_up(cloud: Cloud) -> None:
    alarm(cloud, "theirs", {"ClusterName": "main"}, account_id=PROD, region=FAR)
    assert alarms(cloud, WEB) == []
    assert [one.name for one in alarms(cloud, WEB, FAR_WEB)] == ["theirs"]


def test_alarms_that_cannot_be_read_are_an_error(cloud: Cloud) -> None:
    cloud.refuse("CLOUDWATCH.DescribeAlarms", "AccessDenied", 403)
    with pytest.raises(PermissionDenied, match=f"reading alarms in {DEV} {REGION}"):
        alarms(cloud, WEB)
