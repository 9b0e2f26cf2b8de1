"""A window from its stop to its start: what fires in it, before it and too late, and what its start brings back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_firing import ALL, SIX, Setting

from copilot.domain import Keep
from copilot.edges.schedule_views import in_a_line, view_schedule
from copilot.errors import NotReady

FRIDAY = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
NIGHTLY = "Stop all dev environments every day after 6pm and start them again at 7am"


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_a_start_finds_the_stop_behind_all_the_firings_of_an_enforced_window(setting: Setting) -> None:
    schedule = setting.made("Stop all dev environments on weekdays at 18:00, start them again at 7am and enforce it")
    setting.done(setting.fired(schedule, "stop", FRIDAY))
    assert setting.on() == {"live/x": 4}
    at = FRIDAY + HALF_HOUR
    while at < MONDAY:
        assert setting.fired(schedule, "again", at) is not None
        at += HALF_HOUR
    setting.done(setting.fired(schedule, "start", MONDAY))
    assert setting.on() == ALL


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("Stop all dev environments every day after 6pm", {"stop"}),
        (NIGHTLY, {"stop", "start"}),
        (f"{NIGHTLY} and enforce it", {"stop", "again", "start"}),
        ("start the red environment every day at 7am", {"run"}),
    ],
)
def test_each_time_of_a_schedule_has_a_plan_and_another_is_none_of_it(
    setting: Setting, text: str, actions: set[str]
) -> None:
    schedule = setting.made(text)
    (made,) = setting.schedules.schedules()
    assert {*made.times} == {*made.runbooks} == {action for _, action in setting.scheduler.held} == actions
    for action in {"stop", "again", "start", "run"} - actions:
        assert setting.fired(schedule, action) is None
    assert setting.schedules.firings(schedule) == []


def test_a_window_that_leaves_some_out_is_not_sure_to_be_the_one_for_all(setting: Setting) -> None:
    schedule = setting.made("Stop all dev environments but the blue environment every day at 18:00")
    view = setting.ask("delete the schedule for all dev environments")
    assert "no schedule is for development environments alone" in view["answer"], view
    assert [one.id for one in setting.schedules.schedules()] == [schedule]


def test_a_start_brings_back_what_a_stop_did_that_could_not_be_finished(setting: Setting) -> None:
    schedule = setting.made(NIGHTLY)
    setting.platform.failing["api"] = NotReady("it is being changed by another")
    view = setting.done(setting.fired(schedule))
    assert view["outcome"] != "succeeded" and setting.on() == {"blue/api": 1, "live/x": 4}, view["answer"]
    setting.platform.failing.clear()
    setting.done(setting.fired(schedule, "start", SIX + timedelta(hours=13)))
    assert setting.on() == ALL


def test_what_was_started_by_hand_and_stopped_by_another_is_not_started(setting: Setting) -> None:
    schedule = setting.made(NIGHTLY)
    setting.people["eva"] = ("developer",)
    setting.done(setting.fired(schedule))
    for text, person in (("start environment red", "ana"), ("stop environment red", "eva")):
        setting.clock.at += HALF_HOUR
        assert setting.ask(text, person)["outcome"] == "succeeded"
    assert setting.ask("stop environment blue", "eva")["outcome"] == "succeeded"  # which was stopped already
    setting.done(setting.fired(schedule, "start", SIX + timedelta(hours=13)))
    assert setting.on() == {"blue/web": 3, "blue/api": 1, "live/x": 4}


def test_what_it_stopped_again_after_another_had_is_its_to_start(setting: Setting) -> None:
    schedule = setting.made("Stop all dev environments every day after 6pm, start them again at 7am and enforce it")
    setting.done(setting.fired(schedule))
    for text in ("start environment red", "stop environment red", "start environment red"):
        setting.clock.at += timedelta(minutes=5)
        assert setting.ask(text)["outcome"] == "succeeded"
    setting.done(setting.fired(schedule, "again", SIX + HALF_HOUR))
    setting.done(setting.fired(schedule, "start", SIX + timedelta(hours=13)))
    assert setting.on() == ALL


def test_an_enforced_window_begins_with_the_first_stop_that_was_shown(setting: Setting) -> None:
    setting.clock.at = SIX + timedelta(hours=2)
    schedule = setting.made("Stop all dev environments every day after 6pm and enforce it")
    assert setting.fired(schedule, "again", SIX + timedelta(hours=2, minutes=30)) is None
    assert setting.fired(schedule, "again", SIX + timedelta(days=1, minutes=30)).run_id


def test_who_resumes_an_open_window_that_is_enforced_is_told_that_it_stops_soon(setting: Setting) -> None:
    schedule = setting.made("Stop all dev environments every day after 6pm and enforce it")
    setting.ask(f"pause schedule {schedule}")
    assert "within" not in setting.ask(f"resume schedule {schedule}")["answer"]
    setting.ask(f"pause schedule {schedule}")
    setting.clock.at = SIX + timedelta(hours=1)
    assert "- stopped within 30 minutes, for its window is open" in setting.ask(f"resume schedule {schedule}")["answer"]


def next_of(setting: Setting, schedule: str) -> tuple[str, str]:
    """What a list of schedules says comes next, in the chat and over the API."""
    listed = setting.ask("list schedules")["answer"]
    (shown,) = [line.rpartition(", next ")[2] for line in listed.splitlines() if schedule in line]
    view: Any = view_schedule(setting.schedules, setting.store, "main", schedule, setting.clock.now())
    return shown, str(view["next"][0]["action"])


def test_no_start_comes_next_before_there_was_a_stop(setting: Setting) -> None:
    setting.clock.at = SIX + timedelta(hours=2)
    schedule = setting.made(NIGHTLY)
    assert next_of(setting, schedule) == ("stop Tue 03 Mar 2026 18:00 UTC", "stop")
    setting.done(setting.fired(schedule, "stop", SIX + timedelta(days=1)))
    assert next_of(setting, schedule) == ("start Wed 04 Mar 2026 07:00 UTC", "start")
    setting.done(setting.fired(schedule, "start", SIX + timedelta(days=1, hours=13)))
    assert next_of(setting, schedule) == ("stop Wed 04 Mar 2026 18:00 UTC", "stop")


def test_who_resumes_a_schedule_is_told_of_the_start_of_what_it_has_stopped(setting: Setting) -> None:
    schedule = setting.made(NIGHTLY)
    setting.done(setting.fired(schedule))
    setting.ask(f"pause schedule {schedule}")
    setting.clock.at = SIX + timedelta(hours=1)
    answer = setting.ask(f"resume schedule {schedule}")["answer"]
    assert "Next:\n- started again Tue 03 Mar 2026 07:00 UTC" in answer
    assert next_of(setting, schedule)[1] == "start"


def test_a_stop_that_was_refused_is_none(setting: Setting) -> None:
    schedule = setting.made(NIGHTLY)
    setting.ask(f"pause schedule {schedule}")
    assert setting.fired(schedule).run_id is None
    setting.clock.at = SIX + timedelta(hours=1)
    setting.ask(f"resume schedule {schedule}")
    assert next_of(setting, schedule)[1] == "stop"


def test_what_a_firing_did_is_said_in_a_line_with_what_it_is_about(setting: Setting) -> None:
    schedule = setting.made(NIGHTLY)
    setting.done(setting.fired(schedule))
    view: Any = view_schedule(setting.schedules, setting.store, "main", schedule, setting.clock.now())
    (firing,) = view["firings"]
    said = "2 of 2 environments that were on stopped: blue: stopped api 1 -> 0, web 3 -> 0; red: stopped web 2 -> 0"
    assert firing["said"] == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("1 of 1 stopped:\n- red: stopped\nLeft alone:\n- blue", "1 of 1 stopped: red: stopped"),
        ("0 of 1 stopped:\nLeft alone:\n- blue: kept", "0 of 1 stopped"),
        ("0 of 1 stopped:", "0 of 1 stopped"),
        ("Nothing was stopped.\n- x", "Nothing was stopped."),
        ("", ""),
    ],
)
def test_the_first_line_of_an_answer_is_whole(answer: str, said: str) -> None:
    assert in_a_line(answer) == said


def test_a_long_list_is_cut() -> None:
    line = in_a_line("many:\n" + "\n".join(f"- environment {number}" for number in range(200)))
    assert len(line) == 300 and line.endswith("…")


@pytest.mark.parametrize("how", ["kept", "opted out"])
def test_an_exception_made_while_a_stop_waits_for_its_approval_wins(setting: Setting, how: str) -> None:
    setting.people["eva"] = ("approver",)
    schedule = setting.made("Stop environment red every day at 18:00")
    setting.platform.kinds["red"] = "production"
    firing = setting.fired(schedule)
    assert setting.done(firing)["status"] == "parked"
    if how == "kept":
        until = SIX + timedelta(hours=5)
        setting.schedules.put_keep(Keep(environment="red", until=until, by="eva", made_at=setting.clock.now()))
        said = "kept until Mon 02 Mar 2026 23:00 UTC by eva"
    else:
        setting.platform.opted_out["red"] = said = "opted out by the tag schedule=off of web"
    approving = setting.runner("eva")
    approving.decide = lambda approval: "approve"
    view = approving.go_on(setting.store.run("main", firing.run_id))
    assert setting.on() == ALL
    assert view["outcome"] == "succeeded" and "0 of 1 environments that were on stopped" in view["answer"]
    assert f"- red: nothing to stop; web left alone ({said})" in view["answer"]


def test_a_person_stops_what_is_kept_from_schedules(setting: Setting) -> None:
    setting.ask("keep environment blue until 23:00")
    assert setting.ask("stop environment blue")["outcome"] == "succeeded"
    assert setting.on() == {"red/web": 2, "live/x": 4}


def test_an_exception_of_more_than_two_weeks_is_none(setting: Setting) -> None:
    setting.made(NIGHTLY)
    view = setting.ask("keep environment blue for 15 days")
    assert view["outcome"] == "failed" and "is not within the next 14 days" in view["answer"]
    setting.done(setting.fired(setting.schedules.schedules()[0].id))
    assert setting.on() == {"live/x": 4}


@pytest.mark.parametrize(
    ("window", "action", "at", "late"),
    [
        ("every day from 18:00 to 18:30", "stop", SIX, 40),
        (
            "every day after 18:00 and start them again at 06:45 and enforce it",
            "again",
            SIX + timedelta(hours=12.5),
            20,
        ),
        ("every day after 18:00 and start them again at 17:45", "start", SIX + timedelta(hours=23, minutes=45), 20),
    ],
)
def test_a_firing_that_comes_when_the_opposite_was_due_is_discarded(
    setting: Setting, window: str, action: str, at: datetime, late: int
) -> None:
    schedule = setting.made(f"Stop all dev environments {window}")
    firing = setting.fired(schedule, action, at, late=timedelta(minutes=late))
    assert firing.run_id is None and firing.reason.startswith("discarded: it came "), firing
    assert setting.workflow.started == []


def test_the_schedules_of_an_environment_are_those_that_may_stop_it(setting: Setting) -> None:
    setting.made(NIGHTLY)
    for text, number in (("list schedules", 1), ("which schedules does environment blue have", 1)):
        assert f"({number})" in setting.ask(text)["answer"]
    assert "No schedule stops live" in setting.ask("is there a schedule for environment live")["answer"]
    assert "(1)" in setting.ask("show the schedules of all dev envs")["answer"]
