"""Making a schedule."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, JsonValue

from copilot.domain import (
    OUR_OWN,
    SHAPE,
    TARGET,
    Call,
    Change,
    Chosen,
    EnvironmentId,
    Frozen,
    Kind,
    Permission,
    Preview,
    ResourceRef,
    Schedule,
    Target,
    Undo,
    Verification,
    Window,
    digest,
)
from copilot.errors import ToolInputError
from copilot.runbooks.filling import window_runbooks
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.times.titles import title as title_for
from copilot.times.windows import describe, ends_at, moment, never, next_due, recurrences
from copilot.times.zones import known_zone
from copilot.tools.schedules.changing import existing
from copilot.tools.schedules.outcomes import NEXT_SHOWN, ScheduleOutput, anew, due_words, output
from copilot.tools.schedules.overlaps import overlap_words, overlapping
from copilot.tools.schedules.scope import Scope, going_on, scope, strictest
from copilot.tools.schedules.timers import permissions, put, unlike
from copilot.tools.tool import UNCHANGED, WriteTool

OFF = (
    "{stop: HH:MM, days?: [MON|..|SUN], on?: date /*once, in place of days*/, start?: HH:MM, "
    "start_days?: [MON|..|SUN], time_zone, enforce?: bool /*stop again what is started by hand*/}"
)
"""How people write a window."""


class CreateScheduleInput(Frozen):
    window: Window = Field(description="when environments are off", json_schema_extra={SHAPE: OFF})
    kinds: tuple[Kind, ...] = Field(default=(), description="all of these kinds")
    environments: tuple[EnvironmentId, ...] = Field(default=(), description="and these ids", json_schema_extra=TARGET)
    but: tuple[str, ...] = Field(default=(), description="without these ids", json_schema_extra=TARGET)
    paused: bool = Field(default=False, description="until it is resumed")
    owner_was: str = Field(
        default="", max_length=200, description="whose it was, made anew of one deleted", json_schema_extra=OUR_OWN
    )


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
    inverse = "delete_schedule"

    def preview(self, input: CreateScheduleInput) -> Preview:
        if not input.kinds and not input.environments:
            raise ToolInputError("a schedule needs kinds of environments, or environments", ours=True)
        if not known_zone(input.window.time_zone):
            raise ToolInputError(f"there is no time zone {input.window.time_zone!r}", ours=True)
        now = self.clients.clock.now()
        # One that was made, and whose making was not seen through, is not refused for being late.
        if self.clients.schedules.schedule(self._id) is None and (refused := _never_comes(input.window, now)):
            raise ToolInputError(refused, ours=True)
        found = scope(self.clients, input)
        if stays := _left_out_of_nothing(input, found):
            raise ToolInputError(f"{stays} cannot be left out: it is none of what would be stopped", ours=True)
        missing = [one for one in found.left if "not there" in one.reason]
        if missing:
            names = listed([quoted(one.environment_id) for one in missing])
            raise ToolInputError(f"there is no environment {names}", ours=True)
        kind = _kind(input, found)
        title = title_for(input, input.window)
        twin = self._twin(input)
        ref = ResourceRef(type="schedule", id=twin.id if twin else self._id)
        times = [due_words(due.action, moment(due.at)) for due in next_due(input.window, now, now, NEXT_SHOWN)]
        on = [quoted(one.name) for one in found.due]
        change = Change(
            ref=ref,
            name=title,
            action="skip" if twin else "create",
            before=describe(twin.times) if twin else "none",
            after="paused, until it is resumed"
            if input.paused
            else f"next: {', '.join(times)}; environments now on: {listed(on) or 'none'}",
            reason=f"the schedule {twin.id} does this already" if twin else self._beside(input, found),
        )
        target = Target(ref=ref, name=title, kind=kind)
        return Preview(targets=(target,), changes=(change,), state={"twin": twin.id if twin else None})

    def permissions(self, input: CreateScheduleInput, preview: Preview) -> tuple[Permission, ...]:
        return permissions(self.clients, preview, list(recurrences(input.window)))

    def run(self, input: CreateScheduleInput, preview: Preview) -> ScheduleOutput:
        (target,) = preview.targets
        if preview.is_idle:
            return self._output(existing(self.clients, target.ref.id), input)
        schedule = Schedule(
            id=target.ref.id,
            title=target.name,
            owner=self.clients.person.id,
            kinds=input.kinds,
            environments=input.environments,
            but=input.but,
            kind=target.kind or "production",
            window=input.window,
            runbooks=window_runbooks(_parameters(target.ref.id, target.name, input)),
            created_at=self.clients.clock.now(),
            paused=input.paused,
            ends_at=ends_at(input.window),
        )
        put(self.clients, schedule)
        return self._output(schedule, input)

    def verify(self, input: CreateScheduleInput, prior: Preview) -> Verification:
        schedule_id = prior.targets[0].ref.id
        schedule = self.clients.schedules.schedule(schedule_id)
        if schedule is None:
            return Verification(outcome="false", reason=f"there is no schedule {schedule_id}")
        reason = unlike(self.clients, schedule)
        output = self._output(schedule, input).model_dump(mode="json")
        return Verification(outcome="false" if reason else "true", reason=reason, output=output)

    @classmethod
    def undo(cls, input: CreateScheduleInput, prior: Preview) -> Undo:
        """`delete_schedule`; nothing where a schedule did the same already."""
        if prior.is_idle:
            return UNCHANGED
        return Call(tool=cls.inverse, arguments={"schedule_id": prior.targets[0].ref.id})

    @property
    def _id(self) -> str:
        return "s" + digest([self.clients.call_id, "schedule"])[:9]

    def _twin(self, input: CreateScheduleInput) -> Schedule | None:
        """One that does the same already, under the same rights."""
        wanted = (input.window, *_chosen(input), self.clients.person.id)
        for one in self.clients.schedules.schedules():
            same = (one.window, *_chosen(one), one.owner) == wanted
            if same and one.paused == input.paused and one.id != self._id:
                return one
        return None

    def _beside(self, input: CreateScheduleInput, found: Scope) -> str:
        """Whose it was, and what else stops and starts the same, for who approves it."""
        others = overlapping(input, self._id, going_on(self.clients), found.survey)
        words = overlap_words(input.window, others)
        beside = f"the same environments have other schedules: {'; '.join(words)}" if words else ""
        return "; ".join(filter(None, [anew(self.clients.person.id, input.owner_was), beside]))

    def _output(self, schedule: Schedule, input: CreateScheduleInput) -> ScheduleOutput:
        return output(self.clients, schedule, scope(self.clients, schedule), input.owner_was)


def _never_comes(window: Window, now: datetime) -> str:
    """Why what is to happen once will not, in a sentence; "" where it will, and for what comes again."""
    if lost := never(window):
        return f"there would be no {lost[0]}"
    return "" if next_due(window, now, now, 1) else f"{describe(window)} has passed"


def _kind(input: CreateScheduleInput, found: Scope) -> Kind:
    named = [one.kind for one in found.survey.environments if one.name in input.environments]
    return strictest([*input.kinds, *named])


def _parameters(schedule_id: str, title: str, input: CreateScheduleInput) -> dict[str, JsonValue]:
    return {
        "schedule_id": schedule_id,
        "title": title,
        "kinds": list(input.kinds),
        "environments": list(input.environments),
        "but": list(input.but),
    }


def _chosen(chosen: Chosen) -> tuple[set[Kind], set[str], set[str]]:
    return set(chosen.kinds), set(chosen.environments), set(chosen.but)


def _left_out_of_nothing(input: CreateScheduleInput, found: Scope) -> str:
    """What was to be left out and would not have been in: something else may be meant. "" where there is nothing."""
    there = {one.name for one in found.survey.environments if one.kind in input.kinds}
    return listed([quoted(name) for name in input.but if name not in there or name in input.environments])
