"""The sample cloud as its description says again, after runs have changed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud, measure
from cli.readback import Seen, read_back

ENVIRONMENT_TAG = "environment"
OWN_TAGS = "devops-copilot:"
"""What the copilot notes on a resource it stops. A restored resource is one it never touched."""


def restore(clients: Clients, cloud: Cloud, now: datetime) -> list[Seen]:
    """Put back what is not as described; returns that, as it was found. Raises botocore's errors."""
    wanted = sizes(cloud)
    places = sorted({(place.account, place.region) for one in cloud.environments for place in one.places})
    found = read_back(clients, places, ENVIRONMENT_TAG).values()
    moved = [seen for seen in found if _key(seen) in wanted and (seen.on != wanted[_key(seen)] or _own_tags(seen))]
    for seen in moved:
        _put_back(clients, seen, wanted[_key(seen)])
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
        found |= {(*at, "database", database.name): 1 for database in place.databases}
    return found


def _key(seen: Seen) -> tuple[str, ...]:
    return seen.account, seen.region, seen.kind, seen.name


def _own_tags(seen: Seen) -> list[str]:
    return [key for key in seen.tags if key.startswith(OWN_TAGS)]


def _put_back(clients: Clients, seen: Seen, size: int) -> None:
    service = {"service": "ecs", "instance": "ec2", "database": "rds"}[seen.kind]
    client = clients(service, seen.account, seen.region)
    {"service": _service, "instance": _instance, "database": _database}[seen.kind](client, seen, size, _own_tags(seen))


def _service(ecs: Any, seen: Seen, size: int, tags: list[str]) -> None:
    cluster, _, name = seen.name.partition("/")
    ecs.update_service(cluster=cluster, service=name, desiredCount=size)
    if tags:
        ecs.untag_resource(resourceArn=seen.arn, tagKeys=tags)


def _instance(ec2: Any, seen: Seen, size: int, tags: list[str]) -> None:
    id = seen.arn.rpartition("/")[2]
    if not seen.on:
        ec2.start_instances(InstanceIds=[id])
    if tags:
        ec2.delete_tags(Resources=[id], Tags=[{"Key": key} for key in tags])


def _database(rds: Any, seen: Seen, size: int, tags: list[str]) -> None:
    if not seen.on:
        rds.start_db_instance(DBInstanceIdentifier=seen.name)
    if tags:
        rds.remove_tags_from_resource(ResourceName=seen.arn, TagKeys=tags)
