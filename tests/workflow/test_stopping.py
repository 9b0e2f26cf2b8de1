"""Stopping and starting an environment that has one of everything: all of it rests, and comes back exactly."""

from __future__ import annotations

from typing import Any

import clouds
from conftest import System


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
