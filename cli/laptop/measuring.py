"""What monitors would have seen of the sample cloud, put as metrics. What is stopped measures nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cli.laptop.clients import Clients
from cli.laptop.cloud import LONGEST_NAME, Cloud, Cluster, Environment, Load, Place, Queue, Service, everywhere
from cli.laptop.fixtures import measured_fixtures
from cli.laptop.histories import PUT_AT_ONCE, Series, known_hours, put_history

HOURS = 12
QUIET_CPU = 0.6
TRAFFIC_HOURS = 48
SAMPLES = 10


def measure(clients: Clients, cloud: Cloud, now: datetime) -> None:
    """Put the metrics of the last 12 hours, as if the loads were those of today, and before them those by habit.

    What is stopped measures nothing.
    """
    everywhere(cloud, lambda environment, place: _measure(clients, environment, place, now))


def tasks_wanted(ecs: Any, cluster: Cluster) -> dict[str, int]:
    """The tasks each service wants."""
    names = [service.name for service in cluster.services]
    found: dict[str, int] = {}
    for first in range(0, len(names), 10):
        described = ecs.describe_services(cluster=cluster.name, services=names[first : first + 10])["services"]
        found |= {each["serviceName"]: each["desiredCount"] for each in described if each["status"] == "ACTIVE"}
    return found


def instances_of(ec2: Any, environment: str) -> dict[str, tuple[str, str]]:
    """Id and state by name."""
    alive = ["pending", "running", "stopping", "stopped"]
    pages = ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "tag:environment", "Values": [environment]}, {"Name": "instance-state-name", "Values": alive}]
    )
    return {
        tag["Value"]: (instance["InstanceId"], instance["State"]["Name"])
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
        for tag in instance["Tags"]
        if tag["Key"] == "Name"
    }


class Measured(NamedTuple):
    series: Series
    load: Load


def _measure(clients: Clients, environment: Environment, place: Place, now: datetime) -> None:
    cloudwatch = clients("cloudwatch", place.account, place.region)
    measured = [
        *_measured_services(clients, place),
        *_measured_instances(clients, environment, place),
        *_measured_groups(clients, place),
        *_measured_databases(clients, place),
        *_measured_database_clusters(clients, place),
        *(Measured(*one) for one in measured_fixtures(place)),
        *_measured_balancers(clients, place),
    ]
    for namespace in sorted({one.series.namespace for one in measured}):
        points = [datum for one in measured if one.series.namespace == namespace for datum in _points(one, now)]
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=points)
    waiting = [datum for queue in place.queues if queue.waiting for datum in (*_waiting(queue, now), _sent(queue, now))]
    if waiting:
        cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=waiting)
    seen = [
        datum
        for cluster in place.clusters
        for service in cluster.services
        if service.traffic
        for datum in _traffic(clients("elbv2", place.account, place.region), cloudwatch, cluster, service, now)
    ]
    for first in range(0, len(seen), PUT_AT_ONCE):
        cloudwatch.put_metric_data(Namespace="AWS/ApplicationELB", MetricData=seen[first : first + PUT_AT_ONCE])
    if environment.habit:
        oldest = now - timedelta(hours=HOURS - 0.5)
        put_history(cloudwatch, [one.series for one in measured], environment.habit, oldest)


def _waiting(queue: Queue, now: datetime) -> Iterator[dict[str, Any]]:
    named = {"Dimensions": [{"Name": "QueueName", "Value": queue.name}]}
    age = {"MetricName": "ApproximateAgeOfOldestMessage", "Value": queue.oldest, "Unit": "Seconds"}
    yield {**named, **age, "Timestamp": now}
    for hours_ago in range(HOURS):  # it grows
        depth = round(queue.waiting * (HOURS - hours_ago) / HOURS)
        at = now - timedelta(hours=hours_ago)
        yield {
            **named,
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Value": depth,
            "Unit": "Count",
            "Timestamp": at,
        }


def traffic_of(elb: Any, cluster: Cluster, service: Service) -> dict[str, str]:
    """By which a load balancer names what it saw of a service; nothing where it has none."""
    name = f"{cluster.name}-{service.name}"[:LONGEST_NAME]
    groups = elb.describe_target_groups(Names=[name])["TargetGroups"]
    arns = [(group["TargetGroupArn"], balancer) for group in groups for balancer in group["LoadBalancerArns"]]
    if not arns:
        return {}
    (group, balancer), *_ = arns
    return {"LoadBalancer": balancer.split(":loadbalancer/")[1], "TargetGroup": group.rsplit(":", 1)[1]}


def _traffic(elb: Any, cloudwatch: Any, cluster: Cluster, service: Service, now: datetime) -> Iterator[dict[str, Any]]:
    """Of each full hour of which there is nothing yet: what is counted must not be counted twice."""
    dimensions, traffic = traffic_of(elb, cluster, service), service.traffic
    if traffic is None or not dimensions:
        return
    until = now.replace(minute=0, second=0, microsecond=0)
    hours = [until - timedelta(hours=number) for number in range(TRAFFIC_HOURS)]
    series = Series("AWS/ApplicationELB", "RequestCount", "Count", tuple(dimensions.items()), 0, 0)
    (known,) = known_hours(cloudwatch, [series], hours[-1], now)
    for at in (hour for hour in hours if hour not in known):
        yield series.datum(at, traffic.requests)
        if traffic.errors:
            yield series._replace(metric="HTTPCode_Target_5XX_Count").datum(at, traffic.errors)
        latency = series._replace(metric="TargetResponseTime", unit="Seconds")
        for number in range(SAMPLES):
            yield latency.datum(at, traffic.latency * (3 if number == SAMPLES - 1 else 1))


def _sent(queue: Queue, now: datetime) -> dict[str, Any]:
    return {
        "MetricName": "NumberOfMessagesSent",
        "Dimensions": [{"Name": "QueueName", "Value": queue.name}],
        "Timestamp": now - timedelta(seconds=queue.oldest),
        "Value": queue.waiting,
        "Unit": "Count",
    }


def _measured_services(clients: Clients, place: Place) -> Iterator[Measured]:
    for cluster in place.clusters:
        wanted = tasks_wanted(clients("ecs", place.account, place.region), cluster)
        for service in cluster.services:
            if service.load and wanted.get(service.name):
                dimensions = (("ClusterName", cluster.name), ("ServiceName", service.name))
                yield _cpu("AWS/ECS", dimensions, service.load)


def _measured_instances(clients: Clients, environment: Environment, place: Place) -> Iterator[Measured]:
    there = instances_of(clients("ec2", place.account, place.region), environment.name) if place.instances else {}
    for instance in place.instances:
        id, state = there.get(instance.name, ("", "gone"))
        if instance.load and state == "running":
            yield _cpu("AWS/EC2", (("InstanceId", id),), instance.load)


def _measured_groups(clients: Clients, place: Place) -> Iterator[Measured]:
    for group in place.groups:
        autoscaling = clients("autoscaling", place.account, place.region)
        described = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group.name])["AutoScalingGroups"]
        if group.load and any(one["DesiredCapacity"] for one in described):
            yield _cpu("AWS/EC2", (("AutoScalingGroupName", group.name),), group.load)


def _measured_database_clusters(clients: Clients, place: Place) -> Iterator[Measured]:
    for cluster in place.database_clusters:
        rds = clients("rds", place.account, place.region)
        described = rds.describe_db_clusters(DBClusterIdentifier=cluster.name)["DBClusters"][0]
        if cluster.load and described["Status"] == "available":
            yield _connections("DBClusterIdentifier", cluster.name, cluster.load)


def _measured_databases(clients: Clients, place: Place) -> Iterator[Measured]:
    for database in place.databases:
        rds = clients("rds", place.account, place.region)
        described = rds.describe_db_instances(DBInstanceIdentifier=database.name)["DBInstances"][0]
        if database.load and described["DBInstanceStatus"] == "available":
            yield _connections("DBInstanceIdentifier", database.name, database.load)


def _measured_balancers(clients: Clients, place: Place) -> Iterator[Measured]:
    """Requests as many as its service has percent of CPU."""
    balanced = {
        f"{cluster.name}-{service.name}"[:LONGEST_NAME]: service.load
        for cluster in place.clusters
        for service in cluster.services
        if service.balanced and service.load
    }
    if balanced:
        told = clients("elbv2", place.account, place.region).describe_load_balancers()["LoadBalancers"]
        for one in told:
            if load := balanced.get(one["LoadBalancerName"]):
                named = one["LoadBalancerArn"].partition(":loadbalancer/")[2]
                series = Series("AWS/ApplicationELB", "RequestCount", "Count", (("LoadBalancer", named),), load.peak, 0)
                yield Measured(series, load)


def _cpu(namespace: str, dimensions: tuple[tuple[str, str], ...], load: Load) -> Measured:
    return Measured(Series(namespace, "CPUUtilization", "Percent", dimensions, load.peak, QUIET_CPU), load)


def _connections(dimension: str, name: str, load: Load) -> Measured:
    return Measured(Series("AWS/RDS", "DatabaseConnections", "Count", ((dimension, name),), load.peak, 0), load)


def _points(measured: Measured, now: datetime) -> Iterator[dict[str, Any]]:
    """One for each of the last hours, in the middle of it."""
    series, load = measured
    for hours_ago in (hour + 0.5 for hour in range(HOURS)):
        yield series.datum(now - timedelta(hours=hours_ago), load.at(hours_ago, series.quiet))
