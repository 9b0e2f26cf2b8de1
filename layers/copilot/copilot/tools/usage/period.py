"""The time that usage is counted over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple


class Period(NamedTuple):
    """Full hours, and the time now (or the end that was asked for): runs are counted to the minute."""

    since: datetime
    hours: int
    now: datetime

    @classmethod
    def ending(cls, now: datetime, days: int) -> Period:
        """So many days up to the last full hour."""
        until = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return cls(until - timedelta(days=days), days * 24, now.astimezone(UTC))

    @property
    def until(self) -> datetime:
        return self.since + timedelta(hours=self.hours)

    @property
    def dates(self) -> list[date]:
        first = self.since.date()
        last = (self.now - timedelta(microseconds=1)).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def date_of(self, hour: int) -> date:
        return (self.since + timedelta(hours=hour)).date()

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M} UTC"
