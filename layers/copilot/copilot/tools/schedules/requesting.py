"""Putting a request on a schedule: what was asked for, whatever it is, done at its times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from copilot.domain import TARGET, Kind, Plan, Recurrence, Schedule, Step
from copilot.errors import NotFound, ToolInputError
from copilot.text.outside import inert
from copilot.times.moving import at_time
from copilot.times.steps import steps_in_words
from copilot.tools.environments.inventory import surveyed
from copilot.tools.environments.looking import the_one
from copilot.tools.registry import Entry, Registry
from copilot.tools.schedules.making import Looked, Making, MakingInput
from copilot.tools.schedules.scope import strictest

LONGEST_REQUEST, LONGEST_PLAN = 500, 20_000
LONGEST_NOTE, MOST_NOTES = 300, 4
MAKES_SCHEDULES = frozenset({"schedule_request", "create_schedule"})


class ScheduleRequestInput(MakingInput):
    request: str = Field(max_length=LONGEST_REQUEST, description="what was asked for, in the person's words")
    plan: str = Field(
        max_length=LONGEST_PLAN, description="the plan that was made of it, as JSON", json_schema_extra=TARGET
    )
    when: Recurrence = Field(description="when it is done")
    paused: bool = Field(default=False, description="made so that it does nothing until it is resumed")
    notes: tuple[Annotated[str, StringConstraints(max_length=LONGEST_NOTE)], ...] = Field(
        default=(), max_length=MOST_NOTES, description="what else a person should know before it is made"
    )


class ScheduleRequest(Making[ScheduleRequestInput]):
    """What is put on a schedule is a plan that was made and checked as any other, and code puts it there."""

    name = "schedule_request"
    summary = "Put a request on a schedule: its plan, kept as it is, is run once or again and again."
    Input = ScheduleRequestInput
    by_code = True

    def _wanted(self, input: ScheduleRequestInput) -> Schedule:
        plan = _plan(input)
        made = self._made({"run": input.when}, paused=input.paused, request=inert(input.request))
        return made.model_copy(update={"runbooks": {"run": plan}})

    def _look(self, input: ScheduleRequestInput, wanted: Schedule) -> Looked:
        plan = wanted.runbooks["run"]
        does = "does" if wanted.is_once else "each time"
        return Looked(self._kind(plan), f"{does}: {'; '.join(steps_in_words(plan))}", " ".join(self._notes(input)))

    def _notes(self, input: ScheduleRequestInput) -> Sequence[str]:
        return [*map(inert, input.notes)]

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
