"""What an environment is made of, resource by resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from copilot.domain import (
    Environment,
    EnvironmentId,
    Fixture,
    Fixtures,
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

AT_MOST = 100
TAGS_AT_MOST = 20
SHOWN_BY_HAND = 10
"""Of a region, in a command that shows them."""
LONGEST_TAG = 128
OWN_TAGS = "devops-copilot:"

State = Literal["running", "stopped", "starting", "stopping", "other"]


class EnvironmentResourcesInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    types: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=10, description="only these: service, instance, database, instance group, queue"
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


class FigureSummary(Frozen):
    name: Made = Field(description="what it counts, such as messages waiting")
    value: float = Field(description="how many")


class FixtureSummary(Frozen):
    """One of what is looked at, and never stopped or started."""

    id: ResourceId = Field(description="its id")
    type: Made = Field(description="queue")
    name: str = Field(description="its name")
    account: Made = Field(description="the account it is in")
    region: str = Field(description="the region it is in")
    figures: tuple[FigureSummary, ...] = Field(description="how it is, in numbers")
    tags: tuple[Tag, ...] = Field(description="its tags by key, at most 20")
    summary: Made = Field(description="one line about it")


class EnvironmentResourcesOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    owner: People | None = Field(description="who owns it, if its resources say")
    resources: tuple[ResourceSummary, ...] = Field(description="those asked for, by type and name, at most 100")
    fixtures: tuple[FixtureSummary, ...] = Field(description="queues, which are never stopped, at most 100")
    more: int = Field(description="how many of those asked for are not listed")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    contents: Made = Field(description="those asked for on one line, a few by name")
    summary: Made = Field(description="one line about them, with the numbers")


class EnvironmentResources(ReadTool[EnvironmentResourcesInput, EnvironmentResourcesOutput]):
    name = "environment_resources"
    summary = (
        "List what is in an environment: services, instances, groups, databases, queues; with state, size and tags."
    )
    Input = EnvironmentResourcesInput
    Output = EnvironmentResourcesOutput

    @classmethod
    def by_hand(cls, input: EnvironmentResourcesInput, output: EnvironmentResourcesOutput) -> Sequence[Sequence[str]]:
        tagged = ("aws", "resourcegroupstaggingapi", "get-resources")
        found: dict[str, list[str]] = defaultdict(list)
        for region, id in [(one.region, one.id) for one in output.resources] + [
            (one.region, one.id) for one in output.fixtures
        ]:
            found[region].append(id)
        return [
            (*tagged, "--region", region, "--resource-arn-list", *ids[:SHOWN_BY_HAND]) for region, ids in found.items()
        ]

    def run(self, input: EnvironmentResourcesInput) -> EnvironmentResourcesOutput:
        platform = self.clients.platform
        types = _fitting(input.types, {type.name: type.noun for type in platform.types.values()})
        fixed = _fitting(input.types, platform.fixture_types)
        if unknown := [one for one in input.types if not any(_is(one, *type) for type in (types | fixed).items())]:
            raise _unknown(unknown, platform)
        environment, survey = look_up(platform, input.environment_id)
        everything = members(survey, environment.name)
        found = _asked_for(everything, types, input.state, platform.types)
        shown = found[:AT_MOST]
        sizes, unread = _sizes(platform, shown)
        # What is never stopped is in neither state.
        beside = platform.fixtures(environment.name) if fixed and not input.state else Fixtures(fixtures=())
        of_type = sorted((one for one in beside.fixtures if one.ref.type in fixed), key=lambda one: one.name)
        nouns = [*types.values(), *fixed.values()]
        numbers = _numbers(found, of_type, platform)
        state = (input.state or state_of(found)) if found else ""
        rest = len(everything) - len(found) if input.types or input.state else 0
        return EnvironmentResourcesOutput(
            environment_id=environment.name,
            name=environment.name,
            kind=environment.kind,
            owner=environment.owner,
            resources=tuple(
                _resource(one, platform.types[one.ref.type], sizes.get(one.ref.id), _where(one, everything))
                for one in shown
            ),
            fixtures=tuple(_fixture(one, fixed[one.ref.type]) for one in of_type[:AT_MOST]),
            more=len(found) - len(shown) + len(of_type[AT_MOST:]),
            unreachable=unreachable([*survey.unreachable, *unread, *_new(beside.unreachable, survey.unreachable)]),
            contents=f"{quoted(environment.name)}: {_contents(found, of_type, platform) or _none(input, nouns)}",
            summary=_summary(environment, numbers or _none(input, nouns), state, rest, len(found) > AT_MOST),
        )


def _fitting(said: Sequence[str], nouns: Mapping[str, str]) -> dict[str, str]:
    """The types meant, each with its noun."""
    return {name: noun for name, noun in nouns.items() if not said or any(_is(one, name, noun) for one in said)}


def _is(said: str, name: str, noun: str) -> bool:
    """Whether a type is one that is meant: its noun has all the words that were said."""
    return said == name or all(_has(word, noun) for word in said.casefold().replace("-", " ").split())


def _asked_for(
    resources: Iterable[Resource], types: Collection[str], state: str | None, declared: Types
) -> list[Resource]:
    """By type, in the order of those that are declared, and name."""
    order = list(declared)
    found = [
        one
        for one in resources
        if type_of(one.ref.type, declared).name in types and (state is None or one.is_down == (state == "stopped"))
    ]
    return sorted(found, key=lambda one: (order.index(one.ref.type), one.name, one.region, one.account))


def _unknown(said: Sequence[str], platform: Platform) -> ToolInputError:
    nouns = [*(type.noun for type in platform.types.values()), *platform.fixture_types.values()]
    named = ", ".join(map(quoted, said))
    return ToolInputError(
        f"no {named} is looked after here, only {', '.join(f'{noun}s' for noun in nouns)}", nouns, ours=True
    )


def _new(places: Iterable[Unreachable], said: Iterable[Unreachable]) -> list[Unreachable]:
    """Those of which nothing was said yet."""
    told = {(one.account, one.region) for one in said}
    return [one for one in places if (one.account, one.region) not in told]


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
        (one.detail or "in a state of its own") if one.state == "other" else one.state,
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


def _fixture(one: Fixture, noun: str) -> FixtureSummary:
    return FixtureSummary(
        id=one.ref.id,
        type=noun,
        name=one.name,
        account=one.account,
        region=one.region,
        figures=tuple(FigureSummary(name=each.name, value=each.value) for each in one.figures),
        tags=_tags(one.tags),
        summary=f"{noun} {quoted(one.name)}: {one.detail}",
    )


def _contents(found: Sequence[Resource], fixtures: Sequence[Fixture], platform: Platform) -> str:
    parts = []
    for type in platform.types.values():
        some = [one for one in found if one.ref.type == type.name]
        if some:
            named = [f"{quoted(one.name)} ({_how(one, type)})" for one in some]
            parts.append(f"{type.noun}{'s' if len(some) > 1 else ''} {listed(named)}")
    for name, noun in platform.fixture_types.items():
        fixed = [f"{quoted(one.name)} ({one.detail})" for one in fixtures if one.ref.type == name]
        if fixed:
            parts.append(f"{noun}{'s' if len(fixed) > 1 else ''} {listed(fixed)}")
    return "; ".join(parts)


def _how(one: Resource, type: ResourceType) -> str:
    return f"{one.running} of {one.size} {type.unit}" if type.unit and one.size else one.state


def _summary(environment: Environment, numbers: str, state: str, rest: int, is_cut: bool) -> str:
    owned = f", owner {quoted_people(environment.owner)}" if environment.owner else ""
    parts = [numbers, state, f"beside {count(rest, 'other resource')}" if rest else ""]
    cut = f"; the first {AT_MOST} are listed" if is_cut else ""
    return f"{quoted(environment.name)} ({environment.kind}{owned}): {', '.join(filter(None, parts))}{cut}"


def _none(input: EnvironmentResourcesInput, nouns: Sequence[str]) -> str:
    named = [f"{noun}s" for noun in nouns] if input.types else ["resources"]
    return f"no {' or '.join(named)}{f' {input.state}' if input.state else ''}"


def _numbers(found: Sequence[Resource], fixtures: Sequence[Fixture], platform: Platform) -> str:
    numbers = [(sum(one.ref.type == type.name for one in found), type.noun) for type in platform.types.values()]
    numbers += [(sum(one.ref.type == name for one in fixtures), noun) for name, noun in platform.fixture_types.items()]
    return ", ".join(count(number, noun) for number, noun in numbers if number)
