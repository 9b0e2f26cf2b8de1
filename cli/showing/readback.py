"""What the cloud holds, read straight from AWS: evidence that shares no code with the copilot's tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

ClientFor = Callable[[str, str, str], Any]
"""(service, account, region) -> a boto3 client."""
WHOLES = {"group", "database cluster"}
UP = {"running", "pending", "available", "starting"}


@dataclass(frozen=True)
class Seen:
    """One resource as it is. `on` is how much of it is on: a service's running tasks; 1 or 0 of what is on or off.

    `limits` says between which numbers it is scaled, and what of its scaling is suspended. `part_of` names the group or
    database cluster it is a member of.
    """

    arn: str
    kind: str
    name: str
    environment: str
    account: str
    region: str
    state: str
    on: int
    tags: Mapping[str, str]
    limits: str = ""
    part_of: str = ""


Cloud = dict[str, Seen]
"""By ARN."""


def read_back(client: ClientFor, places: Iterable[tuple[str, str]], environment_tag: str) -> Cloud:
    """Everything with that tag in these accounts and regions. Raises botocore's errors."""

    def look(place: tuple[str, str]) -> list[Seen]:
        account, region = place
        found = [
            *_services(client("ecs", account, region), _scaled(client("application-autoscaling", account, region))),
            *_instances(client("ec2", account, region), account, region),
            *_groups(client("autoscaling", account, region)),
            *_databases(client("rds", account, region)),
            *_database_clusters(client("rds", account, region)),
        ]
        return [_seen(raw, account, region, environment_tag) for raw in found if environment_tag in raw.tags]

    with ThreadPoolExecutor(4) as pool:
        return {seen.arn: seen for found in pool.map(look, list(places)) for seen in found}


class Raw(NamedTuple):
    arn: str
    kind: str
    name: str
    state: str
    on: int
    tags: dict[str, str]
    limits: str = ""
    part_of: str = ""


def _seen(raw: Raw, account: str, region: str, environment_tag: str) -> Seen:
    return Seen(**raw._asdict(), environment=raw.tags[environment_tag], account=account, region=region)


def _scaled(scaling: Any) -> dict[str, str]:
    """In words, by what is scaled: service/CLUSTER/NAME."""
    found: dict[str, str] = {}
    for page in scaling.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="ecs"):
        for target in page["ScalableTargets"]:
            ways = sorted(flag for flag, is_set in target.get("SuspendedState", {}).items() if is_set)
            suspended = "" if not ways else ", suspended" if len(ways) == 3 else f", suspended: {', '.join(ways)}"
            found[target["ResourceId"]] = f"{target['MinCapacity']} to {target['MaxCapacity']}{suspended}"
    return found


def _services(ecs: Any, scaled: Mapping[str, str]) -> Iterable[Raw]:
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
                    limits = scaled.get(f"service/{name}", "")
                    yield Raw(service["serviceArn"], "service", name, state, running, tags, limits)


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
                group = tags.get("aws:autoscaling:groupName", "")
                name = tags.get("Name", instance["InstanceId"])
                yield Raw(arn, "instance", name, state, int(state in UP), tags, part_of=group)


def _groups(autoscaling: Any) -> Iterable[Raw]:
    for page in autoscaling.get_paginator("describe_auto_scaling_groups").paginate():
        for group in page["AutoScalingGroups"]:
            tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
            on = sum(one["LifecycleState"] == "InService" for one in group["Instances"])
            wanted = group["DesiredCapacity"]
            state = f"{wanted} instance{'' if wanted == 1 else 's'}"
            limits = f"{group['MinSize']} to {group['MaxSize']}"
            yield Raw(group["AutoScalingGroupARN"], "group", group["AutoScalingGroupName"], state, on, tags, limits)


def _databases(rds: Any) -> Iterable[Raw]:
    for page in rds.get_paginator("describe_db_instances").paginate():
        for database in page["DBInstances"]:
            tags = {tag["Key"]: tag["Value"] for tag in database.get("TagList", [])}
            state = database["DBInstanceStatus"]
            name, cluster = database["DBInstanceIdentifier"], database.get("DBClusterIdentifier", "")
            yield Raw(database["DBInstanceArn"], "database", name, state, int(state in UP), tags, part_of=cluster)


def _database_clusters(rds: Any) -> Iterable[Raw]:
    for page in rds.get_paginator("describe_db_clusters").paginate():
        for cluster in page["DBClusters"]:
            tags = {tag["Key"]: tag["Value"] for tag in cluster.get("TagList", [])}
            state = cluster["Status"]
            name = cluster["DBClusterIdentifier"]
            yield Raw(cluster["DBClusterArn"], "database cluster", name, state, int(state in UP), tags)


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


def without_members(cloud: Cloud) -> Cloud:
    """The cloud without the members of the groups and database clusters in it."""
    wholes = {(seen.account, seen.region, seen.name) for seen in cloud.values() if seen.kind in WHOLES}
    return {arn: seen for arn, seen in cloud.items() if (seen.account, seen.region, seen.part_of) not in wholes}


def differences(before: Cloud, after: Cloud) -> list[Difference]:
    """What changed between two looks, by environment, place and name.

    A member of a group or a database cluster goes with that; the instances of a group get new ids besides.
    """
    before, after = without_members(before), without_members(after)
    arns = [arn for arn in before.keys() | after.keys() if _essence(before.get(arn)) != _essence(after.get(arn))]
    found = [Difference(before.get(arn), after.get(arn)) for arn in arns]
    return sorted(found, key=lambda one: _order(one.resource))


def _order(seen: Seen) -> tuple[str, ...]:
    return seen.environment, seen.account, seen.region, seen.kind, seen.name, seen.arn


def _essence(seen: Seen | None) -> tuple[str, int, str] | None:
    """Tags aside: the copilot notes in them what it stopped."""
    return (seen.state, seen.on, seen.limits) if seen else None


def totals(cloud: Cloud) -> dict[str, int]:
    """How much is on, by kind: tasks of services, instances, databases; groups and clusters by their members."""
    found = dict.fromkeys(("service", "instance", "database"), 0)
    for seen in cloud.values():
        if seen.kind in found:
            found[seen.kind] += seen.on
    return found
