"""Environments in words: which there are, what they are made of, what could not be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, Field

from copilot.domain import (
    AsSwept,
    Environment,
    EnvironmentId,
    Frozen,
    Kind,
    KnownEnvironment,
    KnownPlace,
    Made,
    People,
    Resource,
    ResourceType,
    Survey,
    Tally,
    Unreachable,
    made_first,
    tallied,
)
from copilot.errors import FatalError, ToolInputError
from copilot.ports import Platform
from copilot.text.listing import count
from copilot.text.outside import quoted, quoted_people
from copilot.tools.environments.names import nearest_names

Types = Mapping[str, ResourceType]
"""Those a Platform has, in its order, by name."""
WORTH_SAYING = timedelta(minutes=5)
"""The age from which on it is said."""
AFRESH = "now"
"""What a person says to have the cloud read."""

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
    since: AwareDatetime | None = Field(default=None, description="since when it exists")
    age: Made = Field(default="", description="the line with its age")


class UnreachableSummary(Frozen):
    """An account and region that could not be read, so that nothing is known of what is in it."""

    account: Made = Field(description="the account's name and id")
    region: str = Field(description="the region")
    reason: str = Field(description="why it could not be read, mostly in AWS's words")
    summary: Made = Field(description="one line about it")


class Listing(NamedTuple):
    """Which environments there are, by name. `as_of` says how old that is, "" of what was read just now."""

    environments: tuple[EnvironmentSummary, ...]
    unreachable: tuple[UnreachableSummary, ...]
    as_of: str = ""


def surveyed(platform: Platform) -> Listing:
    """From a fresh read."""
    survey, types = platform.survey(), platform.types
    return Listing(summaries(survey, types), unreachable(survey.unreachable))


def recalled(swept: AsSwept, types: Types, now: datetime) -> Listing:
    """As it was last swept."""
    known = swept.known
    return Listing(
        tuple(_known(one, types) for one in known.environments),
        tuple(_not_read(place, now) for place in known.places if place.unread),
        _age(swept, now),
    )


def aged(one: EnvironmentSummary, made_at: datetime | None, first_seen: datetime | None = None) -> EnvironmentSummary:
    """With since when it is known to exist: when the oldest of it was made, or when a sweep saw it first."""
    known = [at for at in (made_at, first_seen) if at]
    if not known:
        return one
    since = min(known)
    by = "the oldest of what it has was made then" if since == made_at else "a sweep saw it first then"
    at = since.astimezone(UTC)
    return one.model_copy(update={"since": since, "age": f"{one.summary}, since {at.day} {at:%b %Y} ({by})"})


def summaries(survey: Survey, types: Types) -> tuple[EnvironmentSummary, ...]:
    """One summary for each environment, by name."""
    resources: dict[str, list[Resource]] = defaultdict(list)
    for resource in survey.resources:
        resources[resource.environment].append(resource)
    return tuple(_surveyed(one, resources[one.name], types) for one in survey.environments)


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
    raise not_found(environment_id, surveyed(platform))


def not_found(name: str, listing: Listing) -> ToolInputError:
    """That there is no such environment: the nearest there are, and where it might be nevertheless."""
    near = nearest_names(name, [environment.name for environment in listing.environments])
    hint = f"; nearest: {', '.join(map(quoted, near))}" if near else ""
    message = f"there is no environment {name!r}{hint}{might_be_elsewhere(listing.unreachable)}"
    return ToolInputError(message, near, ours=True, all=not listing.unreachable)


def might_be_elsewhere(hidden: Iterable[UnreachableSummary]) -> str:
    lines = [one.summary for one in hidden]
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


def state_of(resources: Iterable[Resource]) -> EnvironmentState:
    return _state(tallied(resources))


def _state(tally: Tally) -> EnvironmentState:
    return "running" if not tally.down else "partly running" if tally.up else "stopped"


def _surveyed(environment: Environment, resources: Sequence[Resource], types: Types) -> EnvironmentSummary:
    by_type: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        by_type[resource.ref.type].append(resource)
    summary = _summary(
        environment.name,
        environment.kind,
        environment.owner,
        {type: tallied(some) for type, some in by_type.items()},
        {resource.account for resource in resources},
        {resource.region for resource in resources},
        types,
    )
    return aged(summary, made_first(resources))


def _known(one: KnownEnvironment, types: Types) -> EnvironmentSummary:
    tallies = one.tallies or {}
    summary = _summary(one.name, one.kind, one.owner or None, tallies, one.accounts, one.regions, types)
    return aged(summary, one.made_at)


def _summary(
    name: str,
    kind: Kind,
    owner: str | None,
    tallies: Mapping[str, Tally],
    accounts: Iterable[str],
    regions: Iterable[str],
    types: Types,
) -> EnvironmentSummary:
    up, down = (sum(of) for of in zip(*tallies.values(), strict=True)) if tallies else (0, 0)
    state = _state(Tally(up, down))
    found = Counter[str]()
    for type, tally in tallies.items():
        found[type_of(type, types).noun] += sum(tally)
    parts = [count(found[one.noun], one.noun) for one in types.values() if found[one.noun]]
    owned = f", owner {quoted_people(owner)}" if owner else ""
    return EnvironmentSummary(
        id=name,
        name=name,
        kind=kind,
        owner=owner,
        state=state,
        accounts=tuple(sorted(accounts)),
        regions=tuple(sorted(regions)),
        resources=up + down,
        summary=f"{quoted(name)}: {kind}, {state}, {', '.join(parts)}{owned}",
    )


def _not_read(one: KnownPlace, now: datetime) -> UnreachableSummary:
    of = f"; what is known of it is as of {_moment(one.since, now)}" if one.since else ""
    summary = f"{one.account} in {one.place.region} could not be read{of}: {quoted(one.reason)}"
    return UnreachableSummary(account=one.account, region=one.place.region, reason=one.reason, summary=summary)


def _age(swept: AsSwept, now: datetime) -> str:
    age = now - swept.at
    number, noun = (age // timedelta(hours=1), "hour") if age >= timedelta(hours=1) else (age.seconds // 60, "minute")
    ago = f", {count(number, noun)} ago" if age > WORTH_SAYING else ""
    again = f". They are being read again; say “{AFRESH}” to wait for that" if swept.is_read_again else ""
    return f"Environments as of {_moment(swept.at, now)}{ago}{again}."


def _moment(at: datetime, now: datetime) -> str:
    at = at.astimezone(UTC)
    day = "" if at.date() == now.astimezone(UTC).date() else f"{at.day} {at:%B} "
    return f"{day}{at:%H:%M} UTC"
