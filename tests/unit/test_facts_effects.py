"""What is off limits begins no effect, whenever it became so, and what was begun is not begun again meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest
from fakes import FakeClock
from one_write import ANN, OneWrite, Press
from test_freezing import Slow

from copilot.adapters.memory_facts import MemoryFacts
from copilot.domain import EVERYBODY, Exclusion, Fact, FactName, KeptFact, Selector, Stretches, scope_of
from copilot.errors import RetryableError, Unfinished

TOLD = "changes of a are off limits, as Ann said on 2 Mar 2026"


def keep(write: OneWrite, effect: Literal["deny", "ask"] = "deny", scope: str = EVERYBODY, name: str = "a") -> None:
    rule = Exclusion(of=Selector(environments=(name,)), when=Stretches(time_zone="UTC"), effect=effect)
    called = FactName.of("exclusion", rule.of.in_words, "")
    said: dict[str, Any] = {**called.model_dump(), "value": rule.in_words, "exclusion": rule}
    fact = Fact(kind="exclusion", **said, run="r0", author=ANN, at=write.clock.now())
    write.facts.put(KeptFact.first(scope, fact))


def lift(write: OneWrite) -> None:
    (kept,) = write.facts.facts(EVERYBODY)
    write.facts.put(kept.superseded(None, write.clock.now()))


@pytest.mark.parametrize("scope", [EVERYBODY, scope_of(ANN.id)])
def test_no_effect_begins_in_what_is_off_limits(scope: str) -> None:
    write = OneWrite()
    keep(write, scope=scope)
    verdict = write.execute()
    assert (verdict.kind, write.world.switched) == ("abort", []) and verdict.reason == TOLD
    assert write.store.effects("main", write.run_id) == []


def test_what_another_has_off_limits_and_what_else_is_keep_nothing_back() -> None:
    write = OneWrite()
    keep(write, scope=scope_of("ben"))
    keep(write, name="b")
    write.execute()
    assert write.world.switched == ["a"]


def test_what_is_to_be_asked_is_decided_anew_and_what_was_approved_begins() -> None:
    write = OneWrite()
    keep(write, "ask")
    verdict = write.execute()
    assert (verdict.kind, write.world.switched) == ("preview", []), "nobody was asked"
    write.approved()
    write.execute()
    assert write.world.switched == ["a"]


def test_what_was_approved_does_not_begin_where_it_is_off_limits_since() -> None:
    write = OneWrite()
    write.approved()
    keep(write)
    assert (write.execute().kind, write.world.switched) == ("abort", [])


@pytest.mark.parametrize(("seconds", "switched"), [(4.9, ["a"]), (5.1, [])])
def test_an_effect_that_took_long_to_begin_looks_again(seconds: float, switched: list[str]) -> None:
    clock = FakeClock()
    write = OneWrite(clock=clock, store=Slow(clock, seconds, lambda store: keep(write)))
    verdict = write.execute()
    assert write.world.switched == switched
    if not switched:
        assert (verdict.kind, write.entry.state) == ("abort", "failed_clean") and TOLD in write.entry.reason


def test_what_is_half_done_waits_until_it_is_lifted() -> None:
    write = OneWrite()

    def hold(name: str) -> None:
        raise Unfinished("its database cannot be stopped yet", ours=True)

    write.world.before_switch = hold
    assert write.execute().kind == "wait"
    write.world.before_switch = lambda name: None
    keep(write)
    verdict = write.execute("w2")
    assert (verdict.kind, verdict.patient, write.world.switched, write.entry.owner) == ("retry", True, [], "w1")
    assert verdict.reason.startswith(f"it was begun, and {TOLD}")
    lift(write)
    write.execute()
    assert write.world.switched == ["a"]


def test_what_a_dead_worker_began_is_not_begun_again_while_it_is_off_limits() -> None:
    for when in ("before", "read back"):
        write = OneWrite(Press)
        write.world.before_switch = lambda name: (_ for _ in ()).throw(SystemExit)
        with pytest.raises(SystemExit):
            write.execute()
        write.world.before_switch = lambda name: None
        write.clock.sleep(timedelta(minutes=20).total_seconds())
        if when == "before":
            keep(write)
        else:
            write.world.on_look = lambda name, write=write: keep(write)  # type: ignore[misc]
        verdict = write.execute("w2")
        assert (verdict.kind, verdict.patient, write.world.switched) == ("retry", True, []), when


def test_where_it_cannot_be_looked_nothing_begins() -> None:
    class Away(MemoryFacts):
        def facts(self, scope: str) -> list[KeptFact]:
            raise RetryableError("the table is away")

    write = OneWrite(facts=Away())
    with pytest.raises(RetryableError):
        write.execute()
    assert write.world.switched == [] and write.store.effects("main", write.run_id) == []
