"""Doing once more what was done: shown before, checked and decided anew, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes_platform import FakeClients, service
from memory_schedules import MemorySchedules
from test_heard_would import planned
from test_undoing import START, STOP, Runner, approving, shop

from copilot.adapters.in_memory import MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import AGAIN, About, Look, Person, Plan, Run, Trigger
from copilot.intents.actions import read_yaml

HEARD = read_yaml(Path(__file__).with_name("heard_done_again.yaml"))
DAY = timedelta(days=1).total_seconds()


@pytest.mark.parametrize("text", HEARD["heard"])
def test_it_is_heard_as_people_ask_for_it(text: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.intent == AGAIN, revision


@pytest.mark.parametrize("text", HEARD["not_heard"])
def test_what_is_about_something_else_does_nothing_again(text: str) -> None:
    revision = planned(text)
    assert revision is None or revision.intent != AGAIN


class Keeping(Runner):
    """With schedules, and exceptions from them."""

    kept: MemorySchedules

    def _clients(self, run: Run, call: str, permissions: object) -> FakeClients:
        clients = super()._clients(run, call, permissions)
        clients.schedules, clients.person = self.kept, run.trigger.person
        return clients


def running(runner: Runner) -> set[str]:
    return {name for name, (size, _) in runner.sizes.items() if size}


def test_one_is_shown_and_done_once_it_is_said_that_it_is_meant() -> None:
    runner = Runner(shop())
    first = runner.ask("stop shop-dev and book-dev")
    runner.ask("start shop-dev and book-dev")
    runner.clock.sleep(DAY)
    asked = runner.ask("do what you did yesterday again")
    assert asked["outcome"] == "asked", asked["answer"]
    assert "“stop shop-dev and book-dev”" in asked["answer"] and first["run_id"] in asked["answer"]
    assert "stop environment (environment_id " in asked["answer"] and "Nothing was done" in asked["answer"]
    assert "reader" in running(runner)
    about = runner.process.store.load_run("main", asked["run_id"]).run.about
    assert about == About(shows="status", kind="production")  # nobody says of what kind all of these are
    again = runner.ask("the first")
    assert again["outcome"] == "succeeded", again["answer"]
    assert again["answer"].startswith("Done again, as on ") and "stop shop-dev and book-dev" in again["answer"]
    assert running(runner) == {"sleeper"}


def test_the_only_one_is_done_after_a_yes() -> None:
    runner = Runner(shop())
    runner.ask("stop idle-dev")
    runner.clock.sleep(DAY)
    asked = runner.ask("do the same as yesterday")
    assert asked["answer"].count("run r") >= 1 and "Is it to be done again?" in asked["answer"]
    again = runner.ask("yes")
    assert again["outcome"] == "succeeded" and "Done again" in again["answer"], again["answer"]


def test_the_plan_is_that_of_today() -> None:
    """What it found then it looks for again: what came since is among it, what is gone is not."""
    runner = Runner(shop())
    first = runner.ask("stop the dev environments")
    runner.ask("undo")
    runner.platform.resources.append(service("new-dev", "late", 2))
    again = runner.ask(f"do run {first['run_id']} again")
    if again["outcome"] == "asked":
        again = runner.ask("yes")
    assert again["outcome"] == "succeeded", again["answer"]
    assert running(runner) == set()


def test_policy_decides_anew_and_an_approval_is_asked_for_anew() -> None:
    asked: list[str] = []
    runner = Runner([*shop(), service("shop-live", "front", 2)], decide=approving(asked))
    first = runner.ask("stop shop-live")
    runner.ask("start shop-live")
    again = runner.ask(f"do run {first['run_id']} again")
    assert again["outcome"] == "succeeded", again["answer"]
    assert asked == [STOP, START, STOP]


def test_what_somebody_else_asked_for_is_not_theirs_to_repeat() -> None:
    runner = Runner(shop())
    first = runner.ask("stop book-dev")
    zoe = Person(id="zoe", name="Zoe", roles=("developer",))
    other = InProcess(
        runner._clients, clock=runner.clock, sleep=runner.clock.sleep, store=runner.process.store, person=zoe
    )
    refused = other.run(f"do run {first['run_id']} again", "theirs")
    assert "was not asked for by you" in refused["answer"] and refused["outcome"] == "failed"
    runner.clock.sleep(DAY)
    none = other.run("do what you did yesterday again", "theirs")
    assert "You asked for no change" in none["answer"] and "book-dev" not in none["answer"]


def lose(runner: Runner, run_id: str) -> None:
    """As after its life, which what it changed outlasts."""
    store = runner.process.store
    assert isinstance(store, MemoryStore)
    del store._runs["main", run_id]


def test_of_what_is_kept_no_more_it_is_said_that_it_was_changed() -> None:
    runner = Runner(shop())
    runs = [runner.ask(f"stop {name}")["run_id"] for name in ("book-dev", "shop-dev", "idle-dev")]
    runner.clock.sleep(DAY)
    said = []
    for run_id in runs:
        lose(runner, run_id)
        said.append(runner.ask("do what you did yesterday again", conversation=run_id)["answer"])
    assert "\n1 more run of then changed something for you, and is kept no more. Which is" in said[0]
    assert "\n2 more runs of then changed something for you, and are kept no more. Is it" in said[1]
    assert runs[0] not in said[0] and runs[2] in said[1]
    assert "cannot be done again: the 3 runs of it are kept no more. Nothing was done" in said[2]
    other = InProcess(runner._clients, clock=runner.clock, store=runner.process.store, person=Person(id="z", name="Z"))
    assert "You asked for no change" in other.run("do what you did yesterday again", "theirs")["answer"]


def test_the_only_one_that_is_kept_no_more_is_no_change_that_was_not_made() -> None:
    runner = Runner(shop())
    run_id = runner.ask("stop book-dev")["run_id"]
    runner.clock.sleep(DAY)
    lose(runner, run_id)
    said = runner.ask("do what you did yesterday again")["answer"]
    assert said.startswith("What was changed for you between ") and ": its run is kept no more. Nothing" in said


@pytest.mark.parametrize(("kind", "offered"), [("event", True), ("schedule", False)])
def test_what_ones_own_watch_began_is_done_again_and_not_what_a_schedule_did(kind: str, offered: bool) -> None:
    runner = Runner(shop())
    plan = runner.process.store.load_run("main", runner.ask("stop book-dev")["run_id"]).plan
    runner.ask("start book-dev")
    runner.clock.sleep(2 * DAY)
    process, now = runner.process, runner.clock.now()
    more = {"text": "stop book-dev, once idle", "dedupe_key": "watch/w1", "received_at": now}
    of = {"conversation": "schedule/s000000001" if kind == "schedule" else "ann/default"}
    trigger = Trigger.model_validate({"kind": kind, "tenant": "main", "person": process.person, **of, **more})
    run, _ = process.use_cases.ingest(trigger, plan)
    assert process.go_on(run)["outcome"] == "succeeded"
    runner.clock.sleep(DAY)
    runner.platform.resources = shop()
    asked = runner.ask("do what you did yesterday again")["answer"]
    assert ("“stop book-dev”, begun by a watch of yours: " in asked) == offered, asked
    again = runner.ask(f"do run {run.run_id} again", conversation="other")
    assert (again["outcome"] == "succeeded") == offered, again["answer"]
    assert ("reader" not in running(runner)) == offered


def test_what_is_taken_back_or_only_read_is_not_offered() -> None:
    runner = Runner(shop())
    runner.ask("stop book-dev")
    runner.ask("undo")
    runner.ask("how is shop-dev?")
    runner.clock.sleep(DAY)
    asked = runner.ask("repeat what you did yesterday")
    assert asked["answer"].count("; run r") == 1 and "“stop book-dev”" in asked["answer"]


def test_times_are_read_anew() -> None:
    """Until six is until six of today."""
    runner, kept = Keeping(shop()), MemorySchedules()
    runner.kept = kept
    first = runner.ask("keep shop-dev until 18:00")
    assert first["outcome"] == "succeeded", first["answer"]
    (before,) = kept.keeps()
    runner.clock.sleep(DAY)
    again = runner.ask(f"do run {first['run_id']} again")
    assert again["outcome"] == "succeeded" and "Done again, as on " in again["answer"], again["answer"]
    (after,) = kept.keeps()
    assert after.until == before.until + timedelta(days=1)


def test_a_models_plan_for_times_that_are_past_is_not_done_again() -> None:
    runner = Runner(shop())
    tell = {"id": "tell", "tool": "notify", "arguments": {"channel": "#ops", "text": "2026-01-02 is the day"}}
    first = runner.ask(Plan.model_validate({"goal": "tell", "steps": [tell], "answer": {"text": "x"}}))
    assert first["outcome"] == "succeeded", first["answer"]
    again = runner.ask(f"repeat run {first['run_id']}")
    assert "for times that are past" in again["answer"] and again["outcome"] == "failed"


def test_what_a_model_looked_at_is_not_done_in_its_place() -> None:
    runner = Runner(shop())
    tell = {"id": "tell", "tool": "notify", "arguments": {"channel": "#ops", "text": "hello"}}
    first = runner.ask(Plan.model_validate({"goal": "tell", "steps": [tell], "answer": {"text": "x"}}))
    store = runner.process.store
    record = store.load_run("main", first["run_id"])
    looked = record.revisions[0].plan.model_copy(
        update={"answer": None, "then": Look(using=("tell.summary",), why="x")}
    )
    store.save_revision(record.run, record.revisions[0].model_copy(update={"plan": looked, "kind": "look"}))
    again = runner.ask(f"repeat run {first['run_id']}")
    assert "which a model looked at" in again["answer"]


def test_done_again_is_again_one_that_can_be_done_again() -> None:
    runner = Runner(shop())
    first = runner.ask("stop book-dev")
    runner.ask("start book-dev")
    again = runner.ask(f"do run {first['run_id']} again")
    runner.ask("start book-dev")
    third = runner.ask(f"do run {again['run_id']} again")
    assert third["outcome"] == "succeeded" and "“stop book-dev”" in third["answer"], third["answer"]
