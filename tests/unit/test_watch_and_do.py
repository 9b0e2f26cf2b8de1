"""What a watch was to do is begun once, under the rights its owner has then, and only while it fits what was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from some_clients import SomeClients
from test_watching import ANA, NOON, REA, THREAD, Died, Dying, World, watch, world

from copilot.adapters.memory_watches import MemoryWatches
from copilot.config.configuration import KnownPerson
from copilot.domain import Answer, Person, Plan, Run, Step, ThenDone, Trigger, Watch, is_same
from copilot.errors import FatalError, NotFound
from copilot.tools.registry import Registry
from copilot.tools.watches.keeping import StopWatch, StopWatchInput
from copilot.triggers.acting import LATEST, BeginThen

FIND = Step(id="find", tool="find_environment@1", arguments={"name": "blue"})
STOP = Step(id="stop", tool="stop_environment@1", arguments={"environment_id": {"$ref": "find.environment.id"}})
PLAN = Plan(goal="stop blue", steps=(FIND, STOP), answer=Answer(text="{stop.summary}"))
THEN = ThenDone(request="stop blue", plan=PLAN)


class Runs:
    """Those that were begun, one for each key; `dies` as it is done."""

    def __init__(self) -> None:
        self.begun: dict[str, tuple[Trigger, Plan]] = {}
        self.dies = False

    def __call__(self, trigger: Trigger, plan: Plan) -> tuple[Run, bool]:
        new = trigger.run_id not in self.begun
        self.begun.setdefault(trigger.run_id, (trigger, plan))
        if self.dies:
            raise Died
        return Run(run_id=trigger.run_id, trigger=trigger), new

    @property
    def store(self) -> Runs:
        return self

    def run(self, tenant: str, run_id: str) -> Run:
        if run_id not in self.begun:
            raise NotFound(f"no run {run_id}")
        return Run(run_id=run_id, trigger=self.begun[run_id][0])


def acting(there: World, runs: Runs) -> BeginThen:
    return BeginThen(there.watches, runs, Registry(), there.config, there)  # type: ignore[arg-type]


def crossed(**more: Any) -> World:
    """A world in which it has just come to be so, and was told."""
    there = world(once=True, then=THEN, **more)
    there.saw(0, 3)
    return there


def test_it_is_told_and_begun_and_then_the_watch_is_gone() -> None:
    there, runs = crossed(where=THREAD), Runs()
    (told,) = [text for _, text, _ in there.sent]
    run = acting(there, runs)("w000000001")
    assert run is not None and f"«stop blue» is begun now, as run {run.run_id}." in told
    ((trigger, plan),) = runs.begun.values()
    assert (trigger.kind, trigger.person.id, trigger.text) == ("event", "ana", "stop blue, once the gauge over 2")
    assert trigger.person.roles == ("developer",) and trigger.answer_to == THREAD and plan == PLAN
    there.look()
    assert there.watches.watches() == [] and len(there.sent) == 1


def test_it_is_asked_for_at_each_look_until_it_was_begun() -> None:
    there = crossed()
    there.look()
    there.look()
    assert there.announced == ["w000000001"] * 3 and len(there.sent) == 1
    runs = Runs()
    acting(there, runs)("w000000001")
    there.look()
    assert there.announced == ["w000000001"] * 3 and len(runs.begun) == 1


def test_nothing_is_begun_of_a_watch_that_is_not_so_or_has_nothing_to_do_or_is_not_there() -> None:
    runs = Runs()
    assert acting(world(once=True, then=THEN), runs)("w000000001") is None
    assert acting(crossed(), runs)("w000000009") is None
    there = world(once=True)
    there.saw(3)
    assert acting(there, runs)("w000000001") is None and not runs.begun
    ended = world(once=True, then=THEN, ended="late", looked_at=NOON)
    assert acting(ended, runs)("w000000001") is None and not runs.begun


GONE = KnownPerson(id="kim", name="Kim", principals=(), roles=("developer",))


@pytest.mark.parametrize(
    ("people", "late", "why"),
    [
        ((ANA, REA), LATEST, "more than 15 minutes ago"),
        ((GONE,), timedelta(0), "has no role any more"),
    ],
)
def test_what_does_not_fit_any_more_is_not_begun_and_that_is_told(
    people: tuple[KnownPerson, ...], late: timedelta, why: str
) -> None:
    there, runs = crossed(), Runs()
    there.people, there.at = people, there.at + late
    assert acting(there, runs)("w000000001") is None and not runs.begun
    there.people = (ANA, REA)
    there.look()
    assert why in there.sent[-1][1] and "Nothing was done" in there.sent[-1][1] and len(there.sent) == 2
    assert there.watches.watches() == []


def test_a_plan_that_may_not_run_any_more_is_not_begun() -> None:
    there, runs = world(once=True, then=ThenDone(request="x", plan=PLAN.model_copy(update={"steps": (STOP,)}))), Runs()
    there.saw(3)
    assert acting(there, runs)("w000000001") is None and not runs.begun
    there.look()
    assert "its plan may not run any more" in there.sent[-1][1]


class Asking(SomeClients):
    """Who stops it, as a tool that does."""

    def __init__(self, there: World) -> None:
        self.watches, self.clock = there.watches, there
        self.person = Person(id="ana", name="Ana", roles=("developer",))


def stop(there: World) -> str:
    tool, asked = StopWatch(Asking(there)), StopWatchInput()
    return str(tool.run(asked, tool.preview(asked)).summary)


def test_what_has_come_to_be_so_can_be_stopped_until_it_is_begun() -> None:
    there, runs = crossed(), Runs()
    assert "not watched any more" in stop(there)
    assert acting(there, runs)("w000000001") is None and not runs.begun

    there, runs = crossed(), Runs()
    runs.dies = True
    with pytest.raises(Died):
        acting(there, runs)("w000000001")
    with pytest.raises(FatalError, match="begun as a run of its own; cancel that one"):
        stop(there)
    runs.dies = False
    assert acting(there, runs)("w000000001") is not None and len(runs.begun) == 1


def test_what_was_begun_before_a_crash_is_never_said_not_to_have_been_however_late_that_is_seen() -> None:
    there, runs = crossed(), Runs()
    runs.dies = True
    with pytest.raises(Died):
        acting(there, runs)("w000000001")
    runs.dies, there.at = False, there.at + 4 * LATEST
    there.people = (GONE,)
    run = acting(there, runs)("w000000001")
    assert run is not None and [*runs.begun] == [run.run_id]
    there.people = (ANA, REA)
    there.look()
    assert there.watches.watches() == [] and "not begun" not in "".join(text for _, text, _ in there.sent)


def test_one_that_is_stopped_as_it_is_about_to_begin_does_not_begin() -> None:
    class Stopping(MemoryWatches):
        def change(self, before: Watch, after: Watch | None) -> bool:
            if after is not None and after.ended == "begun":
                super().change(before, None)
            return super().change(before, after)

    there, runs = world(once=True, then=THEN), Runs()
    there.watches = Stopping(watch(once=True, then=THEN))
    there.saw(3)
    assert acting(there, runs)("w000000001") is None and not runs.begun


def test_where_a_channel_is_told_its_answer_comes_where_it_was_asked_for() -> None:
    there, runs = crossed(tell="#ops", where=THREAD), Runs()
    assert [channel for channel, _, _ in there.sent] == ["#ops"]
    run = acting(there, runs)("w000000001")
    assert run is not None and run.trigger.answer_to == THREAD


BREAKS = ["", "", "lost", "twice", "before it is noted", "after it was sent", "dies as it begins", "somebody else"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 1, 3, 9]), st.sampled_from(BREAKS)), max_size=20))
def test_it_is_begun_exactly_once_whatever_breaks_between(looks: list[tuple[int, str]]) -> None:
    kept = Dying(watch(once=True, then=THEN))
    there, runs = World(kept), Runs()

    def delivered(breaks: str) -> None:
        runs.dies = breaks == "dies as it begins"
        for _ in range(0 if breaks == "lost" else 2 if breaks == "twice" else 1):
            for one in there.announced:
                acting(there, runs)(one)
        there.announced.clear()

    noted = False
    for value, breaks in looks:
        there.value, kept.dies = value, breaks == "before it is noted"
        there.dies_after_sending, kept.interferes = breaks == "after it was sent", breaks == "somebody else"
        try:
            there.look()
        except Died:
            there.at += timedelta(minutes=2)
        found = kept.watch("w000000001")
        noted = noted or found is None or found.was_so
        try:
            delivered(breaks)
        except Died:
            there.announced.clear()
        if there.at > NOON + timedelta(minutes=12):  # later than that it may not be begun any more
            break
    kept.dies = kept.interferes = there.dies_after_sending = False
    for _ in range(3):
        there.value = 0
        there.look()
        delivered("")
    assert len(runs.begun) == (1 if noted else 0)
    assert len([text for _, text, _ in there.sent if "it is so, as of" in text]) == (1 if noted else 0)
    assert not noted or kept.watches() == []


def test_of_two_that_differ_in_what_they_do_each_is_its_own() -> None:
    one, other = watch(then=THEN), watch(then=ThenDone(request="start blue", plan=PLAN))
    assert is_same(one, watch(then=THEN)) and not is_same(one, other) and not is_same(one, watch())


def test_what_is_kept_is_read_back_as_it_was() -> None:
    kept = MemoryWatches()
    kept.put(watch(then=THEN))
    assert Watch.model_validate_json(kept.watches()[0].model_dump_json()).then == THEN
