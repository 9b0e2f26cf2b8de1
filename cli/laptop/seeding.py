"""The sample cloud made, with ordinary AWS calls. What is there already is left as it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from cli.laptop.clients import Clients
from cli.laptop.cloud import (
    LONGEST_NAME,
    Alarm,
    Cloud,
    Cluster,
    Database,
    DatabaseCluster,
    Environment,
    Group,
    Instance,
    Place,
    Queue,
    Revision,
    Service,
    everywhere,
)
from cli.laptop.fixtures import make_fixtures
from cli.laptop.log_lines import PREFIX, group_of, put_lines
from cli.laptop.measuring import instances_of, measure, tasks_wanted

PORT = 8080
ILL = "10.0.255."
"""What is registered at these addresses does not answer the emulator's health checks."""


def seed(clients: Clients, cloud: Cloud, now: datetime, say: Callable[[str], None]) -> None:
    """Make what is not there yet, and measure all of it. What is there already is left as it is."""
    say(f"Making the sample cloud: {len(cloud.environments)} environments")
    everywhere(cloud, lambda environment, place: _make(clients, environment, place))
    for alarm in cloud.alarms:
        _ring(clients("cloudwatch", alarm.account, alarm.region), alarm)
    everywhere(cloud, lambda environment, place: put_lines(clients, place, now))
    measure(clients, cloud, now)


def _make(clients: Clients, environment: Environment, place: Place) -> None:
    tags = {"environment": environment.name, **environment.tags}
    for cluster in place.clusters:
        _make_cluster(
            clients("ecs", place.account, place.region), clients("elbv2", place.account, place.region), cluster, tags
        )
        _make_scaled(clients("application-autoscaling", place.account, place.region), cluster)
    for group in place.groups:
        _make_group(clients("autoscaling", place.account, place.region), group, tags)
    ec2 = clients("ec2", place.account, place.region)
    there = instances_of(ec2, environment.name) if place.instances else {}
    for instance in place.instances:
        if instance.name not in there:
            _make_instance(ec2, instance, tags)
    for database in place.databases:
        _make_database(clients("rds", place.account, place.region), database, tags)
    for database_cluster in place.database_clusters:
        _make_database_cluster(clients("rds", place.account, place.region), database_cluster, tags)
    for queue in place.queues:
        _make_queue(clients("sqs", place.account, place.region), queue, tags)
    make_fixtures(clients, place, tags)
    _make_parameters(clients("ssm", place.account, place.region), place)
    _make_secrets(clients("secretsmanager", place.account, place.region), place.secrets, tags)
    groups = [group_of(cluster, service) for cluster in place.clusters for service in cluster.services]
    for name in dict.fromkeys([*place.log_groups, *groups]):
        logs = clients("logs", place.account, place.region)
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=name, tags=tags)


def _make_parameters(ssm: Any, place: Place) -> None:
    for name, value in place.parameters.items():
        with contextlib.suppress(ssm.exceptions.ParameterAlreadyExists):
            ssm.put_parameter(Name=name, Value=value, Type="String")
    for name in place.secure:
        with contextlib.suppress(ssm.exceptions.ParameterAlreadyExists):
            ssm.put_parameter(Name=name, Value=token_hex(16), Type="SecureString")


def _make_secrets(manager: Any, names: Sequence[str], tags: dict[str, str]) -> None:
    words = [{"Key": key, "Value": value} for key, value in tags.items()]
    for name in names:
        with contextlib.suppress(manager.exceptions.ResourceExistsException):
            manager.create_secret(Name=name, SecretString=token_hex(16), Tags=words)


def _make_cluster(ecs: Any, elb: Any, cluster: Cluster, tags: dict[str, str]) -> None:
    words = [{"key": key, "value": value} for key, value in tags.items()]
    ecs.create_cluster(clusterName=cluster.name, tags=words)
    there = tasks_wanted(ecs, cluster)
    for service in cluster.services:
        if service.name in there:
            continue
        balanced = [_balanced(elb, cluster, service, tags)] if service.balanced else []
        for revision in (*service.before, service):
            _register(ecs, cluster, service, revision)
        ecs.create_service(
            cluster=cluster.name,
            serviceName=service.name,
            taskDefinition=f"{cluster.name}-{service.name}",
            desiredCount=service.tasks,
            launchType="FARGATE",
            loadBalancers=balanced,
            tags=words,
        )


def _register(ecs: Any, cluster: Cluster, service: Service, revision: Revision) -> None:
    options = {
        "awslogs-group": group_of(cluster, service),
        "awslogs-region": ecs.meta.region_name,
        "awslogs-stream-prefix": PREFIX,
    }
    container = {
        "name": service.name,
        "image": f"{service.name}:{revision.version}",
        "memory": 256,
        "portMappings": [{"containerPort": PORT}],
        "environment": [{"name": name, "value": value} for name, value in revision.variables.items()],
        "secrets": [{"name": name, "valueFrom": parameter} for name, parameter in revision.secrets.items()],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    ecs.register_task_definition(
        family=f"{cluster.name}-{service.name}",
        containerDefinitions=[container],
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu=str(revision.cpu),
        memory=str(revision.memory),
    )


def _balanced(elb: Any, cluster: Cluster, service: Service, tags: dict[str, str]) -> dict[str, Any]:
    """What takes its traffic, as ECS is told of it."""
    name = f"{cluster.name}-{service.name}"[:LONGEST_NAME]
    balancer = elb.create_load_balancer(Name=name, Subnets=["subnet-00000001"], Tags=_upper(tags))["LoadBalancers"][0]
    group = elb.create_target_group(Name=name, Protocol="HTTP", Port=PORT, TargetType="ip", VpcId=balancer["VpcId"])
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=PORT, DefaultActions=forward)
    # Tasks of the emulator have no addresses by which ECS would do that.
    targets = [{"Id": f"{ILL if number < service.ill else '10.0.0.'}{number + 10}"} for number in range(service.tasks)]
    elb.register_targets(TargetGroupArn=arn, Targets=targets)
    return {"targetGroupArn": arn, "containerName": service.name, "containerPort": PORT}


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


def _upper(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _make_queue(sqs: Any, queue: Queue, tags: dict[str, str]) -> None:
    url = sqs.create_queue(QueueName=queue.name, tags=tags)["QueueUrl"]
    waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    for number in range(int(waiting["ApproximateNumberOfMessages"]), queue.waiting):
        sqs.send_message(QueueUrl=url, MessageBody=f"sample {number + 1}")


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
