"""Stopping and starting an environment that has one of everything: all of it rests, and comes back exactly."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import clouds
import pytest
from conftest import System
from test_grants import DENIED, WRITE_ROLE, Probe

from copilot.adapters.aws.session_policies import session_policies
from copilot.domain import Permission


def exactly(system: System, environment: str) -> dict[str, tuple[Any, ...]]:
    """State, size, limits and the copilot's notes of each resource; of members only how many there are."""
    return {
        arn: (seen.state, seen.on, seen.limits, {key for key in seen.tags if key.startswith("devops-copilot:")})
        for arn, seen in system.look().items()
        if seen.environment == environment
    }


def members(system: System, whole: str) -> list[str]:
    return sorted(seen.state for seen in system.look_closely().values() if seen.part_of == whole)


def test_everything_rests_and_comes_back_exactly(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    place = production.places[0]
    (group,), (cluster,) = place.groups, place.database_clusters
    before = exactly(system, production.name)
    assert len(members(system, group.name)) == group.size
    assert len(members(system, cluster.name)) == 1 + cluster.readers

    asked = system.ask("Stop the production environment")
    (call,) = asked["approval"]["calls"]
    actions = {change["name"]: change["action"] for change in call["preview"]["changes"]}
    services = [service.name for each in place.clusters for service in each.services]
    assert {name: actions[name] for name in (*services, group.name, cluster.name)} == {
        **dict.fromkeys([*services, group.name], "scale"),
        cluster.name: "stop",
    }
    covered = [change for change in call["preview"]["changes"] if change["reason"].startswith("covered by")]
    assert len(covered) == group.size + 1 + cluster.readers
    assert {change["action"] for change in covered} == {"skip"}

    stopped = system.decide(asked, "approve")
    assert stopped["outcome"] == "succeeded", stopped["answer"]
    assert "after seven days" in stopped["answer"]
    found = exactly(system, production.name)
    assert {on for _, on, _, _ in found.values()} == {0}
    targets = system.aws("application-autoscaling", place.account, place.region)
    for target in targets.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
        if target["ResourceId"].startswith(f"service/{place.clusters[0].name}/"):
            assert (target["MinCapacity"], set(target["SuspendedState"].values())) == (0, {True})
    assert members(system, group.name) == []
    assert set(members(system, cluster.name)) == {"stopped"}

    started = system.decide(system.ask("Start it again"), "approve")
    assert started["outcome"] == "succeeded", started["answer"]
    assert exactly(system, production.name) == before
    assert len(members(system, group.name)) == group.size
    assert set(members(system, cluster.name)) == {"available"}


@pytest.fixture(scope="module")
def probe(system: System) -> Probe:
    return Probe(system)


def test_two_runs_that_change_one_environment_at_the_same_time_do_so_one_after_the_other(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    before = exactly(system, staging.name)
    asked = [f"{verb} {staging.name}" for verb in ("stop", "start", "stop", "start")]
    started = [system.start(text, conversation=f"beside-{number}") for number, text in enumerate(asked)]
    views = [system.until(run_id, "answered") for run_id in started]
    assert {view["outcome"] for view in views} == {"succeeded"}, [view["answer"] for view in views]
    effects = sorted((one for view in views for one in view["effects"]), key=lambda one: one["started_at"])
    assert {one["state"] for one in effects} == {"done"}
    for one, after in pairwise(effects):
        assert one["finished_at"] <= after["started_at"], "one began in the middle of another"
    assert system.ask(f"start {staging.name}")["outcome"] == "succeeded"
    assert exactly(system, staging.name) == before


def test_what_a_run_stopped_is_exactly_as_it_was_once_that_is_undone(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    before = exactly(system, staging.name)
    stopped = system.ask(f"stop {staging.name} and tell #platform", conversation="undo")
    assert stopped["outcome"] == "succeeded" and exactly(system, staging.name) != before
    undone = system.ask("put everything back", conversation="undo")
    assert undone["outcome"] == "succeeded", undone["answer"]
    assert undone["answer"].startswith(f"Taken back of run {stopped['run_id']} (")
    assert "- notify #platform: a message that was sent stays sent" in undone["answer"]
    assert exactly(system, staging.name) == before
    again = system.ask(f"undo run {stopped['run_id']}", conversation="undo")
    assert "it was taken back already, by you at " in again["answer"]


def test_what_a_freeze_kept_back_is_done_by_a_retry_and_two_who_take_that_back_do_so_once(system: System) -> None:
    (staging,), (development, *_) = (clouds.of_kind(system.cloud, kind) for kind in ("staging", "development"))
    before = exactly(system, staging.name), exactly(system, development.name)
    frozen = {"scope": "environment", "name": staging.name}
    assert system.http("POST", "/v1/freezes", frozen | {"reason": "a release"})[0] == 200
    first = system.ask(f"stop {development.name} and {staging.name}", conversation="half")
    assert first["outcome"] == "partial" and f"“retry run {first['run_id']}” does the rest" in first["answer"]
    assert exactly(system, staging.name) == before[0]
    assert system.http("POST", "/v1/freezes/thaw", frozen)[0] == 200

    again = system.ask("do the rest", conversation="half")
    assert again["outcome"] == "succeeded", again["answer"]
    assert [len(view["effects"]) for view in (first, again)] == [1, 1]
    assert {on for _, on, _, _ in exactly(system, staging.name).values()} == {0}
    assert "nothing is left to be tried again" in system.ask("retry", conversation="half")["answer"]

    both = [
        system.start(f"undo run {again['run_id']}", person=person, conversation=f"both-{person}")
        for person in ("you", "olga")
    ]
    views = [system.until(run_id, "answered") for run_id in both]
    changed = [one for view in views for one in view["effects"] if one["state"] == "done"]
    assert len(changed) == 1, [view["answer"] for view in views]
    assert any("taken back already, by" in view["answer"] for view in views), [view["answer"] for view in views]
    assert system.ask(f"undo run {first['run_id']}", conversation="half")["outcome"] == "succeeded"
    assert (exactly(system, staging.name), exactly(system, development.name)) == before


@pytest.mark.parametrize("kind", ["group", "target", "cluster"])
def test_a_session_for_one_resource_is_refused_another(system: System, probe: Probe, kind: str) -> None:
    """Straight at AWS with the write role, as if nothing of ours stood in between."""
    region, names = "eu-west-1", ("inside", "outside")
    service, call, action, arns, arguments = MAKE[kind](system, region, names)
    (policy,) = session_policies([Permission(action=action, arn=arns[0])], emulator=True)
    session = {"RoleArn": WRITE_ROLE, "RoleSessionName": "probe", "SourceIdentity": "ann", "Policy": policy.document}

    def made(number: int) -> str:
        event = {"service": service, "call": call, "arguments": arguments[number], "region": region}
        return probe("execute-write", assume=session, **event)

    assert made(1) in DENIED
    assert made(0) == "allowed"


Made = tuple[str, str, str, list[str], list[dict[str, Any]]]


def groups(system: System, region: str, names: tuple[str, ...]) -> Made:
    autoscaling = system.aws("autoscaling", clouds.HOME, region)
    for name in names:
        autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=1, DesiredCapacity=0)
    found = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[*names])["AutoScalingGroups"]
    arns = {group["AutoScalingGroupName"]: group["AutoScalingGroupARN"] for group in found}
    asked = [{"AutoScalingGroupName": name, "MaxSize": 0} for name in names]
    action = "autoscaling:UpdateAutoScalingGroup"
    return "autoscaling", "update_auto_scaling_group", action, [arns[name] for name in names], asked


def targets(system: System, region: str, names: tuple[str, ...]) -> Made:
    scaling = system.aws("application-autoscaling", clouds.HOME, region)
    identity = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    asked = [{**identity, "ResourceId": f"service/probe/{name}", "MinCapacity": 0} for name in names]
    arns = [scaling.register_scalable_target(**one, MaxCapacity=1)["ScalableTargetARN"] for one in asked]
    action = "application-autoscaling:RegisterScalableTarget"
    return "application-autoscaling", "register_scalable_target", action, arns, asked


def clusters(system: System, region: str, names: tuple[str, ...]) -> Made:
    rds = system.aws("rds", clouds.HOME, region)
    more = {"Engine": "aurora-mysql", "MasterUsername": "sample", "ManageMasterUserPassword": True}
    made = [rds.create_db_cluster(DBClusterIdentifier=name, **more)["DBCluster"] for name in names]
    asked = [{"DBClusterIdentifier": name} for name in names]
    return "rds", "stop_db_cluster", "rds:StopDBCluster", [one["DBClusterArn"] for one in made], asked


MAKE = {"group": groups, "target": targets, "cluster": clusters}
