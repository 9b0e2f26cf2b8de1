"""Looking at environments: which there are, which one is meant, whether one is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from copilot.domain import KIND_WORDS, EnvironmentId, Frozen, Kind, Made
from copilot.errors import Ambiguous, ToolInputError
from copilot.ports import Clients
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand
from copilot.tools.environments import shown_by
from copilot.tools.environments.idleness import judge
from copilot.tools.environments.inventory import (
    EnvironmentState,
    EnvironmentSummary,
    Listing,
    UnreachableSummary,
    aged,
    look_up,
    members,
    not_found,
    partly_hidden,
    recalled,
    state_of,
    surveyed,
    uncovered,
    unreachable,
)
from copilot.tools.environments.measured import COMMAND, MetricInPlace, metric_by_hand, metric_in_place
from copilot.tools.environments.names import candidates
from copilot.tools.environments.shown_by import TAGGING
from copilot.tools.tool import MOMENTS, ReadTool

HOUR = 3600
Names = tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...]
NOW: bool = Field(default=False, description="afresh")
AS_OF: str = Field(default="", description='how old that is, in a sentence; "" of what was read just now')


class ListEnvironmentsInput(Frozen):
    kinds: tuple[Kind, ...] = Field(default=(), description="of these kinds")
    names: Names = Field(
        default=(),
        max_length=50,
        description="and these, as people write them; else all",
    )
    but: Names = Field(
        default=(),
        max_length=50,
        description="not these names or kinds",
    )
    state: EnvironmentState | None = Field(default=None, description="in this state")
    older_than_days: int | None = Field(default=None, ge=1, le=3650, description="older than this, in days")
    now: bool = NOW


class ListEnvironmentsOutput(Frozen):
    environments: tuple[EnvironmentSummary, ...] = Field(description="the environments, by name")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    none: Made = Field(default="", description='that there are none, in a sentence; "" where there are some')
    as_of: Made = AS_OF
    age_unknown: tuple[Made, ...] = Field(default=(), description="those whose age is unknown")
    by_hand: str = Field(default="", description=FOR_COMMANDS)


class ListEnvironments(ReadTool[ListEnvironmentsInput, ListEnvironmentsOutput]):
    """As they were last swept, where some of that is what is asked for; that there are none is said of the cloud."""

    name = "list_environments"
    summary = "List the environments there are, with kind, state and owner."
    afresh = "now"
    Input = ListEnvironmentsInput
    Output = ListEnvironmentsOutput
    shown_by = (f"aws {TAGGING}",)

    @classmethod
    def by_hand(cls, input: ListEnvironmentsInput, output: ListEnvironmentsOutput) -> Sequence[ByHand]:
        return shown_by.environments(output.by_hand, output.environments)

    def run(self, input: ListEnvironmentsInput) -> ListEnvironmentsOutput:
        return self._found(input).model_copy(update={"by_hand": self.clients.platform.environment_tag})

    def _found(self, input: ListEnvironmentsInput) -> ListEnvironmentsOutput:
        swept = None if input.now else _recalled(self.clients)
        if swept is not None:
            with suppress(ToolInputError):  # of a name that is not known, or not to be told from others
                found = self._listed(input, swept)
                if found.environments:
                    return found
        return self._listed(input, surveyed(self.clients.platform))

    def _listed(self, input: ListEnvironmentsInput, listing: Listing) -> ListEnvironmentsOutput:
        found = _listed(input, listing)
        if input.older_than_days is None:
            return found
        known = [self._aged(one) for one in found.environments]
        before = self.clients.clock.now() - timedelta(days=input.older_than_days)
        old = tuple(one for one in known if one.since and one.since <= before)
        none = found.none or (
            "" if old else f"None of these environments is older than {count(input.older_than_days, 'day')}."
        )
        unknown = tuple(quoted(one.name) for one in known if one.since is None)
        return found.model_copy(update={"environments": old, "none": none, "age_unknown": unknown})

    def _aged(self, one: EnvironmentSummary) -> EnvironmentSummary:
        """With when a sweep saw it first, where that was earlier than what it has was made."""
        known = self.clients.known(one.name)
        return aged(one, one.since, known.first_seen) if known is not None else one


class FindEnvironmentInput(Frozen):
    name: str = Field(min_length=1, max_length=256, description="name or kind, as people write it")
    now: bool = NOW


class FindEnvironmentOutput(Frozen):
    environment: EnvironmentSummary = Field(description="the one that is meant")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    as_of: Made = AS_OF
    by_hand: str = Field(default="", description=FOR_COMMANDS)


class FindEnvironment(ReadTool[FindEnvironmentInput, FindEnvironmentOutput]):
    """As it was last swept, where it was there."""

    name = "find_environment"
    summary = "Find the one environment a person means by a name or a kind."
    afresh = "now"
    Input = FindEnvironmentInput
    Output = FindEnvironmentOutput
    shown_by = (f"aws {TAGGING}",)

    @classmethod
    def by_hand(cls, input: FindEnvironmentInput, output: FindEnvironmentOutput) -> Sequence[ByHand]:
        return shown_by.environments(output.by_hand, [output.environment])

    def run(self, input: FindEnvironmentInput) -> FindEnvironmentOutput:
        return self._found(input).model_copy(update={"by_hand": self.clients.platform.environment_tag})

    def _found(self, input: FindEnvironmentInput) -> FindEnvironmentOutput:
        swept = None if input.now else _recalled(self.clients)
        if swept is not None:
            with suppress(ToolInputError):
                return _found(input.name, swept)
        return _found(input.name, surveyed(self.clients.platform))


def _recalled(clients: Clients) -> Listing | None:
    swept = clients.recall()
    return None if swept is None else recalled(swept, clients.platform.types, clients.clock.now())


def _listed(input: ListEnvironmentsInput, listing: Listing) -> ListEnvironmentsOutput:
    """Raises ToolInputError for a name that none has, or several may have."""
    named = [the_one(name, listing).name for name in input.names]
    but = {one.name for name in input.but for one in _left_out(name, listing)}
    everything = not input.kinds and not input.names
    wanted = [
        summary
        for summary in listing.environments
        if (everything or summary.kind in input.kinds or summary.id in named)
        and summary.id not in but
        and input.state in {None, summary.state}
    ]
    if not input.kinds:  # in the order in which they were named
        wanted.sort(key=lambda summary: named.index(summary.id) if named else 0)
    none = "" if wanted else f"No {' '.join([*filter(None, [input.state]), ' or '.join(input.kinds)])}".rstrip()
    none = none and f"{none} environments were found."
    return ListEnvironmentsOutput(
        environments=tuple(wanted), unreachable=listing.unreachable, none=none, as_of=listing.as_of
    )


def _found(name: str, listing: Listing) -> FindEnvironmentOutput:
    """Raises ToolInputError for a name that none has, or several may have."""
    return FindEnvironmentOutput(
        environment=the_one(name, listing), unreachable=listing.unreachable, as_of=listing.as_of
    )


def the_one(name: str, listing: Listing) -> EnvironmentSummary:
    """Raises ToolInputError, naming the nearest, where there is none; Ambiguous where there are several."""
    found = candidates(name, listing.environments)
    if not found:
        raise not_found(name, listing)
    if len(found) > 1:
        names = [environment.name for environment in found]
        raise Ambiguous(
            f"{name!r} may be any of {len(names)}: {listed(list(map(quoted, names)))}; which one is meant?",
            names,
            ours=True,
        )
    return found[0]


def _left_out(name: str, listing: Listing) -> Sequence[EnvironmentSummary]:
    """Raises ToolInputError where there is none: what was to be left out may be one that stays in."""
    found = candidates(name, listing.environments)
    if not found and KIND_WORDS.get(name) is None:
        raise not_found(name, listing)
    return found


class EnvironmentActivityInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    hours: int = Field(default=6, ge=1, le=168, description="back from now")
    cpu_below: float = Field(default=5.0, gt=0, le=100, description="percent up to which it is idle")


class ActivityByHand(Frozen):
    since: AwareDatetime = Field(description="from when on")
    until: AwareDatetime = Field(description="until when")
    metrics: tuple[MetricInPlace, ...] = Field(description="what was read of each resource, its maxima by the hour")


class EnvironmentActivityOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    state: EnvironmentState = Field(description="running, stopped or partly running")
    idle: bool = Field(description="whether it runs without being used")
    reason: Made = Field(description="why it counts as idle or not, with the figures")
    summary: Made = Field(description="one line about it")
    by_hand: ActivityByHand | None = Field(default=None, description=FOR_COMMANDS)


class EnvironmentActivity(ReadTool[EnvironmentActivityInput, EnvironmentActivityOutput]):
    """Idle: running, no service or instance above `cpu_below` percent CPU in any hour, no database connection."""

    name = "environment_activity"
    summary = "Say whether an environment is idle: running, but with hardly any CPU used and no database connection."
    Input = EnvironmentActivityInput
    Output = EnvironmentActivityOutput
    lasts = MOMENTS
    shown_by = (f"aws {COMMAND}",)

    @classmethod
    def by_hand(cls, input: EnvironmentActivityInput, output: EnvironmentActivityOutput) -> Sequence[ByHand]:
        if (read := output.by_hand) is None:
            return ()
        return [metric_by_hand(one, read.since, read.until, HOUR, "maximum") for one in read.metrics]

    def run(self, input: EnvironmentActivityInput) -> EnvironmentActivityOutput:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = members(survey, environment.name)
        now = self.clients.clock.now()
        since = now - timedelta(hours=input.hours)
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
            by_hand=ActivityByHand(
                since=since,
                until=now,
                metrics=tuple(
                    metric_in_place(one.account, one.region, of)
                    for one in uncovered(resources)
                    if not one.is_down and (seen := activity.get(one.ref.id)) and (of := seen.of)
                ),
            ),
        )
