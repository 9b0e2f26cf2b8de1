"""An environment's resources in words: a line about each, and all of them in a few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from copilot.domain import (
    Environment,
    Fixture,
    Fixtures,
    Frozen,
    Made,
    Resource,
    ResourceId,
    ResourceType,
    ServiceName,
    Size,
)
from copilot.ports import Platform
from copilot.text.listing import count, listed
from copilot.text.outside import quoted, quoted_people
from copilot.tools.environments.use import NOT_MEASURED, Used

TAGS_AT_MOST = 20
LONGEST_TAG = 128
LINE = 92
"""About as long as a line is read."""
OWN_TAGS = "devops-copilot:"
STATES = {"troubled": "in trouble", "unused": "unused for 14 days", "unconnected": "without connections"}
"""What a person says for it, where that is another word."""

State = Literal["running", "stopped", "starting", "stopping", "other"]


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


def resource_summary(one: Resource, type: ResourceType, size: Size | None, where: str, use: Used) -> ResourceSummary:
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


def fixture_summary(one: Fixture, noun: str, use: Used) -> FixtureSummary:
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


def contents_of(
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


def lines_of(name: str, parts: Iterable[str], others: str) -> Iterable[str]:
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


def others_of(beside: Fixtures) -> str:
    if not beside.others:
        return ""
    named = listed([count(one.number, one.noun) for one in beside.others])
    return f"Also tagged, not looked at: {'at least ' if beside.others_cut else ''}{named}"


def summary_of(environment: Environment, numbers: str, state: str, rest: int, cut_at: int | None, unknown: str) -> str:
    owned = f", owner {quoted_people(environment.owner)}" if environment.owner else ""
    parts = [numbers, state, f"beside {count(rest, 'other resource')}" if rest else ""]
    cut = f"; the first {cut_at} are listed" if cut_at else ""
    return f"{quoted(environment.name)} ({environment.kind}{owned}): {', '.join(filter(None, parts))}{cut}{unknown}"


def none_of(of_types: bool, state: str | None, nouns: Sequence[str]) -> str:
    named = [f"{noun}s" for noun in nouns] if of_types else ["resources"]
    return f"no {' or '.join(named)}{f' {STATES.get(state, state)}' if state else ''}"


def numbers_of(found: Sequence[Resource], fixtures: Sequence[Fixture], platform: Platform) -> str:
    numbers = [(sum(one.ref.type == type.name for one in found), type.noun) for type in platform.types.values()]
    numbers += [(sum(one.ref.type == name for one in fixtures), noun) for name, noun in platform.fixture_types.items()]
    return ", ".join(count(number, noun) for number, noun in numbers if number)
