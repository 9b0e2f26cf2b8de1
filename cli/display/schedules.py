"""Schedules: what each does next, in its own time zone, and what came of its firings."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from cli.api.schedule_views import FiringView, ScheduleList, ScheduleView
from cli.display.page import Page, word
from cli.wording import command, line

DOING = {"stop": "stop", "again": "stop again", "start": "start again", "run": "do it"}


def show_schedules(page: Page, listed: ScheduleList) -> None:
    if not listed.schedules:
        example = "Stop all dev environments every day after 6pm"
        page.say(f"There are no schedules. Make one with: {command('ask', example)}")
    for one in listed.schedules:
        page.say(f"{line(one.id)}  {line(one.title)}", "bold")
        last = one.firings[0] if one.firings else None
        page.rows(
            [
                ("owner", line(one.owner)),
                ("next", _next(one)),
                *([("last", f"{_firing_words(last, one.time_zone)}: {line(last.outcome)}")] if last else []),
            ]
        )
    if listed.kept:
        page.say("Kept, so that no schedule stops it", "bold")
        page.rows([("-", line(kept)) for kept in listed.kept])


def show_schedule(page: Page, one: ScheduleView) -> None:
    page.say(f"Schedule {line(one.id)}", "bold")
    page.rows(
        [
            ("does", line(one.title)),
            ("owner", f"{line(one.owner)}; each firing has the rights they have then"),
            ("state", line(f"{one.state}: {one.paused_because}" if one.paused_because else one.state)),
            ("time zone", line(one.time_zone)),
        ]
    )
    if one.next:
        page.say("Next")
        page.rows((DOING.get(due.action, line(due.action)), at(due.at, one.time_zone)) for due in one.next)
    if one.clock_changes:
        page.say("Changes of the clock")
        page.rows(("-", line(change)) for change in one.clock_changes)
    page.say("Fired")
    if not one.firings:
        page.say("It has not fired yet.", indent=2)
    page.rows(
        (_firing_words(fired, one.time_zone), word(fired.outcome), line(fired.run_id or ""), line(fired.said))
        for fired in one.firings
    )


def at(moment: datetime, time_zone: str) -> str:
    """Fri 27 Nov 2026 18:00 CET, whatever zone this machine is in."""
    return f"{moment.astimezone(ZoneInfo(time_zone)):%a %d %b %Y %H:%M %Z}"


def _next(one: ScheduleView) -> str:
    if one.state in {"paused", "done"}:
        return line(f"{one.state}: {one.paused_because}" if one.paused_because else one.state)
    return ", ".join(f"{DOING.get(due.action, due.action)} {at(due.at, one.time_zone)}" for due in one.next[:1])


def _firing_words(fired: FiringView, time_zone: str) -> str:
    by = f" by {line(fired.by)}" if fired.by else ""
    return f"{DOING.get(fired.action, line(fired.action))} {at(fired.scheduled_at, time_zone)}{by}"
