"""What is asked for of what the copilot cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import cast, get_args
from zoneinfo import ZoneInfo

from copilot.domain import SpendBy
from copilot.edges.http import BadRequest


def asked_for(asked: Mapping[str, str], zone: str) -> tuple[datetime | None, None, SpendBy]:
    """From the query of a request: since when, a day of this zone; until now; split by what. Raises BadRequest."""
    by, since = asked.get("by", "kind"), asked.get("since")
    if by not in get_args(SpendBy):
        raise BadRequest(f"what is spent is split by {', '.join(get_args(SpendBy))}, and by nothing else")
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError as error:
        raise BadRequest("`since` is a day, such as 2026-11-30") from error
    return (datetime.combine(day, time(), ZoneInfo(zone)) if day else None), None, cast(SpendBy, by)
