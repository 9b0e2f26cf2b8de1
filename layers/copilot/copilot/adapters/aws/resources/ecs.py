"""Services of the Elastic Container Service: stopped by wanting no tasks, started by wanting as many as before.

Where Application Auto Scaling scales a service, that rests first and resumes last: a service with fewer tasks than its
scalable target's minimum is brought back up to it by the next scale-out (ECS Developer Guide, "Automatically scale your
Amazon ECS service"). So the minimum becomes 0 and all three kinds of scaling are suspended, which keeps policies and
scheduled actions (Application Auto Scaling User Guide, "Suspend and resume scaling"). RegisterScalableTarget changes
what it names and no more; its caller needs ecs:DescribeServices and ecs:UpdateService as well, since it is checked
with the caller's rights (same guide, "Permissions validation"; ECS Developer Guide, "IAM permissions required for
Amazon ECS service auto scaling"). Predictive scaling is none of the three kinds (API Reference, SuspendedState): a
service with a policy that forecasts and scales is left alone, and so is one that ECS itself manages, or of which
something else writes the size (see keepers.py).

ECS lists services by cluster and not by tag. So all of them are read only where every environment is asked for; those
of one are found by the Resource Groups Tagging API (GetResources), and what they are and belong to is then read from
ECS. Its index follows a change of tags by a moment: until then a service just tagged is not found, and not touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.keepers import RECONCILERS, kept_by
from copilot.adapters.aws.resources.service_state import READS as READS_OF_STATE
from copilot.adapters.aws.resources.service_state import service_state
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
    said,
    saved_fields,
    saved_in,
    several,
    to_restore,
)
from copilot.domain import (
    Change,
    Limits,
    Permission,
    PlatformEvent,
    Resource,
    ResourceRef,
    ResourceType,
    ServiceState,
    Size,
)
from copilot.errors import FatalError, HalfDone, ToolInputError
from copilot.text.outside import quoted

DESCRIBED_AT_ONCE = 10  # the limit of DescribeServices
TARGETS_AT_ONCE = 50  # the limit of DescribeScalableTargets
SCALING = "application-autoscaling"
TAGGING = "resourcegroupstaggingapi"
REGISTER = f"{SCALING}:RegisterScalableTarget"
DIMENSION = "ecs:service:DesiredCount"
FARGATE, FARGATE_SPOT = "FARGATE", "FARGATE_SPOT"
SUSPENSIONS: dict[Literal["in", "out", "scheduled"], str] = {
    "in": "DynamicScalingInSuspended",
    "out": "DynamicScalingOutSuspended",
    "scheduled": "ScheduledScalingSuspended",
}


class EcsServices(Stoppable):
    type = ResourceType(name="ecs-service", noun="service", tier="service", unit="tasks")
    service = "ECS"
    reads = frozenset(
        {
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
            "ecs:DescribeServices",
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:ListTagsForResource",
            "tag:GetResources",
            *READS_OF_STATE,
        }
    )

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        services = _every_service(read("ecs")) if place.environment is None else _tagged(read, place)
        found = [
            (service, environment)
            for service in services
            # Again here: what an index knows of tags is not the last word.
            if (environment := place.environment_of(_tags(service))) and service["status"] != "INACTIVE"
        ]
        targets = _targets(read, [_scaled_as(service) for service, _ in found])
        predicted = _predicted(read) if targets else {}
        for service, environment in found:
            held = _held(service, predicted.get(_scaled_as(service), ""))
            yield _resource(service, targets.get(_scaled_as(service)), environment, held, place)

    def metric(self, resource: Resource) -> Metric:
        dimensions = {"ClusterName": resource.cluster or "", "ServiceName": resource.name}
        return Metric("AWS/ECS", "CPUUtilization", "Percent", dimensions, whole=frozenset({"ClusterName"}))

    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterator[tuple[str, Size]]:
        ecs = read("ecs")
        by_cluster: dict[str, list[Resource]] = defaultdict(list)
        for resource in resources:
            by_cluster[resource.cluster or ""].append(resource)
        tasks: dict[str, Any] = {}
        for cluster, some in sorted(by_cluster.items()):
            counts = {resource.ref.id: resource.size or resource.saved or 0 for resource in some}
            for arns in several(list(counts), DESCRIBED_AT_ONCE):
                for service in ecs.describe_services(cluster=cluster, services=arns)["services"]:
                    arn, definition = service["serviceArn"], service["taskDefinition"]
                    if not _on_demand(service):
                        where = "Fargate Spot" if FARGATE_SPOT in _providers(service) else "a cluster's own instances"
                        yield arn, Size(product="other", name=f"tasks on {where}", region=region)
                        continue
                    if definition not in tasks:
                        tasks[definition] = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
                    yield arn, _size(tasks[definition], region, counts[arn])

    def events(self, resource: Resource, read: ReadClient) -> Iterator[PlatformEvent]:
        for event in _service_now(read("ecs"), resource).get("events", []):
            # That all is well is no reason for what is not.
            if "has reached a steady state" not in event["message"]:
                yield said(event["createdAt"], event["message"])

    def service_state(self, resource: Resource, read: ReadClient) -> ServiceState:
        return service_state(_service_now(read("ecs"), resource), read)

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        stop = ("ecs:TagResource", "ecs:UpdateService", "ecs:UntagResource")
        update = ("ecs:UpdateService",)
        needed = grants(change, stop, (*update, "ecs:UntagResource"), restart=update, resize=update)
        if not needed or not change.uses or change.action == "restart":
            return needed
        reading = Permission(action="ecs:DescribeServices", arn=change.ref.id)
        return (*needed, reading, *(Permission(action=REGISTER, arn=arn, beside=change.ref.id) for arn in change.uses))

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient, at: datetime) -> None:
        arn = resource.ref.id
        service = _service_now(read("ecs"), resource)
        wanted = service["desiredCount"]
        if wanted == 0:
            return
        target = _targets(read, [_scaled_as(service)]).get(_scaled_as(service))
        limits = _limits(target)
        saved = saved_in(_tags(service))
        # Limits at rest may be the work of an attempt that came no further: then the right ones are those it noted, or,
        # where somebody has removed its note, those that were previewed.
        noted = (saved and saved.limits) or _awake(resource) if limits and limits.at_rest else limits
        noted = noted or limits
        if saved is None or not saved.is_of(wanted, noted):
            tags = [{"key": SAVED_TAG, "value": str(Saved(wanted, noted, at))}]
            write("ecs:TagResource", arn).tag_resource(resourceArn=arn, tags=tags)
        if limits and not limits.at_rest:
            _scale(target, Limits(minimum=0, maximum=limits.maximum, suspended=tuple(SUSPENSIONS)), write)
        _want(resource, 0, write)

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        service = _service_now(read("ecs"), resource)
        saved = to_restore(resource, _tags(service))
        if service["desiredCount"] == 0:
            if saved is None:
                raise FatalError(
                    f"service {quoted(resource.name)} has no size saved, so nothing says how many tasks to start",
                    ours=True,
                )
            _want(resource, saved.size, write)
        if saved and saved.limits:
            target = _targets(read, [_scaled_as(service)]).get(_scaled_as(service))
            if target is None:
                gone = f"service {quoted(resource.name)} has its tasks, but the scalable target it had is gone"
                raise (HalfDone if service["desiredCount"] == 0 else FatalError)(gone, ours=True)
            if _limits(target) != saved.limits:
                _scale(target, saved.limits, write)
        _untag(service, resource, write)

    def forget(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        service = _service_now(read("ecs"), resource)
        saved = saved_in(_tags(service))
        if service["desiredCount"] == 0 or saved is None:
            return
        target = _targets(read, [_scaled_as(service)]).get(_scaled_as(service))
        if saved.limits and target and _limits(target) != saved.limits:
            _scale(target, saved.limits, write)
        _untag(service, resource, write)

    def restart(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        client = write("ecs:UpdateService", resource.ref.id)
        client.update_service(cluster=resource.cluster, service=resource.name, forceNewDeployment=True)

    def resize(
        self, resource: Resource, size: int, limits: Limits | None, read: ReadClient, write: WriteClient
    ) -> None:
        service = _service_now(read("ecs"), resource)
        if limits is not None:
            target = _targets(read, [_scaled_as(service)]).get(_scaled_as(service))
            if target is None:
                raise ToolInputError(f"nothing scales service {quoted(resource.name)} any more", ours=True)
            if _limits(target) != limits:
                _scale(target, limits, write)
        if service["desiredCount"] != size:
            _want(resource, size, write)


def _untag(service: Any, resource: Resource, write: WriteClient) -> None:
    if SAVED_TAG in _tags(service):
        arn = resource.ref.id
        write("ecs:UntagResource", arn).untag_resource(resourceArn=arn, tagKeys=[SAVED_TAG])


def _awake(resource: Resource) -> Limits | None:
    """The limits it was seen with, or that were noted of it before, where they are not those of one that rests."""
    return next((one for one in (resource.limits, resource.saved_limits) if one and not one.at_rest), None)


def _every_service(ecs: Client) -> Iterator[Any]:
    for page in ecs.get_paginator("list_clusters").paginate():
        for cluster in page["clusterArns"]:
            for some in ecs.get_paginator("list_services").paginate(cluster=cluster, maxResults=100):
                yield from _described(ecs, cluster, some["serviceArns"])


def _tagged(read: ReadClient, place: Place) -> Iterator[Any]:
    """The services tagged with the environment of the place, and perhaps others."""
    wanted: Any = {
        "ResourceTypeFilters": ["ecs:service"],
        "TagFilters": [{"Key": place.environment_tag, "Values": [place.environment]}],
    }
    clusters: dict[str, list[str]] = defaultdict(list)
    for page in read(TAGGING).get_paginator("get_resources").paginate(**wanted):
        for one in page["ResourceTagMappingList"]:
            arn = one["ResourceARN"]
            _, cluster, _ = parse_arn(arn).resource.split("/")  # one of the old form, without its cluster, has no tags
            clusters[cluster].append(arn)
    for cluster, arns in sorted(clusters.items()):
        try:
            yield from _described(read("ecs"), cluster, sorted(arns))
        except ClientError as error:
            # The index knows for a while what was deleted.
            if error.response["Error"]["Code"] != "ClusterNotFoundException":
                raise


def _described(ecs: Client, cluster: str, arns: Sequence[str]) -> Iterator[Any]:
    for some in several(arns, DESCRIBED_AT_ONCE):
        yield from ecs.describe_services(cluster=cluster, services=some, include=["TAGS"])["services"]


def _service_now(read: Client, resource: Resource) -> Any:
    found = read.describe_services(cluster=resource.cluster, services=[resource.ref.id], include=["TAGS"])["services"]
    if not found or found[0]["status"] == "INACTIVE":
        raise ToolInputError(
            f"service {quoted(resource.name)} in cluster {quoted(resource.cluster or '')} is no longer there", ours=True
        )
    return found[0]


def _scaled_as(service: Any) -> str:
    """What Application Auto Scaling calls a service."""
    return f"service/{parse_arn(service['clusterArn']).name}/{service['serviceName']}"


def _targets(read: ReadClient, ids: list[str]) -> dict[str, Any]:
    """The scalable targets there are of these services."""
    found: dict[str, Any] = {}
    for first in range(0, len(ids), TARGETS_AT_ONCE):
        some = {"ServiceNamespace": "ecs", "ResourceIds": ids[first : first + TARGETS_AT_ONCE]}
        for page in read(SCALING).get_paginator("describe_scalable_targets").paginate(**some):
            found |= {
                one["ResourceId"]: one for one in page["ScalableTargets"] if one["ScalableDimension"] == DIMENSION
            }
    return found


def _predicted(read: ReadClient) -> dict[str, str]:
    """The policies that scale by forecast, by what they scale."""
    pages = read(SCALING).get_paginator("describe_scaling_policies").paginate(ServiceNamespace="ecs")
    return {
        policy["ResourceId"]: policy["PolicyName"]
        for page in pages
        for policy in page["ScalingPolicies"]
        if policy.get("PolicyType") == "PredictiveScaling"
        and (policy.get("PredictiveScalingPolicyConfiguration") or {}).get("Mode") == "ForecastAndScale"
    }


def _limits(target: Any) -> Limits | None:
    if target is None:
        return None
    state = target.get("SuspendedState", {})
    suspended = tuple(way for way, flag in SUSPENSIONS.items() if state.get(flag))
    return Limits(minimum=target["MinCapacity"], maximum=target["MaxCapacity"], suspended=suspended)


def _scale(target: Any, limits: Limits, write: WriteClient) -> None:
    write(REGISTER, target["ScalableTargetARN"]).register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=target["ResourceId"],
        ScalableDimension=DIMENSION,
        MinCapacity=limits.minimum,
        MaxCapacity=limits.maximum,
        SuspendedState={flag: way in limits.suspended for way, flag in SUSPENSIONS.items()},
    )


def _want(resource: Resource, size: int, write: WriteClient) -> None:
    client = write("ecs:UpdateService", resource.ref.id)
    client.update_service(cluster=resource.cluster, service=resource.name, desiredCount=size)


def _resource(service: Any, target: Any, environment: str, held: str, place: Place) -> Resource:
    wanted, running, tags = service["desiredCount"], service["runningCount"], _tags(service)
    return Resource(
        ref=ResourceRef(type=EcsServices.type.name, id=service["serviceArn"]),
        name=service["serviceName"],
        environment=environment,
        cluster=parse_arn(service["clusterArn"]).name,
        state=_state(wanted, running),
        detail=f"{running} of {wanted} tasks running",
        size=wanted,
        running=running,
        limits=_limits(target),
        **saved_fields(tags),
        made_at=service.get("createdAt"),
        hosted=not _on_fargate(service),
        held=held,
        uses=(target["ScalableTargetARN"],) if target else (),
        tags=tags,
        **place.fields,
    )


def _state(wanted: int, running: int) -> State:
    if wanted == 0:
        return "stopping" if running else "stopped"
    return "running" if running >= wanted else "starting"


def _held(service: Any, predictive: str) -> str:
    if service.get("schedulingStrategy") == "DAEMON":
        return "a daemon, which runs one task on every host"
    if service["status"] == "DRAINING":
        return "being deleted"
    if service["desiredCount"] == 0 and saved_in(_tags(service)):
        return ""  # it was stopped once, and is started again whatever would keep it from being stopped now
    if service.get("resourceManagementType") == "ECS":
        return "its size is up to ECS (Express Mode)"
    if predictive:
        return f"its predictive policy {quoted(predictive)} starts tasks by forecast, which cannot be suspended"
    return kept_by(RECONCILERS, _tags(service))


def _on_fargate(service: Any) -> bool:
    """Whether none of its tasks runs on an instance of the account."""
    providers = _providers(service)
    return service.get("launchType") == FARGATE or (bool(providers) and providers <= {FARGATE, FARGATE_SPOT})


def _on_demand(service: Any) -> bool:
    """Whether all of its tasks run on Fargate at its list price."""
    return service.get("launchType") == FARGATE or _providers(service) == {FARGATE}


def _providers(service: Any) -> set[str]:
    return {each["capacityProvider"] for each in service.get("capacityProviderStrategy") or []}


def _size(definition: Any, region: str, count: int) -> Size:
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


def _tags(service: Any) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in service.get("tags", [])}


KIND = EcsServices()
