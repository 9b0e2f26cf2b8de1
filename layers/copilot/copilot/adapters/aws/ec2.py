"""Instances of the Elastic Compute Cloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.stoppable import (
    SAVED_TAG,
    Client,
    Metric,
    Place,
    State,
    WriteClient,
    grants,
    saved_size,
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


class Ec2Instances:
    type = "ec2-instance"
    service = "ec2"

    def survey(self, client: Client, place: Place) -> Iterator[Resource]:
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
                        yield _resource(instance, environment, reservation["OwnerId"], place)

    def metric(self, resource: Resource) -> Metric:
        return Metric("AWS/EC2", "CPUUtilization", "Percent", {"InstanceId": parse_arn(resource.ref.id).name})

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        return grants(change, ("ec2:CreateTags", "ec2:StopInstances"), ("ec2:StartInstances", "ec2:DeleteTags"))

    def stop(self, resource: Resource, read: Client, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        instance = _instance_now(read, resource)
        match instance["State"]["Name"]:
            case "stopped" | "stopping":
                return
            case "pending":
                raise NotReady(f"instance {resource.name} is still starting")
        if saved_size(tag_dict(instance.get("Tags", []))) is None:
            tags = [{"Key": SAVED_TAG, "Value": "1"}]
            write("ec2:CreateTags", arn).create_tags(Resources=[id], Tags=tags)
        write("ec2:StopInstances", arn).stop_instances(InstanceIds=[id])

    def start(self, resource: Resource, read: Client, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        instance = _instance_now(read, resource)
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
        saved=saved_size(tags),
        held=_held(instance, tags),
        tags=tags,
        **place.fields,
    )


def _held(instance: Any, tags: dict[str, str]) -> str:
    if "aws:autoscaling:groupName" in tags:
        return "in an Auto Scaling group, which would replace it"
    if instance.get("InstanceLifecycle") == "spot":
        return "a Spot instance"
    return "on instance store, which stopping would erase" if instance.get("RootDeviceType") == "instance-store" else ""
