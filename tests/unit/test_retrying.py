"""Trying again what a run was to do and did not: what was done is not done again, and what is not tried is named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from fakes_platform import service
from test_heard_would import planned
from test_undoing import Runner, approving, shop
from test_undoing_at_once import Interrupted

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import AUTHOR, RETRY, Freeze, JournalEntry, Look, Person, Plan, Resource, Revision, Scope
from copilot.errors import FatalError, HalfDone
from copilot.intents.actions import read_yaml
from copilot.ports import Store

HEARD = read_yaml(Path(__file__).with_name("heard_retry.yaml"))
BROKEN = FatalError("broken", ours=True)


# --- heard ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HEARD["heard"])
def test_it_is_heard_as_people_ask_for_it(text: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.intent == RETRY, revision


@pytest.mark.parametrize("text", HEARD["not_heard"])
def test_what_is_about_something_else_tries_nothing_again(text: str) -> None:
    revision = planned(text)
    assert revision is None or revision.intent != RETRY


def test_a_word_that_is_only_near_to_it_is_asked_about() -> None:
    revision = planned("retyr that")
    assert revision is not None and revision.plan.ask is not None and "“retry that” meant" in revision.plan.ask.question


# --- what is tried again --------------------------------------------------------------------------


def started(runner: Runner, *views: dict[str, Any]) -> list[str]:
    """What each changed, by target."""
    entries = [one for view in views for one in runner.process.store.effects("main", view["run_id"])]
    made = [one for one in entries if one.state == "done" and not one.prior.is_idle]
    return [target.name for one in made for target in one.prior.targets]


def test_what_failed_is_done_and_what_was_done_is_not_done_again() -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask("stop shop-dev and book-dev")
    run_id = first["run_id"]
    assert first["outcome"] == "partial" and first["answer"].endswith(
        f"“Undo run {run_id}” takes back what was done; “retry run {run_id}” does the rest."
    )
    runner.platform.failing = {}
    again = runner.ask("retry")
    assert again["outcome"] == "succeeded", again["answer"]
    assert again["answer"].startswith(f"What was left of run {run_id} was tried again.")
    assert started(runner, first, again) == ["shop-dev", "book-dev"]
    assert runner.sizes["reader"][0] == 0
    assert "nothing is left to be tried again" in runner.ask("retry that")["answer"]


def plan(*names: str, **more: Any) -> Plan:
    """Stops them and tells, in a message that waits for all of it."""
    stop = {
        "id": "stop",
        "tool": "stop_environment",
        "for_each": [*names],
        "arguments": {"environment_id": {"$item": "@"}},
    }
    text = {"$text": "Stopped {stop[].name}."}
    tell = {"id": "tell", "tool": "notify", "arguments": {"channel": "#ops", "text": text}}
    return Plan.model_validate(
        {"goal": "stop", "steps": [stop | more, tell], "answer": {"text": "Stopped {stop[].name}."}}
    )


def message(runner: Runner, view: dict[str, Any]) -> Any:
    return runner.process.store.load_run("main", view["run_id"]).steps["tell"].items[0].arguments["text"]


def test_what_waited_for_what_failed_is_done_with_all_that_was_done_by_both() -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask(plan("shop-dev", "book-dev", "idle-dev"))
    assert first["outcome"] == "partial" and started(runner, first) == ["shop-dev", "idle-dev"]
    runner.platform.failing = {}
    again = runner.ask("do the rest")
    assert again["outcome"] == "succeeded", again["answer"]
    assert started(runner, again) == ["book-dev", "#ops"]
    assert message(runner, again) == "Stopped shop-dev, book-dev, idle-dev."
    assert again["answer"].endswith("\n\nStopped shop-dev, book-dev, idle-dev.")


def test_it_is_tried_again_as_often_as_it_takes_each_time_what_is_left() -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN, "sleeper": BROKEN}
    first = runner.ask(plan("shop-dev", "book-dev", "idle-dev"))
    second = runner.ask("retry")
    assert started(runner, second) == [] and second["outcome"] == "failed"
    assert f"“Retry run {second['run_id']}” tries again" in second["answer"]
    del runner.platform.failing["reader"]
    third = runner.ask("retry")
    assert started(runner, third) == ["book-dev"] and third["outcome"] == "partial"
    del runner.platform.failing["sleeper"]
    last = runner.ask(f"retry run {first['run_id']}", "elsewhere")
    assert (started(runner, last), last["outcome"]) == (["idle-dev", "#ops"], "succeeded"), last["answer"]
    assert message(runner, last) == "Stopped shop-dev, book-dev, idle-dev."
    for run_id in (first["run_id"], third["run_id"]):
        more = runner.ask(f"retry run {run_id}", f"late-{run_id}")
        assert started(runner, more) == [], "all of it was done by then, by another"
        assert more["outcome"] == "succeeded" and "Stopped shop-dev, book-dev, idle-dev." in more["answer"]


def test_a_message_that_was_sent_is_not_sent_again() -> None:
    runner = Runner(shop())
    tell = {
        "id": "tell",
        "tool": "notify",
        "for_each": ["#ops", "#dev"],
        "arguments": {"channel": {"$item": "@"}, "text": "x"},
    }
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": "book-dev"}, "after": ["tell"]}
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask(Plan.model_validate({"goal": "g", "steps": [tell, stop], "answer": {"text": "done"}}))
    runner.platform.failing = {}
    again = runner.ask("try that again")
    assert (again["outcome"], started(runner, again)) == ("succeeded", ["book-dev"])
    assert started(runner, first) == ["#ops", "#dev"]


def test_what_was_cancelled_is_done() -> None:
    runner = Runner(shop())
    store, apply = runner.process.store, runner.platform.apply

    def cancels(change: Any, resource: Resource) -> None:
        apply(change, resource)
        store.cancel_run("main", store.recent_runs("main")[0].run_id, "me")

    runner.platform.apply = cancels  # type: ignore[method-assign]
    first = runner.ask(plan("book-dev", "shop-dev"))
    runner.platform.apply = apply  # type: ignore[method-assign]
    assert first["outcome"] == "cancelled" and "does the rest" in first["answer"], first["answer"]
    again = runner.ask("retry that")
    assert again["outcome"] == "succeeded", again["answer"]
    assert sorted(started(runner, first, again)) == ["#ops", "book-dev", "shop-dev"]


def test_a_question_that_failed_is_asked_again_afresh() -> None:
    runner = Runner(shop())
    step = {"id": "look", "tool": "environment_resources", "arguments": {"environment_id": "shop-dev"}}
    survey = runner.platform.survey
    runner.platform.survey = lambda *a, **k: (_ for _ in ()).throw(BROKEN)  # type: ignore[method-assign]
    asked = Plan.model_validate({"goal": "g", "steps": [step], "answer": {"text": "there: {look.resources[].name}"}})
    assert runner.ask(asked)["outcome"] == "failed"
    runner.platform.survey = survey  # type: ignore[method-assign]
    again = runner.ask("try again")
    assert again["outcome"] == "succeeded" and "web" in again["answer"], again["answer"]


# --- what is not ----------------------------------------------------------------------------------


def test_what_may_have_been_done_is_not_tried_again_and_is_named() -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": HalfDone("cut off", ours=True), "sleeper": BROKEN}
    first = runner.ask(plan("book-dev", "shop-dev", "idle-dev"))
    runner.platform.failing = {}
    again = runner.ask("retry")
    assert started(runner, first, again) == ["shop-dev", "idle-dev"]
    line = "- stop environment book-dev: it cannot be said whether this was done (not tried again: "
    assert line in again["answer"] and again["outcome"] == "partial", again["answer"]
    last = runner.ask("retry")
    assert last["answer"].startswith(f"Nothing is left of run {again['run_id']}"), last["answer"]
    assert "- stop environment book-dev: not tried again: " in last["answer"], last["answer"]
    assert last["answer"].endswith("- tell (notify): it waits for stop")


def test_what_a_person_said_no_to_is_not_asked_for_again_and_is_named() -> None:
    asked: list[Any] = []

    def deny(approval: Any) -> Any:
        asked.append([call.preview.targets[0].name for call in approval.calls])
        return "deny"

    runner = Runner([*shop(), service("shop-live", "live", 2)], decide=deny)
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask(plan("shop-live", "shop-dev", "book-dev"))
    assert first["outcome"] == "partial" and asked == [["shop-live"]]
    runner.platform.failing = {}
    again = runner.ask("retry")
    assert (started(runner, again), asked) == (["book-dev"], [["shop-live"]])
    assert "- stop environment shop-live: not tried again: denied by another. Nothing was changed" in again["answer"]
    more = runner.ask("retry")
    assert started(runner, more) == [] and len(asked) == 1


def test_what_a_freeze_kept_back_is_decided_anew() -> None:
    runner = Runner(shop())
    by, at = Person(id="olga", name="Olga", roles=("operator",)), runner.clock.now()
    scope, store = Scope(of="environment", name="book-dev"), runner.process.store
    entry = JournalEntry(at=at, id="f", kind="freeze", run_id="", person="olga", data={})
    store.freeze("main", Freeze(scope=scope, reason="x", by=by, at=at), entry)
    first = runner.ask(plan("shop-dev", "book-dev"))
    assert started(runner, first) == ["shop-dev"] and "does the rest" in first["answer"], first["answer"]
    still = runner.ask("retry")
    assert started(runner, still) == [] and "is frozen by Olga" in still["answer"]
    store.thaw("main", scope, entry.model_copy(update={"id": "t"}))
    assert started(runner, runner.ask("retry")) == ["book-dev", "#ops"]


def test_what_was_left_out_stays_left_out() -> None:
    runner = Runner([service("shop-live", "live", 2), service("till-live", "till", 1), *shop()])
    runner.platform.kinds["till-live"] = "production"
    process = runner.process

    def narrows(approval: Any) -> Any:
        process.use_cases.approve("main", approval.id, process.approver, "approve", leave_out=["till-live"])
        return "approve"

    process.decide = narrows
    runner.platform.failing = {"live": BROKEN}
    first = runner.ask(plan("shop-live", "till-live"))
    assert "Left out:" in first["answer"], first["answer"]
    runner.platform.failing = {}
    again = runner.ask("retry", "c2")
    assert "Nothing was lately left undone" in again["answer"]
    process.decide = approving([])
    again = runner.ask("retry")
    assert started(runner, again) == ["shop-live", "#ops"] and runner.sizes["till"][0] == 1, again["answer"]
    assert "Left out:\n- stop environment till-live: not tried again: left out by another" in again["answer"]


def test_no_approval_is_taken_over() -> None:
    asked: list[Any] = []
    runner = Runner([service("shop-live", "live", 2)], decide=approving(asked))
    runner.platform.failing = {"live": BROKEN}
    assert runner.ask("stop shop-live")["outcome"] == "failed"
    runner.platform.failing = {}
    assert runner.ask("retry")["outcome"] == "succeeded"
    assert asked == ["stop_environment@1"] * 2


def test_a_run_that_is_not_at_its_end_and_one_that_is_not_there_are_said() -> None:
    runner = Runner([service("shop-live", "web", 2)], decide=lambda approval: None)
    parked = runner.ask("stop shop-live")
    answer = runner.ask(f"retry run {parked['run_id']}", conversation="other")["answer"]
    assert answer.startswith(f"Run {parked['run_id']} (“stop shop-live”) is not at its end yet. Nothing was done: ")
    assert "There is no run r0123456789abcde" in runner.ask("retry run r0123456789abcde")["answer"]
    assert "Nothing was lately left undone" in runner.ask("retry", conversation="empty")["answer"]


def test_what_looked_at_files_or_goes_by_what_a_model_finds_is_not_rebuilt() -> None:
    runner = Runner(shop())
    step = {
        "id": "tell",
        "tool": "notify",
        "arguments": {"channel": "#ops", "text": {"$text": "{attachments[0].text}"}},
    }
    runner.ask(Plan.model_validate({"goal": "g", "steps": [step], "answer": {"text": "x"}}))
    assert "with the file" in runner.ask("retry")["answer"]
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask("stop book-dev")
    revisions = runner.process.store._revisions  # type: ignore[attr-defined]
    (revision,) = revisions["main", first["run_id"]]
    looks = revision.plan.model_copy(update={"answer": None, "then": Look(using=("stop.summary",), why="to see")})
    revisions["main", first["run_id"]] = [revision.model_copy(update={"plan": looks})]
    assert "was to go on by what it found, which a model looks at" in runner.ask("retry")["answer"]


def test_after_a_week_nothing_is_meant_by_it() -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN}
    runner.ask("stop shop-dev and book-dev")
    runner.platform.failing = {}
    runner.clock.sleep(8 * 24 * 3600)
    assert "more than 7 days old" in runner.ask("retry")["answer"] and runner.sizes["reader"][0] == 4


def test_what_was_taken_back_since_stays_so() -> None:
    runner = Runner(shop())
    before = runner.sizes
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask(plan("shop-dev", "book-dev"))
    runner.platform.failing = {}
    runner.ask("undo that")
    assert runner.sizes == before
    again = runner.ask(f"retry run {first['run_id']}")
    assert started(runner, again) == ["book-dev", "#ops"] and runner.sizes["web"] == before["web"]
    assert "- stop environment shop-dev: not tried again: it was taken back already, by Me" in again["answer"]
    assert message(runner, again) == "Stopped book-dev."


def test_an_undo_that_ended_half_done_is_gone_on_with() -> None:
    runner = Runner(shop())
    before = runner.sizes
    runner.ask("stop shop-dev and book-dev")
    runner.platform.failing = {"reader": BROKEN}
    undone = runner.ask("undo that")
    assert undone["outcome"] == "partial" and "does the rest" in undone["answer"]
    runner.platform.failing = {}
    again = runner.ask("retry")
    assert (again["outcome"], runner.sizes) == ("succeeded", before), again["answer"]
    assert started(runner, again) == ["book-dev"]


@pytest.mark.parametrize("kept", [True, False])
def test_what_another_step_of_a_plan_that_was_changed_had_done_is_not_done_again(kept: bool) -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN}
    tell = {"id": "tell", "tool": "notify", "arguments": {"channel": "#ops", "text": "x"}}
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": "book-dev"}}
    first = runner.ask(Plan.model_validate({"goal": "g", "steps": [tell, stop], "answer": {"text": "done"}}))
    runner.platform.failing = {}
    (revision,) = runner.process.store.load_run("main", first["run_id"]).revisions
    steps = [*([tell] if kept else []), {**tell, "id": "say"}, stop]
    changed = Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": "done"}})
    runner.process.store._revisions["main", first["run_id"]] = [  # type: ignore[attr-defined]
        revision,
        Revision(plan=changed, kind="revise"),
    ]
    again = runner.ask("retry")
    assert started(runner, again) == ["book-dev"], again["answer"]
    line = f"- notify ops, x: failed: not tried again: the same call was made by step tell of run {first['run_id']}"
    assert again["answer"].splitlines().count(line) == 1, again["answer"]
    assert started(runner, runner.ask("retry")) == []


# --- whose ----------------------------------------------------------------------------------------


def of(runner: Runner, person: Person) -> InProcess:
    process = runner.process
    return InProcess(runner._clients, clock=runner.clock, sleep=runner.clock.sleep, store=process.store, person=person)


def test_who_tries_it_again_does_so_with_their_own_rights() -> None:
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask(plan("shop-dev", "book-dev"))
    runner.platform.failing = {}
    rea = of(runner, Person(id="rea", name="Rea", roles=("reader",)))
    view = rea.run(f"retry run {first['run_id']}", "hers")
    assert view["outcome"] == "denied" and runner.sizes["reader"][0] == 4, view["answer"]
    zoe = of(runner, Person(id="zoe", name="Zoe", roles=("developer",)))
    view = zoe.run(f"retry run {first['run_id']}", "theirs")
    assert view["outcome"] == "succeeded" and runner.sizes["reader"][0] == 0, view["answer"]
    store = runner.process.store
    turns = store.turns("main", store.run("main", view["run_id"]).conversation)
    assert [one.untrusted for one in turns if one.author == AUTHOR] == [True], (
        "it is in the words of somebody else's request"
    )


def test_what_text_of_others_may_have_chosen_is_not_tried_again_unasked() -> None:
    runner = Runner(shop(), decide=lambda approval: None)
    process = runner.process
    runner.platform.failing = {"reader": BROKEN}
    first = runner.ask(plan("shop-dev", "book-dev"))
    runner.platform.failing = {}
    (revision,) = process.store.load_run("main", first["run_id"]).revisions
    process.store._revisions["main", first["run_id"]] = [  # type: ignore[attr-defined]
        Revision(plan=revision.plan, read_untrusted=True)
    ]
    view = runner.ask("retry")
    assert view["status"] == "parked"
    (call,) = process.store.approval("main", view["approval"]["id"]).calls
    assert "after reading the run that is tried again" in call.reason


# --- what there is now ----------------------------------------------------------------------------


def chosen() -> Plan:
    """Stops what runs, as it is found."""
    listed = {"id": "envs", "tool": "list_environments", "arguments": {"kinds": ["development"]}}
    each = {"$ref": "envs.environments[?state != 'stopped'].id"}
    steps = [listed, *plan("x", for_each=each).model_dump(exclude_defaults=True)["steps"]]
    return Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": "Stopped {stop[].name}."}})


def half(runner: Runner) -> dict[str, Any]:
    """Ran with two that failed, which would not now."""
    runner.platform.failing = {"reader": BROKEN, "sleeper": BROKEN}
    view = runner.ask(chosen())
    runner.platform.failing = {}
    assert started(runner, view) == ["shop-dev"], view["answer"]
    return view


def test_what_is_not_among_it_any_more_is_left_and_said() -> None:
    runner = Runner(shop())
    half(runner)
    runner.ask("stop book-dev", "other")
    again = runner.ask("retry")
    assert (again["outcome"], started(runner, again)) == ("succeeded", ["idle-dev", "#ops"]), again["answer"]
    assert message(runner, again) == "Stopped idle-dev, shop-dev."
    left = (
        "Left out:\n- stop environment book-dev: not tried again: as things are now, it is not among what is asked for"
    )
    assert left in again["answer"]


def test_what_came_since_is_not_among_what_is_left() -> None:
    runner = Runner(shop())
    half(runner)
    runner.platform.resources.append(service("new-dev", "newer", 1))
    again = runner.ask("retry")
    assert started(runner, again) == ["book-dev", "idle-dev", "#ops"], again["answer"]
    assert "- stop environment new-dev: not tried again: run r" in again["answer"]
    assert runner.sizes["newer"] == (1, "running")


def test_where_one_went_and_another_came_neither_is_taken_for_the_other() -> None:
    runner = Runner(shop())
    half(runner)
    runner.ask("stop book-dev", "other")
    runner.platform.resources.append(service("new-dev", "newer", 1))
    again = runner.ask("retry")
    assert (again["outcome"], started(runner, again)) == ("partial", ["idle-dev"]), again["answer"]
    assert "- stop environment book-dev: failed: not tried again: as things are now" in again["answer"]
    runner.ask("retry")
    assert runner.sizes["newer"] == (1, "running")


def test_what_others_stood_in_the_place_of_when_it_was_tried_again_is_not_taken_for_done() -> None:
    """A step that was not begun had no calls yet: each who tries it again finds its own."""
    runner = Runner(shop())
    runner.platform.failing = {"reader": BROKEN}
    listed = {"id": "envs", "tool": "list_environments", "arguments": {"kinds": ["development"]}, "after": ["stop"]}
    each = {"$ref": "envs.environments[?state == 'running'].name"}
    text = {"$text": "{@}"}
    tell = {"id": "tell", "tool": "notify", "for_each": each, "arguments": {"channel": "#ops", "text": text}}
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": "book-dev"}}
    whole = {"goal": "g", "steps": [stop, listed, tell], "answer": {"text": "done"}}
    first = runner.ask(Plan.model_validate(whole))
    assert started(runner, first) == []
    runner.platform.failing = {}
    second = runner.ask("retry")
    assert started(runner, second) == ["book-dev", "#ops", "#ops"], "of idle-dev and shop-dev"
    runner.ask("stop idle-dev", "other")
    late = runner.ask(f"retry run {first['run_id']}", "late")
    assert started(runner, late) == []
    line = next(line for line in late["answer"].splitlines() if line.startswith("- notify ops, shop-dev: failed: "))
    assert "it was done already, by Me at " in line and "with another call in its place" in line


# --- at the same time -----------------------------------------------------------------------------


def test_at_whatever_point_another_tries_it_again_each_is_done_once_by_one_of_them() -> None:
    """A message that was sent twice nothing takes back."""
    runner = Runner(shop())
    store, theirs = runner.process.store, list[dict[str, Any]]()
    zoe = of(runner, Person(id="zoe", name="Zoe", roles=("operator",)))
    interrupted = Interrupted(store, lambda: theirs.append(zoe.run(f"retry run {first['run_id']}", f"zoe{call}")))
    mine = InProcess(
        runner._clients,
        clock=runner.clock,
        sleep=runner.clock.sleep,
        store=cast(Store, interrupted),
        history=MemoryEffects(cast(MemoryStore, store)),
        workers=1,
    )
    call, told = 0, 0
    while True:
        call += 1
        runner.ask("start book-dev", f"on{call}")
        runner.platform.failing = {"reader": BROKEN}
        first = runner.ask(plan("book-dev"), f"off{call}")
        runner.platform.failing = {}
        theirs.clear()
        interrupted.from_now(call)
        view = mine.run(f"retry run {first['run_id']}", f"mine{call}")
        interrupted.from_now(-1)
        if not theirs:
            break
        made = started(runner, view, *theirs)
        assert sorted(made) == ["#ops", "book-dev"], (call, made, view["answer"], theirs[0]["answer"])
        told += any("done already, by" in one["answer"] for one in (view, *theirs))
    assert call > 30 and told > 5, (call, told)


# --- whatever fails -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_whatever_failed_each_write_is_made_once_over_all_runs_or_named_with_why(seed: int) -> None:
    """Steps that wait for each other or do not, of which some fail, are half done, denied, or were cancelled."""
    random = Random(seed)
    names = [f"e{number}-dev" for number in range(6)] + ["e-live"]
    runner = Runner([service(name, f"s-{name}", 2) for name in names])
    runner.platform.kinds["e-live"] = "production"
    runner.process.decide = lambda approval: random.choice(["approve", "deny"])
    steps, wanted = some_steps(random, names)
    whole = Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": "done"}})
    runner.platform.failing = {f"s-{name}": random.choice([BROKEN, HalfDone("cut", ours=True)])
                               for name in random.sample(names, random.randint(1, 4))}  # fmt: skip
    apply, left = runner.platform.apply, [random.randint(1, 12)]

    def counted(change: Any, resource: Resource) -> None:
        left[0] -= 1
        if not left[0]:
            runner.process.store.cancel_run("main", runner.process.store.recent_runs("main")[0].run_id, "me")
        apply(change, resource)

    runner.platform.apply = counted  # type: ignore[method-assign]
    views = [runner.ask(whole)]
    for _ in range(random.randint(1, 3)):
        for name in random.sample(sorted(runner.platform.failing), random.randint(0, len(runner.platform.failing))):
            del runner.platform.failing[name]
        views.append(runner.ask(random.choice(["retry", f"retry run {random.choice(views)['run_id']}"])))
        if not views[-1]["plan"].get("steps"):
            break
    entries = [one for view in views for one in runner.process.store.effects("main", view["run_id"])]
    begun = [one for one in entries if one.state != "failed_clean" and not one.prior.is_idle]
    made = Counter(target.name for one in begun for target in one.prior.targets)
    assert max(made.values(), default=0) <= 1, made
    done = {target.name for one in begun if one.state == "done" for target in one.prior.targets}
    answer = "\n".join(view["answer"] for view in views[1:])
    for step, name in wanted:
        assert name in done or name in answer or f"- {step} (" in answer, (name, answer)


def some_steps(random: Random, names: list[str]) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Up to four, each about others; and what they are to change, with the step."""
    steps, wanted, there = list[dict[str, Any]](), list[tuple[str, str]](), random.sample(names, len(names))
    for number in range(random.randint(2, 4)):
        id = f"s{number}"
        after = [one["id"] for one in steps if random.random() < 0.5]
        if random.random() < 0.3 or not there:
            channels = [f"#{id}-{place}" for place in range(random.randint(1, 3))]
            arguments = {"channel": {"$item": "@"}, "text": "said"}
            steps.append({"id": id, "tool": "notify", "for_each": channels, "arguments": arguments, "after": after})
            wanted += [(id, name) for name in channels]
            continue
        some = [there.pop() for _ in range(min(len(there), random.randint(1, 4)))]
        step: dict[str, Any] = {"id": id, "tool": "stop_environment", "after": after}
        if len(some) == 1:
            step["arguments"] = {"environment_id": some[0]}
        else:
            step |= {"for_each": some, "arguments": {"environment_id": {"$item": "@"}}}
        steps.append(step | {"continue_on_failure": random.random() < 0.3})
        wanted += [(id, name) for name in some]
    return steps, wanted
