"""One person's page: what runs, what waits for them, what comes by itself, and what they may do and say."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from copilot.domain.chat import ComingStop
from copilot.domain.classes import About
from copilot.domain.frozen import Frozen
from copilot.domain.schedules import ScheduleAction

HOME = "home"
"""The intent of a Revision that says it."""
ABOUT_HOME = About(shows="security", kind=None)
"""What it tells of: who may do and decide what. So nobody but who asked for it reads it, in whatever place."""


class HomeRun(Frozen):
    """A Run that is not answered. `waits_for` are those who may decide what it waits for, `until` when they can."""

    id: str
    request: str
    by: str
    own: bool
    since: datetime
    state: Literal["queued", "running", "parked"]
    waits_for: tuple[str, ...] = ()
    until: datetime | None = None


class HomeApproval(Frozen):
    """An Approval that this person may decide: what it would do, in a line."""

    id: str
    request: str
    by: str
    would: str
    until: datetime


class HomeQuestion(Frozen):
    """A question to this person that waits for its answer; `run_id` is the Run that asked."""

    run_id: str
    request: str
    choices: tuple[str, ...]


class HomeSchedule(Frozen):
    """A Schedule that is this person's, or is for what is theirs. `title` is fit to be shown. `may` is what becomes of
    their pausing or resuming it. `stops` are those of theirs that it stops next.
    """

    id: str
    title: str
    by: str
    own: bool
    paused: bool
    action: ScheduleAction | None = None
    at: datetime | None = None
    may: Literal["allow", "ask", "deny"]
    stops: tuple[ComingStop, ...] = ()


class Home(Frozen):
    """As of `at`, in times of `zone`. Of each list the first few; `more` says how many there are beside, by the name
    of the list. `kept`, `frozen`, `rights` and `requests` are lines to be read.
    """

    person: str
    at: datetime
    zone: str
    sees_all: bool
    runs: tuple[HomeRun, ...] = ()
    approvals: tuple[HomeApproval, ...] = ()
    questions: tuple[HomeQuestion, ...] = ()
    schedules: tuple[HomeSchedule, ...] = ()
    kept: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    more: dict[str, int] = {}

    @property
    def stops(self) -> dict[datetime, tuple[ComingStop, ...]]:
        """All of theirs that is stopped at one time, by whichever of these Schedules."""
        found: dict[datetime, dict[str, ComingStop]] = {}
        for schedule in self.schedules:
            for stop in schedule.stops:
                found.setdefault(stop.at, {}).setdefault(stop.environment, stop)
        return {at: tuple(some.values()) for at, some in found.items()}
