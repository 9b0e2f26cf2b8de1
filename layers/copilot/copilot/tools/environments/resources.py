"""What an environment is made of, resource by resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from copilot.domain import (
    Environment,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    People,
    Resource,
    ResourceId,
    ResourceType,
    ServiceName,
    Size,
    Unreachable,
)
from copilot.errors import CopilotError, ToolInputError
from copilot.ports import Platform
from copilot.text.listing import count, listed
from copilot.text.outside import quoted, quoted_people
from copilot.tools.environments.inventory import (
    Types,
    UnreachableSummary,
    look_up,
    members,
    state_of,
    type_of,
    unreachable,
)
from copilot.tools.tool import ReadTool

RESOURCES_AT_MOST = 100
TAGS_AT_MOST = 20
LONGEST_TAG = 128
OWN_TAGS = "devops-copilot:"

State = Literal["running", "stopped", "starting", "stopping", "other"]


class EnvironmentResourcesInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    types: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=10, description="only these: service, instance, database, instance group"
    )
    state: Literal["running", "stopped"] | None = Field(default=None, description="only what is up, or down")


class Tag(Frozen):
    key: str = Field(description="the tag's key")
    value: str = Field(description="its value, at most 128 characters of it")


class ResourceSummary(Frozen):
    """One of them. Its tags are other people's text: see marks.py for what is trusted of it."""

    id: ResourceId = Field(description="what other tools take in `only`")
    type: Made = Field(description="service, instance, database and so on")
    name: str = Field(description="its name")
    service: ServiceName | None = Field(description="its name, where it is a service")
    state: State = Field(description="running, stopped, between these, or other")
    wanted: int = Field(description="how many tasks or instances it is to have; 1 or 0 of what is on or off")
    running: int = Field(description="how many of them run")
    size: Made = Field(description="what one of them is, such as t4g.small; empty where it is not known")
    engine: Made = Field(description="a database's engine; empty of what has none, or where it is not known")
    part_of: str = Field(description="the cluster or group it is in; empty for none")
    account: Made = Field(description="the account it is in")
    region: str = Field(description="the region it is in")
    left_alone: Made = Field(description="why it is never stopped or started; empty where it is")
    tags: tuple[Tag, ...] = Field(description="its tags by key, at most 20")
    summary: Made = Field(description="one line about it")


class EnvironmentResourcesOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    owner: People | None = Field(description="who owns it, if its resources say")
    resources: tuple[ResourceSummary, ...] = Field(description="those asked for, by type and name, at most 100")
    more: int = Field(description="how many of those asked for are not listed")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    contents: Made = Field(description="those asked for on one line, a few by name")
    summary: Made = Field(description="one line about them, with the numbers")


class EnvironmentResources(ReadTool[EnvironmentResourcesInput, EnvironmentResourcesOutput]):
    name = "environment_resources"
    summary = "List what is in an environment: its services, instances, groups and databases, with state, size, tags."
    Input = EnvironmentResourcesInput
    Output = EnvironmentResourcesOutput

    def run(self, input: EnvironmentResourcesInput) -> EnvironmentResourcesOutput:
        platform = self.clients.platform
        types = _types(input.types, platform.types)
        environment, survey = look_up(platform, input.environment_id)
        everything = members(survey, environment.name)
        order = list(platform.types)
        found = [
            one
            for one in everything
            if type_of(one.ref.type, platform.types).name in types
            and (input.state is None or one.is_down == (input.state == "stopped"))
        ]
        found.sort(key=lambda one: (order.index(one.ref.type), one.name, one.region, one.account))
        shown = found[:RESOURCES_AT_MOST]
        sizes, unread = _sizes(platform, shown)
        resources = tuple(
            _resource(one, types[one.ref.type], sizes.get(one.ref.id), _where(one, everything)) for one in shown
        )
        of_some = bool(input.types or input.state)
        return EnvironmentResourcesOutput(
            environment_id=environment.name,
            name=environment.name,
            kind=environment.kind,
            owner=environment.owner,
            resources=resources,
            more=len(found) - len(shown),
            unreachable=unreachable([*survey.unreachable, *unread]),
            contents=_contents(environment, found, types, input),
            summary=_summary(environment, found, everything if of_some else found, platform.types, input),
        )


def _types(said: Sequence[str], types: Types) -> Types:
    """Those meant: all whose noun has all the words. Raises ToolInputError for a word that none has."""
    found: dict[str, ResourceType] = {}
    for each in said:
        words = each.casefold().replace("-", " ").split()
        fitting = {
            type.name: type
            for type in types.values()
            if each == type.name or all(_has(word, type.noun) for word in words)
        }
        if not fitting:
            nouns = [type.noun for type in types.values()]
            raise ToolInputError(
                f"no {each!r} is looked after here, only {', '.join(f'{noun}s' for noun in nouns)}", nouns, ours=True
            )
        found |= fitting
    return {name: type for name, type in types.items() if name in found or not said}


def _has(word: str, noun: str) -> bool:
    return word in noun.split() or word.removesuffix("s") in noun.split()


def _sizes(platform: Platform, resources: Sequence[Resource]) -> tuple[Mapping[str, Size], list[Unreachable]]:
    """What each is, by id, and where that could not be read: one such place does not hide the others."""
    places: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        places[resource.account, resource.region].append(resource)
    found: dict[str, Size] = {}
    unread: list[Unreachable] = []
    for (account, region), some in places.items():
        try:
            found |= platform.sizes(some)
        except CopilotError as error:
            unread.append(Unreachable(account=account, region=region, reason=str(error)))
    return found, unread


def _resource(one: Resource, type: ResourceType, size: Size | None, where: str) -> ResourceSummary:
    each, engine = _size(one, type, size)
    part_of = one.covered_by or one.cluster or ""
    words = [
        "in a state of its own" if one.state == "other" else one.state,
        f"{one.running} of {one.size} {type.unit}" if type.unit and (one.size or one.running) else "",
        f"from {one.limits.minimum} to {one.limits.maximum}" if one.limits and not one.limits.at_rest else "",
        engine,
        each,
        f"in {quoted(part_of)}" if part_of and part_of != one.environment else "",
        where,
        f"left alone: {one.held}" if one.held and not one.covered_by else "",
    ]
    return ResourceSummary(
        id=one.ref.id,
        type=type.noun,
        name=one.name,
        service=one.name if type.tier == "service" else None,
        state=one.state,
        wanted=one.size,
        running=one.running,
        size=each,
        engine=engine,
        part_of=part_of,
        account=one.account,
        region=one.region,
        left_alone=one.held,
        tags=_tags(one.tags),
        summary=f"{type.noun} {quoted(one.name)}: {', '.join(filter(None, words))}",
    )


def _size(one: Resource, type: ResourceType, size: Size | None) -> tuple[str, str]:
    """What one of it is, and its engine. Of a group or a database cluster its members say that."""
    if size is None:
        return "", ""
    match size.product:
        case "rds":
            engine, _, name = size.name.partition(" ")
            return name + (" with a standby" if size.count > 1 else ""), engine
        case "fargate":
            return f"{size.vcpu:g} vCPU and {size.gb:g} GB each", ""
        case "other" if type.tier == "database" or (one.limits and not one.cluster):
            return "", ""
        case _:
            return size.name, ""


def _tags(tags: Mapping[str, str]) -> tuple[Tag, ...]:
    """Without our own."""
    kept = sorted((key, value) for key, value in tags.items() if not key.startswith(OWN_TAGS))
    return tuple(Tag(key=key, value=value[:LONGEST_TAG]) for key, value in kept[:TAGS_AT_MOST])


def _where(one: Resource, among: Iterable[Resource]) -> str:
    """Region and account, where the environment is in several."""
    regions, accounts = {other.region for other in among}, {other.account for other in among}
    parts = [one.region] if len(regions) > 1 else []
    parts += [quoted(one.account)] if len(accounts) > 1 else []
    return " ".join(parts)


def _contents(
    environment: Environment, found: Sequence[Resource], types: Types, input: EnvironmentResourcesInput
) -> str:
    if not found:
        return f"{quoted(environment.name)}: {_none(input, types)}"
    parts = []
    for type in types.values():
        some = [one for one in found if one.ref.type == type.name]
        if some:
            named = [f"{quoted(one.name)} ({_how(one, type)})" for one in some]
            parts.append(f"{type.noun}{'s' if len(some) > 1 else ''} {listed(named)}")
    return f"{quoted(environment.name)}: {'; '.join(parts)}"


def _how(one: Resource, type: ResourceType) -> str:
    return f"{one.running} of {one.size} {type.unit}" if type.unit and one.size else one.state


def _summary(
    environment: Environment,
    found: Sequence[Resource],
    among: Sequence[Resource],
    types: Types,
    input: EnvironmentResourcesInput,
) -> str:
    owned = f", owner {quoted_people(environment.owner)}" if environment.owner else ""
    name = f"{quoted(environment.name)} ({environment.kind}{owned})"
    if not found:
        return f"{name}: {_none(input, _types(input.types, types))}, of {_numbers(among, types) or 'nothing at all'}"
    said = f"{name}: {_numbers(found, types)}"
    state = "" if input.state else f", {state_of(found)}"
    rest = f", of {count(len(among), 'resource')}" if len(among) > len(found) else ""
    cut = f"; the first {RESOURCES_AT_MOST} are listed" if len(found) > RESOURCES_AT_MOST else ""
    return f"{said}{f' {input.state}' if input.state else state}{rest}{cut}"


def _none(input: EnvironmentResourcesInput, types: Types) -> str:
    nouns = [f"{type.noun}s" for type in types.values()] if input.types else ["resources"]
    return f"no {' or '.join(nouns)}{f' {input.state}' if input.state else ''}"


def _numbers(resources: Sequence[Resource], types: Types) -> str:
    of = {type.noun: sum(one.ref.type == type.name for one in resources) for type in types.values()}
    return ", ".join(count(number, noun) for noun, number in of.items() if number)
