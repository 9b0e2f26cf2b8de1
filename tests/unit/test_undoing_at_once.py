"""Two who take back the same run at the same time: each effect is taken back once, and the other is told by whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from fakes_platform import service
from test_undoing import Runner, approving, put

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Person
from copilot.errors import FatalError
from copilot.ports import Store

ZOE = Person(id="zoe", name="Zoe", roles=("operator",))


class Interrupted:
    """A Store before whose call number `at` something else happens, once."""

    def __init__(self, store: Store, happens: Callable[[], object]) -> None:
        self._store, self._happens = store, happens
        self.at, self.calls = -1, 0

    def from_now(self, at: int) -> None:
        self.at, self.calls = at, 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def called(*given: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self.at:
                self._happens()
            return found(*given, **named)

        return called if callable(found) else found


class Two:
    """Who asked for what was done, and Zoe, who takes it back while they do. `after` is what happens right then."""

    def __init__(self, after: Callable[[Two], object] = lambda two: None) -> None:
        self.asked: list[Any] = []
        self.runner = Runner(
            [service("shop-live", "web", 2), service("shop-dev", "api", 3)], decide=approving(self.asked)
        )
        self.store = self.runner.process.store
        self.zoe = self._process(self.store, ZOE)
        self.interrupted = Interrupted(self.store, self._meanwhile)
        self.me = self._process(cast(Store, self.interrupted), self.runner.process.person)
        self.after, self.stopped, self.theirs = after, "", dict[str, Any]()

    def _process(self, store: Store, person: Person) -> InProcess:
        return InProcess(
            self.runner._clients,
            clock=self.runner.clock,
            sleep=self.runner.clock.sleep,
            workers=1,
            store=store,
            history=MemoryEffects(cast(MemoryStore, self.store)),
            person=person,
            decide=approving(self.asked),
        )

    def _meanwhile(self) -> None:
        self.theirs = self.zoe.run(f"undo run {self.stopped}", f"zoe-{self.stopped}")
        self.after(self)

    def at(self, call: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What both are answered, where Zoe begins before this call of the other's store."""
        self.runner.clock.sleep(1)
        self.stopped = self.runner.ask("stop shop-live and shop-dev", f"c{call}")["run_id"]
        self.asked.clear()
        self.theirs = {}
        self.interrupted.from_now(call)
        mine = self.me.run(f"undo run {self.stopped}", f"u{call}")
        self.interrupted.from_now(-1)
        return mine, self.theirs

    def effects(self, *views: dict[str, Any]) -> list[str]:
        """The targets of those that changed something."""
        ledgers = [self.store.effects("main", view["run_id"]) for view in views]
        made = [entry for ledger in ledgers for entry in ledger if entry.state != "failed_clean"]
        return sorted(target.name for entry in made if not entry.prior.is_idle for target in entry.prior.targets)


def told(view: dict[str, Any], by: str) -> bool:
    return f"taken back already, by {by} at ".lower() in view["answer"].lower()


def stops_again(two: Two) -> None:
    """Somebody stops it again, past the copilot: it is as it was when who is late looked at it."""
    for name in ("web", "api"):
        put(two.runner, name, size=0, running=0, state="stopped", saved=two.runner.platform.now(name).saved)


def test_at_whatever_point_another_begins_each_is_taken_back_once_and_who_is_late_is_told_by_whom() -> None:
    """Also where it is stopped once more since: what was granted was that it is started once."""
    two, call, seen = Two(after=stops_again), 0, set[tuple[bool, bool]]()
    while True:
        call += 1
        mine, theirs = two.at(call)
        if not theirs:
            break
        assert two.effects(mine, theirs) == ["shop-dev", "shop-live"], (call, mine["answer"], theirs["answer"])
        assert not two.asked, call
        by = told(mine, "Zoe"), told(theirs, "Me")
        assert any(by), (call, mine["answer"], theirs["answer"])
        seen.add(by)
        for name, size in (("web", 2), ("api", 3)):
            put(two.runner, name, size=size, running=size, state="running")
    assert call > 30 and seen == {(True, False), (False, True), (True, True)}, (call, seen)


def test_what_was_taken_back_is_granted_no_second_time_and_what_failed_is() -> None:
    two = Two()
    two.stopped = two.runner.ask("stop shop-live")["run_id"]
    two.runner.platform.failing = {"web": FatalError("broken", ours=True)}
    two.asked.clear()
    assert two.zoe.run(f"undo run {two.stopped}", "first")["outcome"] == "failed"
    two.runner.platform.failing = {}
    view = two.zoe.run(f"undo run {two.stopped}", "second")
    assert (view["outcome"], two.asked, two.runner.sizes["web"]) == ("succeeded", [], (2, "running"))
    assert told(two.runner.ask(f"undo run {two.stopped}"), "zoe") and not two.asked
