"""Services of the Elastic Container Service: stopped by wanting no tasks, started by wanting as many as before."""

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
)
from copilot.errors import FatalError, ToolInputError
from copilot.model import Change, Permission, Resource, ResourceRef

DESCRIBED_AT_ONCE = 10  # the limit of DescribeServices


class EcsServices:
    type = "ecs-service"
    service = "ecs"

    def survey(self, client: Client, place: Place) -> Iterator[Resource]:
        for page in client.get_paginator("list_clusters").paginate():
            for cluster in page["clusterArns"]:
                for service in _services(client, cluster):
                    environment = place.environment_of(_tags(service))
                    if environment and service["status"] != "INACTIVE":
                        yield _resource(service, environment, place)

    def metric(self, resource: Resource) -> Metric:
        dimensions = {"ClusterName": resource.cluster or "", "ServiceName": resource.name}
        return Metric("AWS/ECS", "CPUUtilization", "Percent", dimensions)

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        return grants(change, ("ecs:TagResource", "ecs:UpdateService"), ("ecs:UpdateService", "ecs:UntagResource"))

    def stop(self, resource: Resource, read: Client, write: WriteClient) -> None:
        arn = resource.ref.id
        service = _service_now(read, resource)
        wanted = service["desiredCount"]
        if wanted == 0:
            return
        if saved_size(_tags(service)) != wanted:
            tags = [{"key": SAVED_TAG, "value": str(wanted)}]
            write("ecs:TagResource", arn).tag_resource(resourceArn=arn, tags=tags)
        _want(resource, 0, write)

    def start(self, resource: Resource, read: Client, write: WriteClient) -> None:
        arn = resource.ref.id
        service = _service_now(read, resource)
        if service["desiredCount"] == 0:
            size = resource.saved or saved_size(_tags(service))
            if size is None:
                raise FatalError(f"service {resource.name} has no size saved, so nothing says how many tasks to start")
            _want(resource, size, write)
        if SAVED_TAG in _tags(service):
            write("ecs:UntagResource", arn).untag_resource(resourceArn=arn, tagKeys=[SAVED_TAG])


def _services(client: Client, cluster: str) -> Iterator[Any]:
    for page in client.get_paginator("list_services").paginate(cluster=cluster, maxResults=100):
        arns = page["serviceArns"]
        for first in range(0, len(arns), DESCRIBED_AT_ONCE):
            some = arns[first : first + DESCRIBED_AT_ONCE]
            yield from client.describe_services(cluster=cluster, services=some, include=["TAGS"])["services"]


def _service_now(read: Client, resource: Resource) -> Any:
    found = read.describe_services(cluster=resource.cluster, services=[resource.ref.id], include=["TAGS"])["services"]
    if not found or found[0]["status"] == "INACTIVE":
        raise ToolInputError(f"service {resource.name} in cluster {resource.cluster} is no longer there")
    return found[0]


def _want(resource: Resource, size: int, write: WriteClient) -> None:
    client = write("ecs:UpdateService", resource.ref.id)
    client.update_service(cluster=resource.cluster, service=resource.name, desiredCount=size)


def _resource(service: Any, environment: str, place: Place) -> Resource:
    wanted, running, tags = service["desiredCount"], service["runningCount"], _tags(service)
    return Resource(
        ref=ResourceRef(type=EcsServices.type, id=service["serviceArn"]),
        name=service["serviceName"],
        environment=environment,
        cluster=parse_arn(service["clusterArn"]).name,
        state=_state(wanted, running),
        detail=f"{running} of {wanted} tasks running",
        size=wanted,
        running=running,
        saved=saved_size(tags),
        held=_held(service),
        tags=tags,
        **place.fields,
    )


def _state(wanted: int, running: int) -> State:
    if wanted == 0:
        return "stopping" if running else "stopped"
    return "running" if running >= wanted else "starting"


def _held(service: Any) -> str:
    if service.get("schedulingStrategy") == "DAEMON":
        return "a daemon, which runs one task on every host"
    return "being deleted" if service["status"] == "DRAINING" else ""


def _tags(service: Any) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in service.get("tags", [])}
