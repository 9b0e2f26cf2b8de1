"""Looking at what a firing of a schedule is to do now."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from copilot.domain import (
    EnvironmentId,
    Frozen,
    Kind,
    LedgerEntry,
    Made,
    ScheduleId,
)
from copilot.times.titles import title_of
from copilot.tools.environments.inventory import EnvironmentSummary, UnreachableSummary, members, unreachable
from copilot.tools.schedules.changing import existing
from copilot.tools.schedules.scope import LeftAlone, scope
from copilot.tools.tool import ReadTool

FIRINGS_LOOKED_AT = 400
"""More than an enforced window has, which is shorter than a week and looks again every half hour."""


STOP = "stop_environment"
NO_ENVIRONMENT = "No environment that it is for was found."


class WindowEnvironmentsInput(Frozen):
    kinds: tuple[Kind, ...] = Field(default=(), description="kinds")
    environments: tuple[str, ...] = Field(default=(), description="and these ids")
    but: tuple[str, ...] = Field(default=(), description="without these ids")
    schedule_id: ScheduleId | None = Field(default=None, description="the schedule's id")


class WindowEnvironmentsOutput(Frozen):
    due: tuple[EnvironmentSummary, ...] = Field(description="environments to stop now")
    left: tuple[LeftAlone, ...] = Field(description="environments to leave alone, with the reason")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    none: Made = Field(default="", description='that nothing is to be stopped, in a sentence; "" where something is')


class WindowEnvironments(ReadTool[WindowEnvironmentsInput, WindowEnvironmentsOutput]):
    """Left alone is what is opted out by tag, kept for a while by a person, or stopped already."""

    name = "window_environments"
    summary = "Say which environments a schedule would stop now, and which it leaves alone and why."
    Input = WindowEnvironmentsInput
    Output = WindowEnvironmentsOutput

    def run(self, input: WindowEnvironmentsInput) -> WindowEnvironmentsOutput:
        schedule = existing(self.clients, input.schedule_id) if input.schedule_id else None
        if schedule is not None and schedule.window is None:
            told = f"Schedule {schedule.id} has no window: it does what was asked for, {title_of(schedule)}."
            return WindowEnvironmentsOutput(due=(), left=(), unreachable=(), none=told)
        found = scope(self.clients, schedule or input)
        paused = schedule is not None and schedule.paused
        none = "" if found.due else "No environment that it is for was on." if found.left else NO_ENVIRONMENT
        return WindowEnvironmentsOutput(
            due=() if paused else found.due,
            left=found.left,
            unreachable=unreachable(found.survey.unreachable),
            none=f"Schedule {input.schedule_id} is paused, and stops nothing until it is resumed." if paused else none,
        )


class WindowStoppedInput(Frozen):
    schedule_id: ScheduleId = Field(description="the schedule's id")


class StoppedEnvironment(Frozen):
    id: EnvironmentId = Field(description="the environment's id")
    resources: tuple[Made, ...] = Field(
        description="the ids of what the schedule stopped in it"
    )  # out of our own ledger: what we found, showed and changed


class WindowStoppedOutput(Frozen):
    environments: tuple[StoppedEnvironment, ...] = Field(description="the environments, by id")
    none: Made = Field(default="", description='that there is nothing to start, in a sentence; "" where there is')


class WindowStopped(ReadTool[WindowStoppedInput, WindowStoppedOutput]):
    """From the effect ledger of its firings: what another stopped, before or meanwhile, is not among it.

    Of each environment it is what was stopped since the schedule last started that environment. What was started by
    hand and then stopped by another of the copilot's runs, a person's or another schedule's, is that one's; of what was
    stopped behind the copilot's back nobody can tell.
    """

    name = "window_stopped"
    summary = "Say what a schedule's firings have stopped since it last started anything again."
    Input = WindowStoppedInput
    Output = WindowStoppedOutput
    by_code = True

    def run(self, input: WindowStoppedInput) -> WindowStoppedOutput:
        stopped = self._stopped(input.schedule_id)
        survey = self.clients.platform.survey()
        found = [
            StoppedEnvironment(
                id=environment.name,
                resources=tuple(one.ref.id for one in members(survey, environment.name) if one.ref.id in stopped),
            )
            for environment in survey.environments
        ]
        environments = tuple(one for one in found if one.resources)
        none = "" if environments else "Nothing that this schedule stopped is to be started again."
        return WindowStoppedOutput(environments=environments, none=none)

    def _stopped(self, schedule_id: str) -> set[str]:
        """The ids of what the schedule stopped last, and nobody after it."""
        schedules = self.clients.schedules
        stopped: dict[str, datetime] = {}
        started: set[str] = set()
        own = schedules.firings(schedule_id, FIRINGS_LOOKED_AT)
        for firing in own:
            for effect in schedules.effects(firing.run_id) if firing.run_id else []:
                environments = {target.ref.id for target in effect.prior.targets}
                # What came to no known end may have stopped some of it all the same.
                if effect.state == "failed_clean" or environments <= started:
                    continue
                if firing.action == "start":
                    started |= environments if effect.state == "done" else set()
                else:
                    _note_stops(stopped, effect)
        if not stopped:
            return set()
        others = set(schedules.writers(STOP, min(stopped.values()), self.clients.clock.now()))
        since: dict[str, datetime] = {}
        for run_id in others - {firing.run_id for firing in own}:
            for effect in schedules.effects(run_id):
                if effect.state != "failed_clean" and effect.tool.partition("@")[0] == STOP:
                    _note_stops(since, effect)
        return {id for id, at in stopped.items() if id not in since or since[id] < at}


def _note_stops(stops: dict[str, datetime], effect: LedgerEntry) -> None:
    """When each thing that it stopped was last stopped."""
    for change in effect.prior.changes:
        if change.action != "skip":
            stops[change.ref.id] = max(effect.started_at, stops.get(change.ref.id, effect.started_at))
