"""Restarting, rebooting and scaling single resources on the laptop's AWS, read back by other eyes, and taken back."""

from __future__ import annotations

from typing import Any

import clouds
import pytest
from conftest import System
from test_grants import DENIED, WRITE_ROLE, Probe

from copilot.adapters.aws.session_policies import session_policies
from copilot.domain import Permission


@pytest.fixture(scope="module")
def probe(system: System) -> Probe:
    return Probe(system)


def service(system: System, environment: Any, name: str) -> dict[str, Any]:
    """The one service, as ECS tells it: read past the copilot."""
    place = environment.places[0]
    for cluster in place.clusters:
        if name in {one.name for one in cluster.services}:
            ecs = system.aws("ecs", place.account, place.region)
            (found,) = ecs.describe_services(cluster=cluster.name, services=[name])["services"]
            return dict(found)
    raise AssertionError(f"no {name}")


def launch(found: dict[str, Any]) -> str:
    return next(str(one["id"]) for one in found["deployments"] if one["status"] == "PRIMARY")


def a_service(environment: Any) -> str:
    return str(environment.places[0].clusters[0].services[0].name)


def test_a_service_is_restarted_and_scaled_and_put_back(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    name = a_service(staging)
    before = service(system, staging, name)

    restarted = system.ask(f"restart {name} in {staging.name}", conversation="in-part")
    assert restarted["outcome"] == "succeeded", restarted["answer"]
    assert f"{name} in {staging.name}: restarted" in restarted["answer"]
    after = service(system, staging, name)
    assert launch(after) != launch(before)
    assert (after["desiredCount"], after["taskDefinition"]) == (before["desiredCount"], before["taskDefinition"])

    wanted = before["desiredCount"] + 1
    scaled = system.ask(f"scale {name} in {staging.name} to {wanted}", conversation="in-part")
    assert scaled["outcome"] == "succeeded", scaled["answer"]
    assert f"{before['desiredCount']} -> {wanted}" in scaled["answer"]
    assert service(system, staging, name)["desiredCount"] == wanted

    undone = system.ask("undo that", conversation="in-part")
    assert undone["outcome"] == "succeeded", undone["answer"]
    assert service(system, staging, name)["desiredCount"] == before["desiredCount"]
    nothing = system.ask(f"undo run {restarted['run_id']}", conversation="in-part")
    assert "a restart leaves nothing to take back" in nothing["answer"]


def test_a_database_is_rebooted_once(system: System) -> None:
    found = [
        (environment.name, place, one.name)
        for environment in system.cloud.environments
        for place in environment.places
        for one in place.databases
    ]
    environment, place, database = found[0]
    rds = system.aws("rds", place.account, place.region)
    rebooted = system.ask(f"reboot the database {database} in {environment}", conversation="reboot")
    if rebooted.get("approval"):
        rebooted = system.decide(rebooted, "approve")
    assert rebooted["outcome"] == "succeeded", rebooted["answer"]
    assert f"{database} in {environment}: rebooted" in rebooted["answer"]
    (effect,) = rebooted["effects"]
    assert effect["state"] == "done"
    (seen,) = rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    assert seen["DBInstanceStatus"] == "available"


def test_a_size_beyond_its_limits_is_refused_and_with_new_ones_taken_back_exactly(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    (group,) = production.places[0].groups
    place = production.places[0]

    def seen() -> tuple[int, int, int]:
        autoscaling = system.aws("autoscaling", place.account, place.region)
        (found,) = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group.name])["AutoScalingGroups"]
        return found["MinSize"], found["DesiredCapacity"], found["MaxSize"]

    low, _, high = before = seen()
    refused = system.ask(f"scale the group {group.name} in {production.name} to {high + 1}", conversation="group")
    assert refused["outcome"] == "failed" and f"is scaled between {low} and {high}" in refused["answer"]
    assert seen() == before
    more = f"scale the group {group.name} in {production.name} to {high + 1} with a maximum of {high + 2}"
    scaled = system.decide(system.ask(more, conversation="group"), "approve")
    assert scaled["outcome"] == "succeeded", scaled["answer"]
    assert seen() == (low, high + 1, high + 2)
    undone = system.ask("undo that", conversation="group")
    assert undone["outcome"] == "succeeded", undone["answer"]
    assert seen() == before, "by the approval's grant"


@pytest.mark.parametrize("service", ["ec2", "rds"])
def test_a_session_for_one_reboot_is_refused_another(system: System, probe: Probe, service: str) -> None:
    """Straight at AWS with the write role, as if nothing of ours stood in between."""
    region = "eu-west-1"
    calls: dict[str, tuple[str, str, str, dict[str, Any]]] = {
        "ec2": ("reboot_instances", "ec2:RebootInstances", "instance/i-1", {"InstanceIds": ["i-2"]}),
        "rds": ("reboot_db_instance", "rds:RebootDBInstance", "db:one", {"DBInstanceIdentifier": "other"}),
    }
    call, action, resource, other = calls[service]
    arn = f"arn:aws:{service}:{region}:{clouds.HOME}:{resource}"
    (policy,) = session_policies([Permission(action=action, arn=arn)], emulator=True)
    session = {"RoleArn": WRITE_ROLE, "RoleSessionName": "probe", "SourceIdentity": "ann", "Policy": policy.document}
    event = {"service": service, "call": call, "arguments": other, "region": region}
    assert probe("execute-write", assume=session, **event) in DENIED
