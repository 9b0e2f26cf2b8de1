"""What there is to say of a schedule once it was made or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from copilot.domain import (
    AGAIN_MINUTES,
    DAYS,
    Frozen,
    Kind,
    Made,
    Schedule,
    ScheduleId,
)
from copilot.ports import Clients
from copilot.text.outside import quoted_people
from copilot.times.steps import steps_in_words
from copilot.times.titles import how_often, title_of
from copilot.times.windows import LAST_FIRINGS, clock_changes, holds, moment, still_due
from copilot.tools.schedules.overlaps import overlap_words, overlapping
from copilot.tools.schedules.scope import Scope, going_on, scope

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


def _notes(schedule: Schedule) -> list[str]:
    owner = quoted_people(schedule.owner)
    decided = "then" if schedule.is_once else "each time"
    notes = [
        *(_notes_of_window(schedule) if schedule.window else _notes_of_request(schedule)),
        f"What is done is settled; whether it may be done is decided {decided}, with the rights its owner "
        f"({owner}) has then.",
    ]
    if schedule.is_once:
        notes.append("It happens once, and then the schedule is gone; say “every day” for one that comes again.")
    elif all(one.days == DAYS for one in schedule.times.values()):
        notes.append("Name days, such as “every weekday”, for fewer.")
    return notes


def _notes_of_window(schedule: Schedule) -> list[str]:
    notes = []
    if "start" not in schedule.times:
        notes.append("Nothing is started again by it; add “and start them again at 7am” for that.")
    if not schedule.is_once and "again" not in schedule.times:
        notes.append("What is started by hand after a stop is left alone until the next; “enforce it” changes that.")
    if schedule.kind in {"staging", "production"}:
        each = "" if schedule.is_once else " each time"
        notes.append(f"A stop of what is {schedule.kind} may ask for an approval{each}.")
    return notes


def _notes_of_request(schedule: Schedule) -> list[str]:
    what = "What is done" if schedule.is_once else "Each time"
    return [f"{what}: {'; '.join(steps_in_words(schedule.runbooks['run']))}."]


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


def output(clients: Clients, schedule: Schedule, more: Sequence[str] = (), owner_was: str = "") -> ScheduleOutput:
    """With `more` notes. What a window is for, and the company it has, are looked for where it fires. `owner_was` is
    whose the one was that this one is made anew of.
    """
    found = scope(clients, schedule) if schedule.window and not schedule.paused else None
    now = clients.clock.now()
    firings = clients.schedules.firings(schedule.id, LAST_FIRINGS)
    due = [] if schedule.paused else still_due(schedule.times, schedule.created_at, firings, now, NEXT_SHOWN)
    changes = clock_changes(schedule.times, now)[:CLOCK_CHANGES_SHOWN]
    enforced = "again" in schedule.times and not schedule.paused
    is_open = enforced and holds(schedule.times, now, schedule.created_at)
    soon = [f"stopped within {AGAIN_MINUTES} minutes, for its window is open"] if is_open else []
    summary = f"{how_often(schedule)} (schedule {schedule.id}, {state_of(schedule)})"
    overlaps: list[str] = []
    if found:
        overlaps = overlap_words(schedule.times, overlapping(schedule, schedule.id, going_on(clients), found.survey))
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
        notes=(*_nothing_there(schedule, found), *_notes(schedule), *changes, *more),
        summary="; ".join(filter(None, [summary, anew(schedule.owner, owner_was)])),
    )
