"""A service brought back, promoted, and both taken back, whole: what it runs by is read back from AWS itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import clouds
import pytest
from conftest import System, eventually

from cli.laptop.cloud import Environment
from cli.laptop.deployments import deliver
from cli.laptop.emulator import digest_of

MINUTE = timedelta(minutes=1)


class Place(NamedTuple):
    """The service in one environment, by the client of its account."""

    ecs: Any
    environment: str
    service: str

    @property
    def family(self) -> str:
        return f"{self.environment}-{self.service}"

    def register(self, version: str, **more: Any) -> str:
        container = {"name": self.service, "image": f"{self.service}:{version}", "memory": 256}
        made = self.ecs.register_task_definition(
            family=self.family,
            containerDefinitions=[container],
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            **more,
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def runs(self) -> str:
        """The revision of all of its tasks, once there are no others."""

        def settled() -> str:
            asked = {"cluster": self.environment, "services": [self.service]}
            (found,) = self.ecs.describe_services(**asked)["services"]
            (rollout,) = found["deployments"]
            arns = self.ecs.list_tasks(cluster=self.environment, serviceName=self.service)["taskArns"]
            tasks = self.ecs.describe_tasks(cluster=self.environment, tasks=arns)["tasks"]
            by = {found["taskDefinition"], rollout["taskDefinition"], *(one["taskDefinitionArn"] for one in tasks)}
            whole = len(by) == 1 and rollout["rolloutState"] == "COMPLETED" and len(tasks) == found["desiredCount"]
            return str(found["taskDefinition"]) if whole else ""

        return str(eventually(settled))


def place_of(system: System, environment: Environment, service: str) -> Place:
    place = environment.places[0]
    return Place(system.aws("ecs", place.account, place.region), environment.name, service)


@pytest.fixture(scope="module")
def staging(system: System) -> Place:
    """A service with a release that was good, and a newer one that it runs."""
    (environment,) = clouds.of_kind(system.cloud, "staging")
    place = place_of(system, environment, environment.places[0].clusters[0].services[0].name)
    place.ecs.update_service(cluster=place.environment, service=place.service, taskDefinition=place.register("next"))
    now, told = datetime.now(UTC), []
    for number, (version, ago) in enumerate((("good", 300), ("next", 100)), start=1):
        ended = now - ago * MINUTE
        times = {"time": ended.isoformat(), "started_at": (ended - 4 * MINUTE).isoformat(), "status": "succeeded"}
        about = {"service": place.service, "environment": place.environment, "deployment_id": f"d{number}"}
        told.append({**about, **times, "version": version, "revision": f"{place.family}:{number}", "stages": []})
    deliver(system.aws, system.laptop, told, lambda line: None)
    assert eventually(lambda: "(d2)" in str(system.ask(f"list deployments of {place.service}")["answer"]))
    return place


@pytest.fixture(scope="module")
def production(system: System, staging: Place) -> Place:
    """The same service there, with roles and an older image."""
    (environment,) = clouds.of_kind(system.cloud, "production")
    place = place_of(system, environment, staging.service)
    role = f"arn:aws:iam::{clouds.LIVE}:role/devops-copilot-read"
    tags = {"environment": environment.name, **environment.tags}
    place.ecs.create_service(
        cluster=place.environment,
        serviceName=place.service,
        taskDefinition=place.register(
            "old", taskRoleArn=role, executionRoleArn=role, tags=[{"key": "team", "value": "garden"}]
        ),
        desiredCount=2,
        launchType="FARGATE",
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )
    return place


def test_a_service_is_brought_back_to_its_last_good_release_and_that_taken_back(system: System, staging: Place) -> None:
    before = staging.runs()
    assert before.endswith(f"{staging.family}:2")
    view = system.ask(f"roll back {staging.service} in {staging.environment}", conversation="back")
    assert view["outcome"] == "succeeded", view["answer"]
    assert staging.runs().endswith(f"{staging.family}:1")
    assert "was rolled back: " in view["answer"] and f"-> {staging.family}:1 (good)" in view["answer"]
    assert "schema are not reverted" in view["answer"]

    undone = system.ask("undo that", conversation="back")
    assert undone["outcome"] == "succeeded", undone["answer"]
    assert staging.runs() == before


def test_what_somebody_deployed_since_is_not_taken_back(system: System, staging: Place) -> None:
    view = system.ask(f"roll back {staging.service} in {staging.environment} to good", conversation="since")
    assert view["outcome"] == "succeeded", view["answer"]
    theirs = staging.register("theirs")
    staging.ecs.update_service(cluster=staging.environment, service=staging.service, taskDefinition=theirs)
    undone = system.ask("undo that", conversation="since")
    assert "somebody else deployed it since" in undone["answer"]
    assert staging.runs() == theirs


def test_a_release_is_promoted_once_it_is_approved_and_that_taken_back(
    system: System, staging: Place, production: Place
) -> None:
    before = production.runs()
    asked = f"promote {staging.service} from {staging.environment} to {production.environment}"
    view = system.ask(asked, conversation="on")
    (call,) = view["approval"]["calls"]
    (change,) = call["preview"]["changes"]
    (container,) = staging.ecs.describe_task_definition(taskDefinition=staging.runs())["taskDefinition"][
        "containerDefinitions"
    ]
    digest = digest_of(container["image"])
    assert digest[: len("sha256:") + 12] in change["after"]
    assert production.runs() == before, "nothing is done before"

    done = system.decide(view, "approve")
    assert done["outcome"] == "succeeded", done["answer"]
    now = production.runs()
    assert (before.rpartition("/")[2], now.rpartition("/")[2]) == (f"{production.family}:1", f"{production.family}:2")
    was, new = (production.ecs.describe_task_definition(taskDefinition=one, include=["TAGS"]) for one in (before, now))
    assert [one["image"] for one in new["taskDefinition"]["containerDefinitions"]] == [f"{staging.service}@{digest}"]
    same = ("family", "cpu", "memory", "taskRoleArn", "executionRoleArn", "networkMode")
    assert [new["taskDefinition"][name] for name in same] == [was["taskDefinition"][name] for name in same]
    tags = {one["key"]: one["value"] for one in new["tags"]}
    assert tags.pop("devops-copilot:effect") and tags == {"team": "garden"}
    assert "schema are not reverted" in done["answer"]

    undone = system.ask("undo that", conversation="on")
    assert undone["status"] == "answered", "its approval grants that"
    assert undone["outcome"] == "succeeded", undone["answer"]
    assert production.runs() == before
