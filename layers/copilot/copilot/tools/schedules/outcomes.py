"""What there is to say of a schedule once it was made or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from copilot.domain import (
    DAYS,
    Frozen,
    Kind,
    Made,
    Schedule,
    ScheduleId,
)
from copilot.ports import Clients
from copilot.text.outside import quoted_people
from copilot.times.titles import how_often, title_of
from copilot.times.windows import AGAIN_MINUTES, LAST_FIRINGS, clock_changes, holds, moment, still_due
from copilot.tools.schedules.kept_plans import steps_in_words
from copilot.tools.schedules.overlaps import overlap_words, overlapping
from copilot.tools.schedules.scope import Scope, going_on

NEXT_SHOWN = 3
CLOCK_CHANGES_SHOWN = 2
_DOING = {"stop": "stopped", "start": "started again", "run": "done"}


class ScheduleOutput(Frozen):
    schedule_id: ScheduleId = Field(description="the schedule's id")
    title: Made = Field(description="what it does, and when")
    owner: str = Field(description="whose rights its firings have")
    kind: Kind = Field(description="the strictest kind of what it is for")
    state: Literal["active", "paused", "deleted"] = Field(description="whether it fires")
    next: tuple[Made, ...] = Field(description="its next times, in its time zone")
    matching: tuple[Made, ...] = Field(description="the environments it would stop if it fired now")
    left: tuple[Made, ...] = Field(description="those it would leave alone now, with the reason")
    overlaps: tuple[Made, ...] = Field(description="other schedules for the same environments, and when they are")
    notes: tuple[Made, ...] = Field(description="what else there is to know about it")
    summary: Made = Field(description="one line about it")


def state_of(schedule: Schedule) -> Literal["active", "paused"]:
    return "paused" if schedule.paused else "active"


def due_words(action: str, at: str) -> str:
    return f"{_DOING[action]} {at}"


def _notes(schedule: Schedule, changes: Sequence[str]) -> list[str]:
    window = schedule.window
    if window is None:
        return [*_notes_of_request(schedule), *changes]
    notes = [f"Each firing is made with the rights its owner ({quoted_people(schedule.owner)}) has at that time."]
    if window.days == DAYS:
        notes.append("Name days, such as “every weekday”, for fewer.")
    if window.on is not None:
        notes.append("It happens once, and then the schedule is gone; say “every day” for one that comes again.")
    if window.start is None:
        notes.append("Nothing is started again by it; add “and start them again at 7am” for that.")
    if window.on is None and not window.enforce:
        notes.append("What is started by hand after a stop is left alone until the next; “enforce it” changes that.")
    if schedule.kind in {"staging", "production"}:
        notes.append(f"A stop of what is {schedule.kind} is decided anew each time, and may ask for an approval.")
    return [*notes, *changes]


def _notes_of_request(schedule: Schedule) -> list[str]:
    each = "; ".join(steps_in_words(schedule.runbooks["run"]))
    notes = [
        f"Each time: {each}.",
        "What is done was settled when it was made; it is decided anew each time, with the rights its owner "
        f"({quoted_people(schedule.owner)}) has then.",
    ]
    if schedule.times.on is not None:
        notes.append("It happens once, and then the schedule is gone.")
    return notes


def _nothing_there(schedule: Schedule, found: Scope | None) -> list[str]:
    """That there is nothing yet which it is for: it may be what is meant, or a kind that was mistaken."""
    if found is None or found.due or found.left:
        return []
    kinds = " or ".join(schedule.kinds)
    return [f"No {kinds} environment was found now; those that are there at its times will be stopped."]


def anew(owner: str, owner_was: str) -> str:
    """Whose a schedule is that was deleted and is made anew, where that is somebody else now; "" else."""
    if owner_was in {"", owner}:
        return ""
    return f"owned by {quoted_people(owner)} now, with whose rights it fires; it was {quoted_people(owner_was)}'s"


def output(clients: Clients, schedule: Schedule, found: Scope | None = None, owner_was: str = "") -> ScheduleOutput:
    """`owner_was` is whose the one was that this one is made anew of."""
    now = clients.clock.now()
    firings = clients.schedules.firings(schedule.id, LAST_FIRINGS)
    window = schedule.window
    due = [] if schedule.paused else still_due(schedule.times, schedule.created_at, firings, now, NEXT_SHOWN)
    changes = clock_changes(schedule.times, now)[:CLOCK_CHANGES_SHOWN]
    opens = window is not None and window.enforce and not schedule.paused
    is_open = opens and window is not None and holds(window, now, schedule.created_at)
    soon = [f"stopped within {AGAIN_MINUTES} minutes, for its window is open"] if is_open else []
    summary = f"{how_often(schedule)} (schedule {schedule.id}, {state_of(schedule)})"
    overlaps: list[str] = []
    if found and window is not None:
        overlaps = overlap_words(window, overlapping(schedule, schedule.id, going_on(clients), found.survey))
    return ScheduleOutput(
        schedule_id=schedule.id,
        title=title_of(schedule),
        owner=schedule.owner,
        kind=schedule.kind,
        state=state_of(schedule),
        next=(*soon, *(due_words(one.action, moment(one.at)) for one in due)),
        matching=tuple(one.summary for one in found.due) if found else (),
        left=tuple(one.summary for one in found.left) if found else (),
        overlaps=tuple(overlaps),
        notes=(*_nothing_there(schedule, found), *_notes(schedule, changes)),
        summary="; ".join(filter(None, [summary, anew(schedule.owner, owner_was)])),
    )
