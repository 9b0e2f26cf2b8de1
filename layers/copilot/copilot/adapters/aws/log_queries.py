"""A search by CloudWatch Logs Insights: a query is begun, asked about until it has ended, and stopped where it lasts.

Fields as the API Reference has them (StartQuery, GetQueryResults): `recordsMatched` counts all that match, of which at
most 10,000 are given. Its regular expressions stand between slashes (CloudWatch Logs User Guide, "Supported commands").
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from copilot.adapters.aws.resources.stoppable import Client
from copilot.domain import LogQuery
from copilot.errors import FatalError
from copilot.text.searching import pieces

MOST = 10_000
_SPECIAL = re.compile(r"([.^$*+?()\[\]{}|\\/])")


def queried(
    logs: Client,
    group: str,
    streams: Sequence[str],
    query: LogQuery,
    patience: int,
    pause: Callable[[float], None],
    end: float,
) -> tuple[list[tuple[datetime, str, str]], int]:
    """Time, stream and text of the newest lines, and how many match. Raises FatalError where it does not end within so
    many seconds, or by `end` of the monotonic clock. One that there is no time for is not begun.
    """
    if patience <= 0 or time.monotonic() >= end:
        raise FatalError("there was no time left to query it; a shorter time is less to look through", ours=True)
    begun = logs.start_query(
        logGroupName=group,
        startTime=int(query.since.timestamp()),
        endTime=int(query.until.timestamp()),  # a whole second, of which what is later is left out by who asks
        queryString=query_string(query, streams),
        limit=min(query.most, MOST),
    )["queryId"]
    for second in range(patience):
        if time.monotonic() >= end:
            break
        told = logs.get_query_results(queryId=begun)
        match told["status"]:
            case "Complete":
                rows = [{one["field"]: one["value"] for one in row} for row in told["results"]]
                found = [(_time(row["@timestamp"]), row["@logStream"], row["@message"]) for row in rows]
                return found, max(int(told.get("statistics", {}).get("recordsMatched", 0)), len(found))
            case "Scheduled" | "Running" | "Unknown":
                pause(1 if second else 0.3)
            case status:
                raise FatalError(f"the query ended as {status.lower()}")
    logs.stop_query(queryId=begun)
    raise FatalError(
        f"the query did not end within {patience} seconds and was stopped; a shorter time, or one service, is less to "
        "look through",
        ours=True,
    )


def query_string(query: LogQuery, streams: Sequence[str]) -> str:
    """In the language of Insights: what a person asked for stands in it as letters alone."""
    filters = [_like("@message", [word]) for word in query.words if pieces(word)]
    filters += [_like("@message", query.any_of)] if query.any_of else []
    if streams and all(streams):
        filters.append(f"filter @logStream like /^(?:{'|'.join(map(_escaped, streams))})/")
    steps = ["fields @timestamp, @logStream, @message", *filters, "sort @timestamp desc"]
    return " | ".join([*steps, f"limit {min(query.most, MOST)}"])


def _like(field: str, words: Sequence[str]) -> str:
    ways = ["[\\s\\S]*".join(map(_escaped, pieces(word))) for word in words]
    return f"filter {field} like /(?i)(?:{'|'.join(ways)})/"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _time(said: str) -> datetime:
    """As Insights writes it, "2026-03-02 12:00:00.123", in UTC."""
    at = datetime.fromisoformat(said.replace(" ", "T"))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
