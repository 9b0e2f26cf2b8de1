"""What a Person may do, as the policies say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from copilot.domain import Frozen, Kind, Person, ResourceRef, Target
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry

Outcome = Literal["allow", "ask", "deny"]
LOOKING, CHANGING, SCHEDULING = "list_environments", "stop_environment", "create_schedule"
"""A tool that looks, one that changes an environment and one that changes a schedule: policies know effects, and no
single tool.
"""


class Rights(Frozen):
    """Whether they may look, what becomes of a change to an environment of each kind, and of one to a schedule for it,
    and which they may approve: others' and, of these, their own.
    """

    looks: bool
    changes: Mapping[Kind, Outcome]
    approves: frozenset[Kind]
    approves_own: frozenset[Kind] = frozenset()
    schedules: Mapping[Kind, Outcome] = {}


def rights_of(person: Person, policy: Policy, registry: Registry) -> Rights:
    """As the policies decide at this moment; they are asked again for every call."""
    targets = {
        kind: Target(ref=ResourceRef(type="environment", id=kind), name=kind, kind=kind) for kind in get_args(Kind)
    }
    schedules = {
        kind: Target(ref=ResourceRef(type="schedule", id=kind), name=kind, kind=kind) for kind in get_args(Kind)
    }

    def approved(*, own: bool) -> frozenset[Kind]:
        may = {kind: policy.may_approve(person, (target,), own=own) for kind, target in targets.items()}
        return frozenset(kind for kind, decision in may.items() if decision.outcome == "allow")

    changing, scheduling = registry.find(CHANGING), registry.find(SCHEDULING)
    return Rights(
        looks=policy.decide(person, registry.find(LOOKING), ()).outcome == "allow",
        changes={kind: policy.decide(person, changing, (target,)).outcome for kind, target in targets.items()},
        approves=approved(own=False),
        approves_own=approved(own=True),
        schedules={kind: policy.decide(person, scheduling, (one,)).outcome for kind, one in schedules.items()},
    )
