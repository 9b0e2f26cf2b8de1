"""What the copilot cost: what is asked for of it, and all that is kept of it of one person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import cast, get_args
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from copilot.domain import Retention, SpendBy, Spender, Whose
from copilot.edges.http import BadRequest
from copilot.ports import Spending


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


def view_spent(whose: Whose, spending: Spending, retention: Retention, now: datetime) -> dict[str, JsonValue]:
    """What was spent in the name of a person, by day, as far back as it is kept; {} of a Conversation."""
    if whose.person is None:
        return {}
    # A day more at each end: whose zone days are of is not told here.
    days = [now.date() + timedelta(days=1 - ago) for ago in range(retention.runs + 31 + 2)]
    there = spending.spent([Spender(day.isoformat(), "person", whose.person) for day in days])
    return {
        "spent": [
            {"day": one.period, "kind": kind, "dollars": sum.dollars, "calls": sum.calls}
            for one, spent in sorted(there.items())
            for kind, sum in spent.sums.items()
        ]
    }
