"""Putting a request on a schedule: what was asked for, whatever it is, done at its times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints, ValidationError

from copilot.domain import TARGET, Plan, Recurrence, Schedule, Step
from copilot.errors import CopilotError
from copilot.text.outside import inert
from copilot.times.steps import steps_in_words
from copilot.times.windows import next_due
from copilot.tools.registry import Registry
from copilot.tools.schedules.kept_plans import (
    LONGEST_NOTE,
    LONGEST_PLAN,
    LONGEST_REQUEST,
    MOST_NOTES,
    kept_plan,
    kind_of,
)
from copilot.tools.schedules.making import Looked, Making, MakingInput
from copilot.tools.tool import ReadTool

MONTH = timedelta(days=30)
MOST_A_MONTH = 31 * 24


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
        plan = kept_plan(input.plan)
        made = self._made({"run": input.when}, paused=input.paused, request=inert(input.request))
        return made.model_copy(update={"runbooks": {"run": plan}})

    def _look(self, input: ScheduleRequestInput, wanted: Schedule) -> Looked:
        plan = wanted.runbooks["run"]
        kind = kind_of(plan, self.clients.platform)
        does = "does" if wanted.is_once else "each time"
        return Looked(kind, f"{does}: {'; '.join(steps_in_words(plan))}", " ".join(self._notes(input)))

    def _notes(self, input: ScheduleRequestInput) -> Sequence[str]:
        wanted = self._wanted(input)
        return [*map(inert, input.notes), *filter(None, [self._price(wanted.runbooks["run"], wanted)])]

    def _price(self, plan: Plan, wanted: Schedule) -> str:
        """About what it costs the copilot each time and in a month, where it asks for what is paid for; what cannot be
        reckoned before is not told.
        """
        each = sum(self._price_of(step) for step in plan.steps)
        if not each:
            return ""
        now = self.clients.clock.now()
        due = next_due(wanted.times, now, now, MOST_A_MONTH)
        times = sum(one.at < now + MONTH for one in due)
        monthly = "" if wanted.is_once else f", about ${each * times:.2f} in {MONTH.days} days"
        return f"Its paid calls cost about ${each:.2f} each time{monthly}, within the caps."

    def _price_of(self, step: Step) -> float:
        tool = Registry().find(step.tool)
        if not issubclass(tool, ReadTool):
            return 0
        written = {name: value for name, value in step.arguments.items() if not _refers(value)}
        try:
            return tool(self.clients).price(tool.Input.model_validate(written))
        except (CopilotError, ValidationError):
            return 0


def _refers(value: JsonValue) -> bool:
    """Whether it is of what another step gives, and not known before."""
    return "$" in str(value)
