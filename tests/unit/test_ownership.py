"""Whose a resource is in code, by its tags and by what it was changed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.domain import UNKNOWN, in_code, is_code, owner_by_tags, tool_by_agent
from copilot.intents.actions import read_yaml


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({"aws:cloudformation:stack-name": "shop-web", "aws:cloudformation:logical-id": "Web"}, "stack shop-web"),
        ({"aws:cloudformation:stack-name": "shop-web", "managed-by": "terraform"}, "stack shop-web"),
        ({"ManagedBy": "Terraform"}, "Terraform"),
        ({"managed_by": "terraform (infra repo)"}, "Terraform"),
        ({"Terraform": "true", "environment": "shop"}, "Terraform"),
        ({"terraform:workspace": "live"}, "Terraform"),
        ({"tofu-module": "ecs"}, "OpenTofu"),
        ({"iac": "open-tofu"}, "OpenTofu"),
        ({"pulumi:project": "shop"}, "Pulumi"),
        ({"Provisioner": "aws-cdk"}, "CDK"),
        ({"Terraform": "false"}, ""),
        ({"terraform": ""}, ""),
        ({"managed-by": "hand"}, ""),
        ({"managed-by": "the terraform team"}, ""),
        ({"owner": "terraform"}, ""),
        ({"note": "managed by terraform"}, ""),
        ({"managed-by": "terraform", "created-by": "pulumi"}, ""),
        ({"aws:autoscaling:groupName": "web"}, ""),
        ({}, ""),
    ],
)
def test_tags_say_whose_it_is_where_one_names_what_manages_it(tags: dict[str, str], owner: str) -> None:
    assert owner_by_tags(tags) == owner


AGENTS = [
    (agent, tool)
    for found in read_yaml(Path(__file__).with_name("user_agents.yaml")).values()
    for tool, agents in found.items()
    for agent in agents
]


@pytest.mark.parametrize(("agent", "tool"), AGENTS)
def test_a_user_agent_as_recorded_says_with_what_it_was_changed(agent: str, tool: str) -> None:
    assert tool_by_agent(agent) == tool
    assert tool_by_agent(f"[{agent.strip('[]')}]") == tool


def test_every_tool_that_a_user_agent_may_name_is_among_the_recorded() -> None:
    assert {tool for _, tool in AGENTS} == {
        *("Terraform", "OpenTofu", "Pulumi", "Crossplane", "ACK", "CDK", "CloudFormation", "Ansible"),
        *("the console", ""),
    }


CLI = "aws-cli/2.32.10 md/awscrt#0.29.1 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.13.9"


@pytest.mark.parametrize(
    "agent",
    [
        f"{CLI} exec-env/terraform md/command#ecs.update-service",
        f"{CLI} exec-env/Terraform/1.9.8",
        f"{CLI} app/pulumi",
        f"{CLI} app/terraform-provider-aws",
        f"{CLI} md/pulumi#3.90",
        f"{CLI} app/ansible md/command#s3.cp",
        f"{CLI} (by Terraform/1.9.8 once)",
        "Boto3/1.42.69 terraform-state-reader/1.0 Botocore/1.42.69",
        "Boto3/1.42.69 pulumi-costs/1.0 ansible-inventory/2.0",
        "aws-sdk-go-v2/1.41.7 aws-cdk-costs/1.0 crossplane/1.0",
        "APN/1.0 HashiCorp/1.0 Vault/1.15 aws-sdk-go/1.44.0",
        "terraform",
        "my-terraformer 1.0",
        "x.cloudformation.amazonaws.com",
        "cloudformation.amazonaws.com.example.org",
        "MyConsole/1.0 aws-sdk-go/1.44.0",
        "console.amazonaws.com.example.org",
        "(" * 500 + ")" * 500,
    ],
)
def test_what_only_mentions_a_tool_was_not_made_with_it(agent: str) -> None:
    assert tool_by_agent(agent) == ""


@pytest.mark.parametrize(
    ("owner", "code"),
    [("Terraform", True), ("stack x", True), (UNKNOWN, False), (f"{UNKNOWN}, last changed in x", False), ("", False)],
)
def test_code_is_what_may_put_things_back(owner: str, code: bool) -> None:
    assert is_code(owner) == code


def test_what_is_not_known_says_that_it_is_about_code() -> None:
    """On a card nothing else does, and an owner is as well who somebody's environments are."""
    not_known = "not known whether code (CloudFormation, Terraform) owns it"
    assert in_code(UNKNOWN) == not_known
    assert in_code(f"{UNKNOWN}, last changed in the console") == f"{not_known}, last changed in the console"
    assert in_code("stack x") == "owned by stack x"
