"""What a Person may do, as the policies say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from copilot.domain import Frozen, Kind, Person, ResourceRef, Target
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry

Outcome = Literal["allow", "ask", "deny"]
LOOKING, CHANGING = "list_environments", "stop_environment"
"""A tool that looks and one that changes an environment: policies know effects, and no single tool."""


class Rights(Frozen):
    """Whether they may look, what becomes of a change to an environment of each kind, and which they may approve."""

    looks: bool
    changes: Mapping[Kind, Outcome]
    approves: frozenset[Kind]


def rights_of(person: Person, policy: Policy, registry: Registry) -> Rights:
    """As the policies decide at this moment; they are asked again for every call."""
    targets = {
        kind: Target(ref=ResourceRef(type="environment", id=kind), name=kind, kind=kind) for kind in get_args(Kind)
    }
    changing = registry.find(CHANGING)
    return Rights(
        looks=policy.decide(person, registry.find(LOOKING), ()).outcome == "allow",
        changes={kind: policy.decide(person, changing, (target,)).outcome for kind, target in targets.items()},
        approves=frozenset(
            kind for kind, target in targets.items() if policy.may_approve(person, (target,)).outcome == "allow"
        ),
    )
