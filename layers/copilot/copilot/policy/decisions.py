"""Policy decisions, made by Cedar over a schema built from the tools there are.

An evaluation error of any kind is deny: Cedar skips a forbid whose condition errs (its documented behaviour), which
must never open a door.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import cedarpy

from copilot.domain import About, Decision, Destination, Person, Target, digest
from copilot.errors import FatalError
from copilot.policy.entities import (
    CONTEXT,
    ROLE_INCLUDES,
    Entity,
    TenantAction,
    entity_of,
    entity_of_output,
    entity_of_target,
    role,
    schema,
)
from copilot.text.outside import quoted
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool


@lru_cache(8)
def _parsed(text: str, types: str) -> tuple[cedarpy.PolicySet, cedarpy.Schema]:
    """Parsed once: that takes most of the time of a decision."""
    checked = cedarpy.validate_policies(text, types)
    if not checked.validation_passed:
        raise FatalError("the policies do not fit the schema: " + "; ".join(str(e) for e in checked.errors))
    return cedarpy.PolicySet.from_str(text), cedarpy.Schema.from_json_str(types)


class Policy:
    """Answers whether a Person may make a call on its targets, and may approve one."""

    def __init__(self, registry: Registry, tenant: str, read_only: bool, text: str | None = None) -> None:
        """Raises FatalError when the policies do not fit the schema."""
        self._tenant, self._read_only = tenant, read_only
        self._text = text or files("copilot").joinpath("policy/default.cedar").read_text()
        self._schema = json.dumps(schema(registry))
        self._parsed = _parsed(self._text, self._schema)

    @property
    def digest(self) -> str:
        """Of what is decided by: another where the policies, or what they speak of, are others."""
        return digest([self._text, self._schema, self._tenant, self._read_only])

    def decide(
        self,
        person: Person,
        tool: AnyTool,
        targets: Sequence[Target],
        *,
        tainted: bool = False,
        private: bool = False,
        irreversible: bool = False,
        owned: bool = False,
        reaction: bool = False,
        read_only: bool = False,
        named: Collection[str] | None = None,
    ) -> Decision:
        """Allow, ask or deny one call on all of its targets; the strictest target decides.

        `tainted` says that text which neither the copilot nor the Person wrote may have steered the call, `private`
        that what its words tell of may not be shown where they go, `irreversible` that what it does cannot be taken
        back, `owned` that code owns some of what it changes, `read_only` that nothing may be changed by what was asked,
        `reaction` that an event began it, and nobody asked.
        `named` are the targets, by name, that its plan itself names, where a standing approval is for it; None where
        none is.
        """
        so = {"tainted": tainted, "private": private, "irreversible": irreversible, "owned": owned}
        so |= {"reaction": reaction, "read_only": self._read_only or read_only}
        if not issubclass(tool, WriteTool):
            return self._with_and_without_approval(person, tool, None, so)
        if not targets:
            return Decision(outcome="deny", reason="the call names no target")
        order = {"deny": 0, "ask": 1, "allow": 2}
        decisions = [
            self._with_and_without_approval(person, tool, one, {**so, **_standing(one, named)}) for one in targets
        ]
        return min(decisions, key=lambda decision: order[decision.outcome])

    def may(self, person: Person, action: TenantAction, *, own: bool = False) -> Decision:
        """Whether this Person may interfere with a run, `own` if they asked for it, or see those of everybody."""
        return self._ask_cedar(person, action, self._entity(None), {"own_request": own})

    def may_approve(self, approver: Person, targets: Sequence[Target], *, own: bool = False) -> Decision:
        """Whether this Person may approve a call on these targets; `own` if it was they who asked for it. The strictest
        target decides.
        """
        decisions = [
            decision
            for entities in _apart([self._entity(target) for target in targets])
            for decision in self._ask_cedar_of_each(approver, "approve", entities, {"own_request": own})
        ]
        return next((d for d in decisions if d.outcome == "deny"), decisions[0])

    def may_show(self, person: Person, about: About, destination: Destination) -> Decision:
        """Whether what tells of this, in what this Person asked for or looks at, may be shown there."""
        decision = self._ask_cedar(person, "show", entity_of_output(about, destination), {})
        if decision.outcome == "allow" or decision.policies:
            return decision
        reason = f"policy lets no {_roles(person)} have {about.in_words} {_TO[destination]}"
        return decision.model_copy(update={"reason": reason})

    def shown(self, person: Person, abouts: Iterable[About], destination: Destination) -> frozenset[About]:
        """Those of these that may be shown there."""
        asked = list(dict.fromkeys(abouts))
        entities = [entity_of_output(about, destination) for about in asked]
        decisions = self._ask_cedar_of_each(person, "show", entities, {}) if asked else []
        return frozenset(about for about, decision in zip(asked, decisions, strict=True) if decision.outcome == "allow")

    def _with_and_without_approval(
        self, person: Person, tool: AnyTool, target: Target | None, so: Mapping[str, bool]
    ) -> Decision:
        entity = self._entity(target)
        decision = self._ask_cedar(person, tool.name, entity, so)
        if decision.outcome == "deny" and target is not None:
            approved = self._ask_cedar(person, tool.name, entity, {**so, "approved": True})
            policies = tuple(sorted({*decision.policies, *approved.policies}))
            if approved.outcome == "allow":
                what = f"{target.kind or ''} {target.ref.type} {quoted(target.name)}".strip()
                return Decision(outcome="ask", policies=policies, reason=f"{what} needs an approval")
            # What an approval would lift is not why it is denied.
            return approved.model_copy(update={"policies": policies})
        return decision

    def _ask_cedar(self, person: Person, action: str, entity: Entity, so: Mapping[str, bool]) -> Decision:
        (decision,) = self._ask_cedar_of_each(person, action, [entity], so)
        return decision

    def _ask_cedar_of_each(
        self, person: Person, action: str, resources: Sequence[Entity], so: Mapping[str, bool]
    ) -> list[Decision]:
        """One Decision for each. `so` is what is true of the call, of what they may ask."""
        principal = {"type": "Person", "id": person.id}
        request = {
            "principal": principal,
            "action": {"type": "Action", "id": action},
            "context": {**dict.fromkeys(CONTEXT, False), "read_only": self._read_only, **so},
        }
        asks = entity_of(principal, [role(name) for name in person.roles])
        asks["attrs"] = {"job": person.job} if person.job else {}
        entities = [asks, *resources]
        entities += [
            entity_of(role(name), [role(ROLE_INCLUDES[name])] if name in ROLE_INCLUDES else [])
            for name in {*person.roles, *ROLE_INCLUDES, *ROLE_INCLUDES.values()}
        ]
        requests = [request | {"resource": entity["uid"]} for entity in resources]
        policies, types = self._parsed
        answers = cedarpy.is_authorized_batch(requests, policies, entities, types)
        return [_decision(person, action, entity, answer) for entity, answer in zip(resources, answers, strict=True)]

    def _entity(self, target: Target | None) -> Entity:
        return entity_of({"type": "Tenant", "id": self._tenant}, []) if target is None else entity_of_target(target)


_TO: Mapping[Destination, str] = {
    "direct": "from their own requests",
    "channel": "shown in a channel",
    "named": "told in a channel",
    "shared": "shown in a channel that others share",
    "link": "put behind a link",
    "others": "from what others asked for",
    "provider": "read by a model",
}


def _roles(person: Person) -> str:
    return ", ".join(person.roles) or "person without a role"


def _standing(target: Target, named: Collection[str] | None) -> dict[str, bool]:
    """Whether a standing approval is for the call, and names this target."""
    return {} if named is None else {"standing": True, "named": target.name in named}


def _decision(person: Person, action: str, entity: Entity, answer: Any) -> Decision:
    names = answer.diagnostics.id_annotations_by_reason
    policies = tuple(sorted(names.get(reason, reason) for reason in answer.diagnostics.reasons))
    if answer.diagnostics.errors:
        return Decision(outcome="deny", policies=policies, reason="a policy could not be evaluated")
    if answer.allowed:
        return Decision(outcome="allow", policies=policies)
    where = f"{entity['attrs'].get('kind', '')} {entity['uid']['type']} {quoted(entity['uid']['id'])}".strip()
    if policies:
        return Decision(outcome="deny", policies=policies, reason=f"forbidden by {', '.join(policies)}")
    return Decision(
        outcome="deny",
        reason=f"{person.name} ({', '.join(person.roles) or 'no role'}) may not {tool_spoken(action)} on {where}",
    )


def _apart(entities: Sequence[Entity]) -> list[list[Entity]]:
    """Each of them once, in as many lists as it takes for no two in a list to be of one id and unlike."""
    lists: list[dict[tuple[str, str], Entity]] = []
    for entity in entities:
        uid = (entity["uid"]["type"], entity["uid"]["id"])
        place = next((one for one in lists if one.get(uid, entity) == entity), None)
        if place is None:
            lists.append(place := {})
        place[uid] = entity
    return [list(one.values()) for one in lists]
