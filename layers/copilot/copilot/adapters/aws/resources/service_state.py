"""What a service of the Elastic Container Service runs: its task definition, its deployments, its targets' health.

Fields as the API references have them (ECS: Service, Deployment, TaskSet, TaskDefinition; Elastic Load Balancing v2:
DescribeTargetHealth). A service that CodeDeploy or something else deploys has task sets in place of deployments, of
which the PRIMARY one takes the traffic; those say whether they are stable and not how far they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.resources.stoppable import LONGEST_EVENT, Client, ReadClient
from copilot.domain import Container, Rollout, ServiceState, TargetGroup, TargetHealth
from copilot.errors import CopilotError

READS = frozenset({"ecs:DescribeTaskDefinition", "elasticloadbalancing:DescribeTargetHealth"})
"""Beside what finds a service."""
CONTROLLERS = {"ECS": "", "CODE_DEPLOY": "CodeDeploy", "EXTERNAL": "a controller outside ECS"}
STABLE = {"STEADY_STATE": "COMPLETED", "STABILIZING": "IN_PROGRESS"}


def service_state(service: Any, read: ReadClient) -> ServiceState:
    """`service` as DescribeServices gives it."""
    primary: Any = next((one for one in service.get("taskSets", ()) if one["status"] == "PRIMARY"), {})
    balanced = primary.get("loadBalancers") or service.get("loadBalancers") or []
    arn = primary.get("taskDefinition") or service.get("taskDefinition", "")
    groups, unread = _groups(balanced, read("elbv2")) if balanced else ([], "")
    return ServiceState(
        definition=_definition(arn),
        containers=_containers(service["serviceName"], arn, balanced, read("ecs")) if arn else (),
        rollouts=tuple(_rollouts(service)),
        target_groups=tuple(groups),
        unread=unread,
        controller=CONTROLLERS.get(service.get("deploymentController", {}).get("type", "ECS"), "another controller"),
    )


def _definition(arn: str) -> str:
    """`web:12`, of task-definition/web:12."""
    return parse_arn(arn).resource.partition("/")[2] if arn else ""


def _containers(name: str, arn: str, balanced: Sequence[Any], ecs: Client) -> tuple[Container, ...]:
    """First the one that the service is for: that takes its traffic, or is called as it is, or that it needs."""
    found = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]
    return tuple(Container(name=one["name"], image=one.get("image", "")) for one in in_order(found, name, balanced))


def in_order(containers: Sequence[Any], name: str, balanced: Sequence[Any]) -> list[Any]:
    """Those of the service of this name, the one that it is for first."""
    taking = {one.get("containerName") for one in balanced}
    return sorted(
        containers, key=lambda one: (one["name"] not in taking, one["name"] != name, not one.get("essential", True))
    )


def _rollouts(service: Any) -> Iterator[Rollout]:
    """The newest first."""
    some = service.get("deployments") or service.get("taskSets") or []
    for one in sorted(some, key=lambda one: one["createdAt"], reverse=True):
        yield Rollout(
            id=one["id"],
            status=one["status"],
            state=one.get("rolloutState") or STABLE.get(one.get("stabilityStatus", ""), ""),
            reason=one.get("rolloutStateReason", "")[:LONGEST_EVENT],
            definition=_definition(one.get("taskDefinition", "")),
            since=one["createdAt"],
            wanted=one.get("desiredCount", one.get("computedDesiredCount", 0)),
            running=one.get("runningCount", 0),
            pending=one.get("pendingCount", 0),
            failed=one.get("failedTasks", 0),
        )


def _groups(balanced: Sequence[Any], elb: Client) -> tuple[list[TargetGroup], str]:
    """Those that could be read, and why the rest could not. A classic load balancer has none."""
    found: list[TargetGroup] = []
    try:
        with translated("reading the health of its targets"):
            for arn in dict.fromkeys(one["targetGroupArn"] for one in balanced if one.get("targetGroupArn")):
                told = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
                # targetgroup/NAME/ID
                name = parse_arn(arn).resource.split("/")[1]
                found.append(TargetGroup(name=name, targets=tuple(map(_target, told))))
    except CopilotError as error:
        return found, str(error)
    return found, ""


def _target(told: Any) -> TargetHealth:
    health = told.get("TargetHealth", {})
    return TargetHealth(id=told["Target"]["Id"], state=health.get("State", ""), reason=health.get("Reason", ""))
