"""Instances of the Elastic Compute Cloud.

StopInstances shuts an instance down and keeps it whatever it does on a shutdown from within; one enabled for
hibernation keeps its memory if it is hibernated, and is shut down as usual where that fails (EC2 API Reference,
StopInstances). Instances on instance store cannot be stopped; Spot Instances of a one-time request neither, and those
of a persistent one come back only when EC2 has capacity (EC2 User Guide, "Stop a Spot Instance"). So do those in a
Capacity Block, and only until it ends. What a service provider manages (EKS Auto Mode, ECS Managed Instances) refuses
whoever else would stop it (same guide, "Amazon EC2 managed instances"), and so does every instance with stop protection
("Enable stop protection"): that is asked of each instance by itself, and so only where one environment is looked at.
Protection against termination keeps nobody from stopping.

Instance store volumes beside a root on EBS keep nothing over a stop (same guide, "Data persistence for Amazon EC2
instance store volumes"); no instance lists its own, only its type says whether it has any, so that of an older type,
whose volumes are there only if asked for at launch, a person may be warned for nothing. Starting an instance whose
volumes are encrypted with a customer's key needs kms:CreateGrant on that key (EBS User Guide, "Requirements for Amazon
EBS encryption").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.keepers import FLEET_TAG, OF_INSTANCES, kept_by
from copilot.adapters.aws.resources.stoppable import (
    SAVED_TAG,
    Client,
    Metric,
    Place,
    ReadClient,
    Saved,
    State,
    Stoppable,
    WriteClient,
    grants,
    saved_fields,
    saved_in,
    several,
    tag_dict,
)
from copilot.domain import Change, Permission, PlatformEvent, Resource, ResourceRef, ResourceType, Size
from copilot.errors import NotReady, ToolInputError
from copilot.text.outside import quoted

STATES: dict[str, State] = {
    "pending": "starting",
    "running": "running",
    "stopping": "stopping",
    "stopped": "stopped",
}
"""All but those of an instance that is, or is about to be, terminated."""

GROUP_TAG = "aws:autoscaling:groupName"
VALUES_AT_ONCE = 200  # the most of a filter
ASKED_AT_ONCE = 8
MAINTAINED = "maintain"
MANAGED_FLEET = frozenset({"submitted", "active", "modifying"})
"""The states of a fleet in which it replaces what is missing: one that was deleted may leave its instances running."""
LIFECYCLES = {
    "capacity-block": "in a Capacity Block, which is paid for either way and starts nothing again once it has ended",
    "scheduled": "a Scheduled Instance, which EC2 cannot stop",
    "interruptible-capacity-reservation": "in an interruptible Capacity Reservation, which may not take it back",
}
HOST = "its Dedicated Host is paid for whether it runs or not"
MAC = "its Mac host is cleaned after it is stopped, for up to three hours in which it cannot be started"


class Ec2Instances(Stoppable):
    type = ResourceType(name="ec2-instance", noun="instance", tier="machine")
    service = "EC2"
    part_of = "auto-scaling-group"
    reads = frozenset(
        {
            "ec2:DescribeFleets",
            "ec2:DescribeInstanceAttribute",
            "ec2:DescribeInstances",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeSpotInstanceRequests",
            "ec2:DescribeVolumes",
        }
    )
    between = frozenset({"IncorrectInstanceState"})

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        client = read("ec2")
        found: list[tuple[Any, str, str]] = []
        filters = [{"Name": "instance-state-name", "Values": [*STATES]}]
        if place.environment is None:
            filters.append({"Name": "tag-key", "Values": [place.environment_tag]})
        else:
            filters.append({"Name": f"tag:{place.environment_tag}", "Values": [place.environment]})
        for page in client.get_paginator("describe_instances").paginate(Filters=filters):
            for reservation in page["Reservations"]:
                for instance in reservation["Instances"]:
                    # Again here: * and ? in a filter's value are wildcards.
                    environment = place.environment_of(tag_dict(instance.get("Tags", [])))
                    if environment:
                        found.append((instance, environment, reservation["OwnerId"]))
        keys = _keys(client, [instance for instance, _, _ in found])
        by_request = _spot_requests(client, [instance for instance, _, _ in found])
        by_request |= _fleets(client, [tag_dict(instance["Tags"]) for instance, _, _ in found])
        storing = _storing_types(client, [instance for instance, _, _ in found])
        resources = []
        for instance, environment, owner in found:
            resource = _resource(instance, environment, owner, place)
            uses = keys[instance["InstanceId"]]
            # What was stopped once is started again, whatever would keep it from being stopped now.
            noted = resource.state == "stopped" and resource.saved
            held = "" if noted else _held(instance, resource.tags, by_request)
            held = held or _unusable_key(uses, owner)
            caution = _caution(instance, storing)
            resources.append(resource.model_copy(update={"held": held, "uses": uses, "caution": caution}))
        if place.environment is not None:
            resources = _protected(client, resources)
        yield from resources

    def metric(self, resource: Resource) -> Metric:
        return Metric("AWS/EC2", "CPUUtilization", "Percent", {"InstanceId": parse_arn(resource.ref.id).name})

    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterator[tuple[str, Size]]:
        by_id = {parse_arn(resource.ref.id).name: resource.ref.id for resource in resources}
        client = read("ec2")
        for some in several(list(by_id), VALUES_AT_ONCE):
            # As a filter, not by id: one that is gone is left out instead of failing the call.
            pages = client.get_paginator("describe_instances").paginate(
                Filters=[{"Name": "instance-id", "Values": some}]
            )
            for page in pages:
                for reservation in page["Reservations"]:
                    for instance in reservation["Instances"]:
                        if instance["InstanceId"] in by_id:
                            yield by_id[instance["InstanceId"]], _size(instance, region)

    def events(self, resource: Resource, read: ReadClient) -> Iterator[PlatformEvent]:
        """None: EC2 keeps only why an instance is in its state, and one that runs says nothing."""
        return iter(())

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        stop = ("ec2:CreateTags", "ec2:StopInstances", "ec2:DeleteTags")
        needed = grants(change, stop, ("ec2:StartInstances", "ec2:DeleteTags"), restart=("ec2:RebootInstances",))
        if change.direction != "start":
            return needed
        # Only on the key of this instance's volumes; the role's policy has the conditions: by EC2, for EC2.
        return (*needed, *(Permission(action="kms:CreateGrant", arn=key, beside=change.ref.id) for key in change.uses))

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient, at: datetime) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        instance = _instance_now(read("ec2"), resource)
        match instance["State"]["Name"]:
            case "stopped" | "stopping":
                return
            case "pending":
                raise NotReady(f"instance {quoted(resource.name)} is still starting", ours=True)
        if saved_in(tag_dict(instance.get("Tags", []))) is None:
            tags = [{"Key": SAVED_TAG, "Value": str(Saved(1, at=at))}]
            write("ec2:CreateTags", arn).create_tags(Resources=[id], Tags=tags)
        hibernates = {"Hibernate": True} if instance.get("HibernationOptions", {}).get("Configured") else {}
        write("ec2:StopInstances", arn).stop_instances(InstanceIds=[id], **hibernates)

    def forget(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        instance = _instance_now(read("ec2"), resource)
        if instance["State"]["Name"] in {"running", "pending"}:
            _untag(instance, resource, write)

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        instance = _instance_now(read("ec2"), resource)
        match instance["State"]["Name"]:
            case "stopping":
                raise NotReady(f"instance {quoted(resource.name)} is still stopping", ours=True)
            case "stopped":
                write("ec2:StartInstances", arn).start_instances(InstanceIds=[id])
        _untag(instance, resource, write)

    def restart(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        status = _instance_now(read("ec2"), resource)["State"]["Name"]
        if status != "running":
            raise NotReady(f"instance {quoted(resource.name)} is {status}; what runs can be rebooted", ours=True)
        id = parse_arn(resource.ref.id).name
        write("ec2:RebootInstances", resource.ref.id).reboot_instances(InstanceIds=[id])


def _untag(instance: Any, resource: Resource, write: WriteClient) -> None:
    if SAVED_TAG in tag_dict(instance.get("Tags", [])):
        id = parse_arn(resource.ref.id).name
        write("ec2:DeleteTags", resource.ref.id).delete_tags(Resources=[id], Tags=[{"Key": SAVED_TAG}])


def _instance_now(read: Client, resource: Resource) -> Any:
    found = read.describe_instances(InstanceIds=[parse_arn(resource.ref.id).name])["Reservations"]
    if not found or found[0]["Instances"][0]["State"]["Name"] not in STATES:
        raise ToolInputError(f"instance {quoted(resource.name)} is no longer there", ours=True)
    return found[0]["Instances"][0]


def _resource(instance: Any, environment: str, owner: str, place: Place) -> Resource:
    id, tags, status = instance["InstanceId"], tag_dict(instance["Tags"]), instance["State"]["Name"]
    state = STATES[status]
    return Resource(
        ref=ResourceRef(type=Ec2Instances.type.name, id=f"arn:aws:ec2:{place.region}:{owner}:instance/{id}"),
        name=tags.get("Name") or id,
        environment=environment,
        state=state,
        detail=status,
        size=int(state in {"running", "starting"}),
        running=int(state == "running"),
        **saved_fields(tags),
        covered_by=tags.get(GROUP_TAG, ""),
        tags=tags,
        **place.fields,
    )


def _size(instance: Any, region: str) -> Size:
    type, system = instance["InstanceType"], instance.get("PlatformDetails", "Linux/UNIX")
    special = instance.get("InstanceLifecycle") or ("" if system == "Linux/UNIX" else system)
    if special:
        return Size(product="other", name=f"{type} ({special})", region=region)
    return Size(product="ec2", name=type, region=region)


def _held(instance: Any, tags: dict[str, str], by_request: Mapping[str, str]) -> str:
    """`by_request` has the types of Spot requests and of fleets by their ids; a fleet not among them is maintained."""
    if group := tags.get(GROUP_TAG):
        return f"in the Auto Scaling group {quoted(group)}, which would replace it and is no part of this environment"
    operator = instance.get("Operator") or {}
    if operator.get("Managed"):
        return f"managed by {operator.get('Principal') or 'another service'}, which lets nobody else stop it"
    if by_request.get(tags.get(FLEET_TAG, ""), MAINTAINED) != MAINTAINED:
        tags = {tag: value for tag, value in tags.items() if tag != FLEET_TAG}
    if keeper := kept_by(OF_INSTANCES, tags):
        return keeper
    lifecycle = instance.get("InstanceLifecycle", "")
    if lifecycle in LIFECYCLES:
        return LIFECYCLES[lifecycle]
    if lifecycle == "spot":
        match by_request.get(instance.get("SpotInstanceRequestId", "")):
            case "one-time":
                return "a Spot Instance of a one-time request, which EC2 cannot stop"
            case "persistent":
                return "a Spot Instance of a persistent request, which EC2 starts again only when it has capacity"
        return "a Spot Instance"
    if instance.get("RootDeviceType") == "instance-store":
        return "on instance store, which EC2 cannot stop without losing all that is on it"
    return ""


def _caution(instance: Any, storing: set[str]) -> str:
    type = instance.get("InstanceType", "")
    if type in storing:
        return f"what is on its instance store volumes is lost: {type} comes with such"
    if type.startswith("mac"):
        return MAC
    return HOST if instance.get("Placement", {}).get("Tenancy") == "host" else ""


def _protected(client: Client, resources: list[Resource]) -> list[Resource]:
    """The same, with those left alone that are on and have stop protection."""

    def asked(resource: Resource) -> Resource:
        if resource.held or resource.covered_by or not resource.size:
            return resource
        id = parse_arn(resource.ref.id).name
        try:
            told = client.describe_instance_attribute(InstanceId=id, Attribute="disableApiStop")
        except ClientError as error:
            if error.response["Error"]["Code"].startswith("InvalidInstanceID"):
                return resource  # gone meanwhile: whoever would stop it is told so
            raise
        protected = (told.get("DisableApiStop") or {}).get("Value")
        held = "it has stop protection (disableApiStop), which a person has to lift first" if protected else ""
        return resource.model_copy(update={"held": held})

    with ThreadPoolExecutor(max_workers=ASKED_AT_ONCE) as pool:
        return list(pool.map(asked, resources))


def _fleets(client: Client, tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """What each fleet that instances with these tags are of does, by its id: `maintain`, or something that ends.

    DescribeFleets leaves out fleets of type instant, and those that are gone: neither replaces what is stopped.
    """
    ids = {one[FLEET_TAG] for one in tags if FLEET_TAG in one}
    if not ids:
        return {}
    maintained = {
        fleet["FleetId"]
        for page in client.get_paginator("describe_fleets").paginate()
        for fleet in page["Fleets"]
        if fleet.get("Type") == MAINTAINED and fleet.get("FleetState") in MANAGED_FLEET
    }
    return {id: MAINTAINED if id in maintained else "instant" for id in ids}


def _spot_requests(client: Client, instances: list[Any]) -> dict[str, str]:
    """one-time or persistent, by the id of the request."""
    ids = [one["SpotInstanceRequestId"] for one in instances if one.get("SpotInstanceRequestId")]
    if not ids:
        return {}
    pages = client.get_paginator("describe_spot_instance_requests").paginate(
        Filters=[{"Name": "spot-instance-request-id", "Values": ids[:VALUES_AT_ONCE]}]
    )
    return {one["SpotInstanceRequestId"]: one["Type"] for page in pages for one in page["SpotInstanceRequests"]}


def _storing_types(client: Client, instances: list[Any]) -> set[str]:
    """Those of the instances' types that come with instance store volumes."""
    types = sorted({one["InstanceType"] for one in instances if "InstanceType" in one})
    found: set[str] = set()
    for first in range(0, len(types), VALUES_AT_ONCE):
        # As filters, not as InstanceTypes: one that is no longer offered would be an error for all.
        chosen = [
            {"Name": "instance-type", "Values": types[first : first + VALUES_AT_ONCE]},
            {"Name": "instance-storage-supported", "Values": ["true"]},
        ]
        for page in client.get_paginator("describe_instance_types").paginate(Filters=chosen):
            found |= {one["InstanceType"] for one in page["InstanceTypes"] if one.get("InstanceStorageSupported")}
    return found


def _keys(client: Client, instances: list[Any]) -> dict[str, tuple[str, ...]]:
    """The keys that the volumes of each instance are encrypted with, by its id."""
    owners = {
        device["Ebs"]["VolumeId"]: instance["InstanceId"]
        for instance in instances
        for device in instance.get("BlockDeviceMappings", [])
        if device.get("Ebs", {}).get("VolumeId")
    }
    keys: dict[str, set[str]] = {instance["InstanceId"]: set() for instance in instances}
    ids = sorted(owners)
    for first in range(0, len(ids), VALUES_AT_ONCE):
        # Not by VolumeIds: one that has just been deleted would be an error for all.
        chosen = [
            {"Name": "volume-id", "Values": ids[first : first + VALUES_AT_ONCE]},
            {"Name": "encrypted", "Values": ["true"]},
        ]
        for page in client.get_paginator("describe_volumes").paginate(Filters=chosen):
            for volume in page["Volumes"]:
                if volume.get("KmsKeyId") and volume["VolumeId"] in owners:
                    keys[owners[volume["VolumeId"]]].add(volume["KmsKeyId"])
    return {id: tuple(sorted(some)) for id, some in keys.items()}


def _unusable_key(keys: tuple[str, ...], owner: str) -> str:
    for key in keys:
        if not key.startswith("arn:") or parse_arn(key).account != owner:
            return "a volume of it is encrypted with a key of another account, so that it could not be started again"
    return ""


KIND = Ec2Instances()
