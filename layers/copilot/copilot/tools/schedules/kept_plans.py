"""Plans that are kept to be run later, nobody looking: what may be kept, and of what kind that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from copilot.domain import STRICTER, Kind, Plan, Step
from copilot.errors import NotFound, ToolInputError
from copilot.ports import Platform
from copilot.times.moving import at_time
from copilot.tools.environments.inventory import surveyed
from copilot.tools.environments.looking import the_one
from copilot.tools.registry import Entry, Registry
from copilot.tools.schedules.scope import strictest

LONGEST_REQUEST, LONGEST_PLAN = 500, 20_000
LONGEST_NOTE, MOST_NOTES = 300, 4
RUNS_LATER = frozenset({"schedule_request", "create_schedule", "watch_and_do"})
"""What has something done by itself, and is not done by itself."""
_CHOOSING = frozenset({"list_environments", "find_environment"})
"""What a plan of ours chooses environments with."""
_NAMING = ("name", "names", "environment_id", "environment")
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def kept_plan(text: str) -> Plan:
    """Raises ToolInputError for what is no plan, or none that can be kept."""
    try:
        plan = Plan.model_validate_json(text)
        at_time(plan, _ANY_TIME)
    except (ValidationError, TypeError, KeyError) as error:
        raise ToolInputError("that is no plan in the plan language", ours=True) from error
    if plan.then is not None:
        raise ToolInputError("it goes on after a model has looked, and nobody asks one when it is run", ours=True)
    if not plan.steps or plan.answer is None:
        raise ToolInputError("there is nothing to do in it, or no answer; only a plan of steps is kept", ours=True)
    if made := [step.tool for step in plan.steps if step.tool.partition("@")[0] in RUNS_LATER]:
        raise ToolInputError(f"what is done by itself has nothing else done by itself ({made[0]})", ours=True)
    return plan


def kind_of(plan: Plan, platform: Platform) -> Kind:
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
        kinds += [kind for kind in STRICTER if kind in of_kinds]
    if named:
        survey = surveyed(platform)
        kinds += [the_one(name, survey).kind for name in sorted(named)]
    return strictest(kinds)


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
