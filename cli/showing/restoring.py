"""The sample cloud as its description says again, after runs have changed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud
from cli.laptop.measuring import measure
from cli.showing.readback import Seen, read_back

ENVIRONMENT_TAG = "environment"
OWN_TAGS = "devops-copilot:"
"""What the copilot notes on a resource it stops. A restored resource is one it never touched."""


def restore(clients: Clients, cloud: Cloud, now: datetime) -> list[Seen]:
    """Put back what is not as described; returns that, as it was found. Raises botocore's errors."""
    wanted = sizes(cloud)
    places = sorted({(place.account, place.region) for one in cloud.environments for place in one.places})
    found = read_back(clients, places, ENVIRONMENT_TAG).values()
    scaled = limits(cloud)

    def as_described(seen: Seen) -> bool:
        between = scaled.get(_key(seen))
        return seen.on == wanted[_key(seen)] and seen.limits == (_words(between) if between else "")

    moved = [seen for seen in found if _key(seen) in wanted and (not as_described(seen) or _own_tags(seen))]
    for seen in moved:
        _put_back(clients, seen, wanted[_key(seen)], scaled.get(_key(seen)))
    if moved:
        measure(clients, cloud, now)  # what was stopped had no figures
    return moved


def sizes(cloud: Cloud) -> dict[tuple[str, ...], int]:
    """How much of each resource is on, by account, region, kind and name."""
    found: dict[tuple[str, ...], int] = {}
    for place in (place for environment in cloud.environments for place in environment.places):
        at = (place.account, place.region)
        found |= {(*at, "service", f"{c.name}/{s.name}"): s.tasks for c in place.clusters for s in c.services}
        found |= {(*at, "instance", instance.name): 1 for instance in place.instances}
        found |= {(*at, "group", group.name): group.size for group in place.groups}
        found |= {(*at, "database", database.name): 1 for database in place.databases}
        found |= {(*at, "database cluster", cluster.name): 1 for cluster in place.database_clusters}
    return found


def limits(cloud: Cloud) -> dict[tuple[str, ...], tuple[int, int]]:
    """Between which sizes what is scaled is scaled; keys as in sizes."""
    found: dict[tuple[str, ...], tuple[int, int]] = {}
    for place in (place for environment in cloud.environments for place in environment.places):
        at = (place.account, place.region)
        services = [(cluster.name, service) for cluster in place.clusters for service in cluster.services]
        found |= {(*at, "service", f"{name}/{each.name}"): each.scaled for name, each in services if each.scaled}
        found |= {(*at, "group", group.name): (group.least, group.most) for group in place.groups}
    return found


def _words(between: tuple[int, int]) -> str:
    return f"{between[0]} to {between[1]}"


def _key(seen: Seen) -> tuple[str, ...]:
    return seen.account, seen.region, seen.kind, seen.name


def _own_tags(seen: Seen) -> list[str]:
    return [key for key in seen.tags if key.startswith(OWN_TAGS)]


Limits = tuple[int, int] | None


def _put_back(clients: Clients, seen: Seen, size: int, between: Limits) -> None:
    def client(service: str) -> Any:
        return clients(service, seen.account, seen.region)

    tags = _own_tags(seen)
    match seen.kind:
        case "service":
            _service(client("ecs"), client("application-autoscaling"), seen, size, between, tags)
        case "instance":
            _instance(client("ec2"), seen, tags)
        case "group":
            _group(client("autoscaling"), seen, size, between or (0, size), tags)
        case _:
            _database(client("rds"), seen, tags)


def _service(ecs: Any, scaling: Any, seen: Seen, size: int, between: Limits, tags: list[str]) -> None:
    cluster, _, name = seen.name.partition("/")
    ecs.update_service(cluster=cluster, service=name, desiredCount=size)
    if between:
        flags = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        scaling.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{seen.name}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=between[0],
            MaxCapacity=between[1],
            SuspendedState=dict.fromkeys(flags, False),
        )
    if tags:
        ecs.untag_resource(resourceArn=seen.arn, tagKeys=tags)


def _instance(ec2: Any, seen: Seen, tags: list[str]) -> None:
    id = seen.arn.rpartition("/")[2]
    if not seen.on:
        ec2.start_instances(InstanceIds=[id])
    if tags:
        ec2.delete_tags(Resources=[id], Tags=[{"Key": key} for key in tags])


def _group(autoscaling: Any, seen: Seen, size: int, between: tuple[int, int], tags: list[str]) -> None:
    autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=seen.name, MinSize=between[0], MaxSize=between[1], DesiredCapacity=size
    )
    if tags:
        of_group = {"ResourceId": seen.name, "ResourceType": "auto-scaling-group"}
        autoscaling.delete_tags(Tags=[{**of_group, "Key": key} for key in tags])


def _database(rds: Any, seen: Seen, tags: list[str]) -> None:
    if not seen.on and seen.kind == "database":
        rds.start_db_instance(DBInstanceIdentifier=seen.name)
    if not seen.on and seen.kind == "database cluster":
        rds.start_db_cluster(DBClusterIdentifier=seen.name)
    if tags:
        rds.remove_tags_from_resource(ResourceName=seen.arn, TagKeys=tags)
