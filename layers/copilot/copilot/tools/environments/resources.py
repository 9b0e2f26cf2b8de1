"""What an environment is made of, resource by resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints

from copilot.domain import (
    EnvironmentId,
    Fixture,
    Fixtures,
    Frozen,
    Kind,
    Made,
    People,
    Resource,
    Size,
    Unreachable,
)
from copilot.errors import CopilotError, ToolInputError
from copilot.ports import Platform
from copilot.text.outside import quoted
from copilot.tools.by_hand import ByHand
from copilot.tools.environments import shown_by
from copilot.tools.environments.inventory import (
    Types,
    UnreachableSummary,
    look_up,
    members,
    state_of,
    type_of,
    unreachable,
)
from copilot.tools.environments.resource_words import (
    STATES,
    FixtureSummary,
    ResourceSummary,
    contents_of,
    fixture_summary,
    lines_of,
    none_of,
    numbers_of,
    others_of,
    resource_summary,
    summary_of,
)
from copilot.tools.environments.shown_by import Shown
from copilot.tools.environments.use import CPU_BELOW, HOURS, NOT_MEASURED, Used, beginning, used
from copilot.tools.environments.where import where_of
from copilot.tools.tool import ReadTool

One = TypeVar("One", Resource, Fixture)

AT_MOST = 100
BY_USE = ("unused", "unconnected")


class EnvironmentResourcesInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    types: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(),
        max_length=10,
        description="only these: service, database, .., also EKS, node group",
    )
    state: Literal["running", "stopped", "troubled", "unused", "unconnected"] | None = Field(
        default=None, description="unused: for 14 days"
    )
    activity: bool | None = Field(default=None, description="say when each was last used")


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
    shown_by = (*shown_by.SHOWN_BY, *shown_by.FIXTURES_SHOWN_BY)

    @classmethod
    def by_hand(cls, input: EnvironmentResourcesInput, output: EnvironmentResourcesOutput) -> Sequence[ByHand]:
        every: list[ResourceSummary | FixtureSummary] = [*output.resources, *output.fixtures]
        found = [
            Shown(
                account=one.account,
                region=one.region,
                id=one.id,
                name=one.name,
                cluster=one.part_of if isinstance(one, ResourceSummary) and one.service else "",
            )
            for one in every
        ]
        return [*shown_by.resources(found)]

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
        none = none_of(bool(input.types), input.state, [*types.values(), *fixed.values()])
        numbers = numbers_of(found, of_type, platform)
        contents = contents_of(found, of_type, platform, use)
        state = STATES.get(input.state, input.state) if input.state else state_of(found) if found else ""
        rest = len(everything) - len(found) if input.types or input.state else 0
        no_figures = sum(one.words != "" and one.ever is None for one in use.values()) if input.state in BY_USE else 0
        return EnvironmentResourcesOutput(
            environment_id=environment.name,
            name=environment.name,
            kind=environment.kind,
            owner=environment.owner,
            resources=tuple(
                resource_summary(
                    one,
                    platform.types[one.ref.type],
                    sizes.get(one.ref.id),
                    where_of(one, everything, with_cluster=False),
                    use.get(one.ref.id, NOT_MEASURED),
                )
                for one in shown
            ),
            fixtures=tuple(
                fixture_summary(one, fixed[one.ref.type], use.get(one.ref.id, NOT_MEASURED))
                for one in of_type[:AT_MOST]
            ),
            more=len(found) - len(shown) + len(of_type[AT_MOST:]),
            unreachable=unreachable(
                [*survey.unreachable, *unread, *_new([*beside.unreachable, *unmeasured], survey.unreachable)]
            ),
            others=others_of(beside),
            contents=f"{quoted(environment.name)}: {'; '.join(contents) or none}",
            lines=tuple(lines_of(quoted(environment.name), contents, others_of(beside))),
            summary=summary_of(
                environment,
                numbers or none,
                state if numbers else "",
                rest,
                AT_MOST if len(found) > AT_MOST else None,
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
