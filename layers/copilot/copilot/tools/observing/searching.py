"""Search what an environment, or a service of it, logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from copilot.domain import (
    EnvironmentId,
    Frozen,
    Kind,
    LogCost,
    LogLine,
    LogLines,
    LogQuery,
    LogSource,
    Made,
    ServiceName,
    Untrusted,
)
from copilot.errors import FatalError
from copilot.ports import Logs
from copilot.text.listing import count
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand
from copilot.tools.observing.levels import Level, level_of, signs_of
from copilot.tools.observing.lines import LOOKED_AT, cost_words, handed_on, laid_out, money, size_words
from copilot.tools.observing.looked_through import COMMAND, LookedThrough, logs_by_hand, looked_through
from copilot.tools.observing.scope import HOUR, Scope, ScopeInput, Times, not_looked_at, scope_of, times_of
from copilot.tools.tool import ReadTool

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"[^\s*]")]


class SearchLogsInput(ScopeInput):
    words: tuple[Word, ...] = Field(default=(), max_length=5, description="all of which a line has; * is any letters")
    levels: tuple[Level, ...] = Field(default=(), description="only these")
    most: int = Field(default=20, ge=1, le=100, description="the newest")
    only_estimate: bool = Field(default=False, description="only say the cost")


class LoggedLine(Frozen):
    at: AwareDatetime = Field(description="when it was logged")
    service: ServiceName = Field(description="the service or function that logged it")
    level: Level | None = Field(description="error, warning, info or debug, where it says")
    group: str = Field(description="the log group")
    stream: str = Field(description="the log stream")
    text: Untrusted = Field(description="the line")


class SearchLogsOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    kind: Kind = Field(description="development, preview, staging or production")
    service: ServiceName | None = Field(description="the service that was asked about")
    lines: tuple[LoggedLine, ...] = Field(description="the newest first")
    matched: int = Field(description="how many lines there were; of lines of a level at least so many")
    text: Untrusted = Field(description="the lines, each with its time and service, laid out")
    summary: Made = Field(description="how many there were, of what and when")
    cost: Made = Field(description="what looking through it cost, or would")
    dollars: float = Field(description="the same as a number, in USD")
    not_looked_at: tuple[Made, ...] = Field(description="what could not be looked at, and why")
    by_hand: LookedThrough | None = Field(default=None, description=FOR_COMMANDS)


class SearchLogs(ReadTool[SearchLogsInput, SearchLogsOutput]):
    name = "search_logs"
    summary = "Search the logs of an environment or service for words."
    Input = SearchLogsInput
    Output = SearchLogsOutput
    shows = "logs"
    pack = "logs"
    lines = frozenset({"text"})
    shown_by = (f"aws {COMMAND}",)

    @classmethod
    def by_hand(cls, input: SearchLogsInput, output: SearchLogsOutput) -> Sequence[ByHand]:
        return logs_by_hand(output.by_hand, input.words)

    def price(self, input: SearchLogsInput) -> float:
        scope = scope_of(self.clients.platform, input.environment_id, input.service)
        times = times_of(input.since, input.until, input.time_zone, self.clients.clock.now(), HOUR)
        there = self.clients.logs.sources(scope.resources, None if scope.service else scope.environment)
        return affordable(self.clients.logs, there.sources, (times,), only_said=True).dollars

    def run(self, input: SearchLogsInput) -> SearchLogsOutput:
        scope = scope_of(self.clients.platform, input.environment_id, input.service)
        times = times_of(input.since, input.until, input.time_zone, self.clients.clock.now(), HOUR)
        logs = self.clients.logs
        there = logs.sources(scope.resources, None if scope.service else scope.environment)
        cost = affordable(logs, there.sources, (times,), only_said=input.only_estimate)
        query = LogQuery(
            since=times.since,
            until=times.until,
            words=input.words,
            any_of=signs_of(input.levels),
            most=LOOKED_AT if input.levels else input.most,
        )
        searched = there.sources and not input.only_estimate
        found = logs.search(there.sources, query, cost) if searched else LogLines(lines=(), matched=0)
        of_level = [line for line in found.lines if not input.levels or level_of(line.text) in input.levels]
        matched = len(of_level) if input.levels else found.matched
        lines = tuple(map(_logged, of_level[: input.most]))
        at_least = bool(input.levels) and found.matched > len(found.lines)
        sought = _sought(input)
        summary = f"Nothing was searched: {scope.words}, {times.words}."
        if not lines and not input.only_estimate:
            summary = none_of(scope, there.sources, f"no line{sought}", times)
        elif not input.only_estimate:
            number = f"{'At least ' if at_least else ''}{count(matched, 'line')}{sought}"
            newest = f"; these are the newest {len(lines)}" if matched > len(lines) else ""
            summary = f"{number} in the logs of {scope.words}, {times.words}{newest}."
        hidden = list(not_looked_at((*there.not_looked_at, *found.not_looked_at), scope.unread))
        hidden += unread_after(found, times)
        return SearchLogsOutput(
            environment_id=scope.environment,
            kind=scope.kind,
            service=scope.service,
            lines=lines,
            matched=matched,
            text="\n".join(laid_out(_prefix(line, scope, times), line.text) for line in lines),
            summary=summary,
            cost=cost_words(cost, found.instead) if there.sources else "",
            dollars=0 if found.instead else cost.dollars,
            not_looked_at=tuple(hidden),
            by_hand=looked_through(there.sources, times.since, times.until) if searched else None,
        )


def affordable(
    logs: Logs, sources: tuple[LogSource, ...], times: tuple[Times, ...], *, only_said: bool = False
) -> LogCost:
    """What looking through these times costs, all together. Raises FatalError above what one search may cost."""
    each = [logs.cost(sources, one.since, one.until) for one in times] if sources else []
    cost = LogCost(
        size=sum(one.size for one in each),
        is_charged=any(one.is_charged for one in each),
        dollars=sum(one.dollars for one in each),
        most=min((one.most for one in each), default=0),
        searches=max(1, len(each)),
    )
    if each and cost.dollars > cost.most and not only_said:
        raise FatalError(
            f"nothing was searched: {size_words(cost.size)} were logged in that time, and looking through it would "
            f"cost about {money(cost.dollars)}, more than the {money(cost.most)} that one search may (budgets."
            "log_search_dollars in the configuration). A shorter time, or one service, is less to look through",
            ours=True,
        )
    return cost


def none_of(scope: Scope, sources: tuple[LogSource, ...], nothing: str, times: Times) -> str:
    if not sources:
        return f"There are no logs of {scope.words} that could be looked at."
    return f"There is {nothing} in the logs of {scope.words}, {times.words}."


def unread_after(found: LogLines, times: Times) -> tuple[str, ...]:
    """Of what was not read to its end, what is said of the rest."""
    if found.read_until is None:
        return ()
    return (f"what was logged after {times.at(found.read_until)}: it is too much to be read, a shorter time is not",)


def _logged(line: LogLine) -> LoggedLine:
    text = handed_on(line.text)
    return LoggedLine(
        at=line.at, service=line.service, level=level_of(line.text), group=line.group, stream=line.stream, text=text
    )


def _prefix(line: LoggedLine, scope: Scope, times: Times) -> str:
    return times.at(line.at) if scope.service else f"{times.at(line.at)} {line.service}:"


def _sought(input: SearchLogsInput) -> str:
    levels = f" of level {' or '.join(input.levels)}" if input.levels else ""
    return levels + (f" with {' and '.join(map(quoted, input.words))}" if input.words else "")
