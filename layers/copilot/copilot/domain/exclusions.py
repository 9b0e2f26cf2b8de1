"""What somebody asked to be left alone: of what, when, and whether it may be done where it is approved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from copilot.domain.frozen import SHAPE, Frozen
from copilot.domain.schedules import DAYS, Day, TimeOfDay, in_order
from copilot.domain.selectors import Selector

EXCLUSION = "exclusion"
"""What a Decision names besides policies where an exclusion decided."""
_DAY_NAMES: dict[Day, str] = {
    "MON": "Mondays",
    "TUE": "Tuesdays",
    "WED": "Wednesdays",
    "THU": "Thursdays",
    "FRI": "Fridays",
    "SAT": "Saturdays",
    "SUN": "Sundays",
}


class Stretches(Frozen):
    """The times at which a clock on the wall of `time_zone` is within these hours of these days: from `start` to `end`,
    the day after where that is not later, on the `days` named, every one where none is, from `first` to `last` with
    both. Of an hour that the clock shows twice, both.
    """

    days: tuple[Day, ...] = Field(default=(), description="the days")
    start: TimeOfDay | None = Field(default=None, description="the start", json_schema_extra={SHAPE: "HH:MM"})
    end: TimeOfDay | None = Field(default=None, description="the end", json_schema_extra={SHAPE: "HH:MM"})
    first: date | None = Field(default=None, description="the first")
    last: date | None = Field(default=None, description="the last")
    time_zone: str = Field(max_length=64, description="the time zone")

    @model_validator(mode="after")
    def _are_some(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise PydanticCustomError("stretches", "hours have a start and an end")
        if self.first and self.last and self.last < self.first:
            raise PydanticCustomError("stretches", "the last day is before the first")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise PydanticCustomError("stretches", "there is no such time zone") from None
        return self

    def covers(self, now: datetime) -> bool:
        wall = now.astimezone(ZoneInfo(self.time_zone))
        today, time = wall.date(), f"{wall:%H:%M}"
        if self.start is None or self.end is None:
            return self._on(today)
        if self.start < self.end:
            return self._on(today) and self.start <= time < self.end
        return (self._on(today) and time >= self.start) or (self._on(today - timedelta(days=1)) and time < self.end)

    def _on(self, day: date) -> bool:
        named = not self.days or DAYS[day.weekday()] in self.days
        return named and (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def in_words(self) -> str:
        """`on Fridays between 09:00 and 12:00 (Europe/Berlin)`; "" for always."""
        parts = [self._days, f"between {self.start} and {self.end}" if self.start else "", self._dates]
        said = " ".join(part for part in parts if part)
        return f"{said} ({self.time_zone})" if said else ""

    @property
    def _days(self) -> str:
        days = in_order(self.days)
        if not days or days == DAYS:
            return ""
        named = {DAYS[:5]: "weekdays", DAYS[5:]: "weekends"}.get(days)
        return f"on {named or ' and '.join(_DAY_NAMES[day] for day in days)}"

    @property
    def _dates(self) -> str:
        if self.first and self.first == self.last:
            return f"on {_date(self.first)}"
        parts = [f"from {_date(self.first)}" if self.first else "", f"to {_date(self.last)}" if self.last else ""]
        return " ".join(part for part in parts if part)


class Exclusion(Frozen):
    """It narrows, and nothing else: what it denies is denied, what it asks for needs an approval besides all else."""

    of: Selector = Field(description="of this")
    when: Stretches = Field(description="when")
    effect: Literal["deny", "ask"] = Field(description="the effect")

    @property
    def in_words(self) -> str:
        """`changes of prod-eu are off limits on Fridays (UTC)`."""
        said = f"{self.of.in_words} {'are off limits' if self.effect == 'deny' else 'need an approval'}"
        return f"{said} {self.when.in_words}".rstrip()


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
