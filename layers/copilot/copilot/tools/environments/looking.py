"""Looking at environments: which there are, which one is meant, whether one is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from copilot.domain import (
    KIND_WORDS,
    Environment,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    Survey,
)
from copilot.errors import Ambiguous
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.idleness import judge
from copilot.tools.environments.inventory import (
    EnvironmentState,
    EnvironmentSummary,
    UnreachableSummary,
    look_up,
    members,
    not_found,
    partly_hidden,
    state_of,
    summaries,
    unreachable,
)
from copilot.tools.environments.names import candidates
from copilot.tools.tool import ReadTool

Names = tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...]


class ListEnvironmentsInput(Frozen):
    kinds: tuple[Kind, ...] = Field(default=(), description="environments of these kinds")
    names: Names = Field(
        default=(),
        max_length=50,
        description="and the one of each of these names, as people write it; without kinds and names all there are",
    )
    but: Names = Field(
        default=(),
        max_length=50,
        description="without these: names, or words for a kind, all of which each means",
    )
    state: EnvironmentState | None = Field(default=None, description="only those in this state")


class ListEnvironmentsOutput(Frozen):
    environments: tuple[EnvironmentSummary, ...] = Field(description="the environments, by name")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    none: Made = Field(default="", description='that there are none, in a sentence; "" where there are some')


class ListEnvironments(ReadTool[ListEnvironmentsInput, ListEnvironmentsOutput]):
    name = "list_environments"
    summary = "List the environments there are, with kind, state and owner."
    Input = ListEnvironmentsInput
    Output = ListEnvironmentsOutput

    def run(self, input: ListEnvironmentsInput) -> ListEnvironmentsOutput:
        survey = self.clients.platform.survey()
        found = summaries(survey, self.clients.platform.types)
        named = [the_one(name, survey).name for name in input.names]
        but = {one.name for name in input.but for one in _left_out(name, survey)}
        everything = not input.kinds and not input.names
        wanted = [
            summary
            for summary in found
            if (everything or summary.kind in input.kinds or summary.id in named)
            and summary.id not in but
            and input.state in {None, summary.state}
        ]
        if not input.kinds:  # in the order in which they were named
            wanted.sort(key=lambda summary: named.index(summary.id) if named else 0)
        none = "" if wanted else f"No {' '.join([*filter(None, [input.state]), ' or '.join(input.kinds)])}".rstrip()
        none = none and f"{none} environments were found."
        return ListEnvironmentsOutput(
            environments=tuple(wanted), unreachable=unreachable(survey.unreachable), none=none
        )


class FindEnvironmentInput(Frozen):
    name: str = Field(min_length=1, max_length=256, description="a name or a kind, as a person writes it")


class FindEnvironmentOutput(Frozen):
    environment: EnvironmentSummary = Field(description="the one that is meant")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")


class FindEnvironment(ReadTool[FindEnvironmentInput, FindEnvironmentOutput]):
    name = "find_environment"
    summary = "Find the one environment a person means by a name or a kind."
    Input = FindEnvironmentInput
    Output = FindEnvironmentOutput

    def run(self, input: FindEnvironmentInput) -> FindEnvironmentOutput:
        survey = self.clients.platform.survey()
        found = the_one(input.name, survey)
        described = summaries(survey, self.clients.platform.types)
        meant = next(summary for summary in described if summary.id == found.name)
        return FindEnvironmentOutput(environment=meant, unreachable=unreachable(survey.unreachable))


def the_one(name: str, survey: Survey) -> Environment:
    """Raises ToolInputError, naming the nearest, where there is none; Ambiguous where there are several."""
    found = candidates(name, survey.environments)
    if not found:
        raise not_found(name, survey)
    if len(found) > 1:
        names = [environment.name for environment in found]
        raise Ambiguous(
            f"{name!r} may be any of {len(names)}: {listed(list(map(quoted, names)))}; which one is meant?",
            names,
            ours=True,
        )
    return found[0]


def _left_out(name: str, survey: Survey) -> Sequence[Environment]:
    """Raises ToolInputError where there is none: what was to be left out may be one that stays in."""
    found = candidates(name, survey.environments)
    if not found and KIND_WORDS.get(name) is None:
        raise not_found(name, survey)
    return found


class EnvironmentActivityInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    hours: int = Field(default=6, ge=1, le=168, description="how many hours to look back")
    cpu_below: float = Field(default=5.0, gt=0, le=100, description="percent of CPU up to which nothing is going on")


class EnvironmentActivityOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    state: EnvironmentState = Field(description="running, stopped or partly running")
    idle: bool = Field(description="whether it runs without being used")
    reason: Made = Field(description="why it counts as idle or not, with the figures")
    summary: Made = Field(description="one line about it")


class EnvironmentActivity(ReadTool[EnvironmentActivityInput, EnvironmentActivityOutput]):
    """Idle: running, no service or instance above `cpu_below` percent CPU in any hour, no database connection."""

    name = "environment_activity"
    summary = "Say whether an environment is idle: running, but with hardly any CPU used and no database connection."
    Input = EnvironmentActivityInput
    Output = EnvironmentActivityOutput

    def run(self, input: EnvironmentActivityInput) -> EnvironmentActivityOutput:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = members(survey, environment.name)
        since = self.clients.clock.now() - timedelta(hours=input.hours)
        activity = self.clients.platform.activity(resources, since)
        idle, reason = judge(resources, activity, since, input.hours, input.cpu_below)
        hidden = unreachable(partly_hidden(resources, survey.unreachable))
        elsewhere = sorted({place.account for place in survey.unreachable})
        if idle and hidden:
            idle, reason = False, f"cannot tell: {'; '.join(place.summary for place in hidden)}"
        elif idle and elsewhere:
            reason += f"; not counting {listed(elsewhere)}, which could not be read"
        verdict = "idle, " if idle else "" if reason == "already stopped" else "not idle, "
        return EnvironmentActivityOutput(
            environment_id=environment.name,
            name=environment.name,
            state=state_of(resources),
            idle=idle,
            reason=reason,
            summary=f"{quoted(environment.name)}: {verdict}{reason}",
        )
