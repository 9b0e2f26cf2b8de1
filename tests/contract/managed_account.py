"""What the roles may do that the template for a managed account makes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

import yaml

from copilot.domain import Pack

TEMPLATE = Path(__file__).parents[2] / "samplefiles/managed-account.yaml"
PACKS = get_args(Pack)
SERVICES = {
    "SECRETS-MANAGER": "secretsmanager",
    "COST-EXPLORER": "ce",
    "APPLICATION-AUTO-SCALING": "application-autoscaling",
    "AUTO-SCALING": "autoscaling",
    "CLOUDWATCH-LOGS": "logs",
    "ELASTIC-LOAD-BALANCING-V2": "elasticloadbalancing",
    "RESOURCE-GROUPS-TAGGING-API": "tag",
}
"""What IAM calls a service, where the SDK calls it otherwise."""


class _Plain(yaml.SafeLoader):
    """YAML without a thought for CloudFormation's tags."""


_Plain.add_multi_constructor("!", lambda loader, suffix, node: None)


class Allowed(NamedTuple):
    actions: frozenset[str]
    own_tags_only: frozenset[str]
    """Those of them that may write no tags but the copilot's own."""


@cache
def allowed(role: str) -> Allowed:
    """What a role of the template may do."""
    (policy,) = yaml.load(TEMPLATE.read_text(), Loader=_Plain)["Resources"][role]["Properties"]["Policies"]
    found, own_tags_only = set[str](), set[str]()
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        found.update(actions)
        if "aws:TagKeys" in statement.get("Condition", {}).get("ForAllValues:StringLike", {}):
            own_tags_only.update(actions)
    return Allowed(frozenset(found), frozenset(own_tags_only))


@cache
def given_by(pack: str) -> frozenset[str]:
    """What the read role may do besides where the pack is on."""
    policy = yaml.load(TEMPLATE.read_text(), Loader=_Plain)["Resources"][f"{pack.capitalize()}Pack"]["Properties"]
    found = set[str]()
    for statement in policy["PolicyDocument"]["Statement"]:
        found.update([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    return frozenset(found)


def readable() -> frozenset[str]:
    """What the read role may do with every pack."""
    return allowed("ReadRole").actions.union(*map(given_by, PACKS))


def action_of(call: str) -> str:
    """The IAM action of a call as aws_accounts.Cloud notes it: `ecs:ListClusters` of `ECS.ListClusters`."""
    service, _, operation = call.partition(".")
    return f"{SERVICES.get(service, service.lower())}:{operation}"
