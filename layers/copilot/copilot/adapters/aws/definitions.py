"""Task definitions of ECS, to be compared (API Reference: TaskDefinition, ContainerDefinition).

Values of variables, what secrets are read from, and commands are wrapped where they are read, so that they can be told
apart and are nowhere shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from pydantic import SecretStr

from copilot.domain import Resource
from copilot.domain.releases import ContainerDefinition, Definition, Variable
from copilot.errors import ToolInputError
from copilot.text.outside import quoted

READS = frozenset({"ecs:DescribeServices", "ecs:DescribeTaskDefinition"})
EFFECT_TAG = "devops-copilot:effect"
"""On each revision that the copilot made: the effect that did, by which it is found again."""
OWN = frozenset(
    "taskDefinitionArn revision status registeredAt registeredBy deregisteredAt deleteRequestedAt compatibilities "
    "requiresAttributes family containerDefinitions cpu memory taskRoleArn executionRoleArn".split()
)
"""What says which it is, or is told apart; every other field is a setting."""
OWN_OF_CONTAINER = frozenset(
    "name image cpu memory memoryReservation portMappings environment secrets environmentFiles command entryPoint "
    "versionConsistency".split()
)


def definition(service: Resource, ecs: Any, wanted: str | int) -> Definition:
    """One revision, by its name, `web:12`, or by its number alone. Raises ToolInputError for one that there is not."""
    name = wanted if isinstance(wanted, str) else f"{_family(service, ecs)}:{wanted}"
    try:
        told = ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ClientException":
            raise
        raise ToolInputError(
            f"there is no revision {quoted(name)} of what {quoted(service.name)} runs by", ours=True
        ) from None
    return read(told)


def read(told: Any) -> Definition:
    """What DescribeTaskDefinition gives, with its tags."""
    found, tags = told["taskDefinition"], {tag["key"]: tag.get("value", "") for tag in told.get("tags", ())}
    return Definition(
        name=f"{found['family']}:{found['revision']}",
        id=found["taskDefinitionArn"],
        effect=tags.get(EFFECT_TAG, ""),
        usable=found.get("status", "ACTIVE") == "ACTIVE",
        made_at=found.get("registeredAt"),
        cpu=found.get("cpu", ""),
        memory=found.get("memory", ""),
        task_role=found.get("taskRoleArn", ""),
        execution_role=found.get("executionRoleArn", ""),
        containers=tuple(map(_container, found["containerDefinitions"])),
        settings=_settings(found, OWN),
    )


def _family(service: Resource, ecs: Any) -> str:
    (found,) = ecs.describe_services(cluster=service.cluster, services=[service.ref.id])["services"]
    name: str = found["taskDefinition"]
    return name.rpartition("/")[2].partition(":")[0]


def _container(told: Any) -> ContainerDefinition:
    memory = [str(told[field]) for field in ("memory", "memoryReservation") if told.get(field)]
    return ContainerDefinition(
        name=told["name"],
        image=told.get("image", ""),
        cpu=str(told.get("cpu") or ""),
        memory=" reserving ".join(memory),
        ports=tuple(sorted(map(_port, told.get("portMappings", ())))),
        variables=tuple(_variables(told)),
        command=_wrapped([told.get("entryPoint"), told.get("command")]),
        settings=_settings(told, OWN_OF_CONTAINER),
    )


def _port(told: Any) -> str:
    number = told.get("containerPort") or told.get("containerPortRange", "")
    return f"{number}/{told.get('protocol', 'tcp')}"


def _variables(told: Any) -> Iterator[Variable]:
    for one in told.get("environment", ()):
        yield Variable(name=one["name"], kind="variable", value=SecretStr(one.get("value", "")))
    for one in told.get("secrets", ()):
        yield Variable(name=one["name"], kind="secret", value=SecretStr(one["valueFrom"]))
    for number, one in enumerate(told.get("environmentFiles", ()), start=1):
        yield Variable(name=f"file {number}", kind="variable", value=_wrapped(one))


def _settings(told: Mapping[str, Any], without: frozenset[str]) -> dict[str, SecretStr]:
    """Those that say something: what is empty is as what is not there."""
    return {name: _wrapped(value) for name, value in told.items() if name not in without and value}


def _wrapped(value: Any) -> SecretStr:
    return SecretStr(json.dumps(value, sort_keys=True, default=str))
