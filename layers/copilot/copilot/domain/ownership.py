"""Whose a resource is in code, as far as what stands on it and in the records of its cloud tells. Pure.

All of it is a hint: tags are set by people, and records reach back so far only. So nothing is ever said to be nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

UNKNOWN = "ownership unknown"
CONSOLE = "the console"
STACK = "stack "
_STACK_TAG = "aws:cloudformation:stack-name"
_TOOLS = {
    "terraform": "Terraform",
    "terragrunt": "Terraform",
    "opentofu": "OpenTofu",
    "tofu": "OpenTofu",
    "pulumi": "Pulumi",
    "cdk": "CDK",
    "awscdk": "CDK",
    "cloudformation": "CloudFormation",
    "crossplane": "Crossplane",
    "ansible": "Ansible",
}
_SAY_WHO = frozenset(
    "managedby provisionedby provisioner createdby createdwith deployedby deployedwith builtby builtwith iac iactool "
    "infrastructureascode automation automatedby maintainedby orchestrator tool".split()
)
"""Tags in which teams name what manages a thing, in letters alone."""
_NO = frozenset({"", "0", "false", "no", "none", "off", "n"})
_SENT_BY = tuple(
    (re.compile(f"(?:{name})/", re.IGNORECASE), tool)
    for name, tool in {
        "(?:crossplane|upbound)-provider[a-z-]*": "Crossplane",
        "aws-controllers?-k8s": "ACK",
        "pulumi|pulumi-?aws(?:-?native)?": "Pulumi",
        "opentofu(?:-s3-backend)?": "OpenTofu",
        "aws-cdk|cdk-hotswap": "CDK",
        "ansible": "Ansible",
        "terraform(?:-provider-[a-z]+)?": "Terraform",
    }.items()
)
"""By the names of products in a user agent. Terraform's last: the providers made of its own say its name as well."""
_CONSOLE_AGENT = re.compile(
    r"(?:console|signin)(?:\.[a-z0-9-]+)?\.(?:amazonaws|aws\.amazon)\.com$"
    r"|Mozilla/"
    r"|AWS Console [^,]*,"
    r"|[a-z0-9]*Console[a-z0-9]*(?:/[0-9.]+)?, aws-internal/",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")


def owner_by_tags(tags: Mapping[str, str]) -> str:
    """`stack X` where CloudFormation made it, whose own tags nobody else can set; else the tool that a tag of a team's
    names. "" where none does.
    """
    if stack := tags.get(_STACK_TAG):
        return STACK + stack
    found = dict.fromkeys(filter(None, (_named(key, value) for key, value in sorted(tags.items()))))
    return next(iter(found)) if len(found) == 1 else ""


def tool_by_agent(agent: str) -> str:
    """What a call was made with, by the user agent in its record: a tool that applies code, or the console. "" for
    anything else.

    A tool says its name and version as a product of its own (RFC 9110, 10.1.5). What stands in a comment, or behind the
    slash of an application's or an environment's name, is of whoever set it.
    """
    agent = agent.strip().removeprefix("[").removesuffix("]")
    if agent == "cloudformation.amazonaws.com":
        return "CloudFormation"
    if _CONSOLE_AGENT.match(agent):
        return CONSOLE
    products = _COMMENT.sub(" ", agent).split()
    return next((tool for name, tool in _SENT_BY if any(name.match(product) for product in products)), "")


def is_code(owned_by: str) -> bool:
    """Whether an owner is code, and so may put back what others change."""
    return owned_by != "" and not owned_by.startswith(UNKNOWN)


def in_code(owned_by: str) -> str:
    """An owner as it stands where nothing else says that it is about code."""
    if is_code(owned_by):
        return f"owned by {owned_by}"
    return owned_by.replace(UNKNOWN, "not known whether code (CloudFormation, Terraform) owns it", 1)


def _named(key: str, value: str) -> str:
    """The tool that one tag names: managed-by=terraform, Terraform=true, terraform:workspace=live, pulumi:project=x."""
    name, said = _letters(key), _letters(value)
    if name in _SAY_WHO:
        return next((tool for word, tool in _TOOLS.items() if said.startswith(word)), "")
    if name in _TOOLS:
        return "" if value.strip().casefold() in _NO else _TOOLS[name]
    first = re.split(r"[:_./ -]", key.strip().casefold())[0]
    return _TOOLS[first] if first in {"terraform", "tofu", "opentofu", "pulumi"} else ""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
