"""CloudWatch Logs: what a search of them costs, and what it finds.

There are two ways to search. Logs Insights is quick over any amount, and has its price by what it scans;
FilterLogEvents has none, and gives a megabyte at a time, five times a second. So what little was written is read whole,
at no charge, and looked through here; more is queried. How much was written the metric IncomingBytes says (CloudWatch
Logs User Guide, "Monitoring with CloudWatch metrics"), which follows by a few minutes. The pattern of FilterLogEvents
is not used: it minds the case of letters, which nobody does who asks for "timeout".
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.log_queries import queried
from copilot.adapters.aws.log_sources import PACK as PACK  # what is read here is of that pack as well
from copilot.adapters.aws.log_sources import LogFinder, unread
from copilot.adapters.aws.resources.stoppable import Client, several
from copilot.adapters.aws.sessions import Reader
from copilot.config.configuration import Configuration
from copilot.domain import (
    Held,
    LogCost,
    LogLine,
    LogLines,
    LogQuery,
    LogSource,
    LogSources,
    NotLookedAt,
    Resource,
)
from copilot.errors import Capped, CopilotError, ToolInputError
from copilot.ports import Purse
from copilot.text.outside import quoted
from copilot.text.searching import is_found

READS = frozenset(
    {
        "cloudwatch:GetMetricData",
        "logs:FilterLogEvents",
        "logs:GetQueryResults",
        "logs:StartQuery",
        "logs:StopQuery",
    }
)
READ_WHOLE = 8 * 2**20
"""So many bytes at most are read and not queried."""
PAGES_AT_MOST = 40
"""Of one group: what was just written, which the metric has not counted yet, makes more of them."""
READ_AT_ONCE, QUERIED_AT_ONCE = 4, 10
PATIENCE = 40
"""Seconds for all queries together. They have a price, so what lasts longer is not begun again by itself."""
ASKED_AT_ONCE = 500  # the limit of GetMetricData
GIGABYTE = 2**30
MINUTE, HOUR = 60, 3600


class Found(NamedTuple):
    """Of one group: time, stream and text; how many match; until when it was read, where it was not read to its end."""

    events: list[tuple[datetime, str, str]]
    matched: int
    until: datetime | None = None


class AwsLogs:
    """`purse` is what queries are paid out of, `pause` waits so many seconds."""

    def __init__(
        self, config: Configuration, reader: Reader, purse: Purse, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._config = config
        self._reader = reader
        self._purse = purse
        self._finder = LogFinder(config, reader)
        self._pause = pause

    def sources(self, resources: Sequence[Resource], environment: str | None = None) -> LogSources:
        return self._finder.found(resources, environment)

    def cost(self, sources: Sequence[LogSource], since: datetime, until: datetime) -> LogCost:
        size, dollars = 0, 0.0
        for (account, region), groups in _groups(sources).items():
            with translated(f"reading how much was logged in {region}"):
                written = _written(self._reader.client(account, region, "cloudwatch"), [*groups], since, until)
            size += written
            dollars += written / GIGABYTE * _price(region)
        is_charged, most = size > READ_WHOLE, self._config.budgets.log_search_dollars
        return LogCost(size=size, is_charged=is_charged, dollars=dollars if is_charged else 0, most=most)

    def search(
        self, sources: Sequence[LogSource], query: LogQuery, cost: LogCost, within: float | None = None
    ) -> LogLines:
        asked = [
            (account, region, group, some)
            for (account, region), groups in _groups(sources).items()
            for group, some in groups.items()
        ]

        held, instead = self._paid(cost, len(asked))
        at_once = QUERIED_AT_ONCE if held else READ_AT_ONCE
        seconds = PATIENCE if within is None else max(0, min(PATIENCE, int(within)))
        patience = seconds // max(1, -(-len(asked) // at_once))
        end = time.monotonic() + seconds

        def ask(one: tuple[str, str, str, list[LogSource]]) -> Found | CopilotError:
            account, region, group, of = one
            try:
                with translated(f"reading log group {group}"):
                    logs = self._reader.client(account, region, "logs")
                    streams = [source.streams for source in of]
                    if held:
                        return Found(*queried(logs, group, streams, query, patience, self._pause, end))
                    return _read(logs, group, query, end)
            except ToolInputError:  # there is no such group: a function or a service makes its own when it first logs
                return Found([], 0)
            except CopilotError as error:
                return error

        with ThreadPoolExecutor(at_once) as pool:
            found = list(zip(asked, pool.map(ask, asked), strict=True))
        if held:
            self._purse.settle(held, held.most.dollars)
        errors = [one for _, one in found if isinstance(one, CopilotError)]
        if errors and len(errors) == len(asked):
            raise errors[0]
        lines: list[LogLine] = []
        hidden: list[NotLookedAt] = []
        matched, ends = 0, list[datetime]()
        for (_, region, group, of), one in found:
            if isinstance(one, CopilotError):
                hidden.append(unread(f"log group {quoted(group)}", of[0].account, region, one))
                continue
            own = [line for event in one.events if (line := _line(group, of, query, *event)) is not None]
            # What others wrote to the same group, or beside the time, is none of it.
            matched += one.matched - (len(one.events) - len(own))
            lines += own
            ends += [one.until] if one.until else []
        lines.sort(key=lambda line: line.at, reverse=True)
        return LogLines(
            lines=tuple(lines[: query.most]),
            matched=matched,
            read_until=min(ends, default=None),
            not_looked_at=tuple(hidden),
            instead=instead,
        )

    def _paid(self, cost: LogCost, queries: int) -> tuple[Held | None, str]:
        """What was begun for it; where a cap leaves no room, why it is read for nothing instead."""
        if not cost.is_charged:
            return None, ""
        try:
            return self._purse.begin("log_searches", cost.dollars / cost.searches, queries), ""
        except Capped as error:
            return None, str(error)


def _groups(sources: Sequence[LogSource]) -> Mapping[tuple[str, str], Mapping[str, list[LogSource]]]:
    """By account and region, the groups there, each with the sources that log to it."""
    found: dict[tuple[str, str], dict[str, list[LogSource]]] = defaultdict(lambda: defaultdict(list))
    for one in sources:
        found[one.ref.account, one.ref.region][one.group].append(one)
    return found


def _line(
    group: str, sources: Sequence[LogSource], query: LogQuery, at: datetime, stream: str, text: str
) -> LogLine | None:
    of = next((one for one in sources if stream.startswith(one.streams)), None)
    if of is None or not query.since <= at < query.until:
        return None
    return LogLine(at=at, service=of.service, group=group, stream=stream, text=text)


def _read(logs: Client, group: str, query: LogQuery, end: float) -> Found:
    """All that was written to it by then, of the monotonic clock, as far as it matches: the oldest comes first."""
    found: list[tuple[datetime, str, str]] = []
    asked: dict[str, Any] = {
        "logGroupName": group,
        "startTime": int(query.since.timestamp() * 1000),
        "endTime": int(query.until.timestamp() * 1000),
    }
    at: datetime | None = None
    for _ in range(PAGES_AT_MOST):
        if time.monotonic() >= end:
            break
        page = logs.filter_log_events(**asked)
        for event in page["events"]:
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            if is_found(query.words, query.any_of, event["message"]):
                found.append((at, event["logStreamName"], event["message"]))
        if not page.get("nextToken"):
            return Found(found, len(found))
        asked["nextToken"] = page["nextToken"]
    return Found(found, len(found), at or query.since)


def _written(cloudwatch: Client, groups: Sequence[str], since: datetime, until: datetime) -> int:
    """How many bytes came into these groups, whole periods taken: of five minutes, for longer times of an hour."""
    period = 5 * MINUTE if until - since <= timedelta(days=1) else HOUR
    begin = datetime.fromtimestamp(since.timestamp() // period * period, UTC)
    total = 0.0
    for some in several(groups, ASKED_AT_ONCE):
        queries = [
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Logs",
                        "MetricName": "IncomingBytes",
                        "Dimensions": [{"Name": "LogGroupName", "Value": name}],
                    },
                    "Period": period,
                    "Stat": "Sum",
                },
            }
            for number, name in enumerate(some)
        ]
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=begin, EndTime=until
        )
        total += sum(sum(result["Values"]) for page in pages for result in page["MetricDataResults"])
    return int(total)


@cache
def _prices() -> Mapping[str, float]:
    path = files("copilot").joinpath("adapters/aws/log_prices.yaml")
    prices: Mapping[str, float] = yaml.safe_load(path.read_text())["gigabyte"]
    return prices


def _price(region: str) -> float:
    return _prices().get(region) or max(_prices().values())
