"""What two environments are configured with, through the whole system with IAM enforced; and what one costs."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import clouds
from conftest import SEED, System

from cli.laptop.cloud import Environment

RANDOM = Random(SEED)


def value() -> str:
    return f"{RANDOM.getrandbits(80):020x}"


def configure(system: System, environment: Environment, names: dict[str, str], variables: dict[str, str]) -> None:
    """Parameters below its path, one that is encrypted, a secret, and variables of its first service."""
    place = environment.places[0]
    ssm = system.aws("ssm", place.account, place.region)
    for name, holds in names.items():
        ssm.put_parameter(Name=f"/app/{environment.name}/{name}", Value=holds, Type="String", Overwrite=True)
    ssm.put_parameter(Name=f"/app/{environment.name}/hidden", Value=value(), Type="SecureString", Overwrite=True)
    ssm.put_parameter(Name=f"/elsewhere/{environment.name}/none", Value=value(), Type="String", Overwrite=True)
    secrets = system.aws("secretsmanager", place.account, place.region)
    secrets.create_secret(Name=f"app/{environment.name}/login", SecretString=value())
    ecs = system.aws("ecs", place.account, place.region)
    service, cluster = place.clusters[0].services[0], place.clusters[0].name
    definition = ecs.describe_task_definition(taskDefinition=f"{environment.name}-{service.name}")["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    container["environment"] = [{"name": name, "value": holds} for name, holds in variables.items()]
    made: Any = {key: definition[key] for key in ("family", "cpu", "memory", "networkMode", "requiresCompatibilities")}
    ecs.register_task_definition(**made, containerDefinitions=[container])
    ecs.update_service(cluster=cluster, service=service.name, taskDefinition=made["family"])


def test_two_environments_are_compared_by_name_and_no_value_is_anywhere(system: System) -> None:
    (staging,), (production,) = clouds.of_kind(system.cloud, "staging"), clouds.of_kind(system.cloud, "production")
    same, values = value(), [value() for _ in range(6)]
    configure(system, staging, {"same": same, "other": values[0], "mine": values[1]}, {"LEVEL": values[2]})
    configure(system, production, {"same": same, "other": values[3]}, {"LEVEL": values[4], "LIVE": values[5]})
    view = system.ask(f"Compare the config of {staging.name} and {production.name}")
    assert view["outcome"] == "succeeded", view["answer"]
    service, live = (one.places[0].clusters[0].services[0].name for one in (staging, production))
    for line in (
        f"- parameter mine: only in {staging.name}",
        "- parameter other: not equal, both version 1",
        "- parameter hidden: not known whether equal, both version 1",
        f"- variable LEVEL of {service}: only in {staging.name}",
        f"- variable LIVE of {live}: only in {production.name}",
    ):
        assert line in view["answer"], view["answer"]
    assert "parameter same" not in view["answer"] and "1 equal" in view["answer"]
    assert "- secret login: not known whether equal" in view["answer"]
    shown = system.ask(f"List the parameters of {staging.name}", conversation="names")
    assert f"- parameter /app/{staging.name}/mine (String, version 1" in shown["answer"], shown["answer"]
    assert "elsewhere" not in shown["answer"]
    table = system.client("dynamodb").scan(TableName=system.laptop.outputs["Table"])["Items"]
    text = json.dumps([view, shown, table], default=str)
    assert not any(one in text for one in (same, *values))


def test_what_an_environment_costs_is_an_estimate_where_nobody_bills(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    view = system.ask(f"What does {staging.name} cost?", conversation="costs")
    assert view["outcome"] == "succeeded" and "by estimate" in view["answer"], view["answer"]
    assert "An estimate is hours with figures at the list prices of " in view["answer"]
