"""Times in a plan that is kept for later: "yesterday" is another day each time it is run.

A request is read as of several moments. What differs in the plans is a time that moves, and how it does is found from
them: {"$time": {"unit": "day", "shift": -1, "seconds": 0, "zone": "UTC"}} is the midnight with which the day before
begins. When the plan is run each is put in anew; all else of it stays as it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from copilot.domain import TIME, Plan

Unit = Literal["moment", "day", "week", "month", "quarter"]
SAMPLES = (
    timedelta(0),
    timedelta(days=1, hours=3, minutes=7),
    timedelta(days=5, hours=1),
    timedelta(days=38, hours=7),
    timedelta(days=101, hours=2),
)
"""A request is read as of so long from now: at other hours, on other days of the week, in other months and quarters."""
UNITS: tuple[Unit, ...] = ("moment", "day", "week", "month", "quarter")


class DoesNotMove(ValueError):
    """That nothing tells how something in a plan is to follow the time it is run at; it says what."""


class _Rule(NamedTuple):
    """A time: so many units from the one in which the plan is run, and so long from that unit's beginning."""

    unit: Unit
    shift: int
    seconds: int
    zone: str


def moving(made_at: Callable[[datetime], Plan], now: datetime, zone: str) -> Plan:
    """The plan that is made now, with what moves in place of the times that do. Raises DoesNotMove."""
    moments = [*(now + ahead for ahead in SAMPLES), *(_begun(now, one) for one in dict.fromkeys((zone, "UTC")))]
    plans = [made_at(at).model_dump(mode="json") for at in moments]
    return Plan.model_validate(_moving(plans, moments, (zone, "UTC")))


def _begun(now: datetime, zone: str) -> datetime:
    """Half an hour into a day of a zone: then it is not yet, or no more, the day that it is elsewhere."""
    there = now.astimezone(ZoneInfo(zone)) + timedelta(days=2)
    return datetime.combine(there.date(), time(0, 30), there.tzinfo).astimezone(UTC)


def at_time(plan: Plan, at: datetime) -> Plan:
    """The plan as it is to be run at that time; one in which nothing moves is as it was."""
    return Plan.model_validate(_put_in(plan.model_dump(mode="json"), at))


def in_words(rule: dict[str, Any]) -> str:
    """What a {"$time": rule} stands for: "the beginning of the day, 1 day before"."""
    given = _Rule(**rule)
    if given.unit == "moment":
        what = "then"
    else:
        what = f"the beginning of that {given.unit}"
        if given.shift:
            number, plural = abs(given.shift), "" if abs(given.shift) == 1 else "s"
            what += f", {number} {given.unit}{plural} {'earlier' if given.shift < 0 else 'later'}"
    if not given.seconds:
        return what
    return f"{timedelta(seconds=abs(given.seconds))} {'before' if given.seconds < 0 else 'after'} {what}"


def _moving(values: Sequence[Any], moments: Sequence[datetime], zones: Sequence[str]) -> Any:
    first = values[0]
    if all(one == first for one in values):
        return first
    if all(isinstance(one, dict) and one.keys() == first.keys() for one in values):
        return {key: _moving([one[key] for one in values], moments, zones) for key in first}
    if all(isinstance(one, list) and len(one) == len(first) for one in values):
        return [_moving([one[at] for one in values], moments, zones) for at in range(len(first))]
    times = [_time(one) for one in values]
    known = [one for one in times if one is not None]
    if len(known) == len(times):
        # A time that is written in UTC is UTC's, also while another zone's clocks show the same; but where that has no
        # rule it may be a midnight of the other that is written in UTC.
        for zone in sorted(dict.fromkeys(zones), key=lambda one: not all(_is_of(each, one) for each in known)):
            for unit in UNITS:
                if (rule := _rule(unit, zone, known, moments)) is not None:
                    return {TIME: rule._asdict()}
    raise DoesNotMove(f"{first!r} would be {values[-1]!r} later")


def _is_of(one: datetime, zone: str) -> bool:
    return one.utcoffset() == one.astimezone(ZoneInfo(zone)).utcoffset()


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _rule(unit: Unit, zone: str, times: Sequence[datetime], moments: Sequence[datetime]) -> _Rule | None:
    if unit == "moment":
        lengths = {round((one - at).total_seconds()) for one, at in zip(times, moments, strict=True)}
        return _Rule(unit, 0, lengths.pop(), zone) if len(lengths) == 1 else None
    place, found = ZoneInfo(zone), set()
    for one, at in zip(times, moments, strict=True):
        there, here = one.astimezone(place), at.astimezone(place)
        shift = _number(unit, there.date()) - _number(unit, here.date())
        wall = datetime.combine(_begins(unit, _number(unit, there.date())), datetime.min.time())
        found.add((shift, round((there.replace(tzinfo=None) - wall).total_seconds())))
    if len(found) != 1:
        return None
    ((shift, seconds),) = found
    return _Rule(unit, shift, seconds, zone)


def _number(unit: Unit, day: date) -> int:
    """That of the unit which the day is in, counted from long ago."""
    if unit == "day":
        return day.toordinal()
    if unit == "week":
        return (day.toordinal() - 1) // 7
    months = day.year * 12 + day.month - 1
    return months if unit == "month" else months // 3


def _begins(unit: Unit, number: int) -> date:
    if unit == "day":
        return date.fromordinal(number)
    if unit == "week":
        return date.fromordinal(number * 7 + 1)
    months = number if unit == "month" else number * 3
    return date(months // 12, months % 12 + 1, 1)


def _put_in(value: JsonValue, at: datetime) -> JsonValue:
    if isinstance(value, list):
        return [_put_in(one, at) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {TIME} and isinstance(value[TIME], dict):
        return _resolved(_Rule(**value[TIME]), at)  # type: ignore[arg-type]
    return {key: _put_in(one, at) for key, one in value.items()}


def _resolved(rule: _Rule, at: datetime) -> str:
    if rule.unit == "moment":
        return (at + timedelta(seconds=rule.seconds)).astimezone(UTC).isoformat()
    place = ZoneInfo(rule.zone)
    day = _begins(rule.unit, _number(rule.unit, at.astimezone(place).date()) + rule.shift)
    wall = datetime.combine(day, datetime.min.time()) + timedelta(seconds=rule.seconds)
    return wall.replace(tzinfo=place).isoformat()
