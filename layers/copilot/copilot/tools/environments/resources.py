"""What an environment is made of, resource by resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Annotated, Literal, TypeVar

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
from copilot.tools.environments.use import CPU_BELOW, HOURS, NOT_MEASURED, Used, beginning, used
from copilot.tools.tool import ReadTool

One = TypeVar("One", Resource, Fixture)

AT_MOST = 100
TAGS_AT_MOST = 20
SHOWN_BY_HAND = 10
"""Of a region, in a command that shows them."""
LONGEST_TAG = 128
LINE = 92
"""About as long as a line is read."""
OWN_TAGS = "devops-copilot:"
STATES = {"troubled": "in trouble", "unused": "unused for 14 days", "unconnected": "without connections"}
"""What a person says for it, where that is another word."""
BY_USE = ("unused", "unconnected")

State = Literal["running", "stopped", "starting", "stopping", "other"]


class EnvironmentResourcesInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    types: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(),
        max_length=10,
        description="only: service, instance, database, queue, load balancer, function, table, cache, EKS, node group",
    )
    state: Literal["running", "stopped", "troubled", "unused", "unconnected"] | None = Field(
        default=None, description="only what is up, down, not well, unused for 14 days, unconnected"
    )
    activity: bool | None = Field(default=None, description="say when each was last used")


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
    use: Made = Field(description="how much it was used, where that was asked for; empty where it was not")
    last_used: datetime | None = Field(description="the last hour in which it was used, of the last 14 days")
    connections: float | None = Field(description="the most a database has lately; where use was asked for")
    left_alone: Made = Field(description="why it is never stopped or started; empty where it is")
    tags: tuple[Tag, ...] = Field(description="its tags by key, at most 20")
    summary: Made = Field(description="one line about it")


class FigureSummary(Frozen):
    name: Made = Field(description="what it counts, such as messages waiting")
    value: float = Field(description="how many")


class FixtureSummary(Frozen):
    """One of what is looked at, and never stopped or started."""

    id: ResourceId = Field(description="its id")
    type: Made = Field(description="load balancer, queue, cache and so on")
    name: str = Field(description="its name")
    account: Made = Field(description="the account it is in")
    region: str = Field(description="the region it is in")
    state: Made = Field(description="how the platform calls its state; empty of what has none")
    trouble: Made = Field(description="what is not well about it, such as unhealthy targets; empty where all is well")
    size: Made = Field(description="what it is, such as cache.t4g.micro; empty where it has none")
    engine: Made = Field(description="its engine or runtime with the version; empty of what has none")
    part_of: str = Field(description="the cluster it is in; empty for none")
    use: Made = Field(description="how much it was used, where that was asked for; empty where it was not")
    last_used: datetime | None = Field(description="the last hour in which it was used, of the last 14 days")
    figures: tuple[FigureSummary, ...] = Field(description="how it is, in numbers")
    tags: tuple[Tag, ...] = Field(description="its tags by key, at most 20")
    summary: Made = Field(description="one line about it")


class EnvironmentResourcesOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    owner: People | None = Field(description="who owns it, if its resources say")
    resources: tuple[ResourceSummary, ...] = Field(description="those asked for, by type and name, at most 100")
    fixtures: tuple[FixtureSummary, ...] = Field(
        description="what is never stopped, such as queues and caches, at most 100"
    )
    more: int = Field(description="how many of those asked for are not listed")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    others: Made = Field(description="what else is tagged as the environment's and not looked at; empty for none")
    contents: Made = Field(description="those asked for on one line, a few by name")
    lines: tuple[Made, ...] = Field(description="the same on as many lines as it takes, each with the environment")
    summary: Made = Field(description="one line about them, with the numbers")


class EnvironmentResources(ReadTool[EnvironmentResourcesInput, EnvironmentResourcesOutput]):
    name = "environment_resources"
    summary = "List an environment's services, instances, databases, queues, load balancers, functions, tables, caches."
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
        types = fitting(input.types, {type.name: type.noun for type in platform.types.values()})
        fixed = fitting(input.types, platform.fixture_types)
        if unknown := [one for one in input.types if not any(_is(one, *type) for type in (types | fixed).items())]:
            raise _unknown(unknown, platform)
        environment, survey = look_up(platform, input.environment_id)
        everything = members(survey, environment.name)
        found = _asked_for(everything, types, input.state, platform.types)
        beside = _beside(platform, environment.name, fixed, input)
        order = list(fixed)
        of_type = sorted(beside.fixtures, key=lambda one: (order.index(one.ref.type), one.name, one.region))
        use, unmeasured = self._use(found, of_type) if input.activity or input.state in BY_USE else ({}, [])
        if input.state in BY_USE:
            found, of_type = (_by_use(found, use, input.state), _by_use(of_type, use, input.state))
        shown = found[:AT_MOST]
        sizes, unread = _sizes(platform, shown)
        nouns = [*types.values(), *fixed.values()]
        numbers = _numbers(found, of_type, platform)
        contents = _contents(found, of_type, platform, use)
        state = STATES.get(input.state, input.state) if input.state else state_of(found) if found else ""
        rest = len(everything) - len(found) if input.types or input.state else 0
        no_figures = sum(one.words != "" and one.ever is None for one in use.values()) if input.state in BY_USE else 0
        return EnvironmentResourcesOutput(
            environment_id=environment.name,
            name=environment.name,
            kind=environment.kind,
            owner=environment.owner,
            resources=tuple(
                _resource(
                    one,
                    platform.types[one.ref.type],
                    sizes.get(one.ref.id),
                    _where(one, everything),
                    use.get(one.ref.id, NOT_MEASURED),
                )
                for one in shown
            ),
            fixtures=tuple(
                _fixture(one, fixed[one.ref.type], use.get(one.ref.id, NOT_MEASURED)) for one in of_type[:AT_MOST]
            ),
            more=len(found) - len(shown) + len(of_type[AT_MOST:]),
            unreachable=unreachable(
                [*survey.unreachable, *unread, *_new([*beside.unreachable, *unmeasured], survey.unreachable)]
            ),
            others=_others(beside),
            contents=f"{quoted(environment.name)}: {'; '.join(contents) or _none(input, nouns)}",
            lines=tuple(_lines(quoted(environment.name), contents, _others(beside))),
            summary=_summary(
                environment,
                numbers or _none(input, nouns),
                state if numbers else "",
                rest,
                len(found) > AT_MOST,
                f"; no figures of {no_figures}" if no_figures else "",
            ),
        )

    def _use(
        self, resources: Sequence[Resource], fixtures: Sequence[Fixture]
    ) -> tuple[Mapping[str, Used], list[Unreachable]]:
        """How the first of them were used, by id, and where that could not be read. A member is so with its whole."""
        now = self.clients.clock.now()
        since = beginning(now)
        places: dict[tuple[str, str], list[Resource | Fixture]] = defaultdict(list)
        alone = [one for one in resources if not one.covered_by]
        for one in chain[Resource | Fixture](alone[:AT_MOST], fixtures[:AT_MOST]):
            places[one.account, one.region].append(one)
        found: dict[str, Used] = {}
        unread: list[Unreachable] = []
        for (account, region), some in places.items():
            try:
                uses = self.clients.platform.uses(some, since, HOURS, CPU_BELOW)
                found |= {id: used(one, since, now) for id, one in uses.items()}
            except CopilotError as error:
                unread.append(Unreachable(account=account, region=region, reason=str(error)))
        return found, unread


def _by_use(ones: Sequence[One], use: Mapping[str, Used], state: str | None) -> list[One]:
    told = [(one, use.get(one.ref.id, NOT_MEASURED)) for one in ones]
    if state == "unconnected":
        return [one for one, found in told if found.connections == 0]
    return [one for one, found in told if found.ever is False]


def _beside(
    platform: Platform, environment: str, types: Mapping[str, str], input: EnvironmentResourcesInput
) -> Fixtures:
    """What there is of these types. What is never stopped is in no state but where it is asked for by its type."""
    if not types or (input.state in {"running", "stopped"} and not input.types):
        return Fixtures(fixtures=())
    found = platform.fixtures(environment, None if not input.types and not input.state else types.keys())
    fits: dict[str | None, Callable[[Fixture], bool]] = {
        None: lambda one: True,
        "running": lambda one: one.up is True,
        "stopped": lambda one: one.up is False,
        "troubled": lambda one: bool(one.trouble),
        **dict.fromkeys(BY_USE, lambda one: True),
    }
    return found.model_copy(update={"fixtures": tuple(filter(fits[input.state], found.fixtures))})


def _others(beside: Fixtures) -> str:
    if not beside.others:
        return ""
    named = listed([count(one.number, one.noun) for one in beside.others])
    return f"Also tagged, not looked at: {'at least ' if beside.others_cut else ''}{named}"


def fitting(said: Sequence[str], nouns: Mapping[str, str]) -> dict[str, str]:
    """The types meant, each with its noun."""
    return {name: noun for name, noun in nouns.items() if not said or any(_is(one, name, noun) for one in said)}


def _is(said: str, name: str, noun: str) -> bool:
    """Whether a type is one that is meant: its noun has all the words that were said."""
    return said == name or all(_has(word, noun.casefold()) for word in said.casefold().replace("-", " ").split())


def _asked_for(
    resources: Iterable[Resource], types: Collection[str], state: str | None, declared: Types
) -> list[Resource]:
    """By type, in the order of those that are declared, and name."""
    order = list(declared)
    found = [
        one
        for one in resources
        if type_of(one.ref.type, declared).name in types
        and (state in {None, *BY_USE} or (state != "troubled" and one.is_down == (state == "stopped")))
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


def _resource(one: Resource, type: ResourceType, size: Size | None, where: str, use: Used) -> ResourceSummary:
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
        use.words,
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
        use=use.words,
        last_used=use.last,
        connections=use.connections,
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


def _fixture(one: Fixture, noun: str, use: Used) -> FixtureSummary:
    return FixtureSummary(
        id=one.ref.id,
        type=noun,
        name=one.name,
        account=one.account,
        region=one.region,
        state=one.state,
        trouble=one.trouble,
        size=one.size,
        engine=one.engine,
        part_of=one.part_of,
        use=use.words,
        last_used=use.last,
        figures=tuple(FigureSummary(name=each.name, value=each.value) for each in one.figures),
        tags=_tags(one.tags),
        summary=f"{noun} {quoted(one.name)}: {', '.join(filter(None, (one.detail, use.words)))}",
    )


def _contents(
    found: Sequence[Resource], fixtures: Sequence[Fixture], platform: Platform, use: Mapping[str, Used]
) -> list[str]:
    """Those of each type, a few by name."""

    def named(one: Resource | Fixture, how: str) -> str:
        used = use.get(one.ref.id, NOT_MEASURED).words
        return f"{quoted(one.name)} ({', '.join(filter(None, (how, used)))})"

    types = platform.types.values()
    said = {type.noun: [named(one, _how(one, type)) for one in found if one.ref.type == type.name] for type in types}
    said |= {
        noun: [named(one, one.detail) for one in fixtures if one.ref.type == name]
        for name, noun in platform.fixture_types.items()
    }
    return [f"{noun}{'s' if len(some) > 1 else ''} {listed(some)}" for noun, some in said.items() if some]


def _lines(name: str, parts: Iterable[str], others: str) -> Iterable[str]:
    """As many parts to a line as fit, and what else there is on one of its own."""
    line = ""
    for part in parts:
        if line and len(name) + len(line) + len(part) > LINE:
            yield f"{name}: {line}"
            line = ""
        line = f"{line}; {part}" if line else part
    if line:
        yield f"{name}: {line}"
    if others:
        yield f"{name}: {others[0].lower()}{others[1:]}"


def _how(one: Resource, type: ResourceType) -> str:
    return f"{one.running} of {one.size} {type.unit}" if type.unit and one.size else one.state


def _summary(environment: Environment, numbers: str, state: str, rest: int, is_cut: bool, unknown: str) -> str:
    owned = f", owner {quoted_people(environment.owner)}" if environment.owner else ""
    parts = [numbers, state, f"beside {count(rest, 'other resource')}" if rest else ""]
    cut = f"; the first {AT_MOST} are listed" if is_cut else ""
    return f"{quoted(environment.name)} ({environment.kind}{owned}): {', '.join(filter(None, parts))}{cut}{unknown}"


def _none(input: EnvironmentResourcesInput, nouns: Sequence[str]) -> str:
    named = [f"{noun}s" for noun in nouns] if input.types else ["resources"]
    return f"no {' or '.join(named)}{f' {STATES.get(input.state, input.state)}' if input.state else ''}"


def _numbers(found: Sequence[Resource], fixtures: Sequence[Fixture], platform: Platform) -> str:
    numbers = [(sum(one.ref.type == type.name for one in found), type.noun) for type in platform.types.values()]
    numbers += [(sum(one.ref.type == name for one in fixtures), noun) for name, noun in platform.fixture_types.items()]
    return ", ".join(count(number, noun) for number, noun in numbers if number)
