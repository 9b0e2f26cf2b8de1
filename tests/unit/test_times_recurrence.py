"""Next times against an independent computation: a walk over every minute of UTC, reading the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import DAYS, Recurrence, Window
from copilot.times.recurrence import cron_text, is_missing, next_times
from copilot.times.windows import clock_changes, describe, holds, next_due, too_late

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago"]
MINUTE = timedelta(minutes=1)

some_days = st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple)
some_recurrences = st.builds(
    Recurrence,
    minutes=st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True).map(lambda some: tuple(sorted(some))),
    hours=st.lists(st.integers(0, 23), min_size=1, max_size=24, unique=True).map(lambda some: tuple(sorted(some))),
    days=some_days.map(lambda some: tuple(day for day in DAYS if day in some)),
    time_zone=st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


def walked(recurrence: Recurrence, after: datetime, until: datetime) -> list[datetime]:
    """Each minute at which the clock shows a time of the recurrence for the first time."""
    zone, found, seen = ZoneInfo(recurrence.time_zone), [], set()
    # From three hours before, so that an hour that comes twice is known to have been.
    at = after.replace(second=0, microsecond=0) - timedelta(hours=3)
    while at <= until:
        wall = at.astimezone(zone)
        shown = (wall.date(), wall.hour, wall.minute)
        matches = DAYS[wall.weekday()] in recurrence.days and wall.hour in recurrence.hours
        if matches and wall.minute in recurrence.minutes and shown not in seen and at > after:
            found.append(at)
        seen.add(shown)
        at += MINUTE
    return found


@settings(max_examples=40, deadline=None)
@given(some_recurrences, moments)
def test_next_times_are_those_a_walk_over_the_clock_finds(recurrence: Recurrence, after: datetime) -> None:
    until = after + timedelta(days=8)
    expected = walked(recurrence, after, until)
    assert [at.astimezone(UTC) for at in next_times(recurrence, after, len(expected))] == expected


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [datetime(2026, 3, 8), datetime(2026, 3, 29), datetime(2026, 4, 5),
                                    datetime(2026, 10, 4), datetime(2026, 10, 25), datetime(2026, 11, 1),
                                    datetime(2026, 9, 6)])  # fmt: skip
def test_where_clocks_change_they_are_too(zone: str, change: datetime) -> None:
    every = Recurrence(minutes=(0, 15, 30, 45), hours=tuple(range(24)), days=DAYS, time_zone=zone)
    after = change.replace(tzinfo=UTC) - timedelta(days=1)
    expected = walked(every, after, after + timedelta(days=3))
    assert [at.astimezone(UTC) for at in next_times(every, after, len(expected))] == expected


@settings(deadline=None)
@given(some_recurrences, moments)
def test_next_times_increase_and_match(recurrence: Recurrence, after: datetime) -> None:
    times = next_times(recurrence, after, 12)
    assert all(later.astimezone(UTC) > earlier.astimezone(UTC) for earlier, later in zip([after, *times], times))  # noqa: B905
    for at in times:
        assert at.minute in recurrence.minutes and at.hour in recurrence.hours
        assert DAYS[at.weekday()] in recurrence.days
        assert at.tzinfo == ZoneInfo(recurrence.time_zone) and not is_missing(at)


@settings(max_examples=40, deadline=None)
@given(some_recurrences.filter(lambda one: len(one.minutes) < 3), moments)
def test_the_text_means_the_same_to_the_emulators_reading_of_cron(recurrence: Recurrence, after: datetime) -> None:
    """MiniStack reads the cron text on its own; its time zones are the laptop's completion of it."""
    eventbridge = pytest.importorskip("ministack.services.eventbridge")
    from cli.laptop.emulator import next_fire

    fields = eventbridge._parse_cron_fields(cron_text(recurrence))
    times, last = next_times(recurrence, after, 5), after.timestamp()
    for at in times:
        if at.utcoffset() != (at + timedelta(hours=3)).utcoffset():
            return  # within an hour that comes twice or not at all it counts otherwise, for minutes
        due = next_fire(eventbridge, fields, last, recurrence.time_zone)
        assert due == at.astimezone(UTC)
        last = due.timestamp()


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (DAYS, "cron(0 18 ? * * *)"),
        (DAYS[:5], "cron(0 18 ? * MON-FRI *)"),
        (("MON", "WED"), "cron(0 18 ? * MON,WED *)"),
        (("SAT", "SUN"), "cron(0 18 ? * SAT,SUN *)"),
        (DAYS[4:], "cron(0 18 ? * FRI,SAT,SUN *)"),
        (DAYS[1:6], "cron(0 18 ? * TUE-SAT *)"),
    ],
)
def test_the_text_is_as_scheduler_writes_it(days: tuple, text: str) -> None:  # type: ignore[type-arg]
    assert cron_text(Recurrence(minutes=(0,), hours=(18,), days=days, time_zone="UTC")) == text


# --- windows -----------------------------------------------------------------------------------


def window(**more: object) -> Window:
    given = {"stop": "19:00", "days": DAYS[:5], "time_zone": "Europe/Paris"} | more
    return Window.model_validate(given)


some_hours = st.times().map(lambda one: f"{one:%H:%M}")
some_windows = st.builds(
    lambda on, days, enforce, **more: window(on=on, days=() if on else days, enforce=enforce and not on, **more),
    on=st.none() | st.dates(),
    days=some_days,
    enforce=st.booleans(),
    stop=some_hours,
    start=st.none() | some_hours,
    start_days=st.just(()) | some_days,
    time_zone=st.sampled_from(ZONES),
)


@given(some_windows)
def test_a_window_is_known_by_its_times(given: Window) -> None:
    assert Window.of(given.times).times == given.times


def paris(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


def test_stops_and_starts_come_in_turn() -> None:
    nightly = window(start="07:00", start_days=("TUE", "WED", "THU", "FRI", "SAT"))
    found = next_due(nightly.times, paris(1, 12), paris(6, 12), 3)
    assert [(due.action, due.at) for due in found] == [
        ("stop", paris(6, 19)),
        ("start", paris(7, 7)),
        ("stop", paris(9, 19)),
    ]


@pytest.mark.parametrize(
    ("made", "now", "expected"),
    [
        (paris(6, 22), paris(6, 23), [("stop", paris(9, 19)), ("start", paris(10, 7))]),
        (paris(6, 19), paris(7, 6), [("stop", paris(9, 19)), ("start", paris(10, 7))]),
        (paris(6, 18), paris(7, 6), [("start", paris(7, 7)), ("stop", paris(9, 19))]),
        (paris(2, 12), paris(6, 23), [("start", paris(7, 7)), ("stop", paris(9, 19))]),
    ],
    ids=["made within its hours", "made just after its stop", "made before its stop", "made days ago"],
)
def test_before_its_first_stop_there_is_nothing_to_start(made: datetime, now: datetime, expected: list[Any]) -> None:
    nightly = window(start="07:00", start_days=("TUE", "WED", "THU", "FRI", "SAT"))
    assert [(due.action, due.at) for due in next_due(nightly.times, made, now, 2)] == expected


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "every weekday at 19:00 Europe/Paris"),
        ({"days": DAYS, "time_zone": "UTC"}, "every day at 19:00 UTC"),
        (
            {"start": "07:00", "start_days": DAYS[:5]},
            "every weekday at 19:00 Europe/Paris, started again at 07:00",
        ),
        ({"start": "07:00"}, "every weekday at 19:00 Europe/Paris, started again at 07:00"),
        (
            {"start": "07:00", "start_days": DAYS[1:6]},
            "every weekday at 19:00 Europe/Paris, started again at 07:00 the next day",
        ),
        (
            {"days": ("SUN",), "start": "07:00", "start_days": ("MON",)},
            "every Sunday at 19:00 Europe/Paris, started again at 07:00 the next day",
        ),
        (
            {"days": ("FRI",), "start": "07:00", "start_days": ("MON",)},
            "every Friday at 19:00 Europe/Paris, started again at 07:00 on Monday",
        ),
        (
            {"days": DAYS, "start": "07:00", "start_days": DAYS[:5], "enforce": True},
            "every day at 19:00 Europe/Paris, started again at 07:00 on weekdays, "
            "enforced: looked at every 30 minutes until 07:00",
        ),
        (
            {"days": ("MON", "WED"), "enforce": True},
            "every Monday and Wednesday at 19:00 Europe/Paris, enforced: looked at every 30 minutes until midnight",
        ),
    ],
)
def test_a_window_reads_how_often_first(more: dict[str, Any], words: str) -> None:
    assert describe(window(**more).times) == words


@pytest.mark.parametrize(
    ("at", "open"),
    [
        (paris(6, 18, 59), False),
        (paris(6, 19), True),
        (paris(7, 6, 59), True),
        (paris(7, 7), False),
        (paris(8, 3), False),
    ],
)
def test_a_window_holds_from_its_stop_to_its_start(at: datetime, open: bool) -> None:
    assert holds(window(start="07:00", start_days=("TUE", "WED", "THU", "FRI", "SAT")).times, at, paris(1, 12)) is open


def test_a_window_without_a_start_holds_until_midnight() -> None:
    assert holds(window().times, paris(6, 23, 59), paris(1, 12)) and not holds(
        window().times, paris(7, 0), paris(1, 12)
    )


def test_an_enforced_window_looks_again_every_half_hour() -> None:
    again = window(stop="19:10", enforce=True).times["again"]
    assert cron_text(again) == "cron(10,40 * ? * * *)"


@pytest.mark.parametrize(
    ("action", "minutes", "late"),
    [("stop", 0, False), ("stop", 60, False), ("stop", 61, True), ("again", 30, False), ("again", 31, True)],
)
def test_later_than_its_next_time_or_an_hour_is_too_late(action: str, minutes: int, late: bool) -> None:
    at = paris(6, 19)
    found = too_late(window(enforce=True).times, action, at, at + timedelta(minutes=minutes))  # type: ignore[arg-type]
    assert (found is not None) is late


def test_clocks_that_change_over_a_stop_are_told() -> None:
    every_day = {"days": DAYS, "stop": "02:30"}
    spring, autumn = clock_changes(window(**every_day).times, paris(1, 12)), clock_changes(window().times, paris(1, 12))
    assert autumn == []
    assert spring == [
        "Sun 29 Mar 2026 02:30 does not exist (Europe/Paris): no stop then",
        "Sun 25 Oct 2026 02:30 comes twice (Europe/Paris): one stop, the first time",
    ]
