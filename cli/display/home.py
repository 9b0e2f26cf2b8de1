"""Somebody's page in a terminal, with the commands that do what is pressed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cli.api.home_views import ApprovalLine, HomeView, QuestionLine, RunLine, ScheduleLine
from cli.display.page import Page
from cli.wording import command, deadline, line, moment

_REST = {
    "runs": ("runs",),
    "approvals": ("approvals",),
    "schedules": ("schedules",),
    "kept": ("schedules",),
    "frozen": ("freezes",),
    "questions": ("runs",),
}
"""The command that shows the rest of each list."""
_IS = {"queued": "is next", "running": "is at work", "parked": "waits for an approval"}
_DOES = {"stop": "stops", "start": "starts", "again": "looks again", "run": "runs"}


def show_home(page: Page, home: HomeView, options: tuple[str, ...]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    if home.frozen:
        page.say("Frozen", "bold yellow")
        page.prose("\n".join(map(line, home.frozen)))
        _more(page, home, "frozen", options)
        page.say()
    page.say("What runs", "bold")
    for run in home.runs:
        _show_run(page, run, options)
    _more(page, home, "runs", options, nothing="Nothing.")
    page.say()
    page.say("Waits for you", "bold")
    for approval in home.approvals:
        _show_approval(page, approval, options)
    for question in home.questions:
        _show_question(page, question, options)
    _more(page, home, "approvals", options, nothing="" if home.questions else "Nothing.")
    _more(page, home, "questions", options)
    page.say()
    page.say("Schedules", "bold")
    for schedule in home.schedules:
        _show_schedule(page, schedule, home, options)
    _more(page, home, "schedules", options, nothing="None of yours, and none for what is yours.")
    page.prose("\n".join(map(line, home.kept)))
    _more(page, home, "kept", options)
    page.say()
    page.say("What you may do", "bold")
    page.prose("\n".join(map(line, home.rights)))
    if home.requests:
        page.say()
        page.say("What you could say", "bold")
        for request in home.requests:
            page.verbatim(command("ask", line(request), *options), indent=2)


def _more(page: Page, home: HomeView, name: str, options: tuple[str, ...], nothing: str = "") -> None:
    more = home.more.get(name, 0)
    words: tuple[str, ...] = _REST[name]
    if more:
        words = (*words, "--all") if name == "runs" and home.sees_all else words
        page.say(f"and {more} more: {command(*words, *options)}", indent=2)
    elif nothing and not getattr(home, name):
        page.say(nothing, indent=2)


def _show_run(page: Page, run: RunLine, options: tuple[str, ...]) -> None:
    by = "you" if run.own else line(run.by)
    page.say(f"{line(run.request)}", indent=2)
    waits = f" by {', '.join(map(line, run.waits_for))}" if run.waits_for else ""
    until = f" until {deadline(run.until)}" if run.until else ""
    page.rows(
        [
            (f"{_IS.get(run.state, line(run.state))}{waits}{until}; asked by {by} at {moment(run.since)}",),
            (command("runs", "show", run.id, *options),),
        ],
        indent=4,
    )


def _show_approval(page: Page, one: ApprovalLine, options: tuple[str, ...]) -> None:
    page.say(f"{line(one.by)} asks: {line(one.request)}", "bold yellow", indent=2)
    page.rows(
        [
            ("would", line(one.would)),
            ("until", deadline(one.until)),
            ("decide", f"{command('approve', one.id, *options)}   or   {command('deny', one.id, *options)}"),
        ],
        indent=4,
    )


def _show_question(page: Page, one: QuestionLine, options: tuple[str, ...]) -> None:
    page.say(f"You were asked back about: {line(one.request)}", "bold yellow", indent=2)
    rows = [("may be meant", ", ".join(map(line, one.choices)))] if one.choices else []
    page.rows([*rows, ("asked in", command("runs", "show", one.run_id, *options))], indent=4)


def _show_schedule(page: Page, one: ScheduleLine, home: HomeView, options: tuple[str, ...]) -> None:
    page.say(f"{line(one.title)}", indent=2)
    when = "paused" if one.paused else "done"
    if one.action and one.at and not one.paused:
        when = f"next {_DOES.get(one.action, line(one.action))} {deadline(one.at)}"
    page.rows([(f"{'yours' if one.own else f'of {line(one.by)}'}, {when}",)], indent=4)
    if said := [*_said(one, home)]:
        page.commands([(what, command("ask", words, *options)) for what, words in said], indent=4)


def _said(one: ScheduleLine, home: HomeView) -> Iterator[tuple[str, str]]:
    if one.may != "deny":
        first = "" if one.may == "allow" else ", by an approval"
        what = "resume" if one.paused else "pause"
        yield f"{what} it{first}", f"{what} schedule {line(one.id)}"
    zone = ZoneInfo(home.zone)
    for stop in one.stops:
        local = stop.until.astimezone(zone)
        days = (local.date() - home.at.astimezone(zone).date()).days
        if days <= 1:  # what is later is not said so
            yield "keep yours this once", f"keep {line(stop.environment)} until {'tomorrow ' * days}{local:%H:%M}"
