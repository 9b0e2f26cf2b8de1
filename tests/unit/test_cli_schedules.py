"""`devops-copilot schedules` against a copilot that says what a test scripts, and what it shows."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import fake_copilot as fake
import pytest
from test_cli_demo import ScriptedCopilot, stage
from test_cli_demo import seen as seen_in

from cli.api.schedule_views import ScheduleList, ScheduleView
from cli.api.views import StartedView, read
from cli.display.page import Page
from cli.display.schedules import show_schedule, show_schedules
from cli.main import main
from cli.showing import scenes_schedules

SCHEDULE: dict[str, Any] = {
    "id": "s0123abcde",
    "title": "Stop all development environments every weekday at 18:00 (Asia/Tokyo)",
    "owner": "dana",
    "state": "active",
    "time_zone": "Asia/Tokyo",
    "next": [{"action": "stop", "at": "2026-03-02T18:00:00+09:00"}, {"action": "start", "at": "2026-03-02T22:00:00Z"}],
    "firings": [
        {
            "action": "stop",
            "scheduled_at": "2026-02-27T09:00:00Z",
            "fired_at": "2026-02-27T09:00:05Z",
            "run_id": "r1",
            "outcome": "partial",
            "said": "2 of 3 stopped\u001b[31m",
        },
        {
            "action": "start",
            "scheduled_at": "2026-02-26T22:00:00Z",
            "fired_at": "2026-02-27T01:00:00Z",
            "outcome": "nothing done",
            "said": "discarded: it came 3 h 0 min late",
        },
    ],
    "clock_changes": [],
    "something_new": 1,
}


def page(show: Any, view: Any) -> str:
    out = io.StringIO()
    show(Page(out), view)
    return out.getvalue()


def test_times_are_shown_in_the_schedules_own_zone() -> None:
    text = page(show_schedule, read(ScheduleView, SCHEDULE))
    assert "stop         Mon 02 Mar 2026 18:00 JST" in text
    assert "start again  Tue 03 Mar 2026 07:00 JST" in text
    assert "stop Fri 27 Feb 2026 18:00 JST" in text and "partial" in text and "r1" in text
    assert "discarded: it came 3 h 0 min late" in text
    assert "\u001b" not in text


def test_a_list_shows_what_is_next_and_what_was_last() -> None:
    listed = read(ScheduleList, {"schedules": [SCHEDULE], "kept": ["red: kept until tomorrow by dana"]})
    text = page(show_schedules, listed)
    assert "next   stop Mon 02 Mar 2026 18:00 JST" in text
    assert "last   stop Fri 27 Feb 2026 18:00 JST: partial" in text
    assert "red: kept until tomorrow by dana" in text


def test_one_that_happened_once_is_shown_as_done() -> None:
    done = SCHEDULE | {"state": "done", "next": []}
    assert "next   done" in page(show_schedules, read(ScheduleList, {"schedules": [done]}))


def test_without_schedules_it_says_how_to_make_one() -> None:
    assert "Stop all dev environments every day after 6pm" in page(show_schedules, ScheduleList(schedules=()))


@pytest.mark.parametrize("verb", ["show", "run-now", "pause", "resume", "delete"])
def test_each_verb_wants_an_id(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["schedules", verb])
    assert "ID" in capsys.readouterr().err


# --- the scene of the demo ---------------------------------------------------------------------


class ScriptedSchedules(ScriptedCopilot):
    """Knows the schedules it is told, one list after the other."""

    lists: list[list[str]] = []

    def schedules(self) -> dict[str, Any]:
        return {"schedules": [SCHEDULE | {"id": id} for id in self.lists.pop(0)]}

    def schedule(self, schedule_id: str) -> dict[str, Any]:
        return SCHEDULE | {"id": schedule_id}

    def run_schedule(self, schedule_id: str, action: str, key: str) -> StartedView:
        return read(StartedView, fake.started())


def cloud(red: int, spared: int = 2, live: int = 4) -> dict[str, Any]:
    tags = {
        "red": {"kind": "development"},
        "spared": {"kind": "development", "schedule": "off"},
        "live": {"kind": "production"},
    }
    sizes = {"red": red, "spared": spared, "live": live}
    found = [replace(seen_in(name, "web", on), tags=tags[name]) for name, on in sizes.items()]
    return {one.arn: one for one in found}


def played(stopped: Any, back: Any, left: list[str]) -> list[str]:
    answers = ["s0123abcde active: made", "1 stopped; spared: opted out", "started", "deleted"]
    runs = [fake.run(answer=answer) for answer in answers]
    on, copilot, _ = stage(runs, [cloud(3), cloud(3), stopped, back])
    schedules = ScriptedSchedules(*copilot.runs)
    schedules.lists = [[], left]
    on._client = schedules  # type: ignore[assignment]
    scenes_schedules.window(on)
    return on.wrong


def test_a_window_that_does_what_it_says_is_as_it_should_be() -> None:
    assert played(cloud(0), cloud(3), []) == []


@pytest.mark.parametrize(
    ("stopped", "back", "left"),
    [
        pytest.param(cloud(0, live=0), cloud(3), [], id="more was stopped"),
        pytest.param(cloud(0, spared=0), cloud(3), [], id="what is opted out was stopped"),
        pytest.param(cloud(3), cloud(3), [], id="nothing was stopped"),
        pytest.param(cloud(0), cloud(2), [], id="less was started"),
        pytest.param(cloud(0), cloud(3), ["s0123abcde"], id="it is still there"),
    ],
)
def test_a_window_that_does_otherwise_is_found(stopped: Any, back: Any, left: list[str]) -> None:
    assert played(stopped, back, left)
