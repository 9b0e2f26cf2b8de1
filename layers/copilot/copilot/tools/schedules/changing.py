"""Pausing a schedule, resuming it, deleting it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from copilot.domain import (
    TARGET,
    Call,
    Change,
    Frozen,
    NothingToUndo,
    Permission,
    Preview,
    ResourceRef,
    Schedule,
    ScheduleAction,
    ScheduleId,
    Target,
    Undo,
    Verification,
    Window,
)
from copilot.errors import ToolInputError
from copilot.ports import Clients
from copilot.times.titles import title_of
from copilot.times.windows import describe
from copilot.tools.environments.names import nearest_names
from copilot.tools.schedules.outcomes import ScheduleOutput, output, state_of
from copilot.tools.schedules.timers import in_turn, named, permissions, put, unlike
from copilot.tools.tool import UNCHANGED, WriteTool


class ScheduleInput(Frozen):
    schedule_id: ScheduleId = Field(description="the schedule's id", json_schema_extra=TARGET)


class _OfOne(WriteTool[ScheduleInput, ScheduleOutput]):
    """What deleting, pausing and resuming have in common."""

    Input = ScheduleInput
    Output = ScheduleOutput
    resource = "Schedule"
    idempotent = True

    action: ClassVar[Literal["delete", "pause", "resume"]]
    wanted: ClassVar[Literal["deleted", "paused", "active"]]

    def preview(self, input: ScheduleInput) -> Preview:
        schedule = existing(self.clients, input.schedule_id)
        if self.action != "delete" and schedule.ends_at and schedule.ends_at <= self.clients.clock.now():
            raise ToolInputError(f"schedule {schedule.id} is done: it was {describe(schedule.times)}", ours=True)
        is_so = self.wanted == state_of(schedule)
        ref = ResourceRef(type="schedule", id=schedule.id)
        change = Change(
            ref=ref,
            name=title_of(schedule),
            action="skip" if is_so else self.action,
            before=state_of(schedule),
            after=self.wanted,
            reason=f"already {self.wanted}" if is_so else "",
        )
        state: JsonValue = {"paused": schedule.paused, "made": _as_made(schedule), "owner": schedule.owner}
        target = Target(ref=ref, name=title_of(schedule), kind=schedule.kind)
        return Preview(targets=(target,), changes=(change,), state=state)

    def permissions(self, input: ScheduleInput, preview: Preview) -> tuple[Permission, ...]:
        return permissions(self.clients, preview, _timers(preview))

    def verify(self, input: ScheduleInput, prior: Preview) -> Verification:
        schedule = self.clients.schedules.schedule(input.schedule_id)
        if schedule is None:
            return Verification(outcome="false", reason=f"there is no schedule {input.schedule_id} any more")
        reason = unlike(self.clients, schedule) or ("" if state_of(schedule) == self.wanted else state_of(schedule))
        said = output(self.clients, schedule).model_dump(mode="json")
        return Verification(outcome="false" if reason else "true", reason=reason, output=said)

    def _switch(self, schedule_id: str, paused: bool) -> ScheduleOutput:
        changed = {"paused": paused, "paused_because": ""}
        schedule = existing(self.clients, schedule_id).model_copy(update=changed)
        put(self.clients, schedule)
        return output(self.clients, schedule)


class PauseSchedule(_OfOne):
    name = "pause_schedule"
    summary = "Pause a schedule: it does nothing until it is resumed."
    action, wanted = "pause", "paused"
    inverse = "resume_schedule"

    def run(self, input: ScheduleInput, preview: Preview) -> ScheduleOutput:
        return self._switch(input.schedule_id, paused=True)

    @classmethod
    def undo(cls, input: ScheduleInput, prior: Preview) -> Undo:
        """`resume_schedule`; nothing where it was paused already."""
        return UNCHANGED if prior.is_idle else Call(tool=cls.inverse, arguments={"schedule_id": input.schedule_id})


class ResumeSchedule(_OfOne):
    name = "resume_schedule"
    summary = "Resume a paused schedule."
    action, wanted = "resume", "active"
    inverse = "pause_schedule"

    def run(self, input: ScheduleInput, preview: Preview) -> ScheduleOutput:
        return self._switch(input.schedule_id, paused=False)

    @classmethod
    def undo(cls, input: ScheduleInput, prior: Preview) -> Undo:
        """`pause_schedule`; nothing where it was active already."""
        return UNCHANGED if prior.is_idle else Call(tool=cls.inverse, arguments={"schedule_id": input.schedule_id})


class DeleteSchedule(_OfOne):
    """What it did, and what it has stopped, stays as it is."""

    name = "delete_schedule"
    summary = "Delete a schedule and nothing else."
    action, wanted = "delete", "deleted"
    inverse = "create_schedule"

    def run(self, input: ScheduleInput, preview: Preview) -> ScheduleOutput:
        # The timers first: without its record a schedule cannot be found to be deleted again.
        remove = self.clients.scheduler.remove
        of_timers = [partial(remove, input.schedule_id, action) for action in _timers(preview)]
        in_turn(input.schedule_id, [*of_timers, partial(self.clients.schedules.remove, input.schedule_id)])
        return self._gone(input, preview)

    def verify(self, input: ScheduleInput, prior: Preview) -> Verification:
        left = list(self.clients.scheduler.timers(input.schedule_id))
        there = self.clients.schedules.schedule(input.schedule_id) is not None
        return Verification(
            outcome="false" if there or left else "true",
            reason="its record is still there" if there else f"its timers {named(left)} are still there",
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
    def undo(cls, input: ScheduleInput, prior: Preview) -> Undo:
        """`create_schedule`, for the same environments and times: a new schedule, with an id of its own, of whoever
        undoes it; paused, where this one was.
        """
        was = prior.state if isinstance(prior.state, dict) else {}
        made = was.get("made")
        if not isinstance(made, dict):
            return NothingToUndo(why="it is not known what the schedule was")
        tool = "schedule_request" if "plan" in made else cls.inverse
        of = {"owner_was": was["owner"]} if was.get("owner") else {}
        return Call(tool=tool, arguments=made | of | ({"paused": True} if was.get("paused") else {}))


def _as_made(schedule: Schedule) -> dict[str, JsonValue]:
    """What it is made anew with, by `schedule_request` or by `create_schedule`."""
    if schedule.window:
        chosen = schedule.model_dump(mode="json", include={"kinds", "environments", "but"})
        return {"window": schedule.window.model_dump(mode="json"), **chosen}
    plan = schedule.runbooks["run"].model_dump_json(exclude_defaults=True)
    return {"request": schedule.request, "when": schedule.times["run"].model_dump(mode="json"), "plan": plan}


def _timers(preview: Preview) -> list[ScheduleAction]:
    """Those that are set anew, or taken away."""
    made = preview.state["made"] if isinstance(preview.state, dict) else None
    assert isinstance(made, dict)
    return ["run"] if "plan" in made else [*Window.model_validate(made["window"]).times]


def existing(clients: Clients, schedule_id: str) -> Schedule:
    """Raises ToolInputError, with the nearest there are, where there is none."""
    found = clients.schedules.schedule(schedule_id)
    if found is None:
        near = nearest_names(schedule_id, [one.id for one in clients.schedules.schedules()])
        raise ToolInputError(f"there is no schedule {schedule_id}", near, ours=True)
    return found
