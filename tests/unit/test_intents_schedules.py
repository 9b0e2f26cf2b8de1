"""Requests about schedules: paraphrases, near misses, times in the zone of who asks, questions where it is unclear."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fakes import focus_on

from copilot.domain import DAYS, Focus
from copilot.errors import ToolInputError
from copilot.intents import Intents, Present, load_intents
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

PRESENT = Present(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), "Europe/Paris")


@pytest.fixture(scope="module")
def intents() -> Intents:
    return load_intents()


@pytest.mark.parametrize(
    ("text", "kinds", "window"),
    [
        (
            "Stop all dev environments every day after 6pm",
            ["development"],
            {"stop": "18:00", "time_zone": "Europe/Paris"},
        ),
        ("stop dev environments every weekday at 18:00 Tokyo time", ["development"], {"time_zone": "Asia/Tokyo"}),
        ("Please shut down every dev and preview env daily at 8pm!", ["development", "preview"], {"stop": "20:00"}),
        ("turn off preview environments weekdays from 7pm to 7am", ["preview"], {"stop": "19:00", "start": "07:00"}),
        ("can you power down the dev clusters between 20:00 and 06:30 every day?", ["development"], {"start": "06:30"}),
        ("halt staging environments on Fridays at 5pm please", ["staging"], {"stop": "17:00", "days": ["FRI"]}),
        (
            "Stop all dev environments every weekday at 18:00 Paris time and start them again at 7am",
            ["development"],
            {"start": "07:00", "start_days": list(DAYS[:5])},
        ),
        ("Stop all dev environments after 6pm and enforce it", ["development"], {"enforce": True}),
        ("Every day after 6pm, stop all dev environments", ["development"], {"stop": "18:00", "days": list(DAYS)}),
        ("every weekday at 6pm turn off our dev envs", ["development"], {"stop": "18:00", "days": list(DAYS[:5])}),
        ("stop all of our dev environments every day after 6pm", ["development"], {"stop": "18:00"}),
        ("stop all dev environments at noon daily", ["development"], {"stop": "12:00", "days": list(DAYS)}),
    ],
)
def test_windows_for_kinds(intents: Intents, text: str, kinds: list[str], window: dict[str, object]) -> None:
    match = intents.match(text, Focus(), PRESENT)
    assert match is not None and match.plan is not None and match.intent == "schedule_several"
    (step,) = match.plan.steps
    assert step.arguments["kinds"] == kinds
    found = step.arguments["window"]
    assert isinstance(found, dict) and found.items() >= window.items()
    check_plan(match.plan, Registry())


@pytest.mark.parametrize(
    ("text", "intent", "name"),
    [
        ("Stop the orders environment every weekday at 18:00", "schedule_environment", "the orders environment"),
        ("stop the dev environment every day after 6pm", "schedule_environment", "the dev environment"),
        ("turn off blue-42 every day after 6pm", "schedule_environment", "blue-42"),
        ("Keep blue-42 until 23:00", "keep_environment", "blue-42"),
        ("please leave dev-3 running until tomorrow 9am", "keep_environment", "dev-3"),
        ("keep the orders environment up for 2 hours", "keep_environment", "the orders environment"),
        ("don't stop blue-42 until 11pm", "keep_environment", "blue-42"),
        ("stop keeping blue-42", "release_environment", "blue-42"),
    ],
)
def test_about_one_environment(intents: Intents, text: str, intent: str, name: str) -> None:
    match = intents.match(text, Focus(), PRESENT)
    assert match is not None and match.plan is not None and match.intent == intent
    assert match.plan.steps[0].arguments == {"name": name}
    check_plan(match.plan, Registry())


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("list schedules", "list_schedules"),
        ("show me all schedules", "list_schedules"),
        ("which windows are there?", "list_schedules"),
        ("pause the schedule s0123abcde", "pause_schedule"),
        ("resume schedule s0123abcde", "resume_schedule"),
        ("please delete schedule s0123abcde", "delete_schedule"),
    ],
)
def test_about_schedules(intents: Intents, text: str, intent: str) -> None:
    match = intents.match(text, Focus(), PRESENT)
    assert match is not None and match.plan is not None and match.intent == intent


def test_an_end_is_in_the_zone_of_who_asks(intents: Intents) -> None:
    match = intents.match("keep blue-42 until 23:00", Focus(), PRESENT)
    assert (
        match is not None
        and match.plan is not None
        and match.plan.steps[1].arguments["until"] == "2026-03-02T23:00:00+01:00"
    )


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("stop all dev environments at 7", "morning or in the evening"),
        ("stop all dev environments every day after 6pm tomorrow", "is one time"),
        ("stop all dev environments after 6pm", "once, today"),
        ("stop all dev environments at 23:59", "once, today"),
        ("Please shut down every dev and preview env at 8pm, thanks!", "once, today"),
        ("At 23:59, stop all dev environments", "once, today"),
        ("stop blue-42 at midnight", "once, tomorrow"),
        ("stop all dev environments today at 9am", "has passed"),
        ("stop all dev environments at 18:00 CET", "not the name of one time zone"),
        ("keep blue-42 until 9", "morning or in the evening"),
        ("keep blue-42 until the release", "do not understand"),
    ],
)
def test_what_is_unclear_about_a_time_is_asked(intents: Intents, text: str, asks: str) -> None:
    with pytest.raises(ToolInputError, match=asks):
        intents.match(text, Focus(), PRESENT)


@pytest.mark.parametrize(
    "text",
    [
        "stop all idle dev environments after 6pm",
        "stop dev environments when nobody works",
        "should we stop dev environments after 6pm",
        "stop all dev databases after 6pm",
        "start all dev environments at 7am",
        "delete all dev environments after 6pm",
        "pause schedule",
        "delete schedule orders",
        "keep an eye on blue-42 for 2 hours",
        "keep me posted until 23:00",
        "do not list schedules",
    ],
)
def test_near_misses(intents: Intents, text: str) -> None:
    match = intents.match(text, focus_on(environments=("prod-1",)), PRESENT)
    assert match is None
