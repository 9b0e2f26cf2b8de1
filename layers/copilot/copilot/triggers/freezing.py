"""Freeze a scope, or thaw it: no effect begins in what is frozen, from at most ten seconds later on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import Freeze, FrozenScope, JournalEntry, Known, Person, Scope
from copilot.errors import Conflict, NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.policy.entities import TenantAction
from copilot.ports import Clock, Freezes
from copilot.text.masking import mask_text
from copilot.text.nearness import there_are

NEW = ". One that is newer than the last look at what there is can be frozen by its name as `unseen`"


@dataclass(frozen=True)
class Freezing:
    """`known` gives what there is by name. Policy decides first.

    Both raise NotAllowed; NotFound for a name that nothing has, with the nearest; Conflict where it is so already.
    """

    store: Freezes
    policy: Policy
    clock: Clock
    config: Configuration
    known: Callable[[], Known]

    def freeze(self, person: Person, of: FrozenScope, name: str, reason: str, *, unseen: bool = False) -> Freeze:
        """`unseen` takes the name of an environment as it is written where none was seen of that name: it may be newer
        than the last look at what there is.
        """
        self._allow(person, "freeze")
        scope, why = self._scope(of, name, unseen=unseen), " ".join(mask_text(reason).split())
        freeze = Freeze(scope=scope, reason=why, by=person, at=self.clock.now())
        found = next((one for one in self.store.freezes(self.config.tenant) if one.scope == freeze.scope), None)
        if found is not None:
            raise Conflict(f"{found.scope.in_words} is frozen already, by {found.by.name} since {found.at:%H:%M} UTC")
        self.store.freeze(self.config.tenant, freeze, self._evidence(freeze, person, "frozen"))
        return freeze

    def thaw(self, person: Person, of: FrozenScope, name: str) -> Freeze:
        """What was frozen until now."""
        self._allow(person, "thaw")
        there = self.store.freezes(self.config.tenant)
        # As it was named when it was frozen: what is not there any more can be thawed all the same.
        scopes = [Scope(of=of, name=name)]
        if scopes[0] not in {one.scope for one in there}:
            scopes.append(self._scope(of, name))
        found = next((one for one in there if one.scope in scopes), None)
        if found is None:
            frozen = ", ".join(one.scope.in_words for one in there) or "nothing"
            raise Conflict(f"{scopes[-1].in_words} is not frozen; what is: {frozen}")
        self.store.thaw(self.config.tenant, found.scope, self._evidence(found, person, "thawed"))
        return found

    def _allow(self, person: Person, action: TenantAction) -> None:
        decision = self.policy.may(person, action)
        if decision.outcome != "allow":
            raise NotAllowed(f"{decision.reason}; nothing was changed")

    def _scope(self, of: FrozenScope, name: str, *, unseen: bool = False) -> Scope:
        if of != "all" and not name.strip():
            raise NotFound(f"which {of}? Name it; nothing was changed")
        match of:
            case "all":
                return Scope(of=of)
            case "account":
                return Scope(of=of, name=_named(name, of, {one.name: one.id for one in self.config.accounts}))
            case "person":
                return Scope(of=of, name=_named(name, of, {one.name: one.id for one in self.config.people}))
            case "environment":
                known = {one.name: one.name for one in self.known().environments}
                like = {one.casefold() for one in known}
                # Before anything was swept, as it is written: an emergency does not wait for that.
                if not known or (unseen and name.strip().casefold() not in like):
                    return Scope(of=of, name=name.strip())
                return Scope(of=of, name=_named(name, of, known, NEW))

    def _evidence(self, freeze: Freeze, person: Person, what: str) -> JournalEntry:
        at, scope = self.clock.now(), freeze.scope
        data: JsonValue = {"scope": scope.of, "name": scope.name, "state": what, "reason": freeze.reason}
        id = f"{scope.of}-{scope.name}-{what}-{at.isoformat()}"
        return JournalEntry(at=at, id=id, kind="freeze", run_id="", person=person.id, data=data)


def _named(said: str, what: str, ids: Mapping[str, str], more: str = "") -> str:
    """The id of what is called so, or has that id. Raises NotFound."""
    names: Iterable[str] = [*ids, *ids.values()]
    found = {ids.get(name, name) for name in names if name.casefold() == said.strip().casefold()}
    if len(found) != 1:
        raise NotFound(f"there is no {what} {said!r}{there_are(said, ids)}; nothing was changed{more}")
    return found.pop()
