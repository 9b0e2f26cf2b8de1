"""A sample cloud, described in a file and made with ordinary AWS calls: what there is for the copilot to look after."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cli.laptop.clients import Clients
from cli.laptop.histories import Habit, Series, put_history
from cli.yaml_file import fitting, load
from copilot.config.configuration import AccountId
from copilot.config.names import about_region

HOURS = 12
QUIET_CPU = 0.6
AT_ONCE = 8


def _known_region(name: str) -> str:
    if problem := about_region(name):
        raise ValueError(problem)
    return name


Region = Annotated[str, AfterValidator(_known_region)]


class Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Load(Described):
    """What a monitor saw over the last 12 hours: `peak` (percent of CPU; connections of a database), from `until` hours
    ago on next to nothing. 0: busy to this day."""

    peak: float
    until: float = 0

    def at(self, hours_ago: float, quiet: float) -> float:
        return self.peak if hours_ago >= self.until else quiet


class Service(Described):
    """On Fargate. Without a load there are no figures. `cpu` is in units of 1/1024 vCPU, `memory` in MiB.

    `scaled` are the fewest and the most tasks of its scalable target.
    """

    name: str
    tasks: int
    scaled: tuple[int, int] | None = None
    cpu: int = 256
    memory: int = 512
    load: Load | None = None


class Cluster(Described):
    name: str
    services: tuple[Service, ...]


class Instance(Described):
    name: str
    type: str = "t4g.small"
    load: Load | None = None
    auto_scaling_group: str | None = None


class Group(Described):
    """An Auto Scaling group: `size` instances, never fewer than `least` and never more than `most`."""

    name: str
    size: int
    least: int = 0
    most: int
    load: Load | None = None


class Database(Described):
    name: str
    engine: str = "postgres"
    size: str = "db.t4g.micro"
    load: Load | None = None


class DatabaseCluster(Described):
    """An Aurora cluster, with a writer and so many readers."""

    name: str
    engine: str = "aurora-postgresql"
    readers: int = 0
    load: Load | None = None


class Place(Described):
    """What an environment has in one region of one account."""

    account: AccountId
    region: Region
    clusters: tuple[Cluster, ...] = ()
    instances: tuple[Instance, ...] = ()
    groups: tuple[Group, ...] = ()
    databases: tuple[Database, ...] = ()
    database_clusters: tuple[DatabaseCluster, ...] = ()
    log_groups: tuple[str, ...] = ()


class Environment(Described):
    """`tags` are put on every resource beside environment; a kind or an owner is just one of them.

    Without a habit there are no figures from before the last 12 hours.
    """

    name: str
    tags: dict[str, str] = {}
    habit: Habit | None = None
    places: tuple[Place, ...]


class Alarm(Described):
    """On the CPU of a service, or of a whole cluster."""

    name: str
    account: AccountId
    region: Region
    cluster: str
    service: str | None = None
    threshold: float = 80
    state: str = Field(pattern="^(OK|ALARM)$")
    reason: str


class Cloud(Described):
    environments: tuple[Environment, ...]
    alarms: tuple[Alarm, ...] = ()


def read_cloud(path: Path) -> Cloud:
    """Raises Refused, naming the line of everything that is wrong."""
    return fitting(load(path), Cloud, "a sample cloud", "Nothing was done.")


def seed(clients: Clients, cloud: Cloud, now: datetime, say: Callable[[str], None]) -> None:
    """Make what is not there yet, and measure all of it. What is there already is left as it is."""
    say(f"Making the sample cloud: {len(cloud.environments)} environments")
    _everywhere(cloud, lambda environment, place: _make(clients, environment, place))
    for alarm in cloud.alarms:
        _ring(clients("cloudwatch", alarm.account, alarm.region), alarm)
    measure(clients, cloud, now)


def measure(clients: Clients, cloud: Cloud, now: datetime) -> None:
    """Put the metrics of the last 12 hours, as if the loads were those of today, and before them those by habit.

    What is stopped measures nothing.
    """
    _everywhere(cloud, lambda environment, place: _measure(clients, environment, place, now))


def _everywhere(cloud: Cloud, do: Callable[[Environment, Place], None]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        places = [(environment, place) for environment in cloud.environments for place in environment.places]
        for work in [pool.submit(do, *place) for place in places]:
            work.result()


# --- resources -----------------------------------------------------------------------------------


def _make(clients: Clients, environment: Environment, place: Place) -> None:
    tags = {"environment": environment.name, **environment.tags}
    for cluster in place.clusters:
        _make_cluster(clients("ecs", place.account, place.region), cluster, tags)
        _make_scaled(clients("application-autoscaling", place.account, place.region), cluster)
    for group in place.groups:
        _make_group(clients("autoscaling", place.account, place.region), group, tags)
    ec2 = clients("ec2", place.account, place.region)
    there = _instances(ec2, environment.name) if place.instances else {}
    for instance in place.instances:
        if instance.name not in there:
            _make_instance(ec2, instance, tags)
    for database in place.databases:
        _make_database(clients("rds", place.account, place.region), database, tags)
    for database_cluster in place.database_clusters:
        _make_database_cluster(clients("rds", place.account, place.region), database_cluster, tags)
    for name in place.log_groups:
        logs = clients("logs", place.account, place.region)
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=name, tags=tags)


def _make_cluster(ecs: Any, cluster: Cluster, tags: dict[str, str]) -> None:
    words = [{"key": key, "value": value} for key, value in tags.items()]
    ecs.create_cluster(clusterName=cluster.name, tags=words)
    there = _services(ecs, cluster)
    for service in cluster.services:
        if service.name in there:
            continue
        container = {"name": service.name, "image": f"{service.name}:latest", "memory": 256}
        ecs.register_task_definition(
            family=f"{cluster.name}-{service.name}",
            containerDefinitions=[container],
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu=str(service.cpu),
            memory=str(service.memory),
        )
        ecs.create_service(
            cluster=cluster.name,
            serviceName=service.name,
            taskDefinition=f"{cluster.name}-{service.name}",
            desiredCount=service.tasks,
            launchType="FARGATE",
            tags=words,
        )


def _make_scaled(scaling: Any, cluster: Cluster) -> None:
    scaled = {f"service/{cluster.name}/{each.name}": each.scaled for each in cluster.services if each.scaled}
    if not scaled:
        return
    described = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[*scaled])["ScalableTargets"]
    for id, (least, most) in scaled.items():
        if id not in {each["ResourceId"] for each in described}:
            scaling.register_scalable_target(
                ServiceNamespace="ecs",
                ResourceId=id,
                ScalableDimension="ecs:service:DesiredCount",
                MinCapacity=least,
                MaxCapacity=most,
            )


def _make_group(autoscaling: Any, group: Group, tags: dict[str, str]) -> None:
    if autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group.name])["AutoScalingGroups"]:
        return
    words = [
        {
            "ResourceId": group.name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": True,
        }
        for key, value in tags.items()
    ]
    autoscaling.create_launch_configuration(
        LaunchConfigurationName=group.name, ImageId="ami-0123456789abcdef0", InstanceType="t4g.small"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=group.name,
        LaunchConfigurationName=group.name,
        MinSize=group.least,
        MaxSize=group.most,
        DesiredCapacity=group.size,
        AvailabilityZones=[f"{autoscaling.meta.region_name}a"],
        Tags=words,
    )


def _services(ecs: Any, cluster: Cluster) -> dict[str, int]:
    """The tasks each service wants."""
    names = [service.name for service in cluster.services]
    found: dict[str, int] = {}
    for first in range(0, len(names), 10):
        described = ecs.describe_services(cluster=cluster.name, services=names[first : first + 10])["services"]
        found |= {each["serviceName"]: each["desiredCount"] for each in described if each["status"] == "ACTIVE"}
    return found


def _make_instance(ec2: Any, instance: Instance, tags: dict[str, str]) -> None:
    named = {**tags, "Name": instance.name}
    if instance.auto_scaling_group:
        named["aws:autoscaling:groupName"] = instance.auto_scaling_group
    words = [{"Key": key, "Value": value} for key, value in named.items()]
    ec2.run_instances(
        ImageId="ami-0123456789abcdef0",
        InstanceType=instance.type,
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": words}],
    )


def _instances(ec2: Any, environment: str) -> dict[str, tuple[str, str]]:
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


def _make_database(rds: Any, database: Database, tags: dict[str, str]) -> None:
    with contextlib.suppress(rds.exceptions.DBInstanceAlreadyExistsFault):
        rds.create_db_instance(
            DBInstanceIdentifier=database.name,
            Engine=database.engine,
            DBInstanceClass=database.size,
            AllocatedStorage=20,
            MasterUsername="sample",
            ManageMasterUserPassword=True,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )


def _make_database_cluster(rds: Any, cluster: DatabaseCluster, tags: dict[str, str]) -> None:
    words = [{"Key": key, "Value": value} for key, value in tags.items()]
    try:
        rds.create_db_cluster(
            DBClusterIdentifier=cluster.name,
            Engine=cluster.engine,
            MasterUsername="sample",
            ManageMasterUserPassword=True,
            Tags=words,
        )
    except rds.exceptions.DBClusterAlreadyExistsFault:
        return
    for number in range(1 + cluster.readers):
        rds.create_db_instance(
            DBInstanceIdentifier=f"{cluster.name}-{number + 1}",
            DBClusterIdentifier=cluster.name,
            Engine=cluster.engine,
            DBInstanceClass="db.t4g.medium",
            Tags=words,
        )


def _ring(cloudwatch: Any, alarm: Alarm) -> None:
    dimensions = {"ClusterName": alarm.cluster, **({"ServiceName": alarm.service} if alarm.service else {})}
    cloudwatch.put_metric_alarm(
        AlarmName=alarm.name,
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        Statistic="Average",
        Period=300,
        EvaluationPeriods=3,
        Threshold=alarm.threshold,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue=alarm.state, StateReason=alarm.reason)


# --- metrics -------------------------------------------------------------------------------------


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
    ]
    for namespace in sorted({one.series.namespace for one in measured}):
        points = [datum for one in measured if one.series.namespace == namespace for datum in _points(one, now)]
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=points)
    if environment.habit:
        oldest = now - timedelta(hours=HOURS - 0.5)
        put_history(cloudwatch, [one.series for one in measured], environment.habit, oldest)


def _measured_services(clients: Clients, place: Place) -> Iterator[Measured]:
    for cluster in place.clusters:
        wanted = _services(clients("ecs", place.account, place.region), cluster)
        for service in cluster.services:
            if service.load and wanted.get(service.name):
                dimensions = (("ClusterName", cluster.name), ("ServiceName", service.name))
                yield _cpu("AWS/ECS", dimensions, service.load)


def _measured_instances(clients: Clients, environment: Environment, place: Place) -> Iterator[Measured]:
    there = _instances(clients("ec2", place.account, place.region), environment.name) if place.instances else {}
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


def _cpu(namespace: str, dimensions: tuple[tuple[str, str], ...], load: Load) -> Measured:
    return Measured(Series(namespace, "CPUUtilization", "Percent", dimensions, load.peak, QUIET_CPU), load)


def _connections(dimension: str, name: str, load: Load) -> Measured:
    return Measured(Series("AWS/RDS", "DatabaseConnections", "Count", ((dimension, name),), load.peak, 0), load)


def _points(measured: Measured, now: datetime) -> Iterator[dict[str, Any]]:
    """One for each of the last hours, in the middle of it."""
    series, load = measured
    for hours_ago in (hour + 0.5 for hour in range(HOURS)):
        yield series.datum(now - timedelta(hours=hours_ago), load.at(hours_ago, series.quiet))
