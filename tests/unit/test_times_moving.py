"""Times in a plan that move with when it is run, at every hour of the day that it is made in."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from copilot.domain import Answer, Plan, Step
from copilot.times.moving import at_time, moving


def plan(end: datetime) -> Plan:
    step = Step(id="it", tool="costs", arguments={"days": 1, "end": end.isoformat()})
    return Plan(goal="costs of yesterday", steps=(step,), answer=Answer(text="-"))


def midnight(at: datetime, zone: ZoneInfo, written: ZoneInfo | None = None) -> Plan:
    """About the day that has ended there, its end written by the clocks of a zone."""
    there = at.astimezone(zone)
    begun = datetime.combine(there.date(), time(), zone)
    return plan(begun.astimezone(written or UTC))


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize("in_utc", [True, False])
def test_the_day_before_is_another_each_time_whatever_the_hour(hour: int, zone: str, in_utc: bool) -> None:
    now, there = datetime(2026, 11, 29, hour, 3, tzinfo=UTC), ZoneInfo(zone)
    kept = moving(lambda at: midnight(at, there, ZoneInfo("UTC") if in_utc else there), now, zone)
    for later in (timedelta(0), timedelta(days=1), timedelta(days=3, hours=5), timedelta(days=90)):
        ends = at_time(kept, now + later).steps[0].arguments["end"]
        assert datetime.fromisoformat(str(ends)) == datetime.fromisoformat(
            str(midnight(now + later, there).steps[0].arguments["end"])
        )
