"""Whoever makes a schedule is told of the others for the same environments, and what comes of having several."""

from __future__ import annotations

import pytest
from test_firing import AFTER_SIX, Setting

HEADING = "Other schedules for the same environments:"


@pytest.fixture
def setting() -> Setting:
    setting = Setting()
    setting.people["eve"] = ("developer", "operator")
    return setting


def beside(answer: str) -> list[str]:
    """The lines below the heading; [] where there is none."""
    lines = answer.partition(HEADING + "\n")[2].partition("\n\n")[0]
    return [line.removeprefix("- ") for line in lines.splitlines()]


def test_another_persons_schedule_at_another_time_is_named_with_what_comes_of_both(setting: Setting) -> None:
    first = setting.made("Stop all dev environments every weekday at 22:00 and start them again at 8am")
    view = setting.ask(AFTER_SIX, "eve")
    assert view["answer"].splitlines()[0].startswith("Every day at 18:00 UTC: stop all development environments")
    assert beside(view["answer"]) == [
        f"{first} (ana) stops all development environments every weekday at 22:00 UTC, started again at 08:00",
        "Whichever comes first stops them, and each starts again only what it has stopped itself.",
    ]


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("Stop environment red on fridays at 5pm", AFTER_SIX, "red"),
        (AFTER_SIX, "Stop environment red on fridays at 5pm", "red"),
        ("Stop environment red every day after 6pm", "Stop environment red every day after 8pm", "red"),
        (
            "Stop all dev and preview environments every day after 8pm",
            "Stop all preview environments every day after 6pm",
            "all preview environments",
        ),
    ],
    ids=["one of the kind", "the kind of the one", "the same one", "a kind of which there is none yet"],
)
def test_what_both_are_for_is_named(setting: Setting, first: str, second: str, shared: str) -> None:
    made = setting.made(first)
    line = beside(setting.ask(second)["answer"])[0]
    assert line.startswith(f"{made} (ana) stops {shared} every ")


def test_others_have_nothing_to_do_with_it(setting: Setting) -> None:
    for text in ("Stop environment blue every day after 6pm", "Stop all preview environments every day after 6pm"):
        setting.made(text)
    assert HEADING not in setting.ask("Stop environment red every day after 6pm")["answer"]


def test_one_that_is_enforced_is_said_to_stop_what_the_other_starts(setting: Setting) -> None:
    setting.made("Stop all dev environments every weekday from 7pm to 9am and enforce it")
    last = beside(
        setting.ask("Stop all dev environments every day after 6pm and start them again at 7am", "eve")["answer"]
    )[-1]
    assert "an enforced one stops within 30 minutes what another starts in its window" in last


def test_a_paused_one_is_named_as_such_and_who_resumes_it_is_told_of_the_others(setting: Setting) -> None:
    first = setting.made(AFTER_SIX)
    setting.ask(f"pause schedule {first}")
    other = setting.ask("Stop environment red every day after 8pm", "eve")
    assert beside(other["answer"])[0].startswith(f"{first} (ana, paused) stops red every day at 18:00 UTC")
    resumed = setting.ask(f"resume schedule {first}")
    (second,) = {one.id for one in setting.schedules.schedules()} - {first}
    assert beside(resumed["answer"])[0].startswith(f"{second} (eve) stops red every day at 20:00 UTC")
    assert resumed["answer"].startswith("Every day at 18:00 UTC: stop all development environments")


def test_who_is_to_approve_a_schedule_sees_them_too(setting: Setting) -> None:
    setting.people["ana"] = ("developer", "operator", "approver")
    runner = setting.runner()
    runner.decide = lambda approval: "approve"
    assert runner.run("Stop environment live every weekday at 18:00")["outcome"] == "succeeded"
    (made,) = [one.id for one in setting.schedules.schedules()]
    (call,) = setting.ask("Stop environment live on sundays at 20:00")["approval"]["calls"]
    (change,) = call["preview"]["changes"]
    assert f"{made} (ana) stops live every weekday at 18:00 UTC" in change["reason"]
