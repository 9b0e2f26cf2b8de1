"""Making a schedule, whatever it does: made once though it is tried again, and never beside one that does the same."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from pydantic import Field

from copilot.domain import (
    OUR_OWN,
    Call,
    Change,
    Frozen,
    Kind,
    Permission,
    Preview,
    Recurrence,
    ResourceRef,
    Schedule,
    ScheduleAction,
    Target,
    Times,
    Undo,
    Verification,
    digest,
)
from copilot.errors import ToolInputError
from copilot.text.listing import listed
from copilot.times.titles import called
from copilot.times.windows import describe, ends_at, moment, never, next_due
from copilot.times.zones import known_zone
from copilot.tools.schedules.changing import existing
from copilot.tools.schedules.outcomes import NEXT_SHOWN, ScheduleOutput, anew, due_words, output
from copilot.tools.schedules.scope import going_on
from copilot.tools.schedules.timers import permissions, put, unlike
from copilot.tools.tool import UNCHANGED, WriteTool


class MakingInput(Frozen):
    owner_was: str = Field(
        default="", max_length=200, description="whose it was, made anew of one deleted", json_schema_extra=OUR_OWN
    )


AskedT = TypeVar("AskedT", bound=MakingInput)


class Looked(NamedTuple):
    """What was seen before it is made: the strictest kind of what it is for, what it does, and what else there is to
    know of it.
    """

    kind: Kind
    does: str
    note: str


class Making(WriteTool[AskedT, ScheduleOutput]):
    """What making a schedule of any sort has in common. Its id follows from the call, so that no attempt makes a second
    one.
    """

    Output = ScheduleOutput
    resource = "Schedule"
    idempotent = True
    inverse = "delete_schedule"

    @abstractmethod
    def _wanted(self, input: AskedT) -> Schedule:
        """The one that is asked for, of whatever kind. Raises ToolInputError."""

    @abstractmethod
    def _look(self, input: AskedT, wanted: Schedule) -> Looked:
        """A fresh read. Raises ToolInputError and Ambiguous."""

    def _notes(self, input: AskedT) -> Sequence[str]:
        """What is to be told of it besides."""
        return ()

    def preview(self, input: AskedT) -> Preview:
        wanted, now = self._wanted(input), self.clients.clock.now()
        # One that was made, and whose making was not seen through, is not refused for being late.
        if self.clients.schedules.schedule(wanted.id) is None and (refused := _never_comes(wanted.times, now)):
            raise ToolInputError(refused, ours=True)
        looked, twin = self._look(input, wanted), self._twin(wanted)
        times = [due_words(due.action, moment(due.at)) for due in next_due(wanted.times, now, now, NEXT_SHOWN)]
        note = "; ".join(filter(None, [anew(wanted.owner, input.owner_was), looked.note]))
        ref = ResourceRef(type="schedule", id=twin.id if twin else wanted.id)
        change = Change(
            ref=ref,
            name=wanted.title,
            action="skip" if twin else "create",
            before=describe(twin.times) if twin else "none",
            after=f"{'paused, until it is resumed' if wanted.paused else f'next: {listed(times)}'}; {looked.does}",
            reason=f"the schedule {twin.id} does this already" if twin else note,
        )
        target = Target(ref=ref, name=wanted.title, kind=looked.kind)
        return Preview(targets=(target,), changes=(change,), state={"twin": twin.id if twin else None})

    def permissions(self, input: AskedT, preview: Preview) -> tuple[Permission, ...]:
        return permissions(self.clients, preview, [*self._wanted(input).times])

    def run(self, input: AskedT, preview: Preview) -> ScheduleOutput:
        (target,) = preview.targets
        if preview.is_idle:
            schedule = existing(self.clients, target.ref.id)
        else:
            schedule = self._wanted(input).model_copy(update={"kind": target.kind or "production"})
            put(self.clients, schedule)
        return self._output(schedule, input)

    def verify(self, input: AskedT, prior: Preview) -> Verification:
        schedule_id = prior.targets[0].ref.id
        schedule = self.clients.schedules.schedule(schedule_id)
        if schedule is None:
            return Verification(outcome="false", reason=f"there is no schedule {schedule_id}")
        reason = unlike(self.clients, schedule)
        said = self._output(schedule, input).model_dump(mode="json")
        return Verification(outcome="false" if reason else "true", reason=reason, output=said)

    @classmethod
    def undo(cls, input: AskedT, prior: Preview) -> Undo:
        """`delete_schedule`; nothing where a schedule did the same already."""
        if prior.is_idle:
            return UNCHANGED
        return Call(tool=cls.inverse, arguments={"schedule_id": prior.targets[0].ref.id})

    def _output(self, schedule: Schedule, input: AskedT) -> ScheduleOutput:
        return output(self.clients, schedule, self._notes(input), input.owner_was)

    def _made(self, times: dict[ScheduleAction, Recurrence], **what: Any) -> Schedule:
        """One of these times under the rights of who asks, without its plans. Raises ToolInputError."""
        for zone in {one.time_zone for one in times.values()}:
            if not known_zone(zone):
                raise ToolInputError(f"there is no time zone {zone!r}", ours=True)
        made = Schedule(
            id="s" + digest([self.clients.call_id, "schedule"])[:9],
            title="",
            owner=self.clients.person.id,
            kind="production",
            times=times,
            runbooks={},
            created_at=self.clients.clock.now(),
            ends_at=ends_at(times),
            **what,
        )
        return made.model_copy(update={"title": called(made)})

    def _twin(self, wanted: Schedule) -> Schedule | None:
        """One that does the same already, under the same rights."""
        others = [one for one in going_on(self.clients) if one.id != wanted.id]
        return next((one for one in others if _does(one) == _does(wanted)), None)


def _does(one: Schedule) -> tuple[Any, ...]:
    """What and when, whatever it was called when it was asked for. A window's plans follow from the rest."""
    plan = one.runbooks.get("run")
    done = plan.model_dump(mode="json", exclude={"goal"}) if plan else None
    return one.times, {*one.kinds}, {*one.environments}, {*one.but}, done, one.owner, one.paused


def _never_comes(times: Times, now: datetime) -> str:
    """Why what is to happen once will not, in a sentence; "" where it will, and for what comes again."""
    if lost := never(times):
        return f"there would be no {lost[0]}"
    return "" if next_due(times, now, now, 1) else f"{describe(times)} has passed"
