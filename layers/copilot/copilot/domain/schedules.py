"""What is done by itself, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from copilot.domain.classes import Kind
from copilot.domain.focus import NAMES
from copilot.domain.frozen import Frozen, digest
from copilot.domain.plans import Plan

Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
DAYS: tuple[Day, ...] = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ScheduleAction = Literal["stop", "again", "start", "run"]
"""stop begins a window, start ends it; again looks within it whether what was stopped is stopped still. run does what
was asked for, whatever that is.
"""
AGAIN_MINUTES = 30
"""How often an enforced window looks whether what it stopped is stopped still."""


class Recurrence(Frozen):
    """The times at which a clock on the wall of `time_zone` shows one of `hours` and one of `minutes` on one of `days`.

    An hour that the clock leaves out is skipped, one that it repeats counts once, the first time (as EventBridge
    Scheduler does). With `on` it does so once, on that date.
    """

    minutes: Annotated[tuple[int, ...], Field(min_length=1, description="at these minutes")]
    hours: Annotated[tuple[int, ...], Field(min_length=1, description="of these hours, 0 to 23")]
    days: Annotated[tuple[Day, ...], Field(min_length=1, description="on these days, every week")]
    time_zone: str = Field(max_length=64, description="the time zone, an IANA name")
    on: date | None = Field(default=None, description="the one date on which it is, where it is once")

    @property
    def time_of_day(self) -> TimeOfDay:
        """The first of a day."""
        return f"{min(self.hours):02}:{min(self.minutes):02}"

    @classmethod
    def at(cls, time: TimeOfDay, days: Sequence[Day], time_zone: str, on: date | None = None) -> Self:
        """Once a day: on these, or on the one date."""
        weekdays = in_order(days) if on is None else (DAYS[on.weekday()],)
        return cls(minutes=(int(time[3:]),), hours=(int(time[:2]),), days=weekdays, time_zone=time_zone, on=on)


Times = Mapping[ScheduleAction, Recurrence]
"""When a schedule does what; the first is the one that it begins with."""


class Window(Frozen):
    """When environments are off: from `stop` on each of `days`, or once, `on` a date; and, where `start` is given,
    until `start` on the next of `start_days`. All in `time_zone`, an IANA name. With `enforce`, what is started by hand
    within it is stopped again.
    """

    stop: TimeOfDay = Field(description="when they are stopped, HH:MM")
    days: tuple[Day, ...] = Field(default=(), description="the days on which they are stopped, every week")
    on: date | None = Field(default=None, description="instead of days: the one date on which they are stopped, once")
    start: TimeOfDay | None = Field(default=None, description="when they are started again, HH:MM; null for never")
    start_days: tuple[Day, ...] = Field(default=(), description="the days on which they are started again")
    time_zone: str = Field(max_length=64, description="the time zone, an IANA name")
    enforce: bool = Field(default=False, description="whether what is started by hand within it is stopped again")

    @model_validator(mode="after")
    def _once_or_again_and_again(self) -> Self:
        if bool(self.days) == (self.on is not None):
            raise PydanticCustomError("window", "either days or the one date: exactly one of `days` and `on`")
        if self.enforce and self.on is not None:
            raise PydanticCustomError("window", "what is enforced comes again; it has `days`, not `on`")
        return self

    @property
    def times(self) -> dict[ScheduleAction, Recurrence]:
        """`again` recurs all day and every day: whoever it wakes asks whether the window is open."""
        found: dict[ScheduleAction, Recurrence] = {"stop": Recurrence.at(self.stop, self.days, self.time_zone, self.on)}
        if self.enforce:
            minutes = tuple(range(int(self.stop[3:]) % AGAIN_MINUTES, 60, AGAIN_MINUTES))
            found["again"] = Recurrence(minutes=minutes, hours=tuple(range(24)), days=DAYS, time_zone=self.time_zone)
        if self.start:
            on = None if self.on is None else self._starts_once(self.on, self.start)
            found["start"] = Recurrence.at(self.start, self.start_days or self.days, self.time_zone, on)
        return found

    @classmethod
    def of(cls, times: Times) -> Self:
        """The one whose times these are."""
        stop, start = times["stop"], times.get("start")
        return cls(
            stop=stop.time_of_day,
            days=stop.days if stop.on is None else (),
            on=stop.on,
            start=start.time_of_day if start else None,
            start_days=start.days if start else (),
            time_zone=stop.time_zone,
            enforce="again" in times,
        )

    def _starts_once(self, on: date, start: TimeOfDay) -> date:
        """The date on which what is stopped once is started again: the first after its stop, of those days if any."""
        first = on if start > self.stop else on + timedelta(days=1)
        days = [first + timedelta(days=ahead) for ahead in range(7)]
        return next(day for day in days if not self.start_days or DAYS[day.weekday()] in self.start_days)


LATEST = timedelta(hours=1)
"""A firing that comes later than this is discarded."""
ScheduleId = Annotated[str, StringConstraints(pattern=r"^s[0-9a-f]{9}$"), Field(json_schema_extra={NAMES: "schedule"})]


class Chosen(Protocol):
    """Which environments are meant: those of `kinds` and the ones named, without those in `but`. By id."""

    @property
    def kinds(self) -> tuple[Kind, ...]: ...

    @property
    def environments(self) -> tuple[str, ...]: ...

    @property
    def but(self) -> tuple[str, ...]: ...


def is_chosen(chosen: Chosen, environment: str, kind: Kind) -> bool:
    return (kind in chosen.kinds or environment in chosen.environments) and environment not in chosen.but


class Schedule(Frozen):
    """What is done at its `times`: of each action the plan in `runbooks`, kept as it was when it was made, in which
    times may move with the firing (times/moving.py). `kind` is the strictest of what it is for.

    It is a `request`, in the words it was made with; or it is a window, and stops environments: those of `kinds` and
    the ones named, without those in `but`. `owner` is whose rights a firing has. `ends_at` is the last time of one that
    happens once; None for what comes again and again. Where the copilot itself paused it, `paused_because` says why;
    what had failed by `paused_at`, when it last did, counts no more once it is resumed.
    """

    id: ScheduleId
    title: str
    owner: str
    kinds: tuple[Kind, ...] = ()
    environments: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    kind: Kind
    request: str = ""
    times: dict[ScheduleAction, Recurrence] = Field(min_length=1)
    runbooks: dict[ScheduleAction, Plan]
    paused: bool = False
    paused_because: str = ""
    paused_at: datetime | None = None
    created_at: datetime
    ends_at: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_kept_once(cls, given: Any) -> Any:
        """One was kept with its `window`, or with `when` its request is done."""
        if not isinstance(given, dict) or "times" in given:
            return given
        window, when = given.get("window"), given.get("when")
        times = {"run": when} if window is None else Window.model_validate(window).times
        return {name: value for name, value in given.items() if name not in {"window", "when"}} | {"times": times}

    @property
    def window(self) -> Window | None:
        """None of a request."""
        return Window.of(self.times) if "stop" in self.times else None

    @property
    def time_zone(self) -> str:
        return next(iter(self.times.values())).time_zone

    @property
    def is_once(self) -> bool:
        return all(one.on is not None for one in self.times.values())

    def is_over(self, now: datetime) -> bool:
        """Whether its last time has come, and the hour in which it may still fire late has passed."""
        return self.ends_at is not None and now >= self.ends_at + LATEST


class Firing(Frozen):
    """One time a Schedule came due. `run_id` is the Run it became; where it became none, `reason` says why, in a
    sentence of ours, names in it quoted.
    """

    schedule: str
    action: ScheduleAction
    scheduled_at: datetime
    fired_at: datetime
    run_id: str | None = None
    by: str | None = Field(default=None, description="who had it run out of turn")
    reason: str = ""


class Keep(Frozen):
    """An exception: until then no Schedule stops this Environment. `time_zone` is the one in which that is told."""

    environment: str
    until: datetime
    time_zone: str = "UTC"
    by: str
    made_at: datetime


class Timer(Frozen):
    """What the Scheduler holds: the text of a recurrence, its time zone, and whether it fires.

    One that fires once (its text is `at(...)`) is gone when it has.
    """

    expression: str
    time_zone: str
    enabled: bool

    @property
    def is_once(self) -> bool:
        return self.expression.startswith("at(")


def in_order(days: Sequence[Day]) -> tuple[Day, ...]:
    """Each day once, Monday first."""
    return tuple(day for day in DAYS if day in days)


def firing_key(schedule_id: str, action: ScheduleAction, scheduled_at: datetime) -> str:
    """The same for every delivery of a firing; the dedupe key of its Run."""
    return f"{schedule_id}/{action}/{scheduled_at.astimezone(UTC).isoformat()}"


def told_key(dedupe_key: str) -> str:
    """The Notifier's key of what the owner is told of a firing, by the dedupe key of its Run."""
    return f"firing-{digest(dedupe_key)[:24]}"
