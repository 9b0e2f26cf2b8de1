"""What a change would do is said without doing it: what, why not, who decides, what undoes it, what it saves."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FakeClients, FakeClock
from fakes import World as LightWorld
from fakes_platform import FakePlatform, service
from steering_world import ANA, ASLEEP, AWAKE, BEN, LIVE, NOON, SCHEDULE, WINDOW, World, schedule

from copilot.bootstrap import UseCases
from copilot.bootstrap.in_process import InProcess
from copilot.domain import (
    Answer,
    Freeze,
    JournalEntry,
    Person,
    Plan,
    ResourceRef,
    Scope,
    Size,
    Step,
    Target,
    Window,
)
from copilot.errors import PlanError, RetryableError, ToolInputError
from copilot.plans.check import check_plan
from copilot.tools.changes.foreseeing import WhatWouldHappen, WhatWouldHappenInput, WhatWouldHappenOutput
from copilot.tools.registry import Registry

READER = Person(id="rob", name="Rob", roles=("reader",))


def foreseen(world: World, tool: str, person: Person = ANA, **arguments: Any) -> WhatWouldHappenOutput:
    run: Any = SimpleNamespace(trigger=SimpleNamespace(person=person, answer_to=None, reaction=None))
    before = world.snapshot()
    found = WhatWouldHappen(world.clients(run, "r/s/0")).run(WhatWouldHappenInput(tool=tool, arguments=arguments))
    assert not world.effects(before)
    return found


def test_each_change_is_told_with_before_and_after_and_what_undoes_it() -> None:
    found = foreseen(World(), "stop_environment", environment_id=AWAKE)
    assert [one.summary for one in found.changes] == ["web 2 -> 0"]
    assert (found.decision, found.environment_id, found.undo) == ("allow", AWAKE, "“start environment” would undo it.")
    assert "without an approval" in found.decided


def test_what_is_left_alone_says_why_and_then_nothing_is_decided_nor_undone() -> None:
    found = foreseen(World(), "stop_environment", environment_id=ASLEEP)
    assert not found.changes and [one.reason for one in found.left] == ["already stopped"]
    assert (found.decision, found.decided, found.undo, found.estimate) == ("none", "", "", "")
    assert "nothing would change" in found.summary


def test_policy_says_what_it_would_of_whoever_asks() -> None:
    world = World()
    asked = foreseen(world, "stop_environment", environment_id=LIVE)
    assert asked.decision == "ask" and "would wait for an approval" in asked.decided
    denied = foreseen(world, "stop_environment", READER, environment_id=AWAKE)
    assert denied.decision == "deny" and "may not" in denied.decided


def test_what_it_saves_is_an_estimate_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    size = Size(product="ec2", name="t3.micro", region="eu-west-1", count=2)
    monkeypatch.setattr(world.platform, "sizes", lambda resources: {one.ref.id: size for one in resources})
    stop = foreseen(world, "stop_environment", environment_id=AWAKE)
    start = foreseen(world, "start_environment", environment_id=ASLEEP)
    assert stop.saves_an_hour > 0 and stop.saves_an_hour == start.costs_an_hour
    assert stop.estimate.startswith("Estimate: about 0.02 USD an hour less by list prices of 20")
    assert stop.estimate.endswith("In a month of 730 hours that is about 16.64 USD.")
    assert "an hour more" in start.estimate


def test_what_has_no_price_and_what_cannot_be_read_has_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    assert "1 resource without a known price" in foreseen(world, "stop_environment", environment_id=AWAKE).estimate

    def fails(resources: object) -> None:
        raise RetryableError("throttled")

    monkeypatch.setattr(world.platform, "sizes", fails)
    found = foreseen(world, "stop_environment", environment_id=AWAKE)
    assert found.changes and "could not be read" in found.estimate and found.saves_an_hour == 0


def test_messages_schedules_and_exceptions_are_foreseen_too() -> None:
    world = World()
    told = foreseen(world, "notify", channel="#ops", text="stop everything, now")
    assert told.channel == "#ops" and "«stop everything, now»" in told.changes[0].summary
    assert told.undo == "Nothing would undo it: a message that was sent stays sent." and not told.estimate
    paused = foreseen(world, "pause_schedule", schedule_id=SCHEDULE)
    assert paused.schedule_id == SCHEDULE and paused.undo == "“resume schedule” would undo it."
    window = WINDOW.model_dump(mode="json")
    made = foreseen(world, "create_schedule", window=window, environments=[LIVE])
    assert made.schedule_id is None and "next: " in made.changes[0].after
    kept = foreseen(world, "keep_environment", environment_id=AWAKE, until=NOON.replace(hour=20).isoformat())
    assert kept.environment_id == AWAKE and "without a known price" in kept.estimate


def priced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    size = Size(product="ec2", name="t3.micro", region="eu-west-1", count=2)
    monkeypatch.setattr(world.platform, "sizes", lambda resources: {one.ref.id: size for one in resources})


def test_what_it_costs_to_keep_something_is_of_the_hours_it_would_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at 18:00 by two schedules, it is kept until 20:00."""
    world = World()
    priced(world, monkeypatch)
    until = NOON.replace(hour=20).isoformat()
    free = foreseen(world, "keep_environment", environment_id=LIVE, until=until)
    assert free.costs_an_hour == 0
    assert "No schedule would stop it before then" in free.estimate and "adds nothing to the 0.18 USD" in free.estimate
    for id, stop in (("s000000001", "18:00"), ("s000000002", "18:30")):
        window = Window(stop=stop, start="19:30", days=("MON", "TUE"), time_zone="UTC")
        made = schedule(id, environments=(LIVE,)).model_copy(update={"times": window.times, "created_at": NOON})
        world.schedules.put(made)
    kept = foreseen(world, "keep_environment", environment_id=LIVE, until=until)
    assert "For 1.5 hours a schedule would have it off: kept, it is about 0.03 USD more." in kept.estimate
    assert kept.costs_an_hour > 0
    off = foreseen(world, "keep_environment", environment_id=ASLEEP, until=until)
    assert off.estimate.startswith("Estimate: nothing of it is on") and off.costs_an_hour == 0


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("stop_environments", {"environment_id": AWAKE}, "stop_environment"),
        ("list_environments", {}, "changes nothing"),
        ("stop_environment", {}, "environment_id: Field required"),
        ("stop_environment", {"environment_id": AWAKE, "force": True}, "force"),
        ("stop_environment", {"environment_id": "shop-devv"}, f"nearest: {AWAKE}"),
    ],
)
def test_a_call_that_could_not_be_made_is_an_error_that_says_why(
    tool: str, arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises(ToolInputError, match=told):
        foreseen(World(), tool, **arguments)


def _plan(tool: Any, arguments: Any) -> Plan:
    find = Step(id="find", tool="find_environment", arguments={"name": "x"})
    would = Step(id="would", tool="what_would_happen", arguments={"tool": tool, "arguments": arguments})
    return Plan(goal="x", steps=(find, would), answer=Answer(text="{would.summary}"))


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("stop_envs", {}, "no tool stop_envs"),
        ("list_environments", {}, "changes nothing; call it itself"),
        ("stop_environment", {}, "argument arguments: stop_environment needs the argument environment_id"),
        ("stop_environment", {"environment_id": 3}, "argument environment_id"),
        ("stop_environment", {"environment_id": {"$ref": "find.environment.resources"}}, "argument environment_id"),
        ("stop_environment", {"environment_id": {"$ref": "find.env.id"}}, "find.env.id"),
    ],
)
def test_a_plan_is_checked_against_the_tool_it_speaks_of(tool: str, arguments: Any, told: str) -> None:
    with pytest.raises(PlanError, match=told):
        check_plan(_plan(tool, arguments), Registry())


def test_references_reach_into_the_call_that_is_spoken_of() -> None:
    world = World()
    plan = _plan("stop_environment", {"environment_id": {"$ref": "find.environment.id"}})
    find = plan.steps[0].model_copy(update={"arguments": {"name": AWAKE}})
    named = plan.model_copy(update={"steps": (find, plan.steps[1])})
    before = world.snapshot()
    view = world.process.run(named)
    assert view["outcome"] == "succeeded" and "web 2 -> 0" in view["answer"] and not world.effects(before)


def test_the_read_function_asks_the_policy_with_the_roles_that_the_person_has_now() -> None:
    world = World()
    run: Any = SimpleNamespace(
        run_id="r",
        trigger=SimpleNamespace(
            person=ANA.model_copy(update={"roles": ()}), answer_to=None, reaction=None, schedule_id=None
        ),
    )
    clients = UseCases.reading(world.process.use_cases, run, "r/s/0")
    target = Target(ref=ResourceRef(type="environment", id="x"), name="x", kind="production")
    asked = clients.would_decide("stop_environment", [target])
    assert asked is not None and asked.outcome == "ask"
    run.trigger.person = READER
    denied = UseCases.reading(world.process.use_cases, run, "r/s/0").would_decide("stop_environment", [target])
    assert denied is not None and denied.outcome == "deny"
    writing = UseCases.writing(world.process.use_cases, run, "r/s/0", ()).would_decide("stop_environment", [target])
    assert writing is None


def test_what_a_schedule_would_stop_is_looked_at_as_its_firing_does() -> None:
    world = World()
    before = world.snapshot()
    view = world.ask(f"what would {SCHEDULE} stop tonight?")
    assert f"would be stopped:\n- {AWAKE}: development, running" in view["answer"] and not world.effects(before)
    world.ask(f"pause {SCHEDULE}")
    assert "is paused, and stops nothing" in world.ask(f"what would {SCHEDULE} stop tonight?")["answer"]


@pytest.mark.parametrize(
    ("scope", "told"), [("all", True), ("person", True), ("environment", True), ("account", False)]
)
def test_a_freeze_that_would_keep_it_from_beginning_is_told(scope: Any, told: bool) -> None:
    world = World()
    name = {"person": ANA.id, "environment": AWAKE, "account": "999999999999"}.get(scope, "")
    entry = JournalEntry(at=NOON, id="f", kind="freeze", run_id="", person="ben", data={})
    world.store.freeze("main", Freeze(scope=Scope(of=scope, name=name), reason="stop all!", by=BEN, at=NOON), entry)
    before = world.snapshot()
    answer = world.ask(f"what would happen if you stop {AWAKE}?")["answer"]
    frozen = f"At this moment it would not begin: {Scope(of=scope, name=name).in_words} is frozen by Ben since"
    assert (frozen in answer, "«stop all!»" in answer, world.effects(before)) == (told, told, [])
    assert "You may do this without an approval" in answer


@pytest.mark.parametrize(
    ("there", "said"),
    [(5, []), (6, ["5"]), (25, ["5"]), (26, ["25"])],
)
def test_where_more_would_change_than_may_at_once_it_is_said(there: int, said: list[str]) -> None:
    """At the bounds of the limits, as they are by default."""
    platform = FakePlatform([service(f"e-{number}", "web", 1) for number in range(there)])
    clock = FakeClock()

    def clients(run: Any, call_id: str, permissions: Any = None) -> FakeClients:
        found = FakeClients(LightWorld(), clock, call_id, permissions)
        found.platform, found.person = platform, run.trigger.person
        return found

    process = InProcess(clients, clock=clock, workers=2)
    answer = process.run("what would happen if I stopped all dev environments?")["answer"]
    assert f"{there} of {there} would change" in answer
    assert re.findall(r"More than (\d+) environments at once", answer) == said
