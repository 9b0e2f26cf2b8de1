"""Deployments one by one, whole: reported over the bus, read with the roles of the accounts, over a random cloud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import clouds
import pytest
from conftest import System, eventually

from cli.laptop.builds import failed_build
from cli.laptop.cloud import Service
from cli.laptop.deployments import deliver
from cli.laptop.log_lines import group_of

MINUTE = timedelta(minutes=1)
LAST = "KeyError: bunch"
VALUE = "a-value-that-is-nobodys-business"


@pytest.fixture(scope="module")
def service(system: System) -> Service:
    """One of production with a second revision, three deployments reported: the last one failed."""
    (production,) = clouds.of_kind(system.cloud, "production")
    place = production.places[0]
    service = place.clusters[0].services[0]
    ecs = system.aws("ecs", place.account, place.region)
    family = f"{production.name}-{service.name}"
    (container,) = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["containerDefinitions"]
    new = {**container, "image": f"{service.name}:next", "environment": [{"name": "DB_PASSWORD", "value": VALUE}]}
    ecs.register_task_definition(
        family=family,
        containerDefinitions=[new],
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="512",
        memory="1024",
    )
    about = {"service": service.name, "environment": production.name, "by": "jo"}
    told: list[dict[str, Any]] = [
        {"deployment_id": "d1", "revision": f"{family}:1", "version": "one", "status": "succeeded", "ago": 200},
        {"deployment_id": "d2", "revision": f"{family}:2", "version": "two", "status": "succeeded", "ago": 100},
        {"deployment_id": "d3", "version": "three", "status": "failed", "reason": "exit status 7", "ago": 20},
    ]
    now = datetime.now(UTC)
    logs = system.aws("logs", place.account, place.region)
    where = {"logGroupName": group_of(place.clusters[0], service), "logStreamName": f"ecs/{service.name}/ended"}
    at = int((now - 20 * MINUTE - timedelta(seconds=9)).timestamp() * 1000)
    logs.create_log_stream(**where)
    logs.put_log_events(**where, logEvents=[{"timestamp": at, "message": f"ERROR {LAST}"}])
    some = []
    for one in told:
        ended = now - one.pop("ago") * MINUTE
        times = {"time": ended.isoformat(), "started_at": (ended - 4 * MINUTE).isoformat()}
        stage = {"stage": "deploy", "status": one["status"], **times}
        some.append({**about, **one, **times, "stages": [stage]})
    deliver(system.aws, system.laptop, some, lambda line: None)
    assert eventually(lambda: "(d3)" in str(system.ask(f"list deployments of {service.name}")["answer"]))
    return service


@pytest.fixture(scope="module")
def broken(system: System) -> str:
    """A service whose last deployment failed in a build, in the account of the pipelines."""
    now, name = datetime.now(UTC), "pressed-leaves"
    ended = now - 5 * MINUTE
    logged = [
        "Running command npm test",
        "FAIL veins password=rhubarb-and-custard-71",
        "Phase complete: BUILD State: FAILED",
    ]
    laptop = system.laptop
    build = failed_build(system.aws, laptop.account, laptop.region, f"{name}-build", "abc1234", logged, ended)
    times = {"time": ended.isoformat(), "started_at": (ended - 2 * MINUTE).isoformat(), "status": "failed"}
    stage = {"stage": "build", "reason": "npm test: exit status 1", "build": build, **times}
    event = {"service": name, "environment": "nowhere", "deployment_id": "b1", "by": "jo", "stages": [stage], **times}
    deliver(system.aws, laptop, [event], lambda line: None)
    assert eventually(lambda: "(b1)" in str(system.ask(f"list deployments of {name}")["answer"]))
    return name


def test_why_a_build_failed_with_the_last_lines_of_its_log(system: System, broken: str) -> None:
    answer = asked(system, f"why did the last build of {broken} fail?")
    assert "npm test: exit status 1" in answer and "CodeBuild, phase BUILD: COMMAND_EXECUTION_ERROR" in answer
    assert f"The last 3 lines that build {broken}-build:" in answer
    assert "FAIL veins" in answer and "rhubarb" not in answer and "could not be read" not in answer


def test_one_of_a_list_is_meant_by_its_place(system: System, broken: str) -> None:
    asked(system, f"list failed deployments of {broken}")
    assert "FAIL veins" in asked(system, "why did it fail?")


def asked(system: System, text: str) -> str:
    view = system.ask(text, conversation="deployments")
    assert view["outcome"] == "succeeded", view["answer"]
    return str(view["answer"])


def test_which_there_were_and_who_was_the_last(system: System, service: Service) -> None:
    answer = asked(system, f"list the last 2 deployments of {service.name}")
    assert "(d3)" in answer and "(d2)" in answer and "(d1)" not in answer and "1 more deployment" in answer
    answer = asked(system, f"who deployed {service.name} last?")
    assert f"{service.name} three to" in answer and "failed in deploy after 4 min, begun by jo (d3)" in answer


def test_why_the_last_one_failed_with_what_the_roles_may_read(system: System, service: Service) -> None:
    answer = asked(system, f"why did the last deployment of {service.name} fail?")
    assert "exit status 7" in answer
    assert f"ERROR {LAST}" in answer and f"that {service.name} logged from" in answer
    assert "could not be read" not in answer and "not authorized" not in answer.lower(), answer


def test_the_last_good_one_by_the_history_of_alarms(system: System, service: Service) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    family = f"{production.name}-{service.name}"
    answer = asked(system, f"what was the last good release of {service.name}?")
    assert f"{service.name} two ({family}:2) is the last release known to be good" in answer, answer


def test_what_changed_and_no_value_of_it(system: System, service: Service) -> None:
    answer = asked(system, f"what changed between the last two deployments of {service.name}?")
    assert f"in {service.name}, image changed: {service.name}:{service.version} -> {service.name}:next" in answer
    assert f"in {service.name}, added variable DB_PASSWORD" in answer and "cpu changed: 256 -> 512" in answer
    assert VALUE not in answer
    view = system.ask("diff the last two deployments of it", conversation="deployments")
    assert "variable DB_PASSWORD" in view["answer"], view["answer"]
