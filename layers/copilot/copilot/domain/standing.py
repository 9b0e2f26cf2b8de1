"""Standing approvals: what a schedule's firings, or a reaction, may do without a person being asked each time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from copilot.domain.frozen import Frozen, digest
from copilot.domain.plans import Plan, Step
from copilot.domain.reactions import ReactionName
from copilot.domain.requests import Person
from copilot.domain.schedules import ScheduleId

MOST_TARGETS, MOST_DAYS = 100, 365
TIME = "$time"
"""What stands in a plan that is kept for a time which moves with the firing."""
NAMING = frozenset({"name", "names", "environment", "environments", "environment_id"})
"""The arguments in which a plan says which environments it is for. In others an environment's name may stand as well,
as that of its kind, of a service, or of what is left out.
"""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


class Standing(Frozen):
    """Granted by an approver who is not the schedule's `owner`, for firings of exactly the plans of these `shapes`, on
    at most `most` targets each, until it expires. It is no approval of a call: it never lifts what text from outside
    may have steered, what destroys, or production that is in none of the `names` which these plans have written.

    Of a reaction the shape is that of what it answers to and of the version of the runbook it runs, and its `owner` the
    service person as which it does.
    """

    id: Annotated[str, StringConstraints(pattern=r"^g[0-9a-f]{9}$")]
    schedule: ScheduleId | None = None
    reaction: ReactionName | None = None
    title: str
    owner: str
    shapes: tuple[str, ...]
    names: tuple[str, ...] = ()
    most: Annotated[int, Field(ge=1, le=MOST_TARGETS)]
    by: Person
    at: datetime
    expires_at: datetime
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""

    @property
    def of(self) -> str:
        """The schedule or the reaction."""
        return self.schedule or of_reaction(self.reaction or "")

    def covers(self, of: str, owner: str, shape: str, now: datetime) -> bool:
        """Whether it is for what that schedule or reaction does now; how many targets are left is counted apart."""
        same = (self.of, self.owner) == (of, owner) and shape in self.shapes
        return same and self.by.id != owner and self.at <= now < self.expires_at


def of_reaction(name: str) -> str:
    """How a reaction is written beside the ids of schedules."""
    return f"reaction/{name}"


def shape_of_reaction(binds: Mapping[str, JsonValue], version: int) -> str:
    """A digest of what a reaction answers to with this version of its runbook; `binds` is what it is configured as."""
    return digest([dict(binds), version])


def shape_of(plan: Plan) -> str:
    """A digest of what a plan does: its steps with all that is written in them, but for times, which move, and without
    those by which somebody is told of the others.
    """
    steps = [step for step in plan.steps if step.accompanies is None]
    return digest([_untimed(step.model_dump(mode="json", exclude={"accompanies"})) for step in steps])


def names_written(*plans: Plan) -> list[str]:
    """The texts in which the steps of plans write which environments they are for."""
    return [text for plan in plans for step in plan.steps for text in _written(step)]


def is_named(name: str, written: Iterable[str]) -> bool:
    """Whether a plan in which these are written has this name in it, and does not only choose it."""
    word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", re.IGNORECASE)
    return any(word.search(text) for text in written)


def _written(step: Step) -> list[str]:
    values: list[JsonValue] = [value for name, value in step.arguments.items() if name in NAMING]
    found: list[str] = []
    while values:
        value = values.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            values += value
    return found


def _untimed(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return TIME if value.keys() == {TIME} else {key: _untimed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_untimed(one) for one in value]
    return TIME if isinstance(value, str) and _MOMENT.fullmatch(value) else value
