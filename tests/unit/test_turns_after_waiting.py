"""What waited for a person goes on once its Conversation is its own again, and not beside another turn of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes import World
from test_advancing import LIVE, advanced, approve, the_run
from test_runs import OFF_ALL, runner

from copilot.bootstrap.in_process import InProcess
from copilot.domain import TURN_LASTS, Person, Plan, Run, Trigger

ANN = Person(id="ann", name="Ann", roles=("developer",))


def parked() -> tuple[InProcess, World, Run]:
    world = World(lights={"a": True}, kinds=LIVE)
    process = runner(world)
    process.run(Plan.model_validate(OFF_ALL))
    return process, world, the_run(process)


def another(process: InProcess, of: Run, name: str = "other") -> Run:
    """Another turn of the same Conversation, at work."""
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=ANN,
        text="another",
        conversation=of.conversation,
        dedupe_key=name,
        received_at=process.clock.now(),
    )
    run, _ = process.store.record_trigger(trigger)
    assert process.store.take_lock(run, process.clock.now(), process.clock.now() + TURN_LASTS)
    process.store.mark_started(run, 1)
    return run


def test_who_waits_lets_others_go_on_and_does_not_go_on_beside_them() -> None:
    process, world, run = parked()
    other = another(process, run)
    approve(process)
    for _ in range(3):
        waits = advanced(process)
        assert (waits.next, waits.items, waits.wave) == ("wait", (), run.wave)
    assert world.switched == [] and the_run(process).status == "parked"
    process.store.release_lock(other)
    assert advanced(process).next == "items"


def test_from_then_on_no_other_is_at_work_there() -> None:
    process, _, run = parked()
    approve(process)
    assert advanced(process).next == "items"
    with pytest.raises(AssertionError):
        another(process, run)


def test_a_turn_that_was_lost_holds_it_up_no_longer_than_its_lease() -> None:
    process, _, run = parked()
    another(process, run)
    approve(process)
    assert advanced(process).next == "wait"
    process.clock.at += TURN_LASTS + timedelta(seconds=1)  # type: ignore[attr-defined]
    assert advanced(process).next in {"items", "approve"}


def test_it_is_asked_for_again_less_and_less_often() -> None:
    process, _, run = parked()
    another(process, run)
    approve(process)
    seconds = []
    for after in (0, 20, 60, 600):
        process.clock.at += timedelta(seconds=after)  # type: ignore[attr-defined]
        seconds.append(advanced(process).seconds)
    assert seconds == [2, 5, 20, 30]


def test_what_is_cancelled_meanwhile_ends_at_once() -> None:
    process, world, run = parked()
    another(process, run)
    process.store.cancel_run("main", run.run_id, "ann")
    assert advanced(process).next == "reply" and world.switched == []


def test_two_that_wake_at_once_go_on_one_after_the_other() -> None:
    process, _, run = parked()
    approve(process)
    other = another(process, run)
    assert advanced(process).next == "wait"
    process.store.release_lock(other)
    assert advanced(process).next == "items"
    assert not process.store.take_lock(other, process.clock.now(), process.clock.now() + TURN_LASTS)
