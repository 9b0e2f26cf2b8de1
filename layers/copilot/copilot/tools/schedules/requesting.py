"""Putting a request on a schedule: what was asked for, whatever it is, done at its times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from copilot.domain import (
    TARGET,
    Call,
    Change,
    Frozen,
    Kind,
    Permission,
    Plan,
    Preview,
    Recurrence,
    ResourceRef,
    Schedule,
    Step,
    Target,
    Undo,
    Verification,
    digest,
)
from copilot.errors import NotFound, ToolInputError
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.times.moving import at_time
from copilot.times.titles import title_of_request
from copilot.times.windows import describe, ends_at, moment, never, next_due, recurrences
from copilot.times.zones import known_zone
from copilot.tools.environments.inventory import surveyed
from copilot.tools.environments.looking import the_one
from copilot.tools.registry import Entry, Registry
from copilot.tools.schedules.changing import existing
from copilot.tools.schedules.kept_plans import steps_in_words
from copilot.tools.schedules.outcomes import NEXT_SHOWN, ScheduleOutput, anew, due_words, output
from copilot.tools.schedules.scope import strictest
from copilot.tools.schedules.timers import permissions, put, unlike
from copilot.tools.tool import UNCHANGED, WriteTool

LONGEST_REQUEST, LONGEST_PLAN = 500, 20_000
LONGEST_NOTE, MOST_NOTES = 300, 4
MAKES_SCHEDULES = frozenset({"schedule_request", "create_schedule"})


class ScheduleRequestInput(Frozen):
    request: str = Field(max_length=LONGEST_REQUEST, description="what was asked for, in the person's words")
    plan: str = Field(
        max_length=LONGEST_PLAN, description="the plan that was made of it, as JSON", json_schema_extra=TARGET
    )
    when: Recurrence = Field(description="when it is done")
    paused: bool = Field(default=False, description="made so that it does nothing until it is resumed")
    owner_was: str = Field(default="", max_length=200, description="whose it was, made anew of one deleted")
    notes: tuple[Annotated[str, StringConstraints(max_length=LONGEST_NOTE)], ...] = Field(
        default=(), max_length=MOST_NOTES, description="what else a person should know before it is made"
    )


class ScheduleRequest(WriteTool[ScheduleRequestInput, ScheduleOutput]):
    """What is put on a schedule is a plan that was made and checked as any other, and code
    puts it there. Its id follows from the call, so that no attempt makes a second one.
    """

    name = "schedule_request"
    summary = "Put a request on a schedule: its plan, kept as it is, is run once or again and again."
    Input = ScheduleRequestInput
    Output = ScheduleOutput
    resource = "Schedule"
    idempotent = True
    inverse = "delete_schedule"
    by_code = True

    def preview(self, input: ScheduleRequestInput) -> Preview:
        plan = _plan(input)
        if not known_zone(input.when.time_zone):
            raise ToolInputError(f"there is no time zone {input.when.time_zone!r}", ours=True)
        now = self.clients.clock.now()
        # One that was made, and whose making was not seen through, is not refused for being late.
        if self.clients.schedules.schedule(self._id) is None:
            if lost := never(input.when):
                raise ToolInputError(f"there would be no {lost[0]}", ours=True)
            if not next_due(input.when, now, now, 1):
                raise ToolInputError(f"{describe(input.when)} has passed", ours=True)
        twin = self._twin(input, plan)
        title = title_of_request(inert(input.request), input.when)
        ref = ResourceRef(type="schedule", id=twin.id if twin else self._id)
        times = [due_words(due.action, moment(due.at)) for due in next_due(input.when, now, now, NEXT_SHOWN)]
        steps = "; ".join(steps_in_words(plan))
        change = Change(
            ref=ref,
            name=title,
            action="skip" if twin else "create",
            before=describe(twin.times) if twin else "none",
            after=f"{'paused, until it is resumed' if input.paused else f'next: {listed(times)}'}; each time: {steps}",
            reason=f"the schedule {twin.id} does this already" if twin else self._to_know(input),
        )
        target = Target(ref=ref, name=title, kind=self._kind(plan))
        return Preview(targets=(target,), changes=(change,), state={"twin": twin.id if twin else None})

    def permissions(self, input: ScheduleRequestInput, preview: Preview) -> tuple[Permission, ...]:
        return permissions(self.clients, preview, list(recurrences(input.when)))

    def run(self, input: ScheduleRequestInput, preview: Preview) -> ScheduleOutput:
        (target,) = preview.targets
        if preview.is_idle:
            return self._output(existing(self.clients, target.ref.id), input)
        schedule = Schedule(
            id=target.ref.id,
            title=target.name,
            owner=self.clients.person.id,
            kind=target.kind or "production",
            when=input.when,
            request=inert(input.request),
            runbooks={"run": _plan(input)},
            created_at=self.clients.clock.now(),
            paused=input.paused,
            ends_at=ends_at(input.when),
        )
        put(self.clients, schedule)
        return self._output(schedule, input)

    def verify(self, input: ScheduleRequestInput, prior: Preview) -> Verification:
        schedule_id = prior.targets[0].ref.id
        schedule = self.clients.schedules.schedule(schedule_id)
        if schedule is None:
            return Verification(outcome="false", reason=f"there is no schedule {schedule_id}")
        reason = unlike(self.clients, schedule)
        said = self._output(schedule, input).model_dump(mode="json")
        return Verification(outcome="false" if reason else "true", reason=reason, output=said)

    @classmethod
    def undo(cls, input: ScheduleRequestInput, prior: Preview) -> Undo:
        """`delete_schedule`; nothing where a schedule did the same already."""
        if prior.is_idle:
            return UNCHANGED
        return Call(tool=cls.inverse, arguments={"schedule_id": prior.targets[0].ref.id})

    def _output(self, schedule: Schedule, input: ScheduleRequestInput) -> ScheduleOutput:
        made = output(self.clients, schedule, owner_was=input.owner_was)
        return made.model_copy(update={"notes": (*made.notes, *map(inert, input.notes))})

    def _to_know(self, input: ScheduleRequestInput) -> str:
        return " ".join(filter(None, [anew(self.clients.person.id, input.owner_was), *map(inert, input.notes)]))

    @property
    def _id(self) -> str:
        return "s" + digest([self.clients.call_id, "schedule"])[:9]

    def _twin(self, input: ScheduleRequestInput, plan: Plan) -> Schedule | None:
        """One that does the same already, under the same rights."""
        wanted = (input.when, _done(plan), self.clients.person.id, input.paused)
        for one in self.clients.schedules.schedules():
            kept = one.runbooks.get("run")
            same = kept is not None and (one.when, _done(kept), one.owner, one.paused) == wanted
            if same and one.id != self._id and not one.is_over(self.clients.clock.now()):
                return one
        return None

    def _kind(self, plan: Plan) -> Kind:
        """The strictest of what it may change, as far as its plan says that; production where it does not.

        Each firing is decided anew, about what it changes then: by this kind it is decided only who may make it.
        Raises ToolInputError and Ambiguous for a name that is none, or several.
        """
        if not changes_something(plan):
            return "development"
        chosen = [step for step in plan.steps if step.tool.partition("@")[0] in _CHOOSING or _changes(step)]
        named: set[str] = set()
        kinds: list[Kind] = []
        for step in chosen:
            found = [*_literals(step, _NAMING)] if _is_of_environments(step) else []
            of_kinds = [*_literals(step, ("kinds",))]
            if not found and not of_kinds and not _is_chosen_by(step, plan):
                return "production"
            named |= {*found}
            kinds += [kind for kind in of_kinds if kind in _KINDS]  # type: ignore[misc]
        if named:
            survey = surveyed(self.clients.platform)
            kinds += [the_one(name, survey).kind for name in sorted(named)]
        return strictest(kinds)


_KINDS = ("development", "preview", "staging", "production")
_CHOOSING = frozenset({"list_environments", "find_environment"})
"""What a plan of ours chooses environments with."""
_NAMING = ("name", "names", "environment_id", "environment")
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def changes_something(plan: Plan) -> bool:
    """Whether it may change anything but what a channel was told."""
    return any(_changes(step) for step in plan.steps)


def _changes(step: Step) -> bool:
    """What there is no entry of may do anything."""
    entry = _entry(step)
    return entry is None or (entry.effect != "read" and entry.resource != "Channel")


def _entry(step: Step) -> Entry | None:
    try:
        return Registry().entry(step.tool)
    except NotFound:
        return None


def _is_of_environments(step: Step) -> bool:
    entry = _entry(step)
    return step.tool.partition("@")[0] in _CHOOSING or (entry is not None and entry.resource == "Environment")


def _is_chosen_by(step: Step, plan: Plan) -> bool:
    """Whether what a step changes is what one before it has chosen, by whatever reads between the two."""
    steps = {one.id: one for one in plan.steps}
    reached, new = set[str](), {step.id}
    while new:
        reached |= new
        new = {id for one in new for id in _referred_to(steps[one]) if id in steps} - reached
    return any(steps[id].tool.partition("@")[0] in _CHOOSING for id in reached - {step.id})


def _referred_to(step: Step) -> Iterator[str]:
    values: list[Any] = [step.for_each, step.arguments]
    while values:
        value = values.pop()
        if isinstance(value, dict):
            yield from re.findall(r"[a-z]\w*", str(value.get("$ref", "")))
            values += value.values()
        elif isinstance(value, list):
            values += value


def _literals(step: Step, names: Sequence[str]) -> Iterator[str]:
    """The texts that stand in these arguments; what is found by a step is chosen there."""
    for name in names:
        value = step.arguments.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield one


def _done(plan: Plan) -> dict[str, Any]:
    """What is done, whatever it was called when it was asked for."""
    return plan.model_dump(mode="json", exclude={"goal"})


def _plan(input: ScheduleRequestInput) -> Plan:
    """Raises ToolInputError for what is no plan, or none that can be kept."""
    try:
        plan = Plan.model_validate_json(input.plan)
        at_time(plan, _ANY_TIME)
    except (ValidationError, TypeError, KeyError) as error:
        raise ToolInputError("that is no plan in the plan language", ours=True) from error
    if plan.then is not None:
        raise ToolInputError("it goes on after a model has looked, and nobody asks one when it is run", ours=True)
    if not plan.steps or plan.answer is None:
        raise ToolInputError("there is nothing to do in it, or no answer; only a plan of steps is kept", ours=True)
    if made := [step.tool for step in plan.steps if step.tool.partition("@")[0] in MAKES_SCHEDULES]:
        raise ToolInputError(f"a schedule makes no schedules ({made[0]})", ours=True)
    return plan
