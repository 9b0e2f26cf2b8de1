"""A run that deletes previews: who may, what is asked, what is said and what is there afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeClients, FakePlatform, database, service

from copilot.adapters.memory_inventory import MemoryInventory
from copilot.bootstrap.in_process import InProcess
from copilot.domain import (
    Approval,
    Freeze,
    JournalEntry,
    Known,
    KnownEnvironment,
    Person,
    Run,
    Scope,
)

OPERATOR = Person(id="olga", name="Olga", roles=("operator", "approver"))
KINDS: Any = {"pr-1": "preview", "pr-2": "preview", "shop-dev": "development", "shop-live": "production"}


class Runner:
    """The copilot over a platform in memory, where every preview has been one for long."""

    def __init__(self, person: Person = OPERATOR, decision: Any = "approve", **more: Any) -> None:
        self.clock = FakeClock()
        long_ago = self.clock.now() - timedelta(days=4)
        resources = [
            service("pr-1", "page", 0, saved_at=long_ago),
            database("pr-1", "db", "stopped", saved_at=long_ago),
            service("pr-2", "page", 1, made_at=self.clock.now() - timedelta(days=20)),
            service("shop-dev", "web", 0, saved_at=long_ago),
            service("shop-live", "api", 4),
        ]
        self.platform = FakePlatform(resources, kinds=dict(KINDS))
        self.asked: list[Approval] = []
        self.inventory = MemoryInventory()
        self.inventory.publish(self._known)
        self.decision = decision
        self.process = InProcess(
            self._clients,
            clock=self.clock,
            sleep=self.clock.sleep,
            workers=1,
            person=person,
            inventory=self.inventory,
            decide=self._decide,
            **more,
        )

    def _known(self) -> Known:
        now = self.clock.now()
        given: Any = {"seen_at": now, "as_of": now, "accounts": ("main (111111111111)",), "regions": ("eu-west-1",)}
        since: Any = {"kind_since": now - timedelta(days=30), "first_seen": now - timedelta(days=30)}
        there = [KnownEnvironment(name=name, kind=kind, **given, **since) for name, kind in KINDS.items()]
        return Known(environments=tuple(there), seen_at=now)

    def _clients(self, run: Run, call: str, permissions: object) -> FakeClients:
        there = {one.name: one for one in self.inventory.known().environments}
        return FakeClients(self.platform, clock=self.clock, call_id=call, noted=there)

    def _decide(self, approval: Approval) -> Any:
        self.asked.append(approval)
        return self.decision

    def ask(self, text: str, conversation: str = "c") -> dict[str, Any]:
        self.clock.sleep(1)
        return self.process.run(text, conversation)

    @property
    def there(self) -> list[str]:
        return [f"{one.environment}/{one.name}" for one in self.platform.resources]


def left(*gone: str) -> list[str]:
    return [one for one in Runner().there if not one.startswith(gone)]


def test_it_is_asked_with_everything_shown_and_then_gone() -> None:
    runner = Runner()
    view = runner.ask("delete pr-1")
    assert view["outcome"] == "succeeded", view["answer"]
    (approval,) = runner.asked
    (call,) = approval.calls
    assert [(one.name, one.action) for one in call.preview.changes][:2] == [("page", "delete"), ("db", "delete")]
    (snapshot,) = runner.platform.snapshots
    assert call.preview.changes[1].snapshot == snapshot and snapshot in view["answer"]
    assert runner.there == left("pr-1/")
    assert view["answer"].startswith("pr-1: deleted page, db; 1 final snapshot: ")


def test_undo_says_that_it_is_gone_and_takes_nothing_else_back() -> None:
    runner = Runner()
    runner.ask("stop pr-2")
    assert runner.ask("delete pr-1")["outcome"] == "succeeded"
    before = runner.there
    view = runner.ask("undo that")
    assert "what is deleted is gone for good" in view["answer"] and runner.platform.snapshots[0] in view["answer"]
    assert runner.there == before
    assert next(one for one in runner.platform.resources if one.environment == "pr-2").size == 0


@pytest.mark.parametrize("roles", [("developer",), ("reader",), ("approver",), ()])
def test_who_is_no_operator_has_nothing_deleted(roles: tuple[str, ...]) -> None:
    runner = Runner(Person(id="x", name="X", roles=roles))
    runner.ask("delete pr-1")
    assert runner.asked == [] and runner.platform.applied == []


def test_what_is_denied_or_not_decided_stays() -> None:
    for decision in ("deny", None):
        runner = Runner(decision=decision)
        runner.ask("delete pr-1")
        assert len(runner.asked) == 1 and runner.platform.applied == []


def test_of_many_each_is_deleted_or_refused_with_its_reason() -> None:
    runner = Runner()
    view = runner.ask("delete all previews older than 14 days")
    assert runner.there == left("pr-1/")
    assert "1 of 2 preview environments deleted" in view["answer"]
    assert "pr-2 is not deleted: page is running" in view["answer"]
    view = runner.ask("delete pr-2 even though it is running")
    assert view["outcome"] == "succeeded" and runner.there == left("pr-1/", "pr-2/")


@pytest.mark.parametrize("text", ["delete shop-dev", "delete shop-live", "delete shop-dev even though it is running"])
def test_what_is_no_preview_is_not_even_asked_for(text: str) -> None:
    runner = Runner()
    view = runner.ask(text)
    assert "I delete preview environments and schedules" in view["answer"]
    assert runner.asked == [] and runner.platform.applied == []


def test_what_is_production_by_a_fresh_read_is_refused_though_the_sweeps_say_preview() -> None:
    runner = Runner()
    runner.platform.kinds["pr-1"] = "production"
    view = runner.ask("delete pr-1")
    assert view["outcome"] == "failed" and "it is production" in view["answer"]
    assert runner.asked == [] and runner.platform.applied == []


def test_what_moves_between_approval_and_effect_is_not_deleted() -> None:
    runner = Runner()
    decide = runner._decide

    def meanwhile(approval: Approval) -> Any:
        if len(runner.asked) == 0:
            runner.platform.resources.append(database("pr-1", "new", "stopped", saved_at=None))
        else:
            runner.decision = "deny"
        return decide(approval)

    runner.process.decide = meanwhile
    runner.ask("delete pr-1")
    assert runner.platform.applied == []


def test_a_freeze_stops_it() -> None:
    runner = Runner()
    store = runner.process.store
    at = runner.clock.now()
    entry = JournalEntry(at=at, id="f", kind="freeze", run_id="", person="olga", data={})
    store.freeze("main", Freeze(scope=Scope(of="all"), reason="a move", by=OPERATOR, at=at), entry)
    view = runner.ask("delete pr-1")
    assert "frozen" in view["answer"] and runner.platform.applied == []
