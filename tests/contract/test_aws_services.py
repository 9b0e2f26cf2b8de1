"""What a service runs, as ECS and Elastic Load Balancing tell it. Answers moto does not give have the documented shapes
(ECS API Reference: Deployment, TaskSet; ELBv2 API Reference: DescribeTargetHealth)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aws_accounts import DEV, REGION, Cloud, account, add_service, simulated, tagged

from copilot.domain import Resource, ServiceState
from copilot.errors import ToolInputError

GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{DEV}:targetgroup/web/0123456789abcdef"
HEALTH = "ELASTIC-LOAD-BALANCING-V2.DescribeTargetHealth"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def made(cloud: Cloud, **more: Any) -> Resource:
    """A service of three tasks, of the second revision of a definition of two containers."""
    ecs = cloud.client("ecs")
    add_service(ecs, "main", "other", tagged("other"))
    for version in ("1.3", "1.4"):
        containers = [
            {"name": "envoy", "image": "envoy:1.30", "memory": 64},
            {"name": "web", "image": f"registry.example/web:{version}", "memory": 128},
        ]
        ecs.register_task_definition(family="shop-web", containerDefinitions=containers)
    tags = [{"key": key, "value": value} for key, value in tagged("shop").items()]
    given = {"cluster": "main", "serviceName": "web", "taskDefinition": "shop-web", "desiredCount": 3, "tags": tags}
    ecs.create_service(**given, **more)
    (found,) = cloud.platform(account()).survey("shop").resources
    return found


def told(cloud: Cloud, resource: Resource) -> ServiceState:
    return cloud.platform(account()).services([resource])[resource.ref.id]


def described(cloud: Cloud, resource: Resource, **more: Any) -> None:
    """The next answer about the service, with this in it."""
    service = {
        "serviceArn": resource.ref.id,
        "serviceName": "web",
        "status": "ACTIVE",
        "desiredCount": 3,
        "runningCount": 3,
        "taskDefinition": f"arn:aws:ecs:{REGION}:{DEV}:task-definition/shop-web:2",
    }
    cloud.pages["ECS.DescribeServices"] = [{"services": [service | more]}]


def test_the_definition_and_its_images_with_the_one_that_is_called_as_the_service_first(cloud: Cloud) -> None:
    state = told(cloud, made(cloud))
    assert state.definition == "shop-web:2"
    assert [(one.name, one.image) for one in state.containers] == [
        ("web", "registry.example/web:1.4"),
        ("envoy", "envoy:1.30"),
    ]
    (rollout,) = state.rollouts
    assert (rollout.status, rollout.definition, rollout.wanted) == ("PRIMARY", "shop-web:2", 3)
    assert state.target_groups == () and state.unread == "" and cloud.count(HEALTH) == 0


def test_the_container_that_takes_the_traffic_comes_first(cloud: Cloud) -> None:
    service = made(cloud)
    balanced = [{"targetGroupArn": GROUP, "containerName": "envoy", "containerPort": 80}]
    described(cloud, service, loadBalancers=balanced)
    cloud.pages[HEALTH] = [{"TargetHealthDescriptions": []}]
    assert [one.name for one in told(cloud, service).containers] == ["envoy", "web"]


def test_deployments_are_given_the_newest_first(cloud: Cloud) -> None:
    service, now = made(cloud), cloud.clock.at
    arn = f"arn:aws:ecs:{REGION}:{DEV}:task-definition/shop-web"
    deployments = [
        {"id": "ecs-svc/1", "status": "ACTIVE", "taskDefinition": f"{arn}:1", "createdAt": now.replace(year=2020)}
        | {"desiredCount": 0},
        {
            "id": "ecs-svc/2",
            "status": "PRIMARY",
            "taskDefinition": f"{arn}:2",
            "createdAt": now,
            "desiredCount": 3,
            "runningCount": 1,
            "pendingCount": 2,
            "failedTasks": 4,
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": "ECS deployment ecs-svc/1 in progress.",
        },
    ]
    described(cloud, service, deployments=deployments)
    first, second = told(cloud, service).rollouts
    assert (first.definition, first.state, first.running, first.pending, first.failed) == (
        "shop-web:2", "IN_PROGRESS", 1, 2, 4,
    )  # fmt: skip
    assert first.reason == "ECS deployment ecs-svc/1 in progress."
    assert (second.definition, second.status, second.state) == ("shop-web:1", "ACTIVE", "")


def test_of_one_that_codedeploy_deploys_the_primary_task_set_counts(cloud: Cloud) -> None:
    service = made(cloud)
    arn = f"arn:aws:ecs:{REGION}:{DEV}:task-definition/shop-web"
    sets = [
        {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": f"{arn}:1", "createdAt": cloud.clock.at}
        | {"computedDesiredCount": 3}
        | {"runningCount": 2, "pendingCount": 1, "stabilityStatus": "STABILIZING"},
    ]
    described(cloud, service, taskSets=sets)
    state = told(cloud, service)
    assert (state.definition, state.containers[0].image) == ("shop-web:1", "registry.example/web:1.3")
    assert [(one.state, one.wanted, one.running) for one in state.rollouts] == [("IN_PROGRESS", 3, 2)]


def test_the_health_of_each_of_its_targets(cloud: Cloud) -> None:
    service = made(cloud)
    described(cloud, service, loadBalancers=[{"targetGroupArn": GROUP, "containerName": "web", "containerPort": 80}])
    ill = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    answer = [
        {"Target": {"Id": "10.0.0.1", "Port": 80}, "TargetHealth": {"State": "healthy"}},
        {"Target": {"Id": "10.0.0.2", "Port": 80}, "TargetHealth": ill},
    ]
    cloud.pages[HEALTH] = [{"TargetHealthDescriptions": answer}]
    (group,) = told(cloud, service).target_groups
    assert group.name == "web"
    assert [(one.id, one.state, one.reason) for one in group.targets] == [
        ("10.0.0.1", "healthy", ""),
        ("10.0.0.2", "unhealthy", "Target.Timeout"),
    ]


def test_a_role_that_may_not_ask_for_targets_still_tells_the_rest(cloud: Cloud) -> None:
    """The template of an account may be older than this."""
    service = made(cloud)
    described(cloud, service, loadBalancers=[{"targetGroupArn": GROUP, "containerName": "web", "containerPort": 80}])
    cloud.refuse(HEALTH, "AccessDenied", 403)
    state = told(cloud, service)
    assert state.containers and "not authorized" in state.unread and state.target_groups == ()


def test_one_that_is_gone_is_said_to_be(cloud: Cloud) -> None:
    service = made(cloud)
    cloud.pages["ECS.DescribeServices"] = [{"services": []}]
    with pytest.raises(ToolInputError, match="no longer there"):
        told(cloud, service)
