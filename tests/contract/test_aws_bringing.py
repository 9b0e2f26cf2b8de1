"""Having a service of ECS run by another revision, and making one, against moto and the documented shapes (API
Reference: Service, Deployment, Task).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from aws_accounts import DEV, REGION, Cloud, account, add_service, simulated, tagged
from managed_account import TEMPLATE, allowed, given_by

from copilot.adapters.aws import bringing
from copilot.adapters.aws.releases import AwsReleases
from copilot.adapters.aws.session_policies import session_policies
from copilot.domain import Permission, Resource
from copilot.errors import FatalError, PermissionDenied

FAMILY = f"arn:aws:ecs:{REGION}:{DEV}:task-definition/web"
TASK, EXECUTION = (f"arn:aws:iam::{DEV}:role/{name}" for name in ("task", "execution"))
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


@pytest.fixture
def service(cloud: Cloud) -> Resource:
    add_service(cloud.client("ecs"), "main", "web", tagged("shop"))
    (found,) = cloud.platform(account()).survey("shop").resources
    return found


def revision(cloud: Cloud, version: str, **more: Any) -> str:
    """The ARN of one more that the service may run by."""
    container: dict[str, Any] = {
        "name": "web",
        "image": f"registry/web:{version}",
        "memory": 128,
        "environment": [{"name": "A", "value": "1"}],
    }
    made = cloud.client("ecs").register_task_definition(
        family="web", containerDefinitions=[container], taskRoleArn=TASK, executionRoleArn=EXECUTION, **more
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def writing(cloud: Cloud, service: Resource, base: str = "") -> AwsReleases:
    return cloud.releases(account(), permissions=bringing.permissions(service.ref, [TASK, EXECUTION], base))


def now(cloud: Cloud, service: Resource) -> str:
    (found,) = cloud.client("ecs").describe_services(cluster="main", services=[service.name])["services"]
    return str(found["taskDefinition"])


# --- brought --------------------------------------------------------------------------------------


def test_a_service_is_brought_to_a_revision_with_one_call_and_none_where_it_runs_by_it(
    cloud: Cloud, service: Resource
) -> None:
    wanted = revision(cloud, "1.2")
    releases = writing(cloud, service)
    for _ in range(2):
        releases.bring(service, wanted)
    assert now(cloud, service) == wanted == releases.running(service).definition
    assert cloud.parameters("ECS.UpdateService") == [
        {"cluster": "main", "service": "web", "taskDefinition": wanted},
    ]


def test_what_can_only_read_changes_nothing(cloud: Cloud, service: Resource) -> None:
    before = now(cloud, service)
    with pytest.raises(PermissionDenied, match="can only read"):
        cloud.releases(account()).bring(service, revision(cloud, "1.2"))
    assert now(cloud, service) == before


@pytest.mark.parametrize(
    ("told", "owner"),
    [
        ({}, ""),
        ({"deploymentController": {"type": "ECS"}}, ""),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, "CodeDeploy"),
        ({"deploymentController": {"type": "EXTERNAL"}}, "a controller outside ECS"),
        ({"resourceManagementType": "ECS"}, "ECS itself (Express Mode)"),
    ],
)
def test_who_else_deploys_it_is_told(cloud: Cloud, service: Resource, told: dict[str, Any], owner: str) -> None:
    answer = {"serviceArn": service.ref.id, "serviceName": "web", "status": "ACTIVE", "desiredCount": 1}
    cloud.pages["ECS.DescribeServices"] = [{"services": [answer | told]}]
    assert cloud.releases(account()).running(service).controller == owner


# --- made -----------------------------------------------------------------------------------------


def test_a_revision_is_made_that_differs_in_its_images_alone_and_is_found_again(
    cloud: Cloud, service: Resource
) -> None:
    base = revision(cloud, "1.2", cpu="256", memory="512", tags=[{"key": "team", "value": "garden"}])
    releases = writing(cloud, service, base)
    image = f"registry/web@{DIGEST}"
    made = releases.make(service, base, {"web": image}, "run-1/s/0")
    revision(cloud, "1.3")
    assert releases.make(service, base, {"web": image}, "run-1/s/0") == made
    assert cloud.count("ECS.RegisterTaskDefinition") == 1
    was, now = (
        cloud.client("ecs").describe_task_definition(taskDefinition=one, include=["TAGS"]) for one in (base, made)
    )
    tags = {tag["key"]: tag["value"] for tag in now["tags"]}
    assert tags == {"team": "garden", "devops-copilot:effect": "run-1/s/0"}
    same = {"revision", "taskDefinitionArn", "containerDefinitions", "registeredAt"}
    assert {name: value for name, value in was["taskDefinition"].items() if name not in same} == {
        name: value for name, value in now["taskDefinition"].items() if name not in same
    }
    (before,), (after,) = (one["taskDefinition"]["containerDefinitions"] for one in (was, now))
    assert after == before | {"image": image}
    assert releases.definitions(service, [made])[0].effect == "run-1/s/0"


def test_a_mark_on_other_images_is_not_taken_for_what_was_made(cloud: Cloud, service: Resource) -> None:
    base = revision(cloud, "1.2")
    other = revision(cloud, "6.6.6", tags=[{"key": "devops-copilot:effect", "value": "run-1/s/0"}])
    releases = writing(cloud, service, base)
    assert releases.make(service, base, {"web": f"registry/web@{DIGEST}"}, "run-1/s/0") != other


# --- which images run -----------------------------------------------------------------------------


def tasks(cloud: Cloud, service: Resource, *digests: str, **more: Any) -> None:
    definition = now(cloud, service)
    described = [
        {
            "taskArn": f"arn:aws:ecs:{REGION}:{DEV}:task/main/{number}",
            "taskDefinitionArn": definition,
            "lastStatus": "RUNNING",
            "containers": [{"name": "web", **({"imageDigest": digest} if digest else {})}],
            **more,
        }
        for number, digest in enumerate(digests)
    ]
    cloud.pages["ECS.ListTasks"] = [{"taskArns": [one["taskArn"] for one in described]}]
    cloud.pages["ECS.DescribeTasks"] = [{"tasks": described}]


def test_the_digests_are_those_that_its_tasks_run(cloud: Cloud, service: Resource) -> None:
    tasks(cloud, service, DIGEST, DIGEST)
    assert cloud.releases(account()).digests(service) == {"web": DIGEST}


def test_a_container_without_a_digest_has_none(cloud: Cloud, service: Resource) -> None:
    tasks(cloud, service, "")
    assert cloud.releases(account()).digests(service) == {}


def test_tasks_that_run_different_images_have_no_one_digest(cloud: Cloud, service: Resource) -> None:
    tasks(cloud, service, DIGEST, f"sha256:{'1' * 64}")
    with pytest.raises(FatalError, match="run different images as web"):
        cloud.releases(account()).digests(service)


@pytest.mark.parametrize("more", [{"lastStatus": "PENDING"}, {"taskDefinitionArn": f"{FAMILY}:99"}])
def test_what_does_not_run_or_runs_by_another_revision_says_nothing(
    cloud: Cloud, service: Resource, more: dict[str, str]
) -> None:
    tasks(cloud, service, DIGEST, **more)
    with pytest.raises(FatalError, match="no task of what web in main runs by is running"):
        cloud.releases(account()).digests(service)


# --- what it may do --------------------------------------------------------------------------------


def statements(document: str) -> dict[str, list[str]]:
    return {action: one["Resource"] for one in json.loads(document)["Statement"] for action in one["Action"]}


def test_a_session_names_the_service_the_roles_and_the_family(service: Resource) -> None:
    (policy,) = session_policies(bringing.permissions(service.ref, [TASK, EXECUTION], f"{FAMILY}:4"))
    assert statements(policy.document) == {
        "ecs:UpdateService": [service.ref.id],
        "ecs:RegisterTaskDefinition": ["*"],
        "ecs:TagResource": [f"{FAMILY}:*"],
        "iam:PassRole": [EXECUTION, TASK],
    }
    (policy,) = session_policies(bringing.permissions(service.ref, [], ""))
    assert statements(policy.document) == {"ecs:UpdateService": [service.ref.id]}


def test_a_pattern_is_no_single_resource_here_either() -> None:
    with pytest.raises(PermissionDenied, match="single resources only"):
        session_policies([Permission(action="ecs:TagResource", arn=f"{FAMILY}:*")])


class _Plain(yaml.SafeLoader):
    pass


_Plain.add_constructor("!Sub", lambda loader, node: str(node.value))
_Plain.add_multi_constructor("!", lambda loader, suffix, node: None)


def pack() -> dict[str, dict[str, Any]]:
    """The statements of the pack deploy, by their action."""
    policy = yaml.load(TEMPLATE.read_text(), Loader=_Plain)["Resources"]["DeployPack"]["Properties"]
    return {one["Action"]: one for one in policy["PolicyDocument"]["Statement"]}


def test_the_pack_allows_what_it_is_for_and_nothing_else() -> None:
    assert given_by("deploy") == {bringing.UPDATE, bringing.REGISTER, bringing.TAG, bringing.PASS}


def test_without_the_pack_no_role_is_passed_and_no_revision_made() -> None:
    assert not {bringing.PASS, bringing.REGISTER} & (allowed("WriteRole").actions | allowed("ReadRole").actions)


def test_a_role_is_passed_to_tasks_of_ecs_alone() -> None:
    """MiniStack does not enforce it: the text is what holds."""
    statement = pack()["iam:PassRole"]
    assert statement["Resource"] == "arn:aws:iam::${AWS::AccountId}:${DeployedRoles}"
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_what_is_made_has_to_bear_the_mark_and_tags_are_put_only_where_it_is_made() -> None:
    assert pack()["ecs:RegisterTaskDefinition"]["Condition"] == {
        "Null": {"aws:RequestTag/devops-copilot:effect": "false"}
    }
    assert pack()["ecs:TagResource"]["Condition"] == {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}}
