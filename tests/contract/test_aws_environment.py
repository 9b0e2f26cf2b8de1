"""Stopping a whole environment of the simulated AWS and starting it again, where one thing in it cannot do it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_accounts import (
    REGION,
    Cloud,
    account,
    add_database,
    add_instance,
    add_service,
    simulated,
    tagged,
    upper,
)
from managed_account import action_of, allowed
from some_clients import SomeClients

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Person, Plan, Preview
from copilot.errors import Unfinished
from copilot.ports import Platform
from copilot.tools.environments.health import ClusterHealth
from copilot.tools.environments.looking import EnvironmentActivity
from copilot.tools.environments.power import PowerInput
from copilot.tools.environments.restoring import Restoring
from copilot.tools.environments.starting import StartEnvironment
from copilot.tools.environments.stopping import StopEnvironment, StopEnvironmentInput

SAVED = "devops-copilot:stopped-from"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


class Clients(SomeClients):
    """What the tools are made with."""

    def __init__(self, cloud: Cloud, platform: Platform) -> None:
        self.platform, self.clock, self.call_id = platform, cloud.clock, "run-1/step/0"
        self.person = Person(id="dana", name="Dana")


def change(cloud: Cloud, tool: Any, name: str = "dev-1") -> tuple[Preview, str]:
    """Preview and run with exactly the permissions it asks for; the preview and what was said of the run."""
    asked = (StopEnvironmentInput if tool is StopEnvironment else PowerInput)(environment_id=name)
    looking = tool(Clients(cloud, cloud.platform(account())))
    preview = looking.preview(asked)
    able = cloud.platform(account(), permissions=tuple(looking.permissions(asked, preview)))
    try:
        return preview, str(tool(Clients(cloud, able)).run(asked, preview).summary)
    except Unfinished as unfinished:
        return preview, str(unfinished)


def state_of(cloud: Cloud) -> dict[str, str]:
    return {one.name: one.state for one in cloud.platform(account()).survey("dev-1").resources}


def noted(cloud: Cloud, id: str) -> bool:
    tags = cloud.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [id]}])["Tags"]
    return SAVED in {tag["Key"] for tag in tags}


def test_a_protected_instance_is_seen_beforehand_and_keeps_no_database_from_being_stopped(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    id = add_instance(ec2, tagged("dev-1", Name="bastion"), DisableApiStop=True)
    add_instance(ec2, tagged("dev-1", Name="worker"))
    add_database(cloud.client("rds"), "orders", tagged("dev-1"))
    preview, said = change(cloud, StopEnvironment)
    (bastion,) = [one for one in preview.changes if one.name == "bastion"]
    assert bastion.action == "skip" and "stop protection" in bastion.reason
    assert "bastion left alone (it has stop protection" in said
    assert state_of(cloud) == {"bastion": "running", "worker": "stopped", "orders": "stopped"}
    assert not noted(cloud, id)


def test_protection_put_on_after_the_preview_leaves_no_note_on_what_was_not_stopped(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    id = add_instance(ec2, tagged("dev-1", Name="bastion"))
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), 2)
    cloud.refuse("EC2.StopInstances", "OperationNotPermitted", 400, "may not be stopped")
    _, said = change(cloud, StopEnvironment)
    assert said == "dev-1: stopped web 2 -> 0; failed: bastion («stop bastion: may not be stopped»)"
    assert state_of(cloud)["bastion"] == "running" and not noted(cloud, id)


@pytest.mark.parametrize(
    ("code", "status"),
    [("InsufficientInstanceCapacity", 500), ("InvalidParameterValue", 400), ("IncorrectInstanceState", 400)],
)
def test_one_instance_that_cannot_be_started_is_named_and_everything_else_is_started(
    cloud: Cloud, code: str, status: int
) -> None:
    id = add_instance(cloud.client("ec2"), tagged("dev-1", Name="gpu"))
    add_instance(cloud.client("ec2"), tagged("dev-1", Name="worker"))
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), 2)
    add_database(cloud.client("rds"), "orders", tagged("dev-1"))
    change(cloud, StopEnvironment)
    cloud.refuse("EC2.StartInstances", code, status, "not now", where=lambda asked, _: id in asked["InstanceIds"])
    _, said = change(cloud, StartEnvironment)
    assert said == "dev-1: started orders, worker, web 0 -> 2; failed: gpu («start gpu: not now»)"
    assert state_of(cloud) == {"gpu": "stopped", "orders": "running", "web": "running", "worker": "running"}
    cloud.refusals.clear()
    change(cloud, StartEnvironment)
    assert state_of(cloud)["gpu"] == "running", "and it is started as soon as it can be"


def add_growing_group(cloud: Cloud) -> Any:
    """A group of 1 to 4 with a policy that may raise its maximum. Returns the client it was made with."""
    autoscaling = cloud.client("autoscaling")
    autoscaling.create_launch_configuration(LaunchConfigurationName="p", ImageId="ami-12c6146b", InstanceType="t3.nano")
    tags = [{**tag, "PropagateAtLaunch": True} for tag in upper(tagged("dev-1"))]
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="pool",
        LaunchConfigurationName="p",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=[f"{REGION}a"],
        Tags=tags,
    )
    metric: dict[str, Any] = {
        "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"},
        "TargetValue": 50,
    }
    forecast: dict[str, Any] = {"MetricSpecifications": [metric], "Mode": "ForecastAndScale"}
    forecast |= {"MaxCapacityBreachBehavior": "IncreaseMaxCapacity", "MaxCapacityBuffer": 10}
    autoscaling.put_scaling_policy(
        AutoScalingGroupName="pool",
        PolicyName="ahead",
        PolicyType="PredictiveScaling",
        PredictiveScalingConfiguration=forecast,
    )
    return autoscaling


def test_a_group_that_may_grow_by_forecast_is_left_alone_and_the_rest_is_stopped(cloud: Cloud) -> None:
    autoscaling = add_growing_group(cloud)
    add_database(cloud.client("rds"), "orders", tagged("dev-1"))
    _, said = change(cloud, StopEnvironment)
    assert said.startswith("dev-1: stopped orders; pool left alone (its predictive policy ahead may raise its maximum")
    (group,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == (1, 4, 2)


# --- what is known without any tag of ours


def strip_all_tags_of_ours(cloud: Cloud) -> int:
    """As an apply of infrastructure as code does. Returns of how many resources."""
    resources = [one for one in cloud.platform(account()).survey("dev-1").resources if SAVED in one.tags]
    for one in resources:
        id = one.ref.id
        match one.ref.type:
            case "ecs-service":
                cloud.client("ecs").untag_resource(resourceArn=id, tagKeys=[SAVED])
            case "ec2-instance":
                cloud.client("ec2").delete_tags(Resources=[id.rpartition("/")[2]], Tags=[{"Key": SAVED}])
            case "auto-scaling-group":
                tag = {"ResourceId": one.name, "ResourceType": "auto-scaling-group", "Key": SAVED}
                cloud.client("autoscaling").delete_tags(Tags=[tag])
            case _:
                cloud.client("rds").remove_tags_from_resource(ResourceName=id, TagKeys=[SAVED])
    return len(resources)


@pytest.mark.parametrize("twice", [False, True])
def test_with_all_our_tags_gone_a_start_restores_counts_and_limits_exactly(cloud: Cloud, twice: bool) -> None:
    ecs, rds, autoscaling = cloud.client("ecs"), cloud.client("rds"), cloud.client("autoscaling")
    add_service(ecs, "main", "web", tagged("dev-1"), 5)
    add_service(ecs, "main", "api", tagged("dev-1"), 2)
    add_service(ecs, "main", "rests", tagged("dev-1"), 0)
    cloud.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/main/web",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=10,
    )
    add_instance(cloud.client("ec2"), tagged("dev-1", Name="worker"))
    add_database(rds, "orders", tagged("dev-1"))
    autoscaling.create_launch_configuration(LaunchConfigurationName="p", ImageId="ami-12c6146b", InstanceType="t3.nano")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="pool",
        LaunchConfigurationName="p",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=3,
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{**tag, "PropagateAtLaunch": False} for tag in upper(tagged("dev-1"))],
    )
    store = MemoryStore()

    def clients(run: Any, call_id: str, permissions: Any = None) -> Any:
        able = cloud.platform(account(), permissions=None if permissions is None else tuple(permissions))
        return Clients(cloud, Restoring(able, MemoryEffects(store)))

    def do(tool: str) -> str:
        cloud.clock.at += timedelta(hours=1)
        step = {"id": "act", "tool": tool, "arguments": {"environment_id": "dev-1"}}
        plan = Plan.model_validate({"goal": tool, "steps": [step], "answer": {"text": "{act.summary}"}})
        view = InProcess(clients, store=store, clock=cloud.clock, sleep=lambda seconds: None).run(plan)
        assert view["outcome"] == "succeeded", view["answer"]
        return str(view["answer"])

    before = cloud.platform(account()).survey("dev-1").resources
    do("stop_environment")
    assert strip_all_tags_of_ours(cloud) == 5
    said = do("start_environment")
    assert cloud.platform(account()).survey("dev-1").resources == before
    assert "rests left alone (was not stopped by the copilot)" in said
    if twice:
        assert "already" in do("start_environment")
        do("stop_environment")
        do("start_environment")
        assert cloud.platform(account()).survey("dev-1").resources == before


# --- what the read role has to allow


def test_the_read_role_of_the_template_allows_every_call_that_reads(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    add_instance(ec2, tagged("dev-1", Name="worker"))
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), 2)
    cloud.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/main/web",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=3,
    )
    add_database(cloud.client("rds"), "orders", tagged("dev-1"))
    add_growing_group(cloud)
    ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        InstanceMarketOptions={"MarketType": "spot"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": upper(tagged("dev-1", Name="spot"))}],
    )
    clients: Any = Clients(cloud, cloud.platform(account()))
    platform = clients.platform
    resources = platform.survey().resources
    platform.hourly(resources, cloud.clock.at.replace(minute=0, second=0) - timedelta(hours=2), 2)
    platform.sizes(resources)
    platform.events(resources)
    ClusterHealth(clients).run(ClusterHealth.Input(environment_id="dev-1"))
    EnvironmentActivity(clients).run(EnvironmentActivity.Input(environment_id="dev-1"))
    called = {name for name, _ in cloud.requests if re.match(r"[A-Z0-9-]+\.(Describe|Get|List)", name)}
    wanted = {action_of(name) for name in called}
    wanted |= {"ec2:DescribeFleets"}  # only of instances with a tag that EC2 alone may write
    assert wanted - allowed("ReadRole").actions == set()
