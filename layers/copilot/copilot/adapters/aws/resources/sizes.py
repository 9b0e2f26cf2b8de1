"""What resources are billed by: instance types, database classes, the vCPU and memory of Fargate tasks.

Groups of instances and database clusters have no price of their own: how many members they had in an hour that has
passed is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.stoppable import Client
from copilot.domain import Resource, Size

ClientOf = Callable[[str], Client]
"""A client by the name boto3 has for the service, in one account and region."""

DESCRIBED_AT_ONCE = 10  # the limit of DescribeServices
INSTANCES_AT_ONCE = 200
WHOLES = {"auto-scaling-group": "an Auto Scaling group's instances", "rds-cluster": "a database cluster's instances"}
"""What is billed by its members, in words."""
FARGATE, FARGATE_SPOT = "FARGATE", "FARGATE_SPOT"


def sizes(client_of: ClientOf, resources: Sequence[Resource], region: str) -> dict[str, Size]:
    """By ref.id, for resources of one account and region; without those that are no longer there."""
    by_type: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        by_type[resource.ref.type].append(resource)
    found: dict[str, Size] = {}
    if instances := by_type["ec2-instance"]:
        found.update(_instances(client_of("ec2"), instances, region))
    if databases := by_type["rds-instance"]:
        found.update(_databases(client_of("rds"), databases, region))
    if services := by_type["ecs-service"]:
        found.update(_services(client_of("ecs"), services, region))
    for type, what in WHOLES.items():
        found.update({one.ref.id: Size(product="other", name=what, region=region) for one in by_type[type]})
    return found


def _instances(ec2: Client, resources: Sequence[Resource], region: str) -> Iterator[tuple[str, Size]]:
    by_id = {parse_arn(resource.ref.id).name: resource.ref.id for resource in resources}
    for some in _several(list(by_id), INSTANCES_AT_ONCE):
        # As a filter, not by id: one that is gone is left out instead of failing the call.
        pages = ec2.get_paginator("describe_instances").paginate(Filters=[{"Name": "instance-id", "Values": some}])
        for page in pages:
            for reservation in page["Reservations"]:
                for instance in reservation["Instances"]:
                    if instance["InstanceId"] in by_id:
                        yield by_id[instance["InstanceId"]], _instance(instance, region)


def _instance(instance: Any, region: str) -> Size:
    type, system = instance["InstanceType"], instance.get("PlatformDetails", "Linux/UNIX")
    special = instance.get("InstanceLifecycle") or ("" if system == "Linux/UNIX" else system)
    if special:
        return Size(product="other", name=f"{type} ({special})", region=region)
    return Size(product="ec2", name=type, region=region)


def _databases(rds: Client, resources: Sequence[Resource], region: str) -> Iterator[tuple[str, Size]]:
    wanted = {resource.ref.id for resource in resources}
    for page in rds.get_paginator("describe_db_instances").paginate():
        for database in page["DBInstances"]:
            if database["DBInstanceArn"] in wanted:
                # With a standby in another zone, AWS bills two.
                count = 2 if database.get("MultiAZ") else 1
                name = f"{database['Engine']} {database['DBInstanceClass']}"
                yield database["DBInstanceArn"], Size(product="rds", name=name, region=region, count=count)


def _services(ecs: Client, resources: Sequence[Resource], region: str) -> Iterator[tuple[str, Size]]:
    by_cluster: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        by_cluster[resource.cluster or ""].append(resource)
    tasks: dict[str, Any] = {}
    for cluster, some in sorted(by_cluster.items()):
        counts = {resource.ref.id: resource.size or resource.saved or 0 for resource in some}
        for arns in _several(list(counts), DESCRIBED_AT_ONCE):
            for service in ecs.describe_services(cluster=cluster, services=arns)["services"]:
                arn, definition = service["serviceArn"], service["taskDefinition"]
                if not _on_fargate(service):
                    where = "Fargate Spot" if FARGATE_SPOT in _providers(service) else "a cluster's own instances"
                    yield arn, Size(product="other", name=f"tasks on {where}", region=region)
                    continue
                if definition not in tasks:
                    tasks[definition] = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
                yield arn, _task(tasks[definition], region, counts[arn])


def _on_fargate(service: Any) -> bool:
    return service.get("launchType") == FARGATE or _providers(service) == {FARGATE}


def _providers(service: Any) -> set[str]:
    return {each["capacityProvider"] for each in service.get("capacityProviderStrategy") or []}


def _task(definition: Any, region: str, count: int) -> Size:
    """`cpu` of a task definition is in units of 1/1024 vCPU, `memory` in MiB."""
    platform = definition.get("runtimePlatform") or {}
    system, processor = platform.get("operatingSystemFamily", "LINUX"), platform.get("cpuArchitecture", "X86_64")
    if not definition.get("cpu") or not definition.get("memory") or system != "LINUX":
        return Size(product="other", name=f"Fargate tasks on {system.replace('_', ' ').title()}", region=region)
    return Size(
        product="fargate",
        name=processor,
        region=region,
        count=count,
        vcpu=int(definition["cpu"]) / 1024,
        gb=int(definition["memory"]) / 1024,
    )


def _several(what: Sequence[str], at_once: int) -> Iterable[Sequence[str]]:
    return (what[first : first + at_once] for first in range(0, len(what), at_once))
