"""What ECS says of how a deployment went: events, circuit breaker and rollback, the tasks that stopped (API Reference:
ServiceEvent, ServiceDeployment, Task, Container).

ECS shows stopped tasks for an hour at least and not for long after; the last hundred events; deployments of 90 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.resources.stoppable import LONGEST_EVENT, said
from copilot.domain import PlatformEvent, Resource
from copilot.domain.releases import EndedContainer, ReleaseSigns, ServiceDeployment, StoppedTask
from copilot.errors import CopilotError

READS = frozenset(
    {
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServices",
        "ecs:DescribeTasks",
        "ecs:ListServiceDeployments",
        "ecs:ListTasks",
    }
)
EVENTS_AT_MOST = 10
DEPLOYMENTS_AT_MOST = 20  # the limit of DescribeServiceDeployments
TASKS_AT_MOST = 100  # the limit of DescribeTasks
STEADY = "has reached a steady state"


def signs(service: Resource, ecs: Any, since: datetime, until: datetime) -> ReleaseSigns:
    unread: list[str] = []

    def read(what: str, how: Callable[[], Iterator[Any]]) -> tuple[Any, ...]:
        try:
            with translated(f"reading the {what} of {service.name}"):
                found = list(how())
        except CopilotError as error:
            unread.append(str(error))
            return ()
        return tuple(sorted(found, key=lambda one: one.at or since, reverse=True))

    events = read("events", lambda: _events(service, ecs, since, until))
    deployments = read("deployments", lambda: _deployments(service, ecs, since, until))
    tasks = read("stopped tasks", lambda: _tasks(service, ecs, since, until))
    return ReleaseSigns(events=events[:EVENTS_AT_MOST], deployments=deployments, tasks=tasks, unread=tuple(unread))


def _events(service: Resource, ecs: Any, since: datetime, until: datetime) -> Iterator[PlatformEvent]:
    for found in ecs.describe_services(cluster=service.cluster, services=[service.ref.id])["services"]:
        for event in found.get("events", ()):
            if since <= event["createdAt"] <= until and STEADY not in event["message"]:
                yield said(event["createdAt"], event["message"])


def _deployments(service: Resource, ecs: Any, since: datetime, until: datetime) -> Iterator[ServiceDeployment]:
    listed = ecs.list_service_deployments(
        service=service.ref.id,
        cluster=service.cluster,
        createdAt={"after": since, "before": until},
        maxResults=DEPLOYMENTS_AT_MOST,
    )["serviceDeployments"]
    arns = [one["serviceDeploymentArn"] for one in listed]
    if not arns:
        return
    for one in ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]:
        breaker, alarms = one.get("deploymentCircuitBreaker", {}), one.get("alarms", {})
        yield ServiceDeployment(
            at=one["createdAt"],
            status=one["status"],
            reason=one.get("statusReason", "")[:LONGEST_EVENT],
            rollback=one.get("rollback", {}).get("reason", "")[:LONGEST_EVENT],
            failures=breaker.get("failureCount"),
            alarms=tuple(alarms.get("triggeredAlarmNames", ())),
        )


def _tasks(service: Resource, ecs: Any, since: datetime, until: datetime) -> Iterator[StoppedTask]:
    asked = {"cluster": service.cluster, "serviceName": service.name, "desiredStatus": "STOPPED"}
    arns = ecs.list_tasks(**asked, maxResults=TASKS_AT_MOST)["taskArns"]
    if not arns:
        return
    for task in ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"]:
        at = task.get("stoppedAt") or task.get("stoppingAt")
        if at is None or since <= at <= until:
            yield StoppedTask(
                id=parse_arn(task["taskArn"]).name,
                definition=parse_arn(task["taskDefinitionArn"]).resource.partition("/")[2],
                at=at,
                code=task.get("stopCode", ""),
                reason=task.get("stoppedReason", "")[:LONGEST_EVENT],
                containers=tuple(map(_container, task.get("containers", ()))),
            )


def _container(told: Any) -> EndedContainer:
    reason = told.get("reason", "")[:LONGEST_EVENT]
    return EndedContainer(name=told["name"], exit_code=told.get("exitCode"), reason=reason)
