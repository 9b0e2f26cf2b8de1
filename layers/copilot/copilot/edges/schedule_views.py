"""Schedules as the API shows them."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from pydantic import JsonValue

from copilot.domain import Firing, Schedule
from copilot.errors import NotFound
from copilot.ports import Runs, Schedules
from copilot.times.windows import LAST_FIRINGS, clock_changes, describe, kept_words, still_due

NEXT, FIRINGS = 3, 10
LONGEST_SAID = 300


def view_schedules(schedules: Schedules, store: Runs, tenant: str, now: datetime) -> dict[str, JsonValue]:
    """Every schedule that is not over, with its next times and its last firing, and the exceptions that last."""
    going_on = [one for one in schedules.schedules() if not one.is_over(now)]
    return {
        "schedules": [_view(one, schedules, store, tenant, now, firings=1) for one in going_on],
        "kept": [f"{keep.environment}: {kept_words(keep)}" for keep in schedules.keeps() if keep.until > now],
    }


def view_schedule(
    schedules: Schedules, store: Runs, tenant: str, schedule_id: str, now: datetime
) -> dict[str, JsonValue]:
    """One schedule, with its last firings and what came of them. Raises NotFound."""
    schedule = schedules.schedule(schedule_id)
    if schedule is None:
        raise NotFound(f"no schedule {schedule_id}")
    return _view(schedule, schedules, store, tenant, now, FIRINGS) | {
        "runbooks": {action: plan.model_dump(mode="json", exclude_defaults=True) for action, plan in
                     schedule.runbooks.items()},
        "clock_changes": list(clock_changes(schedule.times, now)),
    }  # fmt: skip


def _view(
    schedule: Schedule, schedules: Schedules, store: Runs, tenant: str, now: datetime, firings: int
) -> dict[str, JsonValue]:
    """Times carry the offset of the schedule's zone."""
    fired = schedules.firings(schedule.id, max(firings, LAST_FIRINGS))
    due = [] if schedule.paused else still_due(schedule.times, schedule.created_at, fired, now, NEXT)
    return {
        "id": schedule.id,
        "title": schedule.title,
        "owner": schedule.owner,
        "state": "done" if schedule.ends_at and schedule.ends_at <= now else "paused" if schedule.paused else "active",
        "kind": schedule.kind,
        "kinds": list(schedule.kinds),
        "environments": list(schedule.environments),
        "but": list(schedule.but),
        "time_zone": schedule.time_zone,
        "window": schedule.window.model_dump(mode="json") if schedule.window else None,
        "request": schedule.request,
        "when": describe(schedule.times),
        "paused_because": schedule.paused_because,
        "created_at": schedule.created_at.isoformat(),
        "next": [{"action": one.action, "at": one.at.isoformat()} for one in due],
        "firings": [_firing(one, store, tenant) for one in fired[:firings]],
    }


def _firing(firing: Firing, store: Runs, tenant: str) -> JsonValue:
    """With the outcome of its run, or why there is none."""
    shown: dict[str, JsonValue] = firing.model_dump(mode="json", exclude={"schedule"})
    outcome, answer = "nothing done", firing.reason
    if firing.run_id is not None:
        try:
            run = store.run(tenant, firing.run_id)
            outcome, answer = run.outcome or run.status, in_a_line(run.answer or "")
        except NotFound:
            answer = "its run was not begun, or not yet"
    return shown | {"outcome": outcome, "said": answer}


def in_a_line(answer: str) -> str:
    """The first line of an answer; where a list follows, what is in it."""
    first, *rest = answer.split("\n")
    if not first.endswith(":"):
        return first
    items = [line.removeprefix("- ") for line in takewhile(lambda line: line.startswith("- "), rest)]
    line = f"{first} {'; '.join(items)}" if items else first.removesuffix(":")
    return line if len(line) <= LONGEST_SAID else line[: LONGEST_SAID - 1] + "…"
