"""Whose a resource is in code, by its tags and by what it was changed with."""

from __future__ import annotations

import pytest

from copilot.domain import UNKNOWN, is_code, owner_by_tags, tool_by_agent


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


@pytest.mark.parametrize(
    ("agent", "tool"),
    [
        (
            "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.72.1 "
            "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.2 os/linux lang/go#1.23.1",
            "Terraform",
        ),
        ("APN/1.0 Pulumi/1.0 (+https://www.pulumi.com) PulumiAws/6.56.1 aws-sdk-go-v2/1.32.2", "Pulumi"),
        ("aws-cdk/2.164.1 aws-sdk-js/3.632.0 os/linux#6.5 md/nodejs#20.18.0", "CDK"),
        ("cloudformation.amazonaws.com", "CloudFormation"),
        ("crossplane-provider-aws/v0.47.1 aws-sdk-go/1.44.334", "Crossplane"),
        ("APN/1.0 Ansible/2.17.5", "Ansible"),
        ("console.amazonaws.com", "the console"),
        ("signin.amazonaws.com", "the console"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0", "the console"),
        ("aws-cli/2.18.10 md/awscrt#0.22.0 ua/2.0 os/linux#6.8 exec-env/CodeBuild command#ecs.update-service", ""),
        ("Boto3/1.35.50 md/Botocore#1.35.50 ua/2.0 os/linux", ""),
        ("ecs.amazonaws.com", ""),
        ("my-terraformer 1.0", ""),
        ("", ""),
    ],
)
def test_a_user_agent_as_recorded_says_with_what_it_was_changed(agent: str, tool: str) -> None:
    assert tool_by_agent(agent) == tool


@pytest.mark.parametrize(
    ("owner", "code"),
    [("Terraform", True), ("stack x", True), (UNKNOWN, False), (f"{UNKNOWN}, last changed in x", False), ("", False)],
)
def test_code_is_what_may_put_things_back(owner: str, code: bool) -> None:
    assert is_code(owner) == code
