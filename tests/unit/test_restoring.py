"""What was stopped is known from the ledger, whatever has become of the notes on the resources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeNotifier, FakePlatform, database, group, instance, service
from hypothesis import given, settings
from hypothesis import strategies as st
from some_clients import SomeClients

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Limits, Permission, Plan, Resource, ResourceRef, Run
from copilot.errors import FatalError, NotReady
from copilot.ports import Clients
from copilot.tools.environments.restoring import Restoring, notes_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SCALED = Limits(minimum=2, maximum=10, suspended=("out",))
HOUR = timedelta(hours=1)
DEV = ResourceRef(type="environment", id="dev")


class World:
    """One environment, and an installation that stops and starts it."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        self.store = MemoryStore()
        resources = [
            database("dev", "db"),
            instance("dev", "worker"),
            service("dev", "web", 3, limits=SCALED),
            service("dev", "api", 1),
            group("dev", "pool", 2, Limits(minimum=1, maximum=4)),
            service("other", "theirs", 4),
        ]
        self.platform = FakePlatform(resources)
        self.before = list(self.platform.resources)

    def clients(self, run: Run, call_id: str, permissions: Sequence[Permission] | None = None) -> Clients:
        world = self

        class Given(SomeClients):
            platform = Restoring(world.platform, MemoryEffects(world.store))
            notifier, clock, person = FakeNotifier(), world.clock, run.trigger.person

        given = Given()
        given.call_id = call_id
        return given

    def do(self, tool: str, *only: str) -> dict[str, Any]:
        """Stop or start the environment, an hour after whatever was last."""
        self.clock.at += HOUR
        arguments: dict[str, Any] = {"environment_id": "dev"}
        if only:
            arguments["only"] = [self.platform.now(name).ref.id for name in only]
        step = {"id": "act", "tool": f"{tool}_environment", "arguments": arguments}
        plan = Plan.model_validate({"goal": tool, "steps": [step], "answer": {"text": "{act.summary}"}})
        run = InProcess(self.clients, store=self.store, clock=self.clock, sleep=self.clock.sleep, workers=2)
        return run.run(plan)

    def change(self, change: Callable[[Resource], dict[str, Any]]) -> None:
        self.platform.resources = [one.model_copy(update=change(one)) for one in self.platform.resources]

    def strip(self) -> None:
        """As an apply of infrastructure as code does, which knows nothing of our tags."""
        self.change(lambda one: {"saved": None, "saved_limits": None, "saved_at": None})

    def sizes(self) -> dict[str, int]:
        return {one.name: one.size for one in self.platform.resources if one.environment == "dev"}


ALL = {"db": 1, "worker": 1, "web": 3, "api": 1, "pool": 2}
NONE = dict.fromkeys(ALL, 0)


@pytest.fixture
def world() -> World:
    return World()


def test_with_all_tags_gone_a_start_restores_counts_and_limits_exactly(world: World) -> None:
    world.do("stop")
    assert world.sizes() == NONE
    world.strip()
    view = world.do("start")
    assert view["outcome"] == "succeeded", view["answer"]
    assert world.platform.resources == world.before


def test_what_the_copilot_did_not_stop_is_not_started(world: World) -> None:
    resting = service("dev", "rests", 0)
    world.platform.resources.append(resting)
    world.do("stop")
    world.strip()
    assert "rests left alone (was not stopped by the copilot)" in world.do("start")["answer"]
    assert world.platform.now("rests").size == 0


def test_what_was_started_since_and_stopped_by_another_is_not_started(world: World) -> None:
    world.do("stop")
    world.do("start")
    world.change(lambda one: {"size": 0, "running": 0, "state": "stopped"} if one.name == "api" else {})
    assert "api left alone (was not stopped by the copilot)" in world.do("start")["answer"]
    assert world.platform.now("api").size == 0


def test_an_old_note_that_somebody_put_back_does_not_count(world: World) -> None:
    world.do("stop")
    world.do("start")
    world.change(lambda one: {"size": 6, "running": 6} if one.name == "web" else {})
    world.do("stop")
    old = {"saved": 3, "saved_limits": SCALED, "saved_at": NOON + HOUR}
    world.change(lambda one: old if one.name == "web" else {})
    world.do("start")
    assert world.platform.now("web").size == 6, "the newer counts"


def test_an_old_note_on_what_was_started_since_starts_nothing(world: World) -> None:
    world.do("stop")
    world.do("start")
    off = {"size": 0, "running": 0, "state": "stopped", "saved": 1, "saved_at": NOON + HOUR}
    world.change(lambda one: off if one.name == "api" else {})
    world.do("start")
    assert world.platform.now("api").size == 0


def test_a_newer_note_of_another_installation_counts(world: World) -> None:
    world.do("stop")
    world.do("start")
    newer = {"size": 0, "running": 0, "state": "stopped", "saved": 2, "saved_at": world.clock.at + HOUR / 2}
    world.change(lambda one: newer if one.name == "api" else {})
    world.do("start")
    assert world.platform.now("api").size == 2


@pytest.mark.parametrize(("noted", "restored"), [(1, 1), (2, 2), (7, 3)])
def test_of_a_note_without_a_time_and_the_ledger_the_smaller_size_counts(
    world: World, noted: int, restored: int
) -> None:
    world.do("stop")
    world.change(lambda one: {"saved": noted, "saved_at": None} if one.name == "web" else {})
    world.do("start")
    assert world.platform.now("web").size == restored


def test_what_was_made_since_under_the_same_name_is_not_what_was_stopped(world: World) -> None:
    world.do("stop")
    world.strip()
    world.change(lambda one: {"made_at": world.clock.at + HOUR / 2} if one.name == "api" else {})
    world.do("start")
    assert world.sizes() == ALL | {"api": 0}


def test_a_note_that_was_copied_to_what_was_made_later_is_not_its_own(world: World) -> None:
    copied = {"size": 0, "running": 0, "state": "stopped", "saved": 1, "saved_at": NOON, "made_at": NOON + HOUR}
    world.change(lambda one: copied if one.name == "db" else {})
    world.do("start")
    assert world.platform.now("db").size == 0


def test_what_was_made_a_moment_before_or_after_as_two_clocks_have_it_is_the_same(world: World) -> None:
    world.change(lambda one: {"made_at": NOON + HOUR + timedelta(minutes=2)})
    world.do("stop")
    world.strip()
    world.do("start")
    assert world.sizes() == ALL


def test_a_stop_that_came_to_no_end_is_known_too(world: World) -> None:
    """Some of it was stopped; then the tags went, and its run has long been given up."""
    world.platform.failing["db"] = NotReady("it is being backed up")
    assert world.do("stop")["outcome"] != "succeeded"
    assert world.sizes() == NONE | {"db": 1}
    world.strip()
    world.platform.failing.clear()
    world.do("start")
    assert world.sizes() == ALL
    assert world.platform.now("web").limits == SCALED


def test_limits_that_an_earlier_stop_left_at_rest_are_restored_as_they_were_before_it(world: World) -> None:
    """It came no further with one service than what scales it, and a second run has stopped it since."""
    world.platform.failing["web"] = NotReady("it is being changed")
    world.do("stop")
    rests = Limits(minimum=0, maximum=10, suspended=("in", "out", "scheduled"))
    world.change(lambda one: {"limits": rests} if one.name == "web" else {})
    world.strip()
    world.platform.failing.clear()
    world.do("stop")
    world.strip()
    world.do("start")
    assert world.platform.now("web").limits == SCALED
    assert world.sizes() == ALL


def test_what_a_stop_could_not_stop_and_another_did_is_not_started(world: World) -> None:
    world.platform.failing["worker"] = FatalError("it is protected")
    world.do("stop")
    world.platform.failing.clear()
    off = {"size": 0, "running": 0, "state": "stopped", "saved": None}
    world.change(lambda one: off if one.name == "worker" else {})
    world.do("start")
    assert world.sizes()["worker"] == 0


def test_what_a_start_could_not_start_is_started_by_the_next(world: World) -> None:
    world.do("stop")
    world.platform.failing["worker"] = FatalError("there is no capacity")
    world.do("start")
    world.strip()
    world.platform.failing.clear()
    world.do("start")
    assert world.sizes() == ALL


def test_stops_of_parts_are_each_remembered_for_what_they_stopped(world: World) -> None:
    world.do("stop", "web")
    world.do("stop", "api")
    world.do("stop")
    world.strip()
    world.do("start", "db")
    world.strip()
    world.do("start")
    assert world.sizes() == ALL


@pytest.mark.parametrize(("ended", "size"), [(HOUR / 60, None), (HOUR, 3)])
def test_what_a_later_effect_saw_on_was_started_again_unless_the_earlier_was_still_at_work(
    world: World, ended: timedelta, size: int | None
) -> None:
    """The later one left it, since it was not asked for it."""
    web = world.platform.now("web").ref.id
    world.do("stop", "web")
    (stop,) = world.store.effects_on("main", DEV)
    earlier = stop.model_copy(update={"finished_at": stop.started_at + ended})
    skipped = tuple(one.model_copy(update={"action": "skip"}) for one in stop.prior.changes)
    prior = stop.prior.model_copy(update={"changes": skipped})
    later = stop.model_copy(update={"prior": prior, "started_at": stop.started_at + HOUR / 2})
    assert notes_of([later, earlier], {web})[web].size == size


def test_double_delivery_changes_nothing(world: World) -> None:
    world.do("stop")
    world.strip()
    for _ in range(2):
        world.do("start")
    assert world.platform.resources == world.before
    for _ in range(2):
        world.do("stop")
    world.strip()
    world.do("start")
    assert world.platform.resources == world.before


def test_a_list_of_everything_and_what_runs_cost_no_look_into_the_ledger(world: World) -> None:
    class Closed:
        def on(self, target: object) -> Any:
            raise AssertionError("nothing to restore")

    platform = Restoring(world.platform, Closed())
    assert platform.survey("dev") == world.platform.survey("dev")
    world.do("stop")
    assert platform.survey() == world.platform.survey()


ACTS = st.lists(
    st.tuples(st.sampled_from(["stop", "start", "strip"]), st.sets(st.sampled_from([*ALL]), max_size=3)), max_size=7
)


@settings(max_examples=60, deadline=None)
@given(ACTS)
def test_with_tags_and_without_them_it_comes_to_the_same(acts: list[tuple[str, set[str]]]) -> None:
    """Whatever is stopped, started and stripped in whatever order, in whole and in part."""
    kept, stripped = World(), World()
    for act, only in [*acts, ("start", set[str]())]:
        if act == "strip":
            stripped.strip()
            continue
        kept.do(act, *sorted(only))
        stripped.do(act, *sorted(only))
        assert stripped.sizes() == kept.sizes()
    assert kept.sizes() == ALL
    assert [one.limits for one in stripped.platform.resources] == [one.limits for one in stripped.before]
