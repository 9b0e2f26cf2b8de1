"""A person's page as it is laid out: in parts with what can be pressed, and in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import (
    Button,
    Buttons,
    Heading,
    Home,
    HomeApproval,
    HomeQuestion,
    HomeRun,
    HomeSchedule,
    Part,
    Shown,
    Words,
    occasion_of,
)
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.times.windows import moment

MOST_CHOICES = 4
BRIEF = "What runs, what waits for you, and what you may do here"
_MORE = {
    "runs": "devops-copilot runs",
    "approvals": "devops-copilot approvals",
    "schedules": "devops-copilot schedules",
    "kept": "devops-copilot schedules",
    "frozen": "devops-copilot freezes",
}
"""What shows the rest of each list."""


def shown(home: Home) -> Shown:
    parts: list[Part] = [Words(text=_as_of(home), small=True)]
    if home.frozen:
        parts += [Heading(text="Frozen"), Words(text=_lines(home, "frozen", _frozen(home)))]
    parts += [Heading(text="What runs"), Words(text=_lines(home, "runs", _runs(home)))]
    parts.append(Heading(text="Waits for you"))
    for approval in home.approvals:
        parts += [Words(text=_approval(approval, home.zone)), Buttons(buttons=_deciding(approval))]
    rest = [*_more(home, "approvals"), *_questions(home)]
    parts += [Words(text="\n".join(rest or ["Nothing."]))] if rest or not home.approvals else []
    parts.append(Heading(text="Schedules"))
    for schedule in home.schedules:
        parts.append(Words(text=_schedule(schedule, home.zone)))
        if buttons := _of_schedule(schedule, home.zone):
            parts.append(Buttons(buttons=buttons))
    rest = [*_more(home, "schedules"), *home.kept, *_more(home, "kept")]
    parts += [Words(text="\n".join(rest or ["None of yours, and none for what is yours."]))] * bool(
        rest or not home.schedules
    )
    parts += [Heading(text="What you may do"), Words(text="\n".join(map(inert, home.rights)))]
    if home.requests:
        parts += [Heading(text="What you could say"), Words(text="\n".join(_requests(home)))]
    return Shown(brief=BRIEF, parts=tuple(parts))


def in_lines(home: Home) -> str:
    """The same to be read where nothing can be pressed."""
    sections = [
        ("Frozen", [*_frozen(home), *_more(home, "frozen")]),
        ("What runs", [*(_runs(home) or ["Nothing."]), *_more(home, "runs")]),
        ("Waits for you", _waiting(home)),
        ("Schedules", _scheduled(home)),
        ("What you may do", [*map(inert, home.rights)]),
        ("What you could say", _requests(home)),
    ]
    told = ["\n".join([f"{title}:", *(f"- {line}" for line in lines)]) for title, lines in sections if lines]
    return "\n\n".join([_as_of(home), *told])


def _waiting(home: Home) -> list[str]:
    decided = [
        f"{_approval(one, home.zone, ' ')} The command devops-copilot approve {one.id} approves it."
        for one in home.approvals
    ]
    return [*decided, *_more(home, "approvals"), *_questions(home)] or ["Nothing."]


def _scheduled(home: Home) -> list[str]:
    told = [f"{_schedule(one, home.zone)}{_said(one, home.zone, home.at)}" for one in home.schedules]
    lines = [*told, *_more(home, "schedules"), *home.kept, *_more(home, "kept")]
    return lines or ["None of yours, and none for what is yours."]


def _as_of(home: Home) -> str:
    return f"For {inert(home.person)}, as of {_at(home.at, home.zone)}."


def _lines(home: Home, name: str, lines: Sequence[str]) -> str:
    return "\n".join([*(lines or ["Nothing."]), *_more(home, name)])


def _more(home: Home, name: str) -> list[str]:
    more = home.more.get(name, 0)
    command = f"{_MORE[name]} --all" if name == "runs" and home.sees_all else _MORE[name]
    return [f"and {more} more: {command}"] if more else []


def _runs(home: Home) -> list[str]:
    return [_run(one, home.zone) for one in home.runs]


def _run(run: HomeRun, zone: str) -> str:
    state = {"queued": "is next", "running": "is at work", "parked": "waits for an approval"}[run.state]
    if run.state == "parked" and run.until is not None:
        by = f" by {listed([*map(inert, run.waits_for)])}" if run.waits_for else ""
        state = f"waits for an approval{by} until {_at(run.until, zone)}"
    by = "you" if run.own else inert(run.by)
    return f"“{run.request}” {state}; asked by {by}, {_at(run.since, zone)}"


def _approval(one: HomeApproval, zone: str, apart: str = "\n") -> str:
    return f"{inert(one.by)} asks: “{one.request}”{apart}It would {one.would}. Until {_at(one.until, zone)}."


def _deciding(one: HomeApproval) -> tuple[Button, ...]:
    return (
        Button(action="show", about=one.id, label="Show everything"),
        Button(action="approve", about=one.id, label="Approve", weight="primary"),
        Button(action="deny", about=one.id, label="Deny", weight="danger", asks="Nothing of it is done."),
    )


def _questions(home: Home) -> list[str]:
    told = [_question(one) for one in home.questions]
    more = home.more.get("questions", 0)
    return [*told, f"and {more} more such questions"] if more else told


def _question(one: HomeQuestion) -> str:
    choices = [inert(choice) for choice in one.choices[:MOST_CHOICES]]
    which = f" ({', '.join(choices)}{', …' if len(one.choices) > MOST_CHOICES else ''})" if choices else ""
    return f"I asked you back about “{one.request}”{which}; answer it where I asked"


def _schedule(one: HomeSchedule, zone: str) -> str:
    by = "yours" if one.own else f"of {inert(one.by)}"
    if one.paused:
        return f"{one.title}; {by}, paused"
    if one.action is None or one.at is None:
        return f"{one.title}; {by}, done"
    does = {"stop": "stops", "start": "starts", "again": "looks again", "run": "runs"}[one.action]
    return f"{one.title}; {by}, next {does} {_at(one.at, zone)}"


def _of_schedule(one: HomeSchedule, zone: str) -> tuple[Button, ...]:
    """Pause or Resume for whom policy does not deny it, Keep for whose environments it is about to stop."""
    return tuple([*_keep(one, zone), *_switch(one)])


def _switch(one: HomeSchedule) -> Iterator[Button]:
    if one.may == "deny":
        return
    waits = " It waits for an approval first." if one.may == "ask" else ""
    if one.paused:
        asks = f"It does again what it says, for everybody.{waits}"
        yield Button(action="resume", about=one.id, label="Resume", asks=asks)
    else:
        asks = f"It does nothing until somebody resumes it, for nobody.{waits}"
        yield Button(action="pause", about=one.id, label="Pause", asks=asks)


def _keep(one: HomeSchedule, zone: str) -> Iterator[Button]:
    if not one.stops:
        return
    names = listed([inert(stop.environment) for stop in one.stops])
    until = max(stop.until for stop in one.stops)
    asks = f"Just this once no schedule stops {names}, until {_at(until, zone)} at the latest."
    yield Button(action="keep", about=occasion_of(one.stops[0].at), label="Keep mine this once", asks=asks)


def _said(one: HomeSchedule, zone: str, now: datetime) -> str:
    """What can be said about it in place of what can be pressed."""
    says = [f"“{button.action} schedule {one.id}”" for button in _switch(one)]
    soon = [stop for stop in one.stops if stop.until - now < timedelta(days=1)]
    says += [
        f"“keep {inert(stop.environment)} until {stop.until.astimezone(ZoneInfo(zone)):%H:%M}”" for stop in soon[:1]
    ]
    return f". Say {' or '.join(says)}" if says else ""


def _frozen(home: Home) -> list[str]:
    return [inert(one) for one in home.frozen]


def _requests(home: Home) -> list[str]:
    return [f"“{inert(one)}”" for one in home.requests]


def _at(when: datetime, zone: str) -> str:
    return moment(when.astimezone(ZoneInfo(zone)))
