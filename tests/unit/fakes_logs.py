"""Logs in memory, written by hand: each service of the fake platform has a log group of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from copilot.domain import (
    LogCost,
    LogLine,
    LogLines,
    LogQuery,
    LogSource,
    LogSources,
    NotLookedAt,
    Resource,
    ResourceRef,
)
from copilot.errors import CopilotError
from copilot.text.searching import is_found

STREAM = "web/main/0123456789abcdef"


def logged(service: str, at: datetime, text: str, stream: str = STREAM) -> LogLine:
    return LogLine(at=at, service=service, group=f"/ecs/{service}", stream=stream, text=text)


@dataclass
class FakeLogs:
    """`functions` are those of any environment; `size` was written in any time; `streams` is what all begin with."""

    lines: list[LogLine] = field(default_factory=list)
    functions: tuple[str, ...] = ()
    size: int = 4_000
    is_charged: bool = False
    dollars: float = 0
    most: float = 0.25
    hidden: list[NotLookedAt] = field(default_factory=list)
    unread: list[NotLookedAt] = field(default_factory=list)
    streams: str = ""
    read_until: datetime | None = None
    fails: CopilotError | None = None
    refuses: CopilotError | None = None
    searches: list[LogQuery] = field(default_factory=list)
    within: list[float | None] = field(default_factory=list)
    costs: list[tuple[datetime, datetime]] = field(default_factory=list)

    def sources(self, resources: Sequence[Resource], environment: str | None = None) -> LogSources:
        if self.refuses:
            raise self.refuses
        found = [one.name for one in resources if one.ref.type == "ecs-service"]
        found += self.functions if environment else ()
        return LogSources(
            sources=tuple(_source(name, self.streams) for name in found), not_looked_at=tuple(self.hidden)
        )

    def cost(self, sources: Sequence[LogSource], since: datetime, until: datetime) -> LogCost:
        self.costs.append((since, until))
        return LogCost(size=self.size, is_charged=self.is_charged, dollars=self.dollars, most=self.most)

    def search(
        self, sources: Sequence[LogSource], query: LogQuery, cost: LogCost, within: float | None = None
    ) -> LogLines:
        self.searches.append(query)
        self.within.append(within)
        if self.fails:
            raise self.fails
        services = {one.service for one in sources}
        found = [
            line
            for line in self.lines
            if line.service in services
            and query.since <= line.at < query.until
            and is_found(query.words, query.any_of, line.text)
        ]
        found.sort(key=lambda line: line.at, reverse=True)
        newest = tuple(found[: query.most])
        return LogLines(lines=newest, matched=len(found), read_until=self.read_until, not_looked_at=tuple(self.unread))


def _source(service: str, streams: str) -> LogSource:
    ref = ResourceRef(type="log-group", id=f"arn:aws:logs:eu-west-1:111111111111:log-group:/ecs/{service}")
    return LogSource(
        ref=ref,
        group=f"/ecs/{service}",
        streams=streams,
        service=service,
        account="main (111111111111)",
        region="eu-west-1",
    )
