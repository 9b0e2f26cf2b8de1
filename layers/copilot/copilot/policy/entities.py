"""What the policies speak of, as Cedar knows it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from copilot.domain import ACTS, About, Destination, Target, TargetType
from copilot.tools.registry import Registry

TenantAction = Literal[
    "cancel", "resume", "list_all_runs", "see_spend_of_others", "freeze", "thaw", "export_of_others", "delete_of_others"
]
Entity = dict[str, Any]
GROUPS = ("read", "write", "destroy")
KINDED: dict[TargetType, bool] = {
    "Environment": True,
    "Channel": False,
    "Schedule": True,
    "Runbook": False,
    "Fact": False,
    "Watch": False,
}
"""What targets can be, and whether it has a kind."""
_OWNED: TargetType = "Fact"
"""What may be a person's own."""
_ACTING: TargetType = "Watch"
"""What may have something done by itself."""
_WITH_KIND = frozenset[str](type for type, has_kind in KINDED.items() if has_kind)
CONTEXT = (
    "approved",
    "irreversible",
    "named",
    "own_request",
    "owned",
    "private",
    "reaction",
    "read_only",
    "standing",
    "tainted",
)
"""What a policy may ask of the call itself: each is true or false."""
ROLE_INCLUDES = {"operator": "developer", "developer": "reader"}


def role(name: str) -> dict[str, str]:
    return {"type": "Role", "id": name}


def entity_of(uid: dict[str, str], parents: list[dict[str, str]]) -> Entity:
    return {"uid": uid, "attrs": {}, "parents": parents}


def entity_of_target(target: Target) -> Entity:
    """One whose type the schema does not have, for a target of no type there is: Cedar then allows nothing."""
    type = target.ref.type.capitalize()
    attributes: dict[str, Any] = {"name": target.name}
    if type in _WITH_KIND:
        # Without a kind, the strictest: a gap in a read must not weaken a rule.
        attributes["kind"] = target.kind or "production"
    if type == _ACTING:
        attributes["acts"] = ACTS in target.tags
    owner = target.tags.get("owner") if type == _OWNED else None
    own = {"owner": {"__entity": {"type": "Person", "id": owner}}} if owner else {}
    return entity_of({"type": type, "id": target.ref.id}, []) | {"attrs": attributes | own}


def entity_of_output(about: About, destination: Destination) -> Entity:
    """As it goes there. Nothing tells it from others that are about the same."""
    attributes = {"class": about.shows, "kind": about.kind or "none", "destination": destination}
    return entity_of({"type": "Output", "id": "/".join(attributes.values())}, []) | {"attrs": attributes}


def schema(registry: Registry) -> dict[str, Any]:
    """Of all tools there are, by what their entries say: none of them is imported."""
    text = {"type": "String", "required": True}
    context = {
        "type": "Record",
        "attributes": {name: {"type": "Boolean", "required": True} for name in CONTEXT},
    }

    def applies(*resources: str) -> dict[str, Any]:
        return {"principalTypes": ["Person"], "resourceTypes": [*resources], "context": context}

    # The groups apply to something themselves, so that a rule on a group no tool is in yet is a valid rule.
    actions: dict[str, Any] = {group: {"appliesTo": applies("Tenant", *KINDED)} for group in GROUPS}
    actions["approve"] = {"appliesTo": applies(*KINDED)}
    actions["show"] = {"appliesTo": applies("Output")}
    actions |= {action: {"appliesTo": applies("Tenant")} for action in get_args(TenantAction)}
    for name in registry.names():
        entry = registry.entry(name)
        resources = [one for one in (entry.resource or "Tenant", entry.also) if one]
        actions[name] = {"memberOf": [{"id": entry.effect}], "appliesTo": applies(*resources)}
    in_role = {"memberOfTypes": ["Role"]}
    job = {"type": "Record", "attributes": {"job": {"type": "String", "required": False}}}
    types: dict[str, Any] = {"Role": in_role, "Person": in_role | {"shape": job}, "Tenant": {}}
    for target, kinded in KINDED.items():
        attributes = {"name": text, "kind": text} if kinded else {"name": text}
        attributes |= {"acts": {"type": "Boolean", "required": True}} if target == _ACTING else {}
        attributes |= {"owner": {"type": "Entity", "name": "Person", "required": False}} if target == _OWNED else {}
        types[target] = {"shape": {"type": "Record", "attributes": attributes}}
    of_output = dict.fromkeys(("class", "kind", "destination"), text)
    types["Output"] = {"shape": {"type": "Record", "attributes": of_output}}
    return {"": {"entityTypes": types, "actions": actions}}
