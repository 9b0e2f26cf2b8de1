"""A person's page as it is laid out: in parts with what can be pressed, and in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
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
NOTHING, NO_SCHEDULES = "Nothing.", "None of yours, and none for what is yours."
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
    told = _Told(home)
    parts: list[Part] = [Words(text=told.as_of, small=True)]
    if home.frozen:
        parts += [Heading(text="Frozen"), Words(text="\n".join([*told.frozen, *told.more("frozen")]))]
    parts.append(Heading(text="What runs"))
    parts += [Words(text=f"{what}\n{how}") for what, how in told.runs]
    parts += told.rest([*told.more("runs")], bool(home.runs), NOTHING)
    parts.append(Heading(text="Waits for you"))
    for one, (what, how) in zip(home.approvals, told.approvals, strict=True):
        parts += [Words(text=f"{what}\n{how}"), Buttons(buttons=_deciding(one))]
    parts += told.rest([*told.more("approvals"), *told.questions], bool(home.approvals), NOTHING)
    parts.append(Heading(text="Schedules"))
    for schedule, (what, how) in zip(home.schedules, told.schedules, strict=True):
        parts.append(Words(text=f"{what}\n{how}"))
        if buttons := (*_keep(schedule, told), *_switch(schedule)):
            parts.append(Buttons(buttons=buttons))
    parts += told.rest([*told.more("schedules"), *home.kept, *told.more("kept")], bool(home.schedules), NO_SCHEDULES)
    parts += [Heading(text="What you may do"), Words(text="\n".join(map(inert, home.rights)))]
    if home.requests:
        parts += [Heading(text="What you could say"), Words(text="\n".join(told.requests))]
    return Shown(brief=BRIEF, parts=tuple(parts))


def in_lines(home: Home) -> str:
    """The same to be read where nothing can be pressed."""
    told = _Told(home)
    decided = [
        f"{what} {how}. The command devops-copilot approve {one.id} approves it."
        for one, (what, how) in zip(home.approvals, told.approvals, strict=True)
    ]
    schedules = [
        f"{what}; {how}{_said(one, told)}" for one, (what, how) in zip(home.schedules, told.schedules, strict=True)
    ]
    kept = [*home.kept, *told.more("kept")]
    sections = [
        ("Frozen", [*told.frozen, *told.more("frozen")]),
        ("What runs", [*(f"{what} {how}" for what, how in told.runs), *told.more("runs")] or [NOTHING]),
        ("Waits for you", [*decided, *told.more("approvals"), *told.questions] or [NOTHING]),
        ("Schedules", [*schedules, *told.more("schedules"), *kept] or [NO_SCHEDULES]),
        ("What you may do", [*map(inert, home.rights)]),
        ("What you could say", told.requests),
    ]
    lines = ["\n".join([f"{title}:", *(f"- {line}" for line in some)]) for title, some in sections if some]
    return "\n\n".join([told.as_of, *lines])


class _Told:
    """What is on a page, in words; of what takes two lines, both."""

    def __init__(self, home: Home) -> None:
        self.home, self._zone = home, ZoneInfo(home.zone)
        self.frozen = [inert(one) for one in home.frozen]
        self.requests = [f"“{inert(one)}”" for one in home.requests]

    @property
    def as_of(self) -> str:
        return f"For {inert(self.home.person)}, as of {moment(self.home.at.astimezone(self._zone))}."

    def at(self, when: datetime) -> str:
        """With its day, where that is another."""
        local, now = when.astimezone(self._zone), self.home.at.astimezone(self._zone)
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%a %d %b %H:%M}"

    def soon(self, when: datetime) -> str:
        """As a person says it today; "" of what is later than tomorrow."""
        local, now = when.astimezone(self._zone), self.home.at.astimezone(self._zone)
        days = (local.date() - now.date()).days
        return "" if days > 1 else f"{'tomorrow ' * days}{local:%H:%M}"

    def more(self, name: str) -> list[str]:
        more = self.home.more.get(name, 0)
        command = f"{_MORE[name]} --all" if name == "runs" and self.home.sees_all else _MORE[name]
        return [f"and {more} more: {command}"] if more else []

    def rest(self, lines: Sequence[str], beside: bool, nothing: str) -> list[Part]:
        """What stands below a list, if anything; or that there is nothing in it."""
        told = [*lines] or ([] if beside else [nothing])
        return [Words(text="\n".join(told))] if told else []

    @property
    def runs(self) -> list[tuple[str, str]]:
        return [(f"“{one.request}”", self._run(one)) for one in self.home.runs]

    def _run(self, run: HomeRun) -> str:
        state = {"queued": "is next", "running": "is at work", "parked": "waits for an approval"}[run.state]
        if run.state == "parked" and run.until is not None:
            by = f" by {listed([*map(inert, run.waits_for)])}" if run.waits_for else ""
            state = f"waits for an approval{by} until {self.at(run.until)}"
        return f"{state}; asked by {'you' if run.own else inert(run.by)} at {self.at(run.since)}"

    @property
    def approvals(self) -> list[tuple[str, str]]:
        return [
            (f"{inert(one.by)} asks: “{one.request}”", f"{one.would}, until {self.at(one.until)}")
            for one in self.home.approvals
        ]

    @property
    def questions(self) -> list[str]:
        more = self.home.more.get("questions", 0)
        return [*map(_question, self.home.questions), *([f"and {more} more such questions"] if more else [])]

    @property
    def schedules(self) -> list[tuple[str, str]]:
        return [(one.title, self._schedule(one)) for one in self.home.schedules]

    def _schedule(self, one: HomeSchedule) -> str:
        by = "yours" if one.own else f"of {inert(one.by)}"
        if one.paused or one.action is None or one.at is None:
            return f"{by}, {'paused' if one.paused else 'done'}"
        does = {"stop": "stops", "start": "starts", "again": "looks again", "run": "runs"}[one.action]
        return f"{by}, next {does} {self.at(one.at)}"


def _deciding(one: HomeApproval) -> tuple[Button, ...]:
    return (
        Button(action="show", about=one.id, label="Show everything"),
        Button(action="approve", about=one.id, label="Approve", weight="primary"),
        Button(action="deny", about=one.id, label="Deny", weight="danger", asks="Nothing of it is done."),
    )


def _question(one: HomeQuestion) -> str:
    choices = [inert(choice) for choice in one.choices[:MOST_CHOICES]]
    which = f" ({', '.join(choices)}{', …' if len(one.choices) > MOST_CHOICES else ''})" if choices else ""
    return f"I asked you back about “{one.request}”{which}; answer it where I asked"


def _switch(one: HomeSchedule) -> Iterator[Button]:
    """For whom policy does not deny it."""
    if one.may == "deny":
        return
    waits = " It waits for an approval first." if one.may == "ask" else ""
    if one.paused:
        asks = f"It does again what it says, for everybody.{waits}"
        yield Button(action="resume", about=one.id, label="Resume", asks=asks)
    else:
        asks = f"It does nothing until somebody resumes it, for nobody.{waits}"
        yield Button(action="pause", about=one.id, label="Pause", asks=asks)


def _keep(one: HomeSchedule, told: _Told) -> Iterator[Button]:
    """For whose environments it is about to stop; once for all that is stopped at one time."""
    first = next((other for other in told.home.schedules if _at(other) == _at(one)), None)
    if not one.stops or first is not one:
        return
    stops = told.home.stops[one.stops[0].at]
    names = listed([inert(stop.environment) for stop in stops])
    until = max(stop.until for stop in stops)
    asks = f"Just this once no schedule stops {names}, until {told.at(until)} at the latest."
    yield Button(action="keep", about=occasion_of(one.stops[0].at), label="Keep mine this once", asks=asks)


def _at(one: HomeSchedule) -> datetime | None:
    return one.stops[0].at if one.stops else None


def _said(one: HomeSchedule, told: _Told) -> str:
    """What can be said about it in place of what can be pressed."""
    says = [f"“{button.action} schedule {one.id}”" for button in _switch(one)]
    says += [f"“keep {inert(stop.environment)} until {at}”" for stop in one.stops[:1] if (at := told.soon(stop.until))]
    return f". Say {' or '.join(says)}" if says else ""
