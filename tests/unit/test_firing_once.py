"""A schedule that happens once: made, fired, over; paused, deleted, undone; approved in time or too late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from test_firing import ALL, NOON, Setting

from copilot.domain import DAYS, Call, Timer, Window
from copilot.edges.schedule_views import view_schedule, view_schedules
from copilot.errors import ToolInputError
from copilot.tools.schedules.changing import DeleteSchedule, PauseSchedule, ResumeSchedule, ScheduleInput
from copilot.tools.schedules.creating import CreateSchedule, CreateScheduleInput

NINE = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
SEVEN = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
TONIGHT = "Stop all dev environments tonight at 9pm"
AND_BACK = TONIGHT + " and start them again at 7am"
FIVE = timedelta(minutes=5)


@pytest.fixture
def setting() -> Setting:
    return Setting()


def timers(setting: Setting) -> dict[str, Timer]:
    return {action: timer for (_, action), timer in setting.scheduler.held.items()}


def tool(setting: Setting, kind: Any, call: str = "call-2") -> Any:
    view = setting.ask("list schedules")
    return kind(setting.clients(setting.store.run("main", view["run_id"]), call))


def listed(setting: Setting) -> str:
    return str(setting.ask("list schedules")["answer"])


def test_the_answer_says_when_it_is_and_that_it_is_once(setting: Setting) -> None:
    answer = setting.ask(AND_BACK)["answer"]
    first = (
        "Once on Mon 2 Mar 2026 at 21:00 UTC, started again at 07:00 on Tue 3 Mar: stop all development environments"
    )
    assert answer.startswith(f"{first} (schedule s")
    shown = [line for line in answer.splitlines() if line.startswith(("- stopped", "- started"))]
    assert shown == ["- stopped Mon 02 Mar 2026 21:00 UTC", "- started again Tue 03 Mar 2026 07:00 UTC"]
    assert "It happens once, and then the schedule is gone" in answer
    assert setting.on() == ALL


def test_each_of_its_times_is_a_timer_that_fires_once_in_its_time_zone(setting: Setting) -> None:
    setting.made(AND_BACK.replace("9pm", "9pm Paris time"))
    assert timers(setting) == {
        "stop": Timer(expression="at(2026-03-02T21:00:00)", time_zone="Europe/Paris", enabled=True),
        "start": Timer(expression="at(2026-03-03T07:00:00)", time_zone="Europe/Paris", enabled=True),
    }


def test_it_stops_starts_again_the_next_morning_and_is_over(setting: Setting) -> None:
    schedule = setting.made(AND_BACK)
    assert setting.done(setting.fired(schedule, "stop", NINE))["outcome"] == "succeeded"
    assert setting.on() == {"live/x": 4}
    assert [*timers(setting)] == ["start"]
    assert "next start Tue 03 Mar 2026 07:00 UTC" in listed(setting)
    setting.done(setting.fired(schedule, "start", SEVEN))
    assert (setting.on(), timers(setting)) == (ALL, {})
    assert f"{schedule}: Stop all development environments once on" in listed(setting) and ", done" in listed(setting)
    setting.clock.at = SEVEN + timedelta(hours=1)
    assert schedule not in listed(setting)
    shown: Any = view_schedules(setting.schedules, setting.store, "main", setting.clock.now())
    assert shown["schedules"] == []
    one: Any = view_schedule(setting.schedules, setting.store, "main", schedule, setting.clock.now())
    assert (one["state"], one["next"], len(one["firings"])) == ("done", [], 2)
    entries = setting.store.journal("main", "2026-03-02")
    assert any(entry.is_write_by("create_schedule") for entry in entries), "what it was stays in the journal"


def test_a_firing_that_comes_twice_or_too_late_is_as_any_other(setting: Setting) -> None:
    schedule = setting.made(TONIGHT)
    first, second = setting.fired(schedule, "stop", NINE), setting.fired(schedule, "stop", NINE, late=FIVE)
    assert first.run_id and first.run_id == second.run_id
    other = setting.made("Stop all preview environments today at 11pm")
    late = setting.fired(other, "stop", NINE + timedelta(hours=2), late=timedelta(minutes=61))
    assert (late.run_id, late.reason) == (None, "discarded: it came 1 h 1 min late")


def test_a_stop_that_comes_when_its_start_was_due_is_discarded(setting: Setting) -> None:
    schedule = setting.made("Stop all dev environments today from 21:00 to 21:30")
    assert setting.fired(schedule, "stop", NINE, late=timedelta(minutes=31)).run_id is None


def test_paused_it_has_no_timer_that_would_be_left_over_and_resumed_what_is_to_come(setting: Setting) -> None:
    schedule = setting.made(AND_BACK)
    both = timers(setting)
    assert setting.ask(f"pause schedule {schedule}")["outcome"] == "succeeded"
    assert timers(setting) == {}
    assert "paused" in setting.fired(schedule, "stop", NINE).reason
    setting.clock.at = NOON
    assert setting.ask(f"resume schedule {schedule}")["outcome"] == "succeeded"
    assert timers(setting) == both
    setting.clock.at = NINE + FIVE  # its stop has fired, and Scheduler has not yet taken the timer away
    assert setting.ask(f"pause schedule {schedule}")["outcome"] == "succeeded"
    assert setting.ask(f"resume schedule {schedule}")["outcome"] == "succeeded"
    assert [*timers(setting)] == ["start"]


def test_what_is_done_is_neither_paused_nor_resumed_but_may_be_deleted(setting: Setting) -> None:
    schedule = setting.made(TONIGHT)
    setting.clock.at = NINE
    given = ScheduleInput(schedule_id=schedule)
    for kind in (PauseSchedule, ResumeSchedule):
        with pytest.raises(ToolInputError, match="is done: it was once on Mon 2 Mar 2026 at 21:00 UTC"):
            tool(setting, kind).preview(given)
    assert setting.ask(f"delete schedule {schedule}")["outcome"] == "succeeded"
    assert (timers(setting), setting.schedules.schedules()) == ({}, [])


def test_making_it_is_undone_by_deleting_it_and_deleting_by_making_it_anew(setting: Setting) -> None:
    view = setting.ask(AND_BACK)
    (effect,) = setting.store.effects("main", view["run_id"])
    (schedule,) = setting.schedules.schedules()
    assert schedule.window is not None
    undo = CreateSchedule.undo(CreateScheduleInput(window=schedule.window, kinds=schedule.kinds), effect.prior)
    assert isinstance(undo, Call) and (undo.tool, undo.arguments) == ("delete_schedule", {"schedule_id": schedule.id})
    given, delete = ScheduleInput(schedule_id=schedule.id), tool(setting, DeleteSchedule)
    prior = delete.preview(given)
    delete.run(given, prior)
    assert delete.verify(given, prior).outcome == "true" and timers(setting) == {}
    again = DeleteSchedule.undo(given, prior)
    assert isinstance(again, Call)
    wanted, create = CreateScheduleInput.model_validate(again.arguments), tool(setting, CreateSchedule)
    create.run(wanted, create.preview(wanted))
    assert [one.window for one in setting.schedules.schedules()] == [schedule.window] and len(timers(setting)) == 2


def test_asked_for_twice_it_is_one(setting: Setting) -> None:
    setting.made(TONIGHT)
    assert setting.ask("please stop all dev environments today at 21:00")["outcome"] == "succeeded"
    assert len(setting.schedules.schedules()) == 1


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Stop all dev environments after 6pm", "Is that once, today (Mon 2 Mar) at 18:00, or every day?"),
        ("Stop all dev environments today at 11am", "11:00 on Mon 2 Mar 2026 has passed"),
    ],
)
def test_what_has_two_readings_or_has_passed_is_asked_and_nothing_is_made(
    setting: Setting, text: str, asks: str
) -> None:
    view = setting.ask(text)
    assert view["outcome"] == "asked" and asks in view["answer"], view
    assert setting.schedules.schedules() == []


# --- approvals


def parked(setting: Setting) -> Any:
    setting.platform.kinds["red"] = "staging"
    setting.people["eva"] = ("approver",)
    view = setting.ask("Stop all staging environments tonight at 9pm")
    assert view["status"] == "parked" and not timers(setting), view
    (call,) = view["approval"]["calls"]
    (change,) = call["preview"]["changes"]
    assert change["name"] == "Stop all staging environments once on Mon 2 Mar 2026 at 21:00 UTC"
    assert "next: stopped Mon 02 Mar 2026 21:00 UTC" in change["after"]
    return view


def approved(setting: Setting, view: Any) -> Any:
    approving = setting.runner("eva")
    approving.decide = lambda approval: "approve"
    return approving.go_on(setting.store.run("main", view["run_id"]))


def test_what_needs_an_approval_is_made_when_it_comes_in_time_and_its_firing_asks_again(setting: Setting) -> None:
    view = approved(setting, parked(setting))
    assert view["outcome"] == "succeeded" and [*timers(setting)] == ["stop"]
    (schedule,) = setting.schedules.schedules()
    assert setting.done(setting.fired(schedule.id, "stop", NINE))["status"] == "parked"


def test_an_approval_after_its_time_makes_nothing_and_says_so(setting: Setting) -> None:
    setting.clock.at = NINE - FIVE
    view = parked(setting)
    setting.clock.at = NINE + FIVE
    answered = approved(setting, view)
    assert answered["outcome"] != "succeeded" and "has passed" in answered["answer"], answered
    assert (timers(setting), setting.schedules.schedules()) == ({}, [])


# --- beside others


def test_other_schedules_are_told_of_it_until_it_is_over(setting: Setting) -> None:
    schedule = setting.made(TONIGHT)
    said = f"{schedule} (ana) stops red once on Mon 2 Mar 2026 at 21:00 UTC"
    assert said in setting.ask("Stop environment red every day at 8pm")["answer"]
    setting.clock.at = NINE + timedelta(hours=1)
    assert schedule not in setting.ask("Stop environment red every day at 7pm")["answer"]


def test_an_exception_counts_for_it_and_what_stops_after_it_is_said(setting: Setting) -> None:
    schedule = setting.made(TONIGHT)
    assert (
        f"after that {schedule} stops it on Mon 02 Mar 2026 21:00 UTC"
        in (setting.ask("keep environment blue until 20:00")["answer"])
    )
    assert "after that no schedule stops it" in setting.ask("keep environment blue until 23:00")["answer"]
    setting.done(setting.fired(schedule, "stop", NINE))
    assert setting.on() == {"blue/web": 3, "blue/api": 1, "live/x": 4}


# --- what nobody said, but a plan may


def window(**more: Any) -> Window:
    return Window.model_validate({"stop": "21:00", "time_zone": "Europe/Paris"} | more)


def test_a_window_is_for_days_or_for_one_date() -> None:
    for wrong in ({}, {"days": DAYS, "on": "2026-03-02"}, {"on": "2026-03-02", "enforce": True}):
        with pytest.raises(ValidationError):
            window(**wrong)
    assert window(on="2026-03-02").on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        (window(on="2026-03-02", stop="12:59"), "once on Mon 2 Mar 2026 at 12:59 Europe/Paris has passed"),
        (window(on="2026-03-29", stop="02:30"), "no stop: the clock is put forward over 02:30 on 29 Mar 2026"),
        (window(on="2026-03-28", start="02:30"), "no start: the clock is put forward over 02:30 on 29 Mar 2026"),
    ],
)
def test_what_would_never_come_is_not_made(setting: Setting, wanted: Window, refused: str) -> None:
    given = CreateScheduleInput(window=wanted, kinds=("development",))
    with pytest.raises(ToolInputError, match=refused):
        tool(setting, CreateSchedule).preview(given)


def test_what_was_made_and_not_seen_through_is_finished_though_its_stop_has_come(setting: Setting) -> None:
    given = CreateScheduleInput(window=window(on="2026-03-02", start="07:00"), kinds=("development",))
    create = tool(setting, CreateSchedule)
    create.run(given, create.preview(given))
    setting.scheduler.held.clear()  # as if the worker had died before
    setting.clock.at = NINE
    prior = create.preview(given)
    assert create.verify(given, prior).outcome == "false"
    create.run(given, prior)
    assert [*timers(setting)] == ["start"] and create.verify(given, prior).outcome == "true"


def test_a_timer_that_has_fired_may_be_gone_or_not_when_it_is_read_back(setting: Setting) -> None:
    given = CreateScheduleInput(window=window(on="2026-03-02", start="07:00"), kinds=("development",))
    create = tool(setting, CreateSchedule)
    prior = create.preview(given)
    create.run(given, prior)
    setting.clock.at = NINE
    assert create.verify(given, prior).outcome == "true"
    setting.scheduler.fired(prior.targets[0].ref.id, "stop")
    assert create.verify(given, prior).outcome == "true"
    setting.scheduler.fired(prior.targets[0].ref.id, "start")
    assert create.verify(given, prior).outcome == "false"
