"""What the cloud holds, read straight from EC2, ECS and RDS: evidence that shares no code with the copilot's tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

ClientFor = Callable[[str, str, str], Any]
"""(service, account, region) -> a boto3 client."""
UP = {"running", "pending", "available", "starting"}


@dataclass(frozen=True)
class Seen:
    """One resource as it is. `on` is how much of it is on: a service's running tasks; 1 or 0 of what is on or off."""

    arn: str
    kind: str
    name: str
    environment: str
    account: str
    region: str
    state: str
    on: int
    tags: Mapping[str, str]


Cloud = dict[str, Seen]
"""By ARN."""


def read_back(client: ClientFor, places: Iterable[tuple[str, str]], environment_tag: str) -> Cloud:
    """Everything with that tag in these accounts and regions. Raises botocore's errors."""

    def look(place: tuple[str, str]) -> list[Seen]:
        account, region = place
        found = [
            *_services(client("ecs", account, region)),
            *_instances(client("ec2", account, region), account, region),
            *_databases(client("rds", account, region)),
        ]
        return [_seen(raw, account, region, environment_tag) for raw in found if environment_tag in raw[-1]]

    with ThreadPoolExecutor(4) as pool:
        return {seen.arn: seen for found in pool.map(look, list(places)) for seen in found}


Raw = tuple[str, str, str, str, int, dict[str, str]]


def _seen(raw: Raw, account: str, region: str, environment_tag: str) -> Seen:
    arn, kind, name, state, on, tags = raw
    return Seen(arn, kind, name, tags[environment_tag], account, region, state, on, tags)


def _services(ecs: Any) -> Iterable[Raw]:
    for clusters in ecs.get_paginator("list_clusters").paginate():
        for cluster in clusters["clusterArns"]:
            for page in ecs.get_paginator("list_services").paginate(cluster=cluster, maxResults=10):
                if not page["serviceArns"]:
                    continue
                described = ecs.describe_services(cluster=cluster, services=page["serviceArns"], include=["TAGS"])
                for service in described["services"]:
                    tags = {tag["key"]: tag["value"] for tag in service.get("tags", [])}
                    running, wanted = service["runningCount"], service["desiredCount"]
                    state = _tasks(running, wanted)
                    name = f"{cluster.rpartition('/')[2]}/{service['serviceName']}"
                    yield service["serviceArn"], "service", name, state, running, tags


def _tasks(running: int, wanted: int) -> str:
    counted = f"{running} of {wanted}" if running != wanted else str(wanted)
    return f"{counted} task{'' if wanted == 1 else 's'}"


def _instances(ec2: Any, account: str, region: str) -> Iterable[Raw]:
    for page in ec2.get_paginator("describe_instances").paginate():
        for instance in (one for reservation in page["Reservations"] for one in reservation["Instances"]):
            state = instance["State"]["Name"]
            if state not in ("terminated", "shutting-down"):
                tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
                arn = f"arn:aws:ec2:{region}:{account}:instance/{instance['InstanceId']}"
                yield arn, "instance", tags.get("Name", instance["InstanceId"]), state, int(state in UP), tags


def _databases(rds: Any) -> Iterable[Raw]:
    for page in rds.get_paginator("describe_db_instances").paginate():
        for database in page["DBInstances"]:
            tags = {tag["Key"]: tag["Value"] for tag in database.get("TagList", [])}
            state = database["DBInstanceStatus"]
            yield database["DBInstanceArn"], "database", database["DBInstanceIdentifier"], state, int(state in UP), tags


@dataclass(frozen=True)
class Difference:
    """A resource whose state is another now; None where it was not there, or is not any more."""

    before: Seen | None
    after: Seen | None

    @property
    def resource(self) -> Seen:
        seen = self.after or self.before
        assert seen
        return seen


def differences(before: Cloud, after: Cloud) -> list[Difference]:
    """What changed between two looks, by environment, place and name."""
    arns = [arn for arn in before.keys() | after.keys() if _essence(before.get(arn)) != _essence(after.get(arn))]
    found = [Difference(before.get(arn), after.get(arn)) for arn in arns]
    return sorted(found, key=lambda one: _order(one.resource))


def _order(seen: Seen) -> tuple[str, ...]:
    return seen.environment, seen.account, seen.region, seen.kind, seen.name, seen.arn


def _essence(seen: Seen | None) -> tuple[str, int] | None:
    """Tags aside: the copilot notes in them what it stopped."""
    return (seen.state, seen.on) if seen else None


def totals(cloud: Cloud) -> dict[str, int]:
    """How much is on, by kind: tasks of services, instances, databases."""
    found = dict.fromkeys(("service", "instance", "database"), 0)
    for seen in cloud.values():
        found[seen.kind] += seen.on
    return found
