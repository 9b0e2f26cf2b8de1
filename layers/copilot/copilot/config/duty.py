"""Who is on duty. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.config.chats import Duty
from copilot.config.configuration import Configuration
from copilot.domain import DAYS


def on_duty(config: Configuration, now: datetime) -> set[str]:
    """The ids of the people whose hours of duty it is, each by their own time zone."""
    duties = config.chat.on_duty if config.chat is not None else ()
    return {person for duty in duties for person in duty.people if _covers(duty, now, config.zone_of(person))}


def _covers(duty: Duty, now: datetime, zone: str) -> bool:
    here = now.astimezone(ZoneInfo(zone))
    time, today = f"{here:%H:%M}", DAYS[here.weekday()]
    if duty.since < duty.until:
        return today in duty.days and duty.since <= time < duty.until
    yesterday = DAYS[(here - timedelta(days=1)).weekday()]
    return (today in duty.days and time >= duty.since) or (yesterday in duty.days and time < duty.until)
