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
_AGENTS = (
    (re.compile(r"\bterraform/|\bterraform-provider", re.IGNORECASE), "Terraform"),
    (re.compile(r"\bopentofu/", re.IGNORECASE), "OpenTofu"),
    (re.compile(r"\bpulumi\b", re.IGNORECASE), "Pulumi"),
    (re.compile(r"\baws-cdk\b|\bCDK/", re.IGNORECASE), "CDK"),
    (re.compile(r"^cloudformation\.amazonaws\.com$"), "CloudFormation"),
    (re.compile(r"\b(crossplane|upbound)-provider", re.IGNORECASE), "Crossplane"),
    (re.compile(r"\bansible\b", re.IGNORECASE), "Ansible"),
    (re.compile(r"^(console|signin)\.(amazonaws|aws\.amazon)\.com$|^Mozilla/", re.IGNORECASE), CONSOLE),
)


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
    """
    return next((tool for pattern, tool in _AGENTS if pattern.search(agent)), "")


def is_code(owned_by: str) -> bool:
    """Whether an owner is code, and so may put back what others change."""
    return owned_by != "" and not owned_by.startswith(UNKNOWN)


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
