"""Which token of which pipeline may be which role of samplefiles/ci-roles.yaml: as a trust policy is evaluated."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from bare_cli import ROOT
from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy

GIVEN = {
    "AWS::Partition": "aws",
    "AWS::AccountId": "111122223333",
    "AWS::Region": "eu-west-1",
    "ApiId": "abc123",
    "RolePrefix": "ci",
    "GitHubHost": "token.actions.githubusercontent.com",
    "GitHubOwner": "acme",
    "GitHubOwnerId": "42",
    "GitHubRepository": "shop",
    "GitHubRepositoryId": "77",
    "GitHubMain": "main",
    "GitLabHost": "gitlab.com",
    "GitLabProject": "acme/shop",
    "GitLabProjectId": "5",
    "GitLabNamespaceId": "6",
    "GitLabMain": "main",
}


def rendered(**given: str) -> dict[str, Any]:
    """The template with these parameters put in; everything but !Sub stays as it is named."""
    known = GIVEN | given

    class Loader(yaml.SafeLoader):
        pass

    def tagged(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value = str(loader.construct_scalar(node))
            return re.sub(r"\$\{(.+?)\}", lambda one: known[one[1]], value) if name == "Sub" else value
        assert isinstance(node, yaml.SequenceNode)
        return loader.construct_sequence(node, deep=True)

    Loader.add_multi_constructor("!", tagged)
    return dict(yaml.load((ROOT / "samplefiles/ci-roles.yaml").read_text(), Loader=Loader))


def trusts(template: dict[str, Any]) -> dict[str, Any]:
    """The trust policy of each role, by the role's name."""
    return {
        one["Properties"]["RoleName"]: json.loads(one["Properties"]["AssumeRolePolicyDocument"])
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
    }


TEMPLATE = rendered()
ROLES = trusts(TEMPLATE)
HUB, LAB = GIVEN["GitHubHost"], GIVEN["GitLabHost"]
AUD = "sts.amazonaws.com"


def roles_for(host: str, **claims: str) -> set[str]:
    """What a token with these claims may be."""
    provider = f"arn:aws:iam::{GIVEN['AWS::AccountId']}:oidc-provider/{host}"
    keys = {f"{host}:{name}".lower(): value for name, value in {"aud": AUD, **claims}.items()}
    found = set()
    for name, document in ROLES.items():
        context = EvalContext(
            principal_arn=provider,
            principal_type="WebIdentityUser",
            principal_account=GIVEN["AWS::AccountId"],
            action="sts:AssumeRoleWithWebIdentity",
            resource_arn=f"arn:aws:iam::{GIVEN['AWS::AccountId']}:role/{name}",
            region="eu-west-1",
            service_context=keys,
        )
        if evaluate_trust_policy(document, provider, context):
            found.add(name)
    return found


def hub(sub: str, repository: str = "77", owner: str = "42", **more: str) -> set[str]:
    return roles_for(HUB, **{"sub": sub, "repository_id": repository, "repository_owner_id": owner} | more)


def lab(sub: str, project: str = "5", namespace: str = "6", **more: str) -> set[str]:
    return roles_for(LAB, **{"sub": sub, "project_id": project, "namespace_id": namespace} | more)


@pytest.mark.parametrize("repository", ["acme/shop", "acme@42/shop@77"])
@pytest.mark.parametrize(
    ("end", "roles"),
    [
        ("ref:refs/heads/main", {"ci-main", "ci-branch"}),
        ("ref:refs/heads/feature/a", {"ci-branch"}),
        ("ref:refs/heads/main2", {"ci-branch"}),
        ("ref:refs/tags/v1", {"ci-branch"}),
        # Which of the two there is, is a parameter: a token does not say from where a pull request comes.
        ("pull_request", {"ci-pull-request", "ci-fork"}),
        ("environment:production", set()),
        ("ref:refs/pull/7/merge", set()),
    ],
)
def test_what_a_job_of_github_may_be_in_both_forms_of_its_subject(repository: str, end: str, roles: set[str]) -> None:
    assert hub(f"repo:{repository}:{end}") == roles


@pytest.mark.parametrize(
    ("sub", "repository", "owner", "more"),
    [
        ("repo:eve/shop:ref:refs/heads/main", "99", "13", {}),
        # Whoever took over a name that was given away, or made a fork, has other numbers.
        ("repo:acme/shop:ref:refs/heads/main", "99", "42", {}),
        ("repo:acme/shop:ref:refs/heads/main", "77", "13", {}),
        ("repo:acme@13/shop@99:ref:refs/heads/main", "77", "42", {}),
        ("repo:acme/shop:ref:refs/heads/main", "77", "42", {"aud": "https://github.com/acme"}),
        ("repo:acme/shop2:ref:refs/heads/main", "77", "42", {}),
        ("repo:acme/shop:ref:refs/heads/main:x", "77", "42", {"aud": "other"}),
    ],
)
def test_who_is_another_may_be_nothing(sub: str, repository: str, owner: str, more: dict[str, str]) -> None:
    assert hub(sub, repository, owner, **more) == set()


def test_a_token_without_its_numbers_may_be_nothing() -> None:
    assert roles_for(HUB, sub="repo:acme/shop:ref:refs/heads/main") == set()


@pytest.mark.parametrize(
    ("end", "roles"),
    [
        ("ref_type:branch:ref:main", {"ci-gitlab-main", "ci-gitlab-branch"}),
        ("ref_type:branch:ref:feature", {"ci-gitlab-branch"}),
        ("ref_type:tag:ref:v1", {"ci-gitlab-branch"}),
    ],
)
def test_what_a_job_of_gitlab_may_be(end: str, roles: set[str]) -> None:
    sub = f"project_path:acme/shop:{end}"
    assert lab(sub) == roles
    assert lab(sub, project="7") == lab(sub, namespace="7") == lab(sub.replace("acme", "eve")) == set()
    assert lab(sub, aud="gitlab.com") == set()


def test_no_role_may_do_more_than_ask_look_and_cancel_and_no_owner_is_a_pattern() -> None:
    policy = TEMPLATE["Resources"]["MayInvoke"]["Properties"]["PolicyDocument"]
    (statement,) = policy["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    assert [one.rpartition("abc123/")[2] for one in statement["Resource"]] == [
        "*/POST/v1/runs",
        "*/GET/v1/runs/*",
        "*/POST/v1/runs/*/cancel",
    ]
    for document in ROLES.values():
        for subject in re.findall(r'"(?:repo|project_path):[^"]+"', json.dumps(document)):
            assert "*" not in ":".join(subject.split(":")[:2]), subject
    for name, one in TEMPLATE["Resources"].items():
        if one["Type"] == "AWS::IAM::Role":
            assert one["Properties"]["ManagedPolicyArns"] == ["MayInvoke"] and "Policies" not in one["Properties"], name
