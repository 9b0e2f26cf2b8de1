"""What the policies speak of, as Cedar knows it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

TenantAction = Literal["cancel", "resume", "list_all_runs"]
Entity = dict[str, Any]
GROUPS = ("read", "write", "destroy")
KINDED = {"environment": "Environment", "schedule": "Schedule"}
ROLE_INCLUDES = {"operator": "developer", "developer": "reader"}


def role(name: str) -> dict[str, str]:
    return {"type": "Role", "id": name}


def entity_of(uid: dict[str, str], parents: list[dict[str, str]]) -> Entity:
    return {"uid": uid, "attrs": {}, "parents": parents}


def schema(registry: Registry) -> dict[str, Any]:
    text = {"type": "String", "required": True}
    context = {
        "type": "Record",
        "attributes": {name: {"type": "Boolean", "required": True} for name in ("approved", "read_only", "tainted")},
    }

    def applies(resources: list[str]) -> dict[str, Any]:
        return {"principalTypes": ["Person"], "resourceTypes": resources, "context": context}

    # The groups apply to something themselves, so that a rule on a group no tool is in yet is a valid rule.
    actions: dict[str, Any] = {
        group: {"appliesTo": applies(["Tenant", "Environment", "Channel", "Schedule"])} for group in GROUPS
    }
    actions["approve"] = {"appliesTo": applies(["Environment", "Channel", "Schedule"])}
    actions |= {action: {"appliesTo": applies(["Tenant"])} for action in get_args(TenantAction)}
    for name in registry.names():
        tool = registry.find(name)
        resources: list[str] = [tool.resource] if issubclass(tool, WriteTool) else ["Tenant"]
        actions[name] = {"memberOf": [{"id": tool.effect}], "appliesTo": applies(resources)}
    named = {"shape": {"type": "Record", "attributes": {"name": text}}}
    kinded = {"shape": {"type": "Record", "attributes": {"name": text, "kind": text}}}
    in_role = {"memberOfTypes": ["Role"]}
    types = {
        "Role": in_role,
        "Person": in_role,
        "Tenant": {},
        "Environment": kinded,
        "Channel": named,
        "Schedule": kinded,
    }
    return {"": {"entityTypes": types, "actions": actions}}
