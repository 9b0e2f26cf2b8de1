"""Moments in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo


def as_of(moments: Iterable[datetime], now: datetime, time_zone: str, *, to_others: bool = False) -> str:
    """`As of 14:02.`, with the day where that is not today; `to_others` always, and with the zone, for they may look at
    it in another, and later.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    told: dict[str, None] = {}
    for local in sorted(one.astimezone(zone) for one in moments):
        day = f"{local:%a} {local.day} {local:%b} " if to_others or local.date() != today else ""
        told[f"{day}{local:%H:%M}"] = None
    return f"As of {' and '.join(told)}{f' {time_zone}' if to_others else ''}."


def day_of(at: datetime, now: datetime, time_zone: str) -> str:
    """`12 Nov`, with the year where that is not this one."""
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    return f"{local.day} {local:%b}" + (f" {local.year}" if local.year != now.astimezone(zone).year else "")
