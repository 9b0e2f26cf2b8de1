"""Looking at environments: which there are, which one is meant, whether one is used."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from copilot.domain import Frozen, Kind, Made
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


class ListEnvironmentsInput(Frozen):
    kinds: tuple[Kind, ...] = Field(default=(), description="only environments of these kinds; none given means all")


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
        wanted = [summary for summary in found if not input.kinds or summary.kind in input.kinds]
        kinds = " or ".join(input.kinds)
        none = "" if wanted else f"No {kinds} environments were found.".replace("  ", " ")
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
        found = candidates(input.name, survey.environments)
        if not found:
            raise not_found(input.name, survey)
        if len(found) > 1:
            names = [environment.name for environment in found]
            raise Ambiguous(
                f"{input.name!r} may be any of {len(names)}: {listed(list(map(quoted, names)))}; which one is meant?",
                names,
                ours=True,
            )
        described = summaries(survey, self.clients.platform.types)
        meant = next(summary for summary in described if summary.id == found[0].name)
        return FindEnvironmentOutput(environment=meant, unreachable=unreachable(survey.unreachable))


class EnvironmentActivityInput(Frozen):
    environment_id: str = Field(min_length=1, max_length=256, description="an environment's id")
    hours: int = Field(default=6, ge=1, le=168, description="how many hours to look back")
    cpu_below: float = Field(default=5.0, gt=0, le=100, description="percent of CPU up to which nothing is going on")


class EnvironmentActivityOutput(Frozen):
    environment_id: str = Field(description="the environment's id")
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
