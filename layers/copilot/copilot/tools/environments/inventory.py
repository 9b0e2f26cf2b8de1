"""Environments in words: which there are, what they are made of, what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from copilot.domain import (
    Environment,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    People,
    Resource,
    ResourceType,
    Survey,
    Unreachable,
)
from copilot.errors import FatalError, ToolInputError
from copilot.ports import Platform
from copilot.text.listing import count
from copilot.text.outside import quoted, quoted_people
from copilot.tools.environments.names import nearest_names

DOWN = frozenset({"stopped", "stopping"})
Types = Mapping[str, ResourceType]
"""Those a Platform has, in its order, by name."""

EnvironmentState = Literal["running", "stopped", "partly running"]


class EnvironmentSummary(Frozen):
    """An environment, over all its accounts and regions.

    Names and tags are what things are found by, and a fan-out over environments hands them on: they are trusted where
    they look like names, here and in every other tool (see marks.py). Sentences of ours quote what does not.
    """

    id: EnvironmentId = Field(description="what other tools take as environment_id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    owner: People | None = Field(description="who owns it, if its resources say")
    state: EnvironmentState = Field(description="running, stopped or partly running")
    accounts: tuple[Made, ...] = Field(description="the accounts it lives in")
    regions: tuple[str, ...] = Field(description="the regions it lives in")
    resources: int = Field(description="how many services, instances, groups and databases it has")
    summary: Made = Field(description="one line about it")


class UnreachableSummary(Frozen):
    """An account and region that could not be read, so that nothing is known of what is in it."""

    account: Made = Field(description="the account's name and id")
    region: str = Field(description="the region")
    reason: str = Field(description="why it could not be read, mostly in AWS's words")
    summary: Made = Field(description="one line about it")


def summaries(survey: Survey, types: Types) -> tuple[EnvironmentSummary, ...]:
    """One summary for each environment, by name."""
    return tuple(_summary(one, members(survey, one.name), types) for one in survey.environments)


def type_of(name: str, types: Types) -> ResourceType:
    """Raises FatalError for a type nobody declares: then nothing says what it is, or when it has its turn."""
    if name not in types:
        raise FatalError(f"no platform declares the type {quoted(name)}; declared are {', '.join(types)}", ours=True)
    return types[name]


def members(survey: Survey, environment_id: str) -> list[Resource]:
    return [resource for resource in survey.resources if resource.environment == environment_id]


def look_up(platform: Platform, environment_id: str) -> tuple[Environment, Survey]:
    """One environment by its exact id, from a fresh read. Raises ToolInputError, naming the nearest."""
    survey = platform.survey(environment_id)
    for environment in survey.environments:
        if environment.name == environment_id:
            return environment, survey
    raise not_found(environment_id, platform.survey())


def not_found(name: str, survey: Survey) -> ToolInputError:
    """That there is no such environment: the nearest there are, and where it might be nevertheless."""
    near = nearest_names(name, [environment.name for environment in survey.environments])
    hint = f"; nearest: {', '.join(map(quoted, near))}" if near else ""
    message = f"there is no environment {name!r}{hint}{might_be_elsewhere(survey)}"
    return ToolInputError(message, near, ours=True, all=not survey.unreachable)


def might_be_elsewhere(survey: Survey) -> str:
    lines = [summary.summary for summary in unreachable(survey.unreachable)]
    return f" (it may be where nothing could be read: {'; '.join(lines)})" if lines else ""


def unreachable(places: Iterable[Unreachable]) -> tuple[UnreachableSummary, ...]:
    return tuple(
        UnreachableSummary(
            account=place.account,
            region=place.region,
            reason=place.reason,
            summary=f"{place.account} in {place.region} could not be read: {quoted(place.reason)}",
        )
        for place in places
    )


def uncovered(resources: Iterable[Resource]) -> list[Resource]:
    """These without what is covered by the group or cluster it is a member of."""
    return [resource for resource in resources if not resource.covered_by]


def partly_hidden(resources: Iterable[Resource], places: Iterable[Unreachable]) -> list[Unreachable]:
    """Where an environment is known to live, yet not all could be read: more of it may be there."""
    known = {(resource.account, resource.region) for resource in resources}
    return [place for place in places if (place.account, place.region) in known]


def state_of(resources: Sequence[Resource]) -> EnvironmentState:
    counted = uncovered(resources)
    down = sum(resource.state in DOWN for resource in counted)
    return "running" if not down else "stopped" if down == len(counted) else "partly running"


def _summary(environment: Environment, resources: Sequence[Resource], types: Types) -> EnvironmentSummary:
    state = state_of(resources)
    found = Counter(type_of(resource.ref.type, types).noun for resource in uncovered(resources))
    parts = [count(found[one.noun], one.noun) for one in types.values() if found[one.noun]]
    owner = f", owner {quoted_people(environment.owner)}" if environment.owner else ""
    return EnvironmentSummary(
        id=environment.name,
        name=environment.name,
        kind=environment.kind,
        owner=environment.owner,
        state=state,
        accounts=tuple(sorted({resource.account for resource in resources})),
        regions=tuple(sorted({resource.region for resource in resources})),
        resources=len(uncovered(resources)),
        summary=f"{quoted(environment.name)}: {environment.kind}, {state}, {', '.join(parts)}{owner}",
    )
