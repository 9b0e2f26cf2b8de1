"""Making a schedule, pausing it, resuming it, deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from copilot.domain import (
    DAYS,
    TARGET,
    Call,
    Change,
    Frozen,
    Kind,
    Made,
    Permission,
    Preview,
    ResourceRef,
    Schedule,
    Target,
    Timer,
    Verification,
    Window,
    digest,
)
from copilot.errors import ToolInputError
from copilot.ports import Clients
from copilot.runbooks.filling import window_runbooks
from copilot.text.listing import listed
from copilot.text.outside import quoted, quoted_people
from copilot.times.recurrence import next_times, timer_text
from copilot.times.titles import how_often, title_of
from copilot.times.titles import title as title_for
from copilot.times.windows import (
    AGAIN_MINUTES,
    LAST_FIRINGS,
    clock_changes,
    describe,
    ends_at,
    holds,
    moment,
    never,
    next_due,
    recurrences,
    still_due,
)
from copilot.times.zones import known_zone
from copilot.tools.environments.names import nearest_names
from copilot.tools.schedules.overlaps import overlap_words, overlapping
from copilot.tools.schedules.scope import Scope, going_on, scope, strictest
from copilot.tools.tool import WriteTool

NEXT_SHOWN = 3
CLOCK_CHANGES_SHOWN = 2
_DOING = {"stop": "stopped", "start": "started again"}


class ScheduleOutput(Frozen):
    schedule_id: str = Field(description="the schedule's id")
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


class CreateScheduleInput(Frozen):
    window: Window = Field(description="when environments are off")
    kinds: tuple[Kind, ...] = Field(default=(), description="for every environment of these kinds")
    environments: tuple[str, ...] = Field(
        default=(), description="for these environments, by id", json_schema_extra=TARGET
    )
    paused: bool = Field(default=False, description="made so that it does nothing until it is resumed")


class CreateSchedule(WriteTool[CreateScheduleInput, ScheduleOutput]):
    """Its id follows from the call, so that no attempt makes a second one."""

    name = "create_schedule"
    summary = (
        "Make a schedule that stops environments at a time of day, once or on days, and starts them again if wanted."
    )
    Input = CreateScheduleInput
    Output = ScheduleOutput
    resource = "Schedule"
    idempotent = True

    def preview(self, input: CreateScheduleInput) -> Preview:
        if not input.kinds and not input.environments:
            raise ToolInputError("a schedule needs kinds of environments, or environments", ours=True)
        if not known_zone(input.window.time_zone):
            raise ToolInputError(f"there is no time zone {input.window.time_zone!r}", ours=True)
        now = self.clients.clock.now()
        # One that was made, and whose making was not seen through, is not refused for being late.
        if self.clients.schedules.schedule(self._id) is None and (refused := _never_comes(input.window, now)):
            raise ToolInputError(refused, ours=True)
        found = scope(self.clients, input.kinds, input.environments)
        missing = [one for one in found.left if "not there" in one.reason]
        if missing:
            names = listed([quoted(one.environment_id) for one in missing])
            raise ToolInputError(f"there is no environment {names}", ours=True)
        kind = _kind(input, found)
        title = title_for(input.kinds, input.environments, input.window)
        twin = self._twin(input)
        ref = ResourceRef(type="schedule", id=twin.id if twin else self._id)
        times = [_due_words(due.action, moment(due.at)) for due in next_due(input.window, now, now, NEXT_SHOWN)]
        on = [quoted(one.name) for one in found.due]
        change = Change(
            ref=ref,
            name=title,
            action="skip" if twin else "create",
            before=describe(twin.window) if twin else "none",
            after="paused, until it is resumed"
            if input.paused
            else f"next: {', '.join(times)}; environments now on: {listed(on) or 'none'}",
            reason=f"the schedule {twin.id} does this already" if twin else self._beside(input, found),
        )
        target = Target(ref=ref, name=title, kind=kind)
        return Preview(targets=(target,), changes=(change,), state={"twin": twin.id if twin else None})

    def permissions(self, input: CreateScheduleInput, preview: Preview) -> tuple[Permission, ...]:
        return _permissions(self.clients, preview, list(recurrences(input.window)))

    def run(self, input: CreateScheduleInput, preview: Preview) -> ScheduleOutput:
        (target,) = preview.targets
        if all(change.action == "skip" for change in preview.changes):
            return self._output(_existing(self.clients, target.ref.id))
        schedule = Schedule(
            id=target.ref.id,
            title=target.name,
            owner=self.clients.person.id,
            kinds=input.kinds,
            environments=input.environments,
            kind=target.kind or "production",
            window=input.window,
            runbooks=window_runbooks(_parameters(target.ref.id, target.name, input)),
            created_at=self.clients.clock.now(),
            paused=input.paused,
            ends_at=ends_at(input.window),
        )
        _put(self.clients, schedule)
        return self._output(schedule)

    def verify(self, input: CreateScheduleInput, prior: Preview) -> Verification:
        schedule_id = prior.targets[0].ref.id
        schedule = self.clients.schedules.schedule(schedule_id)
        if schedule is None:
            return Verification(outcome="false", reason=f"there is no schedule {schedule_id}")
        reason = _unlike(self.clients, schedule)
        output = self._output(schedule).model_dump(mode="json")
        return Verification(outcome="false" if reason else "true", reason=reason, output=output)

    @classmethod
    def undo(cls, input: CreateScheduleInput, prior: Preview) -> Call | None:
        """`delete_schedule`; nothing where a schedule did the same already."""
        if all(change.action == "skip" for change in prior.changes):
            return None
        return Call(tool="delete_schedule", arguments={"schedule_id": prior.targets[0].ref.id})

    @property
    def _id(self) -> str:
        return "s" + digest([self.clients.call_id, "schedule"])[:9]

    def _twin(self, input: CreateScheduleInput) -> Schedule | None:
        """One that does the same already, under the same rights."""
        wanted = (input.window, set(input.kinds), set(input.environments), self.clients.person.id)
        for one in self.clients.schedules.schedules():
            same = (one.window, set(one.kinds), set(one.environments), one.owner) == wanted
            if same and one.paused == input.paused and one.id != self._id:
                return one
        return None

    def _beside(self, input: CreateScheduleInput, found: Scope) -> str:
        """What else stops and starts the same, for who approves it."""
        others = overlapping(input.kinds, input.environments, self._id, going_on(self.clients), found.survey)
        words = overlap_words(input.window, others)
        return f"the same environments have other schedules: {'; '.join(words)}" if words else ""

    def _output(self, schedule: Schedule) -> ScheduleOutput:
        return _output(self.clients, schedule, scope(self.clients, schedule.kinds, schedule.environments))


class ScheduleInput(Frozen):
    schedule_id: str = Field(pattern=r"^s[0-9a-f]{9}$", description="the schedule's id", json_schema_extra=TARGET)


class _Existing(WriteTool[ScheduleInput, ScheduleOutput]):
    """What deleting, pausing and resuming have in common."""

    Input = ScheduleInput
    Output = ScheduleOutput
    resource = "Schedule"
    idempotent = True

    action: ClassVar[Literal["delete", "pause", "resume"]]
    wanted: ClassVar[Literal["deleted", "paused", "active"]]

    def preview(self, input: ScheduleInput) -> Preview:
        schedule = _existing(self.clients, input.schedule_id)
        if self.action != "delete" and schedule.ends_at and schedule.ends_at <= self.clients.clock.now():
            raise ToolInputError(f"schedule {schedule.id} is done: it was {describe(schedule.window)}", ours=True)
        is_so = self.wanted == _state(schedule)
        ref = ResourceRef(type="schedule", id=schedule.id)
        change = Change(
            ref=ref,
            name=title_of(schedule),
            action="skip" if is_so else self.action,
            before=_state(schedule),
            after=self.wanted,
            reason=f"already {self.wanted}" if is_so else "",
        )
        remade = {"window", "kinds", "environments"}
        state: JsonValue = {
            "paused": schedule.paused,
            "made": schedule.model_dump(mode="json", include=remade),
            "owner": schedule.owner,
        }
        target = Target(ref=ref, name=title_of(schedule), kind=schedule.kind)
        return Preview(targets=(target,), changes=(change,), state=state)

    def permissions(self, input: ScheduleInput, preview: Preview) -> tuple[Permission, ...]:
        return _permissions(self.clients, preview, ["stop", "again", "start"])

    def verify(self, input: ScheduleInput, prior: Preview) -> Verification:
        schedule = self.clients.schedules.schedule(input.schedule_id)
        if schedule is None:
            return Verification(outcome="false", reason=f"there is no schedule {input.schedule_id} any more")
        reason = _unlike(self.clients, schedule) or ("" if _state(schedule) == self.wanted else _state(schedule))
        output = self._output(schedule).model_dump(mode="json")
        return Verification(outcome="false" if reason else "true", reason=reason, output=output)

    def _switch(self, schedule_id: str, paused: bool) -> ScheduleOutput:
        schedule = _existing(self.clients, schedule_id).model_copy(update={"paused": paused})
        _put(self.clients, schedule)
        return self._output(schedule)

    def _output(self, schedule: Schedule) -> ScheduleOutput:
        """One that fires again has company, maybe; one that does not fire has none."""
        found = None if schedule.paused else scope(self.clients, schedule.kinds, schedule.environments)
        return _output(self.clients, schedule, found)


class PauseSchedule(_Existing):
    name = "pause_schedule"
    summary = "Pause a schedule: it does nothing until it is resumed."
    action, wanted = "pause", "paused"

    def run(self, input: ScheduleInput, preview: Preview) -> ScheduleOutput:
        return self._switch(input.schedule_id, paused=True)

    @classmethod
    def undo(cls, input: ScheduleInput, prior: Preview) -> Call | None:
        """`resume_schedule`; nothing where it was paused already."""
        return None if prior.is_idle else Call(tool="resume_schedule", arguments={"schedule_id": input.schedule_id})


class ResumeSchedule(_Existing):
    name = "resume_schedule"
    summary = "Resume a paused schedule."
    action, wanted = "resume", "active"

    def run(self, input: ScheduleInput, preview: Preview) -> ScheduleOutput:
        return self._switch(input.schedule_id, paused=False)

    @classmethod
    def undo(cls, input: ScheduleInput, prior: Preview) -> Call | None:
        """`pause_schedule`; nothing where it was active already."""
        return None if prior.is_idle else Call(tool="pause_schedule", arguments={"schedule_id": input.schedule_id})


class DeleteSchedule(_Existing):
    """What it did, and what it has stopped, stays as it is."""

    name = "delete_schedule"
    summary = "Delete a schedule; what it has stopped stays stopped."
    action, wanted = "delete", "deleted"

    def run(self, input: ScheduleInput, preview: Preview) -> ScheduleOutput:
        # The timers first: without its record a schedule cannot be found to be deleted again.
        for action in ("stop", "again", "start"):
            self.clients.scheduler.remove(input.schedule_id, action)
        self.clients.schedules.remove(input.schedule_id)
        return self._gone(input, preview)

    def verify(self, input: ScheduleInput, prior: Preview) -> Verification:
        left = list(self.clients.scheduler.timers(input.schedule_id))
        there = self.clients.schedules.schedule(input.schedule_id) is not None
        return Verification(
            outcome="false" if there or left else "true",
            reason="its record is still there" if there else f"its timers {_named(left)} are still there",
            output=self._gone(input, prior).model_dump(mode="json"),
        )

    def _gone(self, input: ScheduleInput, prior: Preview) -> ScheduleOutput:
        (target,) = prior.targets
        state = prior.state if isinstance(prior.state, dict) else {}
        return ScheduleOutput(
            schedule_id=input.schedule_id,
            title=target.name,
            owner=str(state.get("owner", "")),
            kind=target.kind or "production",
            state="deleted",
            next=(),
            matching=(),
            left=(),
            overlaps=(),
            notes=(),
            summary=f"{input.schedule_id} deleted ({target.name}); what it stopped stays stopped",
        )

    @classmethod
    def undo(cls, input: ScheduleInput, prior: Preview) -> Call | None:
        """`create_schedule`, for the same environments and times: a new schedule, with an id of its own; paused, where
        this one was.
        """
        was = prior.state if isinstance(prior.state, dict) else {}
        made = was.get("made")
        if not isinstance(made, dict):
            return None
        return Call(tool="create_schedule", arguments=made | ({"paused": True} if was.get("paused") else {}))


def _existing(clients: Clients, schedule_id: str) -> Schedule:
    found = clients.schedules.schedule(schedule_id)
    if found is None:
        near = nearest_names(schedule_id, [one.id for one in clients.schedules.schedules()])
        raise ToolInputError(f"there is no schedule {schedule_id}", near, ours=True)
    return found


def _state(schedule: Schedule) -> Literal["active", "paused"]:
    return "paused" if schedule.paused else "active"


def _never_comes(window: Window, now: datetime) -> str:
    """Why what is to happen once will not, in a sentence; "" where it will, and for what comes again."""
    if lost := never(window):
        return f"there would be no {lost[0]}"
    return "" if next_due(window, now, now, 1) else f"{describe(window)} has passed"


def _put(clients: Clients, schedule: Schedule) -> None:
    """The record first: a timer that fires without one has nothing to do."""
    clients.schedules.put(schedule)
    timers = _timers(schedule, clients.clock.now())
    for action in recurrences(schedule.window):
        if action in timers:
            clients.scheduler.put(schedule.id, action, timers[action])
        else:
            clients.scheduler.remove(schedule.id, action)


def _timers(schedule: Schedule, now: datetime) -> dict[str, Timer]:
    """What the Scheduler is to hold. Of what happens once, what is to come: a timer of that kind is gone when it has
    fired, and one that was switched off would never go, so that a paused schedule has none.
    """
    made = recurrences(schedule.window)
    if schedule.window.on is not None:
        made = {action: one for action, one in made.items() if not schedule.paused and next_times(one, now, 1)}
    return {
        action: Timer(expression=timer_text(recurrence), time_zone=recurrence.time_zone, enabled=not schedule.paused)
        for action, recurrence in made.items()
    }


def _unlike(clients: Clients, schedule: Schedule) -> str:
    """What the Scheduler holds otherwise than the schedule says; "" where it is the same.

    A timer whose one time has come may be gone or not: Scheduler takes it away when it has handed over its firing.
    """
    now = clients.clock.now()
    held, wanted = dict(clients.scheduler.timers(schedule.id)), _timers(schedule, now)
    passed = [action for action, one in recurrences(schedule.window).items() if not next_times(one, now, 1)]
    unlike = [action for action in {*held, *wanted} - {*passed} if held.get(action) != wanted.get(action)]
    return f"its timers {_named(sorted(unlike))} are not as they should be" if unlike else ""


def _named(timers: Sequence[str]) -> str:
    return ", ".join(map(quoted, timers))


def _permissions(clients: Clients, preview: Preview, actions: Sequence[str]) -> tuple[Permission, ...]:
    if all(change.action == "skip" for change in preview.changes):
        return ()
    of_timers = clients.scheduler.permissions(preview.targets[0].ref.id, actions)
    return (*of_timers, *clients.schedules.permissions())


def _kind(input: CreateScheduleInput, found: Scope) -> Kind:
    named = [one.kind for one in found.survey.environments if one.name in input.environments]
    return strictest([*input.kinds, *named])


def _parameters(schedule_id: str, title: str, input: CreateScheduleInput) -> dict[str, JsonValue]:
    return {
        "schedule_id": schedule_id,
        "title": title,
        "kinds": list(input.kinds),
        "environments": list(input.environments),
    }


def _due_words(action: str, at: str) -> str:
    return f"{_DOING[action]} {at}"


def _notes(schedule: Schedule, changes: Sequence[str]) -> list[str]:
    window = schedule.window
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


def _nothing_there(schedule: Schedule, found: Scope | None) -> list[str]:
    """That there is nothing yet which it is for: it may be what is meant, or a kind that was mistaken."""
    if found is None or found.due or found.left:
        return []
    kinds = " or ".join(schedule.kinds)
    return [f"No {kinds} environment was found now; those that are there at its times will be stopped."]


def _output(clients: Clients, schedule: Schedule, found: Scope | None = None) -> ScheduleOutput:
    now = clients.clock.now()
    firings = clients.schedules.firings(schedule.id, LAST_FIRINGS)
    due = [] if schedule.paused else still_due(schedule.window, schedule.created_at, firings, now, NEXT_SHOWN)
    changes = clock_changes(schedule.window, now)[:CLOCK_CHANGES_SHOWN]
    is_open = schedule.window.enforce and not schedule.paused and holds(schedule.window, now, schedule.created_at)
    soon = [f"stopped within {AGAIN_MINUTES} minutes, for its window is open"] if is_open else []
    others = []
    if found:
        others = overlapping(schedule.kinds, schedule.environments, schedule.id, going_on(clients), found.survey)
    return ScheduleOutput(
        schedule_id=schedule.id,
        title=title_of(schedule),
        owner=schedule.owner,
        kind=schedule.kind,
        state=_state(schedule),
        next=(*soon, *(_due_words(one.action, moment(one.at)) for one in due)),
        matching=tuple(one.summary for one in found.due) if found else (),
        left=tuple(one.summary for one in found.left) if found else (),
        overlaps=tuple(overlap_words(schedule.window, others)),
        notes=(*_nothing_there(schedule, found), *_notes(schedule, changes)),
        summary=f"{how_often(schedule)} (schedule {schedule.id}, {_state(schedule)})",
    )
