"""Who changed what, and when: what the copilot did, out of its own ledger."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fakes_platform import service
from some_clients import SomeClients
from steering_world import ANA, ASLEEP, AWAKE, BEN, NOON, SCHEDULE, World

from copilot.domain import Person
from copilot.errors import PermissionDenied, ToolInputError
from copilot.tools.changes.history import Changes, ChangesInput, ChangesOutput


def changes(world: World, by: Person = ANA, **asked: Any) -> ChangesOutput:
    run: Any = SimpleNamespace(trigger=SimpleNamespace(person=by))
    return Changes(world.clients(run, "r/s/0")).run(ChangesInput(**asked))


@pytest.fixture(scope="module")
def world() -> World:
    """ana stopped one, ben started another five hours later and paused a schedule of hers."""
    made = World()
    made.ask(f"stop {AWAKE}")
    made.clock.at += timedelta(hours=5)
    for said in (f"start {ASLEEP}", f"pause {SCHEDULE}", f"stop {ASLEEP} and tell #ops"):
        made.ask(said, BEN)
        made.clock.at += timedelta(minutes=1)
    return made


def test_each_change_is_told_with_when_and_whose_it_was_the_newest_first(world: World) -> None:
    found = changes(world)
    assert [(one.person, one.tool) for one in found.changes] == [
        ("ben", "stop_environment"),
        ("ben", "notify"),
        ("ben", "pause_schedule"),
        ("ben", "start_environment"),
        ("ana", "stop_environment"),
    ]
    assert found.changes[-1].summary == f"Mon 2 Mar 12:00 UTC: ana stopped {AWAKE} (web 2 -> 0)"
    assert found.changes[2].summary.endswith(f"ben paused schedule {SCHEDULE}")
    assert found.changes[1].summary.endswith("ben told #ops") and "CloudTrail" in found.looked_at


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"environment_id": ASLEEP}, ["stop_environment", "start_environment"]),
        ({"environment_id": ASLEEP, "tool": "start_environment"}, ["start_environment"]),
        ({"schedule_id": SCHEDULE}, ["pause_schedule"]),
        ({"mine": True}, ["stop_environment"]),
        ({"person": "Ben", "tool": "stop_environment"}, ["stop_environment"]),
        ({"until": (NOON + timedelta(hours=1)).isoformat()}, ["stop_environment"]),
        ({"since": (NOON + timedelta(hours=1)).isoformat(), "most": 1}, ["stop_environment"]),
        ({"environment_id": "shop-live"}, []),
    ],
)
def test_what_is_asked_for_is_found_and_nothing_else(world: World, asked: dict[str, Any], found: list[str]) -> None:
    told = changes(world, **asked)
    assert [one.tool for one in told.changes] == found
    assert bool(told.none) == (not found) and bool(told.more) == ("most" in asked)


def test_what_changed_nothing_is_no_change() -> None:
    world = World()
    world.ask(f"stop {ASLEEP}")
    found = changes(world)
    assert found.none == "Nothing was changed by the copilot in that time."
    assert found.looked_at.startswith("From Sun 1 Mar 12:00 UTC to Mon 2 Mar ")
    of_one = changes(world, environment_id=ASLEEP, tool="stop_environment")
    assert of_one.none.startswith(f"{ASLEEP}: nothing was stopped")


def test_what_could_not_be_changed_is_said() -> None:
    world = World()
    world.platform.resources.append(service(AWAKE, "api", 1))
    world.platform.failing["api"] = PermissionDenied("no")
    world.ask(f"stop {AWAKE}")
    assert changes(world).changes[0].summary.endswith("; 1 of it could not be")


def test_no_more_are_read_than_a_bound_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for said in (f"stop {AWAKE}", f"start {AWAKE}", f"stop {AWAKE}"):
        world.ask(said)
    monkeypatch.setattr("copilot.tools.changes.history.LOOKED_AT", 2)
    found = changes(world)
    assert len(found.changes) == 2 and found.more == "No more than the newest 2 changes were looked at."


def test_a_firing_is_its_schedules_doing_on_behalf_of_its_owner() -> None:
    world = World()
    run = world.run_of(world.ask(f"stop {AWAKE}"))
    trigger = run.trigger.model_copy(update={"kind": "schedule", "conversation": f"schedule/{SCHEDULE}"})
    world.store._runs["main", run.run_id] = run.model_copy(update={"trigger": trigger})
    (one,) = changes(world).changes
    assert one.schedule == SCHEDULE and f"schedule {SCHEDULE} of ana stopped {AWAKE}" in one.summary


@pytest.mark.parametrize(
    "asked",
    [
        {"since": NOON.isoformat(), "until": (NOON - timedelta(days=1)).isoformat()},
        {"since": (NOON - timedelta(days=40)).isoformat()},
        {"environment_id": AWAKE, "schedule_id": SCHEDULE},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_what_cannot_be_looked_for_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ToolInputError):
        changes(World(), **asked)


def test_times_are_told_in_the_zone_that_is_asked_for(world: World) -> None:
    assert "13:00 CET" in changes(world, time_zone="Europe/Paris").changes[-1].summary


def test_it_is_answered_in_words_and_leaves_the_names_behind() -> None:
    world = World()
    world.ask(f"stop {AWAKE}")
    told = world.ask("what did you do today?")["answer"]
    assert told.splitlines()[:2] == [
        "Changed by the copilot:",
        f"- Mon 2 Mar 12:00 UTC: ana stopped {AWAKE} (web 2 -> 0)",
    ]
    assert f"ana stopped {AWAKE}" in world.ask("who stopped it?")["answer"]
    assert f"{AWAKE}: nothing was started by the copilot" in world.ask("when was it started?")["answer"]
    assert world.ask("start it again")["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ben", "Nothing was changed by the copilot for ben in that time."),
        ("Ben", "Nothing was changed by the copilot for Ben in that time."),
        ("bob", "no person bob in the configuration; nearest: boba. It takes one person's id or name"),
        ("reactions", "no person reactions in the configuration; there are ana, ben, boba."),
    ],
)
def test_whom_was_looked_for_is_said_and_that_there_is_no_such_person(
    said: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SomeClients, "people", lambda self: {"ana": "Ana", "ben": "Ben Oak", "boba": "Boba"})
    found = changes(World(), person=said).none
    assert told in found and f"for {said} in that time." in found and ("There is no person" in found) == ("no " in told)


def test_a_person_is_found_by_name_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SomeClients, "people", lambda self: {"ana": "Ana", "ben": "Benedict Oak"})
    for said in ("benedict", "Benedict Oak", "ben"):
        assert {one.person for one in changes(world, person=said).changes} == {"ben"}
