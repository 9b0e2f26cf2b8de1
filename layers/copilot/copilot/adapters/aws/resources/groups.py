"""Groups of EC2 Auto Scaling: stopped by wanting no instance, which terminates those there are, started by wanting as
many as before, which launches new ones. Their instances are never touched singly: the group would replace them.

Minimum, desired and maximum become 0 in one call, so that no policy can bring an instance back (EC2 Auto Scaling User
Guide, "Set scaling limits for your Auto Scaling group"). Left alone is a group of which it is not sure that this ends
with no instance and that what is there after starting is what was there before: one whose processes Launch, Terminate
or AddToLoadBalancer are suspended, with an instance refresh under way, a warm pool, scheduled actions (which set sizes
of their own), a predictive policy that may raise the maximum again (API Reference, PredictiveScalingConfiguration:
IncreaseMaxCapacity), instances in standby or protected from scale-in (same guide: "Suspend-resume processes", "Use an
instance refresh", "Warm pools", "Scheduled scaling", "Use instance scale-in protection"), or one that something else
sizes (see keepers.py). A policy that honours the maximum finds it at 0, and so does the Cluster Autoscaler.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from copilot.adapters.aws.resources.keepers import OF_GROUPS, kept_by
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
    tag_dict,
    to_restore,
)
from copilot.domain import Change, Limits, Permission, PlatformEvent, Resource, ResourceRef, ResourceType, Size
from copilot.errors import FatalError, ToolInputError
from copilot.text.outside import quoted

NEEDED_PROCESSES = ("Launch", "Terminate", "AddToLoadBalancer")
REFRESHING = frozenset({"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"})
ACTIVITIES_LOOKED_AT = 5
REST = Limits(minimum=0, maximum=0)


class AutoScalingGroups(Stoppable):
    type = ResourceType(name="auto-scaling-group", noun="instance group", tier="machine", unit="instances")
    service = "EC2 Auto Scaling"
    reads = frozenset(
        {
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeInstanceRefreshes",
            "autoscaling:DescribePolicies",
            "autoscaling:DescribeScalingActivities",
            "autoscaling:DescribeScheduledActions",
        }
    )
    between = frozenset({"ScalingActivityInProgress"})

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        client = read("autoscaling")
        if place.environment is None:
            filters = [{"Name": "tag-key", "Values": [place.environment_tag]}]
        else:
            filters = [{"Name": f"tag:{place.environment_tag}", "Values": [place.environment]}]
        found = [
            (group, environment)
            for page in client.get_paginator("describe_auto_scaling_groups").paginate(Filters=filters)
            for group in page["AutoScalingGroups"]
            # Again here: what a filter takes for the same value is not said.
            if (environment := place.environment_of(tag_dict(group["Tags"])))
        ]
        scheduled = _scheduled(client) if found else set()
        raising = _raising(client) if found else {}
        for group, environment in found:
            yield _resource(group, environment, _held(client, group, scheduled, raising), place)

    def metric(self, resource: Resource) -> Metric:
        return Metric("AWS/EC2", "CPUUtilization", "Percent", {"AutoScalingGroupName": resource.name})

    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterator[tuple[str, Size]]:
        for one in resources:
            yield one.ref.id, Size(product="other", name="an Auto Scaling group's instances", region=region)

    def events(self, resource: Resource, read: ReadClient) -> Iterator[PlatformEvent]:
        asked = {"AutoScalingGroupName": resource.name, "MaxRecords": ACTIVITIES_LOOKED_AT}
        for activity in read("autoscaling").describe_scaling_activities(**asked)["Activities"]:
            parts = [activity.get("Description", ""), activity.get("StatusMessage", "")]
            yield said(activity["StartTime"], ": ".join(part for part in parts if part) or activity["StatusCode"])

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        update, untag = "autoscaling:UpdateAutoScalingGroup", "autoscaling:DeleteTags"
        stop = ("autoscaling:CreateOrUpdateTags", update, untag)
        return grants(change, stop, (update, untag), resize=(update,))

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient, at: datetime) -> None:
        group = _group_now(read("autoscaling"), resource)
        if group["DesiredCapacity"] == 0:
            return
        size, limits = group["DesiredCapacity"], _limits(group)
        saved = saved_in(tag_dict(group["Tags"]))
        if saved is None or not saved.is_of(size, limits):
            tag = {**_tag(resource), "Value": str(Saved(size, limits, at)), "PropagateAtLaunch": False}
            write("autoscaling:CreateOrUpdateTags", resource.ref.id).create_or_update_tags(Tags=[tag])
        _size(resource, Saved(0, REST), write)

    def forget(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        group = _group_now(read("autoscaling"), resource)
        if group["DesiredCapacity"]:
            _untag(group, resource, write)

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        group = _group_now(read("autoscaling"), resource)
        tags = tag_dict(group["Tags"])
        if group["DesiredCapacity"] == 0:
            saved = to_restore(resource, tags)
            if saved is None or saved.limits is None:
                raise FatalError(
                    f"group {quoted(resource.name)} has no sizes saved, so nothing says how many to start", ours=True
                )
            _size(resource, saved, write)
        _untag(group, resource, write)

    def resize(
        self, resource: Resource, size: int, limits: Limits | None, read: ReadClient, write: WriteClient
    ) -> None:
        group = _group_now(read("autoscaling"), resource)
        wanted = Saved(size, limits or _limits(group))
        if not wanted.is_of(group["DesiredCapacity"], _limits(group)):
            _size(resource, wanted, write)


def _untag(group: Any, resource: Resource, write: WriteClient) -> None:
    if SAVED_TAG in tag_dict(group["Tags"]):
        write("autoscaling:DeleteTags", resource.ref.id).delete_tags(Tags=[_tag(resource)])


def _group_now(client: Client, resource: Resource) -> Any:
    found = client.describe_auto_scaling_groups(AutoScalingGroupNames=[resource.name])["AutoScalingGroups"]
    # Another of the same name, made since, has another ARN.
    if not found or found[0]["AutoScalingGroupARN"] != resource.ref.id:
        raise ToolInputError(f"group {quoted(resource.name)} is no longer there", ours=True)
    return found[0]


def _size(resource: Resource, size: Saved, write: WriteClient) -> None:
    limits = size.limits or REST
    write("autoscaling:UpdateAutoScalingGroup", resource.ref.id).update_auto_scaling_group(
        AutoScalingGroupName=resource.name,
        MinSize=limits.minimum,
        MaxSize=limits.maximum,
        DesiredCapacity=size.size,
    )


def _tag(resource: Resource) -> dict[str, Any]:
    return {"ResourceId": resource.name, "ResourceType": "auto-scaling-group", "Key": SAVED_TAG}


def _limits(group: Any) -> Limits:
    return Limits(minimum=group["MinSize"], maximum=group["MaxSize"])


def _scheduled(client: Client) -> set[str]:
    """The names of the groups that have scheduled actions still to come."""
    pages = client.get_paginator("describe_scheduled_actions").paginate()
    return {one["AutoScalingGroupName"] for page in pages for one in page["ScheduledUpdateGroupActions"]}


def _raising(client: Client) -> dict[str, str]:
    """The policies that may raise the maximum of their group when they forecast more, by the group's name."""
    pages = client.get_paginator("describe_policies").paginate(PolicyTypes=["PredictiveScaling"])
    return {
        policy["AutoScalingGroupName"]: policy["PolicyName"]
        for page in pages
        for policy in page["ScalingPolicies"]
        for how in [policy.get("PredictiveScalingConfiguration") or {}]
        if how.get("Mode") == "ForecastAndScale" and how.get("MaxCapacityBreachBehavior") == "IncreaseMaxCapacity"
    }


def _resource(group: Any, environment: str, held: str, place: Place) -> Resource:
    wanted, tags = group["DesiredCapacity"], tag_dict(group["Tags"])
    instances = group.get("Instances", [])
    # Where instances have weights, the group is sized in these.
    running = sum(int(one.get("WeightedCapacity") or 1) for one in instances if one["LifecycleState"] == "InService")
    state: State
    if wanted == 0:
        state = "stopping" if instances else "stopped"
    elif running >= wanted:
        state = "running"
    else:
        state = "starting"
    return Resource(
        ref=ResourceRef(type=AutoScalingGroups.type.name, id=group["AutoScalingGroupARN"]),
        name=group["AutoScalingGroupName"],
        environment=environment,
        state=state,
        detail=f"{running} of {wanted} in service",
        size=wanted,
        running=running,
        limits=_limits(group),
        **saved_fields(tags),
        made_at=group.get("CreatedTime"),
        held=held,
        caution="its instances are terminated, and new ones launched when it is started",
        tags=tags,
        **place.fields,
    )


def _held(client: Client, group: Any, scheduled: set[str], raising: dict[str, str]) -> str:
    name, instances = group["AutoScalingGroupName"], group.get("Instances", [])
    if group.get("Status"):
        return "being deleted"
    # What was stopped once is started again, whatever would keep it from being stopped now.
    noted = group["DesiredCapacity"] == 0 and saved_in(tag_dict(group["Tags"]))
    if not noted and (keeper := _kept(group, raising.get(name, ""))):
        return keeper
    suspended = {one["ProcessName"] for one in group.get("SuspendedProcesses", [])}
    if stuck := [process for process in NEEDED_PROCESSES if process in suspended]:
        return f"suspended in it: {', '.join(stuck)}"
    if group.get("WarmPoolConfiguration") or group.get("WarmPoolSize"):
        return "it has a warm pool"
    if name in scheduled:
        return "it has scheduled actions, which set its size"
    if any(one.get("ProtectedFromScaleIn") for one in instances):
        return "it has instances protected from scale-in"
    if any(one["LifecycleState"] in {"Standby", "EnteringStandby"} for one in instances):
        return "it has instances in standby"
    refreshes = client.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
    return "an instance refresh is under way" if any(one["Status"] in REFRESHING for one in refreshes) else ""


def _kept(group: Any, raising: str) -> str:
    """What would bring instances back though none is wanted."""
    operator = group.get("Operator") or {}
    if operator.get("Managed"):
        return f"its size is up to {operator.get('Principal') or 'another service'}"
    if raising:
        return f"its predictive policy {quoted(raising)} may raise its maximum again (IncreaseMaxCapacity)"
    return kept_by(OF_GROUPS, tag_dict(group["Tags"]))


KIND = AutoScalingGroups()
