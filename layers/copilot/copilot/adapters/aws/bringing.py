"""Having a service of ECS run by another revision, and making one (API Reference: UpdateService,
RegisterTaskDefinition, Task).

A service that CodeDeploy or something else deploys takes no other task definition by UpdateService ("Amazon ECS
deployment types"), and is said to be theirs. RegisterTaskDefinition knows no resources in IAM; what it may make is held
by the roles it may pass, and by the tag that it has to put there (samplefiles/managed-account.yaml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.definitions import EFFECT_TAG
from copilot.adapters.aws.resources.service_state import controller_of, rollouts_of
from copilot.adapters.aws.resources.stoppable import WriteClient
from copilot.domain import Permission, Resource, ResourceRef
from copilot.domain.releases import Running
from copilot.errors import FatalError, ToolInputError
from copilot.text.listing import listed
from copilot.text.outside import quoted

READS = frozenset({"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:DescribeTasks", "ecs:ListTasks"})
UPDATE, REGISTER, TAG, PASS = "ecs:UpdateService", "ecs:RegisterTaskDefinition", "ecs:TagResource", "iam:PassRole"
TASKS_AT_MOST = 100  # the limit of DescribeTasks
LOOKED_BACK = 10
"""So many revisions of a family, the newest, are looked at for one that was made and not noted."""


def running(service: Resource, ecs: Any) -> Running:
    """Raises ToolInputError where it is no longer there."""
    found = ecs.describe_services(cluster=service.cluster, services=[service.ref.id])["services"]
    if not found or found[0]["status"] == "INACTIVE":
        raise ToolInputError(f"service {quoted(service.name)} is no longer there", ours=True)
    now = found[0]
    owner = "ECS itself (Express Mode)" if now.get("resourceManagementType") == "ECS" else controller_of(now)
    return Running(definition=now.get("taskDefinition", ""), rollouts=tuple(rollouts_of(now)), controller=owner)


def digests(service: Resource, ecs: Any) -> Mapping[str, str]:
    """Raises FatalError where none can be had, or several."""
    where = f"{quoted(service.name)} in {quoted(service.cluster or '')}"
    definition = running(service, ecs).definition
    listing = {"cluster": service.cluster, "serviceName": service.name, "desiredStatus": "RUNNING"}
    arns = ecs.list_tasks(**listing, maxResults=TASKS_AT_MOST)["taskArns"]
    described = ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"] if arns else []
    tasks = [one for one in described if one["taskDefinitionArn"] == definition and one["lastStatus"] == "RUNNING"]
    if not tasks:
        raise FatalError(
            f"no task of what {where} runs by is running, so that nothing says which images it is", ours=True
        )
    found: dict[str, set[str]] = {}
    for task in tasks:
        for container in task.get("containers", ()):
            found.setdefault(container["name"], set()).add(container.get("imageDigest") or "")
    several = sorted(name for name, some in found.items() if len(some) > 1)
    if several:
        raise FatalError(f"tasks of {where} run different images as {listed(list(map(quoted, several)))}", ours=True)
    return {name: digest for name, (digest,) in found.items() if digest}


def permissions(service: ResourceRef, roles: Sequence[str], base: str) -> tuple[Permission, ...]:
    """Of the revision that is made no number is known: its family is named."""
    making = [Permission(action=one, arn=_family(base), beside=service.id) for one in (REGISTER, TAG)] if base else []
    passing = [Permission(action=PASS, arn=role, beside=service.id) for role in roles]
    return (Permission(action=UPDATE, arn=service.id), *making, *passing)


def bring(service: Resource, definition: str, ecs: Any, write: WriteClient) -> None:
    """Nothing where it runs by that already."""
    if running(service, ecs).definition == definition:
        return
    client = write(UPDATE, service.ref.id)
    client.update_service(cluster=service.cluster, service=service.name, taskDefinition=definition)


def make(base: str, images: Mapping[str, str], effect: str, ecs: Any, write: WriteClient) -> str:
    """Its tags are those of the base, and the effect's."""
    told = ecs.describe_task_definition(taskDefinition=base, include=["TAGS"])
    if made := next(_made_by(effect, images, told["taskDefinition"], ecs), ""):
        return made
    client = write(REGISTER, _family(base))
    takes = client.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    asked = {name: value for name, value in told["taskDefinition"].items() if name in takes and value}
    asked["containerDefinitions"] = [
        {**one, "image": images.get(one["name"], one["image"])} for one in asked["containerDefinitions"]
    ]
    kept = [tag for tag in told.get("tags", ()) if not tag["key"].startswith(("aws:", EFFECT_TAG))]
    asked["tags"] = [*kept, {"key": EFFECT_TAG, "value": effect}]
    return str(client.register_task_definition(**asked)["taskDefinition"]["taskDefinitionArn"])


def _made_by(effect: str, images: Mapping[str, str], base: Any, ecs: Any) -> Iterator[str]:
    """One that a worker made who died before it said so: among the newest that came after the base."""
    newest = ecs.describe_task_definition(taskDefinition=base["family"], include=["TAGS"])
    numbers = range(newest["taskDefinition"]["revision"], base["revision"], -1)
    for number in numbers[:LOOKED_BACK]:
        told = newest
        if number != newest["taskDefinition"]["revision"]:
            try:
                name = f"{base['family']}:{number}"
                told = ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])
            except ClientError as error:
                if error.response["Error"]["Code"] != "ClientException":  # that one was deleted
                    raise
                continue
        has = {one["name"]: one["image"] for one in told["taskDefinition"]["containerDefinitions"]}
        if {"key": EFFECT_TAG, "value": effect} in told.get("tags", ()) and images.items() <= has.items():
            yield str(told["taskDefinition"]["taskDefinitionArn"])


def _family(definition: str) -> str:
    """Without its number."""
    return definition[: len(definition) - len(parse_arn(definition).resource.partition(":")[2]) - 1]
