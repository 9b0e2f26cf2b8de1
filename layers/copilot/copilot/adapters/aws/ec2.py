"""Instances of the Elastic Compute Cloud.

StopInstances shuts an instance down and keeps it whatever it does on a shutdown from within; one enabled for
hibernation keeps its memory if it is hibernated, and is shut down as usual where that fails (EC2 API Reference,
StopInstances). Instances on instance store cannot be stopped; Spot Instances of a one-time request neither, and those
of a persistent one come back only when EC2 has capacity (EC2 User Guide, "Stop a Spot Instance"). Instance store
volumes beside a root on EBS keep nothing over a stop (same guide, "Data persistence for Amazon EC2 instance store
volumes"); no instance lists its own, only its type says whether it has any, so that of an older type, whose volumes are
there only if asked for at launch, a person may be warned for nothing. Starting an instance
whose volumes are encrypted with a customer's key needs kms:CreateGrant on that key (EBS User Guide, "Requirements for
Amazon EBS encryption").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.stoppable import (
    SAVED_TAG,
    Client,
    Metric,
    Place,
    ReadClient,
    State,
    WriteClient,
    grants,
    saved_fields,
    saved_in,
    tag_dict,
)
from copilot.errors import NotReady, ToolInputError
from copilot.model import Change, Permission, Resource, ResourceRef

STATES: dict[str, State] = {
    "pending": "starting",
    "running": "running",
    "stopping": "stopping",
    "stopped": "stopped",
}
"""All but those of an instance that is, or is about to be, terminated."""

GROUP_TAG = "aws:autoscaling:groupName"
VALUES_AT_ONCE = 200  # the most of a filter


class Ec2Instances:
    type = "ec2-instance"
    service = "EC2"

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
        spot = _spot_requests(client, [instance for instance, _, _ in found])
        storing = _storing_types(client, [instance for instance, _, _ in found])
        for instance, environment, owner in found:
            resource = _resource(instance, environment, owner, place)
            uses = keys[instance["InstanceId"]]
            held = _held(instance, resource.tags, spot) or _unusable_key(uses, owner)
            type = instance.get("InstanceType", "")
            caution = (
                f"what is on its instance store volumes is lost: {type} comes with such" if type in storing else ""
            )
            yield resource.model_copy(update={"held": held, "uses": uses, "caution": caution})

    def metric(self, resource: Resource) -> Metric:
        return Metric("AWS/EC2", "CPUUtilization", "Percent", {"InstanceId": parse_arn(resource.ref.id).name})

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        needed = grants(change, ("ec2:CreateTags", "ec2:StopInstances"), ("ec2:StartInstances", "ec2:DeleteTags"))
        if change.direction != "start":
            return needed
        # Only on the key of this instance's volumes; the role's policy has the conditions: by EC2, for EC2.
        return (*needed, *(Permission(action="kms:CreateGrant", arn=key, beside=change.ref.id) for key in change.uses))

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        instance = _instance_now(read("ec2"), resource)
        match instance["State"]["Name"]:
            case "stopped" | "stopping":
                return
            case "pending":
                raise NotReady(f"instance {resource.name} is still starting")
        if saved_in(tag_dict(instance.get("Tags", []))) is None:
            tags = [{"Key": SAVED_TAG, "Value": "1"}]
            write("ec2:CreateTags", arn).create_tags(Resources=[id], Tags=tags)
        hibernates = {"Hibernate": True} if instance.get("HibernationOptions", {}).get("Configured") else {}
        write("ec2:StopInstances", arn).stop_instances(InstanceIds=[id], **hibernates)

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        instance = _instance_now(read("ec2"), resource)
        match instance["State"]["Name"]:
            case "stopping":
                raise NotReady(f"instance {resource.name} is still stopping")
            case "stopped":
                write("ec2:StartInstances", arn).start_instances(InstanceIds=[id])
        if SAVED_TAG in tag_dict(instance.get("Tags", [])):
            write("ec2:DeleteTags", arn).delete_tags(Resources=[id], Tags=[{"Key": SAVED_TAG}])


def _instance_now(read: Client, resource: Resource) -> Any:
    found = read.describe_instances(InstanceIds=[parse_arn(resource.ref.id).name])["Reservations"]
    if not found or found[0]["Instances"][0]["State"]["Name"] not in STATES:
        raise ToolInputError(f"instance {resource.name} is no longer there")
    return found[0]["Instances"][0]


def _resource(instance: Any, environment: str, owner: str, place: Place) -> Resource:
    id, tags, status = instance["InstanceId"], tag_dict(instance["Tags"]), instance["State"]["Name"]
    state = STATES[status]
    return Resource(
        ref=ResourceRef(type=Ec2Instances.type, id=f"arn:aws:ec2:{place.region}:{owner}:instance/{id}"),
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


def _held(instance: Any, tags: dict[str, str], spot: dict[str, str]) -> str:
    if group := tags.get(GROUP_TAG):
        return f"in the Auto Scaling group {group}, which would replace it and is no part of this environment"
    if instance.get("InstanceLifecycle") == "spot":
        match spot.get(instance.get("SpotInstanceRequestId", "")):
            case "one-time":
                return "a Spot Instance of a one-time request, which EC2 cannot stop"
            case "persistent":
                return "a Spot Instance of a persistent request, which EC2 starts again only when it has capacity"
        return "a Spot Instance"
    if instance.get("RootDeviceType") == "instance-store":
        return "on instance store, which EC2 cannot stop without losing all that is on it"
    return ""


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
