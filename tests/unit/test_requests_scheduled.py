"""A request put on a schedule, whole: made, fired once, with its owner's rights then, paused, deleted, made anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_model import FakeModel
from test_firing import DAY, NOON, SIX, Setting

from copilot.domain import Call, Plan
from copilot.tools.registry import Registry
from copilot.tools.schedules.changing import DeleteSchedule, ScheduleInput
from copilot.tools.tool import WriteTool

SEVEN = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
START = "start the red environment every day at 7am"


@pytest.fixture
def setting() -> Setting:
    setting = Setting()
    setting.ask("stop the red environment")
    assert "red/web" not in setting.on()
    return setting


def test_it_says_what_is_done_each_time_when_and_whether_it_will_ask(setting: Setting) -> None:
    answer = setting.ask(START)["answer"]
    assert answer.startswith("Every day at 07:00 UTC: «start the red environment» (schedule s")
    for day in ("Tue 03", "Wed 04", "Thu 05"):
        assert f"- done {day} Mar 2026 07:00 UTC" in answer
    assert (
        "- Each time: find environment (name «the red environment»); start environment (environment_id as found)."
        in answer
    )
    assert "a change of what is staging or production asks for an approval" in answer
    assert "with the rights its owner (ana) has then" in answer
    assert "red/web" not in setting.on(), "making a schedule does nothing yet"
    assert {action for _, action in setting.scheduler.held} == {"run"}


def test_a_firing_that_comes_twice_does_it_once(setting: Setting) -> None:
    schedule = setting.made(START)
    first = setting.fired(schedule, "run", SEVEN)
    again = setting.fired(schedule, "run", SEVEN, late=timedelta(minutes=3))
    assert first.run_id == again.run_id and setting.workflow.started.count(f"{first.run_id}-1") == 1
    view = setting.done(first)
    assert (view["outcome"], view["person"], view["conversation"]) == ("succeeded", "ana", f"schedule/{schedule}")
    assert setting.on()["red/web"] == 2


def test_it_has_the_rights_its_owner_has_then(setting: Setting) -> None:
    schedule = setting.made(START)
    setting.people["ana"] = ("reader",)
    assert setting.done(setting.fired(schedule, "run", SEVEN))["outcome"] == "denied"
    assert "red/web" not in setting.on()


def test_what_is_production_is_asked_for_when_it_is_made_and_each_time(setting: Setting) -> None:
    view = setting.ask("start the live environment every day at 7am")
    assert view["status"] == "parked"
    (call,) = view["approval"]["calls"]
    (change,) = call["preview"]["changes"]
    assert "next: done Tue 03 Mar 2026 07:00 UTC" in change["after"] and "start environment (" in change["after"]
    assert "a change of what is staging or production asks for an approval" in change["reason"]


CHOOSES = {"id": "all", "tool": "list_environments", "arguments": {"kinds": ["development"]}}


def restarts(environment: Any, **more: Any) -> dict[str, Any]:
    arguments = {"environment_id": environment, "service": "x"}
    return {"id": "re", "tool": "restart_service", "arguments": arguments, **more}


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([CHOOSES, restarts({"$item": "@"}, for_each={"$ref": "all.environments[].id"})], "development"),
        ([CHOOSES, restarts("live")], "production"),
        ([CHOOSES, restarts({"$item": "@"}, for_each=["live"])], "production"),
        (
            [
                CHOOSES,
                {"id": "seen", "tool": "list_deployments", "arguments": {}},
                restarts({"$item": "@"}, for_each={"$ref": "seen.deployments[].environment"}),
            ],
            "production",
        ),
        (
            [CHOOSES, {"id": "off", "tool": "withdraw_runbook", "arguments": {"name": "red", "version": 1}}],
            "production",
        ),
    ],
)
def test_who_may_make_it_goes_by_all_that_it_changes_and_not_by_what_it_chooses_beside(
    setting: Setting, steps: list[dict[str, Any]], kind: str
) -> None:
    when = {"minutes": [0], "hours": [7], "days": ["MON"], "time_zone": "UTC"}
    plan = Plan.model_validate({"steps": steps, "answer": {"text": "done"}})
    make = {"request": "restart it", "plan": plan.model_dump_json(exclude_defaults=True), "when": when}
    step = {"id": "make", "tool": "schedule_request", "arguments": make}
    whole = Plan.model_validate({"goal": "x", "steps": [step], "answer": {"text": "{make.summary}"}})
    view = setting.runner().run(whole)
    if kind == "production":
        assert view["status"] == "parked", view["answer"]
    else:
        assert [one.kind for one in setting.schedules.schedules()] == [kind]


def test_a_name_that_is_none_is_said_when_it_is_made(setting: Setting) -> None:
    view = setting.ask("start the rod environment tomorrow at 7am")
    assert view["outcome"] in {"failed", "asked"} and not setting.schedules.schedules()
    assert "Note:" not in view["answer"]


def test_what_is_done_once_is_done_once_and_over(setting: Setting) -> None:
    schedule = setting.made("tomorrow at 07:00 start the red environment")
    (timer,) = setting.scheduler.held.values()
    assert timer.expression == "at(2026-03-03T07:00:00)"
    assert setting.done(setting.fired(schedule, "run", SEVEN))["outcome"] == "succeeded"
    assert not setting.scheduler.held
    setting.clock.at = SEVEN + DAY
    assert "There is no schedule." in setting.ask("list schedules")["answer"]


def test_what_is_done_once_is_told_as_what_happens_once(setting: Setting) -> None:
    answer = setting.ask("start the red environment tomorrow at 7am")["answer"]
    assert "Next:\n- done Tue 03 Mar 2026 07:00 UTC\n" in answer
    assert "- What is done: find environment (" in answer
    assert "whether it may be done is decided then, with the rights its owner (ana) has then" in answer
    assert "When it is done, as your rights are now, a change of what is staging or production asks" in answer
    assert "has its answer;" in answer
    assert not [words for words in ("Next times", "ach time", "each firing", "anew") if words in answer]


def test_an_approval_of_what_is_done_once_says_nothing_of_each_time(setting: Setting) -> None:
    (call,) = setting.ask("start the live environment tomorrow at 7am")["approval"]["calls"]
    (change,) = call["preview"]["changes"]
    assert "; does: find environment (" in change["after"] and "each time" not in change["after"]


def test_a_time_in_it_moves_with_the_firing(setting: Setting) -> None:
    schedule = setting.made("show changes since yesterday every day at 18:00")
    firing = setting.fired(schedule, "run", SIX + DAY)
    plan = setting.store.load_run("main", firing.run_id).plan
    assert plan is not None
    assert plan.steps[0].arguments["since"] == "2026-03-02T00:00:00+00:00"
    assert plan.steps[0].arguments["until"] == "2026-03-03T18:00:00+00:00"


def test_it_is_listed_paused_by_its_place_resumed_and_deleted_beside_windows(setting: Setting) -> None:
    setting.made("Stop all dev environments every day after 6pm")
    setting.clock.at = NOON + timedelta(minutes=1)
    schedule = setting.made(START)
    runner = setting.runner()
    listed = runner.run("list schedules")["answer"]
    assert f"{schedule}: «start the red environment» every day at 07:00 UTC, owner ana" in listed
    assert "paused" in runner.run("pause the second one")["answer"]
    made = setting.schedules.schedule(schedule)
    assert made is not None and made.paused
    assert setting.fired(schedule, "run", SEVEN).reason == "nothing was done: the schedule is paused"
    assert setting.ask(f"resume schedule {schedule}")["outcome"] == "succeeded"
    assert setting.ask(f"delete schedule {schedule}")["outcome"] == "succeeded"
    assert [one.window is None for one in setting.schedules.schedules()] == [False]
    assert {action for _, action in setting.scheduler.held} == {"stop"}


def test_a_deleted_one_comes_back_as_it_was_made(setting: Setting) -> None:
    schedule = setting.made(START)
    kept = setting.schedules.schedule(schedule)
    clients = setting.clients(setting.store.run("main", setting.ask("list schedules")["run_id"]), "c1")
    given = ScheduleInput(schedule_id=schedule)
    undo = DeleteSchedule.undo(given, DeleteSchedule(clients).preview(given))
    assert isinstance(undo, Call) and undo.tool == "schedule_request"
    view = setting.ask(f"delete schedule {schedule}")
    assert view["outcome"] == "succeeded" and not setting.schedules.schedules()
    assert setting.ask("undo that")["outcome"] == "succeeded"
    (back,) = setting.schedules.schedules()
    assert kept is not None and (back.times, back.request, back.runbooks) == (kept.times, kept.request, kept.runbooks)


@pytest.mark.parametrize("made", [START, "Stop environment blue weekdays from 7pm to 7am"])
def test_a_deleted_one_that_somebody_else_brings_back_is_theirs_and_that_is_said(setting: Setting, made: str) -> None:
    setting.people["eve"] = ("developer",)
    deleted = setting.ask(f"delete schedule {setting.made(made)}")
    undone = setting.ask(f"undo run {deleted['run_id']}", "eve")
    assert "; owned by eve now, with whose rights it fires; it was ana's" in undone["answer"], undone["answer"]
    (back,) = setting.schedules.schedules()
    assert back.owner == "eve"
    again = setting.ask(f"delete schedule {back.id}", "eve")
    assert "owned by" not in setting.ask(f"undo run {again['run_id']}", "eve")["answer"], "it is hers as before"


@pytest.mark.parametrize("made", [START, "Stop environment blue weekdays from 7pm to 7am"])
def test_whose_it_becomes_stands_in_what_is_looked_at_before(setting: Setting, made: str) -> None:
    given = ScheduleInput(schedule_id=setting.made(made))
    run = setting.store.run("main", setting.ask("list schedules")["run_id"])
    undo = DeleteSchedule.undo(given, DeleteSchedule(setting.clients(run, "c1")).preview(given))
    setting.schedules.remove(given.schedule_id)
    assert isinstance(undo, Call)
    setting.people["eve"] = ("developer",)
    by_eve = setting.store.run("main", setting.ask("list schedules", "eve")["run_id"])
    tool = Registry().find(undo.tool)
    assert issubclass(tool, WriteTool)
    preview = tool(setting.clients(by_eve, "c2")).preview(tool.Input.model_validate(undo.arguments))
    assert "owned by eve now, with whose rights it fires; it was ana's" in preview.wanted[0].reason


def test_the_same_again_makes_no_second_one(setting: Setting) -> None:
    setting.made(START)
    assert setting.ask(START)["outcome"] == "succeeded"
    assert len(setting.schedules.schedules()) == 1


def test_two_requests_at_the_same_time_are_two_schedules(setting: Setting) -> None:
    assert setting.made(START) != setting.made(START.replace("red", "blue"))


def test_it_is_run_now_by_somebody_else_with_their_rights(setting: Setting) -> None:
    schedule = setting.made(START)
    ben = setting.config.current(setting.runner("ben").person)
    run = setting.fire.now(schedule, "stop", ben, "k")
    view: dict[str, Any] = setting.runner("ben").go_on(setting.store.run("main", run.run_id))
    assert view["outcome"] == "denied"
    assert [firing.action for firing in setting.schedules.firings(schedule)] == ["run"]


UNHEARD = "every day at 7am give me a roundup of whatever sits there unused"


def planned_by_model(setting: Setting, text: str, *answers: Any) -> tuple[dict[str, Any], FakeModel]:
    model, runner = FakeModel(list(answers)), setting.runner()
    runner.model_for = lambda purpose: model if purpose == "plan" else None
    return runner.run(text), model


def test_what_only_a_model_can_plan_is_planned_without_its_time_and_kept(setting: Setting) -> None:
    plan = {"steps": [{"id": "envs", "tool": "list_environments"}], "answer": {"text": "{envs.environments[].name}"}}
    view, model = planned_by_model(setting, UNHEARD, plan)
    assert view["outcome"] == "succeeded", view["answer"]
    (made,) = setting.schedules.schedules()
    assert made.request == "give me a roundup of whatever sits there unused"
    assert [step.tool for step in made.runbooks["run"].steps] == ["list_environments@1"]
    assert len(model.prompts) == 1 and "every day" not in model.prompts[0].user
    assert setting.done(setting.fired(made.id, "run", SEVEN))["outcome"] == "succeeded"
    assert len(model.prompts) == 1, "a firing asks no model"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            {
                "steps": [{"id": "envs", "tool": "list_environments"}],
                "then": {"using": ["envs.environments[].name"], "why": "see"},
            },
            "settled when it is made",
        ),
        (
            {
                "steps": [{"id": "made", "tool": "changes", "arguments": {"since": "2026-03-01T00:00:00+00:00"}}],
                "answer": {"text": "{made.none}"},
            },
            "the same time each time",
        ),
    ],
)
def test_what_goes_on_by_what_it_finds_or_stays_at_one_time_is_not_kept(setting: Setting, plan: Any, said: str) -> None:
    view, _ = planned_by_model(setting, UNHEARD, plan)
    assert said in view["answer"] and "Nothing was done" in view["answer"]
    assert not setting.schedules.schedules()


def test_no_plan_of_a_model_puts_a_plan_of_its_own_on_a_schedule(setting: Setting) -> None:
    stop = {"id": "s", "tool": "stop_environment", "arguments": {"environment_id": "live"}}
    inner = json.dumps({"steps": [stop], "answer": {"text": "-"}})
    when = {"minutes": [0], "hours": [7], "days": ["MON"], "time_zone": "UTC"}
    step = {"id": "m", "tool": "schedule_request", "arguments": {"request": "x", "plan": inner, "when": when}}
    view, _ = planned_by_model(setting, "tidy up for me", {"steps": [step], "answer": {"text": "{m.summary}"}})
    assert view["outcome"] != "succeeded" and not setting.schedules.schedules()


def test_what_is_done_at_a_time_is_found_and_deleted_by_what_it_is_for() -> None:
    setting = Setting()
    setting.ask("start the red environment every day at 7am")
    setting.ask("start the blue environment tomorrow at 7am")
    shown = setting.ask("list the schedules for the red environment")["answer"]
    assert "start the red environment" in shown and "blue" not in shown
    gone = setting.ask("delete the schedule for the red environment")
    assert gone["outcome"] == "succeeded", gone["answer"]
    assert [one.request for one in setting.schedules.schedules()] == ["start the blue environment"]


@pytest.mark.parametrize(("priced", "said"), [(0.0, ""), (0.01, "about $0.01 each time, about $0.30 in 30 days")])
def test_what_it_costs_each_time_and_in_a_month_is_said_before(setting: Setting, priced: float, said: str) -> None:
    setting.bills.priced = priced
    answer = setting.ask("every day at 8am show me the costs of the red environment")["answer"]
    assert ("paid calls" in answer) is bool(said) and said in answer
