"""Making a window: environments stopped at a time, and started again."""

from __future__ import annotations

from pydantic import Field

from copilot.domain import SHAPE, TARGET, EnvironmentId, Kind, Schedule, Window
from copilot.errors import ToolInputError
from copilot.runbooks.filling import window_runbooks
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.schedules.making import Looked, Making, MakingInput
from copilot.tools.schedules.overlaps import overlap_words, overlapping
from copilot.tools.schedules.scope import Scope, going_on, scope, strictest

OFF = (
    "{stop: HH:MM, days?: [MON|..|SUN], on?: date /*once, in place of days*/, start?: HH:MM, "
    "start_days?: [MON|..|SUN], time_zone, enforce?: bool /*stop again what is started by hand*/}"
)
"""How people write a window."""


class CreateScheduleInput(MakingInput):
    window: Window = Field(description="when environments are off", json_schema_extra={SHAPE: OFF})
    kinds: tuple[Kind, ...] = Field(default=(), description="all of these kinds")
    environments: tuple[EnvironmentId, ...] = Field(default=(), description="and these ids", json_schema_extra=TARGET)
    but: tuple[str, ...] = Field(default=(), description="without these ids", json_schema_extra=TARGET)
    paused: bool = Field(default=False, description="until it is resumed")


class CreateSchedule(Making[CreateScheduleInput]):
    name = "create_schedule"
    summary = (
        "Make a schedule that stops environments at a time of day, once or on days, and starts them again if wanted."
    )
    Input = CreateScheduleInput

    def _wanted(self, input: CreateScheduleInput) -> Schedule:
        if not input.kinds and not input.environments:
            raise ToolInputError("a schedule needs kinds of environments, or environments", ours=True)
        chosen = input.model_dump(mode="json", include={"kinds", "environments", "but"})
        made = self._made(input.window.times, paused=input.paused, **chosen)
        plans = window_runbooks({"schedule_id": made.id, "title": made.title, **chosen})
        return made.model_copy(update={"runbooks": {action: plans[action] for action in made.times}})

    def _look(self, input: CreateScheduleInput, wanted: Schedule) -> Looked:
        found = scope(self.clients, wanted)
        if stays := _left_out_of_nothing(input, found):
            raise ToolInputError(f"{stays} cannot be left out: it is none of what would be stopped", ours=True)
        if missing := [quoted(one.environment_id) for one in found.left if "not there" in one.reason]:
            raise ToolInputError(f"there is no environment {listed(missing)}", ours=True)
        named = [one.kind for one in found.survey.environments if one.name in input.environments]
        on = listed([quoted(one.name) for one in found.due])
        # Whoever approves it sees what else stops and starts the same.
        others = overlap_words(wanted.times, overlapping(wanted, wanted.id, going_on(self.clients), found.survey))
        note = f"the same environments have other schedules: {'; '.join(others)}" if others else ""
        return Looked(strictest([*input.kinds, *named]), f"environments now on: {on or 'none'}", note)


def _left_out_of_nothing(input: CreateScheduleInput, found: Scope) -> str:
    """What was to be left out and would not have been in: something else may be meant. "" where there is nothing."""
    there = {one.name for one in found.survey.environments if one.kind in input.kinds}
    return listed([quoted(name) for name in input.but if name not in there or name in input.environments])
