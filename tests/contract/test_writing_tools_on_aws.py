"""Writing tools whole, over a simulated AWS: an independent read tells what they came to, and what takes it back is
exactly what was there.

The suite of tests/unit/test_writing_tools.py holds for every tool over fakes; here are those whose effects moto has:
its restarts and reboots leave no trace, and what is deployed or deleted has tests of its own beside this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aws_accounts import Cloud, account, add_database, add_instance, add_service, simulated, tagged, upper
from fakes import FakeClock
from one_write import ANN
from some_clients import SomeClients

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.domain import Arguments, Call, Permission, Preview
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

OURS = account(packs=("scale",))
SCALED = {"ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount"}
"""What scales the service."""
AWAKE = dict.fromkeys(("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False)
"""As AWS tells it of a target of which nothing was said; moto tells nothing then."""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        add_service(one.client("ecs"), "main", "web", tagged("shop"), 3)
        one.client("application-autoscaling").register_scalable_target(
            **SCALED, MinCapacity=2, MaxCapacity=4, SuspendedState=AWAKE
        )
        ec2 = one.client("ec2")
        add_instance(ec2, tagged("shop", Name="node"))
        ec2.create_launch_template(
            LaunchTemplateName="pool", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
        )
        one.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName="pool",
            MinSize=1,
            MaxSize=4,
            DesiredCapacity=2,
            LaunchTemplate={"LaunchTemplateName": "pool"},
            AvailabilityZones=["eu-west-1a"],
            Tags=[{**tag, "PropagateAtLaunch": False} for tag in upper(tagged("shop"))],
        )
        add_database(one.client("rds"), "db", tagged("shop"))
        yield one


def state(cloud: Cloud) -> dict[str, Any]:
    """Read with nothing of ours: sizes, limits and states of all there is, and the tags on it."""
    ecs, rds, groups = cloud.client("ecs"), cloud.client("rds"), cloud.client("autoscaling")
    (service,) = ecs.describe_services(cluster="main", services=["web"], include=["TAGS"])["services"]
    (target,) = cloud.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
        "ScalableTargets"
    ]
    (group,) = groups.describe_auto_scaling_groups()["AutoScalingGroups"]
    found = cloud.client("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": ["node"]}])
    (node,) = found["Reservations"][0]["Instances"]
    (database,) = rds.describe_db_instances()["DBInstances"]
    return {
        "web": (service["desiredCount"], service["taskDefinition"], target["MinCapacity"], target["MaxCapacity"]),
        "suspended": target.get("SuspendedState"),
        "pool": (group["DesiredCapacity"], group["MinSize"], group["MaxSize"]),
        "node": node["State"]["Name"],
        "db": database["DBInstanceStatus"],
        "tags": [
            sorted((one["key"], one["value"]) for one in service.get("tags", [])),
            *(sorted((one["Key"], one["Value"]) for one in tags) for tags in (node["Tags"], database["TagList"])),
            sorted((one["Key"], one["Value"]) for one in group["Tags"]),
        ],
    }


def sizes(told: dict[str, Any]) -> dict[str, Any]:
    return {"web": told["web"][0], "pool": told["pool"][0], "node": told["node"], "db": told["db"]}


def clients(cloud: Cloud, permissions: tuple[Permission, ...] | None = None) -> SomeClients:
    given = SomeClients()
    given.call_id, given.clock, given.person = "run-1/s/0", FakeClock(), ANN
    given.effects = MemoryEffects(MemoryStore())
    given.platform = cloud.platform(OURS, permissions=permissions)
    return given


def made(cloud: Cloud, name: str, arguments: Arguments) -> tuple[type[WriteTool[Any, Any]], Preview]:
    """The call, as it is executed: looked at, then done with exactly the rights that it asks for, then looked at."""
    tool = Registry().find(name)
    assert issubclass(tool, WriteTool)
    given = tool.Input.model_validate(arguments)
    preview: Preview = tool(clients(cloud)).preview(given)
    needed = tuple(tool(clients(cloud)).permissions(given, preview))
    tool(clients(cloud, needed)).run(given, preview)
    seen = tool(clients(cloud)).verify(given, preview)
    assert seen.outcome == "true", seen.reason
    return tool, preview


STOPPED = {"web": 0, "pool": 0, "node": "stopped", "db": "stopped"}
CALLS: list[Any] = [
    pytest.param("stop_environment", {}, STOPPED, id="stop"),
    pytest.param("scale_resource", {"resource": "web", "size": 4}, {"web": 4}, id="scale a service"),
    pytest.param("scale_resource", {"resource": "web", "by": -1}, {"web": 2}, id="scale it by a step"),
    pytest.param("scale_resource", {"resource": "web", "size": 6, "maximum": 8}, {"web": 6}, id="beyond its limits"),
    pytest.param("scale_resource", {"resource": "pool", "size": 3}, {"pool": 3}, id="scale a group"),
]


@pytest.mark.parametrize(("name", "arguments", "comes_to"), CALLS)
def test_it_comes_to_what_was_asked_for_and_is_taken_back_exactly(
    cloud: Cloud, name: str, arguments: Arguments, comes_to: dict[str, Any]
) -> None:
    before, given = state(cloud), {"environment_id": "shop", **arguments}
    tool, prior = made(cloud, name, given)
    assert sizes(state(cloud)) == sizes(before) | comes_to
    undo = tool.undo(tool.Input.model_validate(given), prior)
    assert isinstance(undo, Call)
    made(cloud, undo.tool, undo.arguments)
    assert state(cloud) == before


def test_a_start_comes_to_what_was_on_and_is_taken_back_exactly(cloud: Cloud) -> None:
    on = state(cloud)
    made(cloud, "stop_environment", {"environment_id": "shop"})
    off = state(cloud)
    tool, prior = made(cloud, "start_environment", {"environment_id": "shop"})
    assert state(cloud) == on
    undo = tool.undo(tool.Input.model_validate({"environment_id": "shop"}), prior)
    assert isinstance(undo, Call)
    made(cloud, undo.tool, undo.arguments)
    now = state(cloud)
    assert {what: now[what] for what in now if what != "tags"} == {what: off[what] for what in off if what != "tags"}
