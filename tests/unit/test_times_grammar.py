"""What the grammar of time reads, and what it asks about instead of guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import DAYS, Window
from copilot.times.grammar import parse_until, parse_window
from copilot.times.places import LARGE, LETTERS, NAMESAKES, REGIONS
from copilot.times.question import Question
from copilot.times.windows import DAY_NAMES

WEEK, WEEKDAYS, WEEKEND = DAYS, DAYS[:5], DAYS[5:]
OWN = "Europe/Berlin"
NOW = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)  # a Monday, 22:30 in Paris
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # 13:00 in Paris


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("every day after 6pm", {"stop": "18:00"}),
        ("Every day after 6 PM", {"stop": "18:00"}),
        ("after 6:30 p.m. every day", {"stop": "18:30"}),
        ("daily at 18:00", {"stop": "18:00"}),
        ("daily at 18h30", {"stop": "18:30"}),
        ("daily at 18", {"stop": "18:00"}),
        ("daily at noon", {"stop": "12:00"}),
        ("daily at midnight", {"stop": "00:00"}),
        ("daily at 12am", {"stop": "00:00"}),
        ("daily at 12pm", {"stop": "12:00"}),
        ("daily at 23:15", {"stop": "23:15"}),
        ("every night at 10pm", {"stop": "22:00"}),
        ("every weekday at 18:00 Paris time", {"stop": "18:00", "days": WEEKDAYS, "time_zone": "Europe/Paris"}),
        ("on Fridays at 5pm", {"stop": "17:00", "days": ("FRI",)}),
        ("every friday at 5pm", {"stop": "17:00", "days": ("FRI",)}),
        ("on mondays, wednesdays and fridays at 18:00", {"stop": "18:00", "days": ("MON", "WED", "FRI")}),
        ("monday to friday at 18:00", {"stop": "18:00", "days": WEEKDAYS}),
        ("mon-thu 18:00", {"stop": "18:00", "days": DAYS[:4]}),
        ("from friday to sunday at 18:00", {"stop": "18:00", "days": DAYS[4:]}),
        ("weekends after 1pm", {"stop": "13:00", "days": WEEKEND}),
        ("daily at 18:00 UTC", {"stop": "18:00", "time_zone": "UTC"}),
        ("daily at 18:00 america/new_york", {"stop": "18:00", "time_zone": "America/New_York"}),
        ("daily at 18:00 in New York", {"stop": "18:00", "time_zone": "America/New_York"}),
        ("daily at 18:00 ho chi minh time", {"stop": "18:00", "time_zone": "Asia/Ho_Chi_Minh"}),
        ("daily at 18:00 Buenos Aires time", {"stop": "18:00", "time_zone": "America/Argentina/Buenos_Aires"}),
        ("daily at 18:00 my time", {"stop": "18:00"}),
        ("every day from 7pm to 7am", {"stop": "19:00", "start": "07:00", "start_days": WEEK}),
        ("between 20:00 and 06:30 every day", {"stop": "20:00", "start": "06:30", "start_days": WEEK}),
        ("19:00-07:00 on weekdays", {"stop": "19:00", "start": "07:00", "days": WEEKDAYS, "start_days": DAYS[1:6]}),
        ("weekdays from 7pm to 7am", {"stop": "19:00", "start": "07:00", "days": WEEKDAYS, "start_days": DAYS[1:6]}),
        (
            "on weekdays between 12:00 and 13:00",
            {"stop": "12:00", "start": "13:00", "days": WEEKDAYS, "start_days": WEEKDAYS},
        ),
        (
            "on fridays from 5pm until 9am",
            {"stop": "17:00", "start": "09:00", "days": ("FRI",), "start_days": ("SAT",)},
        ),
        ("every day after 6pm and start them again at 7am", {"stop": "18:00", "start": "07:00", "start_days": WEEK}),
        (
            "every weekday at 18:00 paris time and start them again at 7am",
            {"stop": "18:00", "start": "07:00", "days": WEEKDAYS, "start_days": WEEKDAYS, "time_zone": "Europe/Paris"},
        ),
        (
            "daily at 18:00, then bring them back up at 7am on weekdays",
            {"stop": "18:00", "start": "07:00", "start_days": WEEKDAYS},
        ),
        ("after 6pm and enforce it", {"stop": "18:00", "enforce": True}),
        ("from 7pm to 7am , enforced", {"stop": "19:00", "start": "07:00", "start_days": WEEK, "enforce": True}),
    ],
)
def test_windows_that_are_understood(text: str, meant: dict[str, Any]) -> None:
    expected = Window.model_validate({"days": WEEK, "time_zone": OWN} | meant)
    found = parse_window(text, NOON, OWN)
    if found != expected and isinstance(found, Window):
        same = ZoneInfo(found.time_zone).utcoffset(datetime.now()) == ZoneInfo(expected.time_zone).utcoffset(
            datetime.now()
        )
        assert same and found.model_copy(update={"time_zone": expected.time_zone}) == expected
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("at 7", "morning or in the evening"),
        ("after 6", "morning or in the evening"),
        ("from 7 to 7", "morning or in the evening"),
        ("after 6:30", "morning or in the evening"),
        ("from 18:00 to 6:30", "06:30"),
        ("on fridays at 18:00 and start them again at 7am", "On which days"),
        ("on weekends at 18:00 and start them again at 7am", "On which days"),
        ("at 25:00", "no time"),
        ("at 18:75", "no time"),
        ("at 13pm", "no time"),
        ("every weekday", "At what time"),
        ("on monday and friday at 5pm", "every Mon and Fri, or once on each"),
        ("every day after 6pm tomorrow", "is one time"),
        ("at 18:00 today and every day", "is one time"),
        ("tonight at 9pm and enforce it", "is one time"),
        ("at 18:00 CET", "not the name of one time zone"),
        ("at 6pm IST", "not the name of one time zone"),
        ("at 18:00 gotham time", "do not know the time zone"),
        ("at 18:00 in lundon", "Europe/London"),
        ("at 18:00 every other day", "do not understand"),
        ("every 2 hours", "do not understand"),
        ("at 18:00 except on fridays", "do not understand"),
        ("before 6pm", "do not understand"),
        ("by 6pm", "do not understand"),
        ("at 18:00 and at 19:00", "Two times"),
        ("at 18:00 Paris time Tokyo time", "Two time zones"),
        ("on mondays at 18:00 on weekdays", "Two sets of days"),
        ("between 18:00", "Between 18:00 and when"),
        ("from 18:00 to", "From 18:00 until when"),
        ("after 6pm and start them again", "At what time should they be started"),
        ("from 18:00 to 18:00", "same time"),
        ("on the 1st at 18:00", "do not understand"),
        ("at 18:00 if nobody works", "do not understand"),
        ("", "At what time"),
    ],
)
def test_windows_that_are_asked_about(text: str, asks: str) -> None:
    found = parse_window(text, NOON, OWN)
    assert isinstance(found, Question) and asks in str(found), found


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("at 23:59", "23:59"),
        ("at 11pm", "23:00"),
        ("at 18h30", "18:30"),
        ("at noon", "12:00"),
        ("at midnight", "00:00"),
        ("18:00", "18:00"),
        ("at 23:59 Paris time", "23:59 Europe/Paris"),
        ("at 18:00 UTC", "18:00 UTC"),
        ("at 18:00 my time", "18:00 Europe/Berlin"),
    ],
)
def test_a_mere_time_of_day_may_be_meant_once_and_each_choice_is_understood(text: str, time: str) -> None:
    found = parse_window(text, NOON, OWN)
    day = "tomorrow (Tue 3 Mar)" if time == "12:00" or time == "00:00" else "today (Mon 2 Mar)"
    assert found == Question(
        f"Is that once, {day} at {time}, or every day?",
        (f"{day.split()[0]} at {time}", f"every day at {time}", f"every weekday at {time}"),
    )
    assert isinstance(found, Question)
    chosen = [parse_window(choice, NOON, OWN) for choice in found.choices]
    assert [one.days for one in chosen if isinstance(one, Window)] == [(), WEEK, WEEKDAYS]


@pytest.mark.parametrize(
    "text",
    [
        "every day at 23:59",
        "at 23:59 every night",
        "daily at 23:59",
        "weekdays at 18:00",
        "at 18:00 on Fridays",
        "after 6pm on weekends",
        "between 20:00 and 06:30 every day",
        "at 18:00 and enforce it",
    ],
)
def test_what_says_that_it_comes_again_is_not_asked_about(text: str) -> None:
    assert isinstance(parse_window(text, NOON, OWN), Window)


# --- whose clock is meant


def zone_of(said: str, own: str = "UTC") -> str | Question:
    found = parse_window(f"every weekday at 6pm {said}", NOON, own)
    return found if isinstance(found, Question) else found.time_zone


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("San Juan time", "America/Puerto_Rico"),
        ("San Juan time", "America/Argentina/San_Juan"),
        ("in San Juan", "Asia/Manila"),
        ("Samoa time", "Pacific/Apia"),
        ("Samoa time", "Pacific/Pago_Pago"),
        ("Cordoba time", "America/Argentina/Cordoba"),
        ("Córdoba time", "Europe/Madrid"),
        ("St. John's time", "America/Antigua"),
        ("Saint Thomas time", "America/Toronto"),
        ("Victoria time", "America/Vancouver"),
        ("Petersburg time", "Europe/Moscow"),
        ("Vincennes time", "Europe/Paris"),
        ("La Rioja time", "Europe/Madrid"),
        ("Christmas time", "Indian/Christmas"),
        ("AST", "Asia/Riyadh"),
        ("SST", "Asia/Singapore"),
        ("GST", "Asia/Dubai"),
        ("MST time", "Asia/Kuala_Lumpur"),
    ],
)
def test_a_name_of_several_places_is_asked_about(said: str, offered: str) -> None:
    found = zone_of(said)
    assert isinstance(found, Question) and f"{offered} time" in found.choices, found


@pytest.mark.parametrize(
    ("said", "keeps_it_all_year"),
    [
        ("UTC+2", "Africa/Johannesburg"),
        ("utc +2", "Africa/Johannesburg"),
        ("GMT-5 time", "America/Bogota"),
        ("+05:30", "Asia/Kolkata"),
        ("in UTC-7", "America/Phoenix"),
        ("UTC+10", "Australia/Brisbane"),
        ("Etc/GMT+5", "America/Bogota"),
    ],
)
def test_a_distance_from_utc_is_asked_about_with_a_place_without_changes_of_the_clock(
    said: str, keeps_it_all_year: str
) -> None:
    found = zone_of(said)
    assert isinstance(found, Question) and found.choices[0] == f"{keeps_it_all_year} time", found


def test_no_place_is_offered_for_a_distance_that_no_clock_has() -> None:
    found = zone_of("UTC+25")
    assert isinstance(found, Question) and not found.choices


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Paris time", "Europe/Paris"),
        ("London time", "Europe/London"),
        ("Athens time", "Europe/Athens"),
        ("Melbourne time", "Australia/Melbourne"),
        ("Lagos time", "Africa/Lagos"),
        ("Tripoli time", "Africa/Tripoli"),
        ("Santiago time", "America/Santiago"),
        ("Puerto Rico time", "America/Puerto_Rico"),
        ("São Paulo time", "America/Sao_Paulo"),
        ("America/Argentina/San_Juan", "America/Argentina/San_Juan"),
        ("US/Samoa", "US/Samoa"),
        ("Eastern time", "America/New_York"),
        ("Central time", "America/Chicago"),
        ("Hawaii time", "Pacific/Honolulu"),
        ("Arizona time", "America/Phoenix"),
        ("Queensland time", "Australia/Queensland"),
        ("UTC+0", "UTC"),
        ("GMT", "UTC"),
    ],
)
def test_a_name_that_means_one_place_to_most_is_taken(said: str, meant: str) -> None:
    assert zone_of(said) == meant


@pytest.mark.parametrize("said", ["North time", "Continental time", "General time", "West time", "LHI time"])
def test_the_last_part_of_an_old_name_is_no_place(said: str) -> None:
    found = zone_of(said)
    assert isinstance(found, Question) and "do not know" in found.text


def test_who_lives_by_the_clock_of_one_of_them_means_that_one() -> None:
    assert zone_of("San Juan time", own="America/Puerto_Rico") == "America/Puerto_Rico"


def test_a_word_that_is_a_place_too_is_a_word_where_nothing_says_that_it_is_a_place() -> None:
    found = parse_window("every weekday at 6pm and wake them at 7am", NOON, "UTC")
    assert isinstance(found, Window) and found.start == "07:00"


def test_what_is_offered_is_understood_when_it_is_said() -> None:
    offered = {
        *LARGE,
        *REGIONS.values(),
        *(zone for some in (NAMESAKES, LETTERS) for one in some.values() for zone in one),
    }
    assert {zone for zone in offered if zone_of(f"{zone} time") != zone} == set()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("until 23:00", "2026-03-02T23:00:00+01:00"),
        ("till 11pm", "2026-03-02T23:00:00+01:00"),
        ("until midnight", "2026-03-03T00:00:00+01:00"),
        ("until 9am", "2026-03-03T09:00:00+01:00"),
        ("until tomorrow 9am", "2026-03-03T09:00:00+01:00"),
        ("until tomorrow at 20:00", "2026-03-03T20:00:00+01:00"),
        ("until friday 18:00", "2026-03-06T18:00:00+01:00"),
        ("until monday 18:00", "2026-03-09T18:00:00+01:00"),
        ("until 23:30 UTC", "2026-03-02T23:30:00+00:00"),
        ("until 7am Tokyo time", "2026-03-03T07:00:00+09:00"),
        ("for 2 hours", "2026-03-03T00:30:00+01:00"),
        ("for 30 minutes", "2026-03-02T23:00:00+01:00"),
        ("for half an hour", "2026-03-02T23:00:00+01:00"),
        ("for 3h", "2026-03-03T01:30:00+01:00"),
        ("for a week", "2026-03-09T22:30:00+01:00"),
    ],
)
def test_ends_that_are_understood(text: str, meant: str) -> None:
    found = parse_until(text, NOW, "Europe/Paris")
    assert isinstance(found, datetime) and found.isoformat() == meant


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("until 20:00", "until tomorrow 20:00"),
        ("until 9", "morning or in the evening"),
        ("until tomorrow", "Until what time"),
        ("until today 20:00", "has passed"),
        ("until the release", "do not understand"),
        ("for ever", "For how long"),
        ("for 2", "For how long"),
        ("for 2 hours or so", "For how long"),
        ("for 99999999999 days", "For how long"),
        ("for 5000 weeks", "For how long"),
        ("until 9:30", "morning or in the evening"),
        ("for 0 hours", "For how long"),
    ],
)
def test_ends_that_are_asked_about(text: str, asks: str) -> None:
    found = parse_until(text, NOW, "Europe/Paris")
    assert isinstance(found, Question) and asks in str(found)


def test_an_end_that_the_clock_leaves_out_is_asked_about() -> None:
    before = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    found = parse_until("until tomorrow 02:30", before, "Europe/Paris")
    assert isinstance(found, Question) and "put forward" in str(found)


def test_a_length_of_time_counts_hours_that_pass_and_not_what_clocks_show() -> None:
    before = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    found = parse_until("for 3 hours", before, "Europe/Paris")
    assert isinstance(found, datetime) and found - before == timedelta(hours=3)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["Europe/Paris", "UTC", "Asia/Tokyo"]),
)
def test_what_is_written_out_is_read_back(days: list[str], hour: int, minute: int, zone: str) -> None:
    ordered = tuple(day for day in DAYS if day in days)
    names = [f"{DAY_NAMES[day]}s" for day in ordered]
    text = f"on {', '.join(names[:-1])}{' and ' if len(names) > 1 else ''}{names[-1]} at {hour:02}:{minute:02} {zone}"
    assert parse_window(text, NOON, OWN) == Window(stop=f"{hour:02}:{minute:02}", days=ordered, time_zone=zone)


words = st.lists(
    st.sampled_from(
        "at after every weekday friday fridays 6pm 18:00 7 to and until paris time utc in tokyo start them again "
        "tomorrow on between , enforce it mon - noon cet day the".split()
    ),
    max_size=9,
)


@given(words)
def test_any_words_of_time_are_a_window_or_a_question(some: list[str]) -> None:
    assert isinstance(parse_window(" ".join(some), NOON, OWN), Window | Question)
    assert isinstance(parse_until(" ".join(some), NOW, OWN), datetime | Question)


@given(st.text(max_size=60))
def test_any_text_is_a_window_or_a_question(text: str) -> None:
    assert isinstance(parse_window(text, NOON, OWN), Window | Question)
    assert isinstance(parse_until(text, NOW, OWN), datetime | Question)


@pytest.mark.parametrize(
    "text",
    [
        "every weekday at 19:00 Mars time and start it again at 7am",
        "every weekday at 19:00 mars time",
        "at 19:00 in Mars every weekday",
        "every day at 19:00 mars timezone, start them again at 7am",
        "weekdays from 19:00 Mars time until 7am",
    ],
)
def test_a_zone_nobody_knows_is_asked_about_whatever_follows_it(text: str) -> None:
    asked = parse_window(text, NOON, "UTC")
    assert isinstance(asked, Question) and asked.text.startswith("I do not know the time zone “mars”; which is it?")


@pytest.mark.parametrize("text", ["until 23:00 mars time", "until tomorrow 9am in mars"])
def test_a_zone_nobody_knows_is_asked_about_where_an_exception_ends(text: str) -> None:
    asked = parse_until(text, datetime(2026, 3, 2, 12, tzinfo=UTC), "UTC")
    assert isinstance(asked, Question) and asked.text.startswith("I do not know the time zone “mars”; which is it?")
