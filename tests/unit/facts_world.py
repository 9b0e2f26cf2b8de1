"""A copilot in this process over a small cloud, asked by several people, with what it remembers for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fake_model import FakeModel
from fakes import FakeClock
from fakes_platform import FakeClients, FakeNotifier, FakePlatform, service

from copilot.adapters.memory_facts import MemoryFacts
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import Fact, KeptFact, Kind, Known, KnownEnvironment, Permission, Person, Run, scope_of

NOVEMBER = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
KINDS: dict[str, Kind] = {
    "storefront": "development",
    "basket": "development",
    "books": "staging",
    "live": "production",
}
OWNERS = {"storefront": "payments", "basket": "payments", "books": "core", "live": "core"}
REA = Person(id="rea", name="Rea", roles=("reader",))
DEV = Person(id="dev", name="Dev", roles=("developer",))
OPA = Person(id="opa", name="Opa", roles=("operator",))
APP = Person(id="app", name="App", roles=("approver", "developer"))
NIL = Person(id="nil", name="Nil")
PEOPLE = (REA, DEV, OPA, APP, NIL)


class CountedFacts(MemoryFacts):
    """Which scopes were asked for, and how often."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = Counter[str]()

    def facts(self, scope: str) -> list[KeptFact]:
        self.asked[scope] += 1
        return super().facts(scope)


class FactsWorld:
    def __init__(self, *answers: Any, swept: bool = True, **more: Any) -> None:
        self.clock = FakeClock(NOVEMBER)
        self.platform = FakePlatform([service(name, f"{name}-api", 1) for name in KINDS], kinds=dict(KINDS))
        self.platform.owners |= OWNERS
        self.facts, self.notifier = CountedFacts(), FakeNotifier()
        self.inventory = MemoryInventory(self.known(KINDS) if swept else Known())
        self.model = FakeModel(list(answers))
        people = tuple(KnownPerson(id=one.id, name=one.name, principals=(), roles=one.roles) for one in PEOPLE)
        self.process = InProcess(
            self._clients,
            config=Configuration(accounts=(), people=people),
            clock=self.clock,
            sleep=self.clock.sleep,
            workers=1,
            facts=self.facts,
            inventory=self.inventory,
            model_for=lambda purpose: self.model if answers and purpose != "route" else None,
            **more,
        )

    def known(self, kinds: dict[str, Kind]) -> Known:
        there = [
            KnownEnvironment(name=name, kind=kind, owner=OWNERS.get(name, ""), seen_at=NOVEMBER)
            for name, kind in sorted(kinds.items())
        ]
        return Known(environments=tuple(there), services=("api",), seen_at=NOVEMBER)

    def _clients(self, run: Run, call: str, permissions: Sequence[Permission] | None) -> FakeClients:
        self.clock.sleep(1)
        clients = FakeClients(self.platform, clock=self.clock, call_id=call)
        clients.facts, clients.person, clients.notifier = self.facts, run.trigger.person, self.notifier
        clients.no_alias = self.process.use_cases.no_alias  # type: ignore[method-assign]
        return clients

    def ask(self, text: str, person: Person = DEV, conversation: str = "c") -> dict[str, Any]:
        self.clock.sleep(1)
        self.process.person = person
        return self.process.run(text, conversation)

    def says(self, text: str, person: Person = DEV, conversation: str = "c") -> str:
        return str(self.ask(text, person, conversation)["answer"])

    def kept(self, scope: str = scope_of(DEV.id)) -> dict[str, str]:
        """What is so now, by what it is about."""
        found: list[Fact] = [one.now for one in self.facts.facts(scope) if one.now]
        return {one.subject if one.kind in {"alias", "default"} else one.kind: one.value for one in found}

    def rules(self, scope: str = scope_of(DEV.id)) -> set[str]:
        """What is off limits now, and who is told, all of it."""
        current = [one.current(self.clock.now()) for one in self.facts.facts(scope)]
        return {one.value for one in current if one and (one.exclusion or one.companion)}

    @property
    def told(self) -> list[tuple[str, str]]:
        """Who was sent what, in order."""
        return list(self.notifier.sent.values())

    @property
    def states(self) -> dict[str, str]:
        return {one.environment: one.state for one in self.platform.survey().resources}
