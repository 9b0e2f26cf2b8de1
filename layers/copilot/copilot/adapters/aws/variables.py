"""Variables of the containers of ECS services, as their task definitions have them.

A variable holds a value in plain text, which is sealed at once, or is filled from a secret or a parameter, whose ARN
the task definition names (API reference, ContainerDefinition: `environment`, `secrets`, `environmentFiles`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.service_state import in_order
from copilot.adapters.aws.resources.stoppable import ReadClient
from copilot.domain import Resource, Sealed, Setting, Settings
from copilot.errors import ToolInputError
from copilot.text.listing import count
from copilot.text.outside import quoted

READS = frozenset({"ecs:DescribeServices", "ecs:DescribeTaskDefinition"})
PLAIN, FILLED = "plain", "secret"


def variables(resource: Resource, read: ReadClient, *, values: bool) -> Settings:
    """Raises ToolInputError where the service is no longer there."""
    ecs = read("ecs")
    found = ecs.describe_services(cluster=resource.cluster, services=[resource.ref.id])["services"]
    if not found or found[0]["status"] == "INACTIVE":
        raise ToolInputError(f"service {quoted(resource.name)} is no longer there", ours=True)
    definition = ecs.describe_task_definition(taskDefinition=found[0]["taskDefinition"])["taskDefinition"]
    containers = in_order(definition["containerDefinitions"], resource.name, found[0].get("loadBalancers") or [])
    files = sum(len(one.get("environmentFiles") or ()) for one in containers)
    note = f"{quoted(resource.name)} also reads {count(files, 'file')} of variables, which were not looked at"
    return Settings(
        tuple(
            setting
            for number, one in enumerate(containers)
            for setting in _of(one, number, definition, resource, values=values)
        ),
        notes=(note,) if files else (),
    )


def _of(container: Any, number: int, definition: Any, resource: Resource, *, values: bool) -> Iterator[Setting]:
    base = Setting(
        kind="variable",
        path="",
        name="",
        type=PLAIN,
        version=f"{definition['family']}:{definition['revision']}",
        changed=definition.get("registeredAt"),
        service=resource.name,
        container=container["name"] if number else "",
        account=resource.account,
        region=resource.region,
    )
    for one in container.get("environment") or ():
        value = Sealed(one.get("value", "")) if values else None
        yield base._replace(path=one["name"], name=one["name"], value=value)
    for one in container.get("secrets") or ():
        name, source = one["name"], one["valueFrom"]
        # ECS takes the bare name of a parameter for one of its own account and region.
        place = "" if source.startswith("arn:") else f"{parse_arn(resource.ref.id).account}/{resource.region}/"
        yield base._replace(path=name, name=name, type=FILLED, points_to=source, same_as=f"{place}{source}")
