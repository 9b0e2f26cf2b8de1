"""The grammar of time, phrase by phrase, as docs/times.md shows it; and that once and every are never confused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import DAYS, Window
from copilot.intents.actions import read_yaml
from copilot.times.grammar import LOOKS_LIKE_WINDOW, completed, parse_until, parse_window
from copilot.times.question import Question
from copilot.times.windows import clock_changes, describe, ends_at, moment, next_due

TABLE = read_yaml(Path(__file__).with_name("time_phrases.yaml"))
NOW, ZONE = TABLE["now"], TABLE["time_zone"]
ROWS = [(row["phrase"], row) for section in TABLE["sections"] for row in section["phrases"]]
WINDOWS = [(phrase, row) for phrase, row in ROWS if not re.match("until|till|for ", phrase)]


def read(text: str, now: datetime = NOW) -> Window | Question:
    return parse_window(text, now, ZONE)


@pytest.mark.parametrize(("phrase", "row"), ROWS, ids=[phrase for phrase, _ in ROWS])
def test_a_phrase_means_what_the_table_says(phrase: str, row: dict[str, Any]) -> None:
    is_end = re.match("until|till|for ", phrase)
    found = parse_until(phrase, NOW, ZONE) if is_end else read(phrase)
    if isinstance(found, Question):
        assert (found.text, [*found.choices]) == (row.get("asks"), row.get("choices", []))
    elif isinstance(found, datetime):
        assert moment(found) == row.get("means")
    else:
        due = [f"{one.action} {moment(one.at)}" for one in next_due(found.times, NOW, NOW, 2)]
        assert (describe(found.times), due) == (row.get("means"), row.get("next"))
        assert clock_changes(found.times, NOW) == row.get("clock", [])


@pytest.mark.parametrize("phrase", [phrase for phrase, row in WINDOWS if "means" in row])
def test_what_is_a_window_looks_like_one(phrase: str) -> None:
    """But for what begins with a number, which a request has nothing to lead in with."""
    said = phrase.lower()
    assert LOOKS_LIKE_WINDOW.fullmatch(said) or re.match(r"\d|week days|nights|in 3 days|2 hours", said)


@pytest.mark.parametrize(
    "choice",
    [choice for _, row in WINDOWS for choice in row.get("choices", ()) if not re.match("at ", choice)],
)
def test_what_is_offered_can_be_said_in_place_of_what_was_asked_about(choice: str) -> None:
    """But for times of day and time zones, which are a part of it."""
    assert isinstance(read(choice), Window) or re.fullmatch(r"\S+ time", choice)


ASKED = ["after 6pm", "at 6pm", "from 7pm to 7am", "between 20:00 and 06:30", "at 18:00 and start them again at 7am"]


@pytest.mark.parametrize(
    "phrase", [*ASKED, "at 18:00 Tokyo time", "at 11:00", "at noon", "at 18:00 and wake it at 7am"]
)
def test_without_a_word_for_it_both_readings_are_choices_that_can_be_said_as_they_are(phrase: str) -> None:
    asked = read(phrase)
    assert isinstance(asked, Question) and asked.text.startswith("Is that once, "), asked
    once, *often = [read(choice) for choice in asked.choices]
    assert isinstance(once, Window) and once.on is not None and not once.days
    assert [one.days for one in often if isinstance(one, Window)] == [DAYS, DAYS[:5]]


@pytest.mark.parametrize(
    ("phrase", "answer", "means"),
    [
        ("after 6pm", "every day", "every day at 18:00 Europe/Paris"),
        ("after 6pm", "Every day.", "every day at 18:00 Europe/Paris"),
        ("after 6pm", "daily", "every day at 18:00 Europe/Paris"),
        ("after 6pm", "weekdays", "every weekday at 18:00 Europe/Paris"),
        ("after 6pm", "on Fridays", "every Friday at 18:00 Europe/Paris"),
        ("after 6pm", "tonight", "once on Mon 2 Mar 2026 at 18:00 Europe/Paris"),
        ("after 6pm", "today", "once on Mon 2 Mar 2026 at 18:00 Europe/Paris"),
        ("after 6pm", "once", "once on Mon 2 Mar 2026 at 18:00 Europe/Paris"),
        ("after 6pm", "just tonight", "once on Mon 2 Mar 2026 at 18:00 Europe/Paris"),
        ("after 6pm", "tomorrow", "once on Tue 3 Mar 2026 at 18:00 Europe/Paris"),
        ("after 6pm", "on 14 March", "once on Sat 14 Mar 2026 at 18:00 Europe/Paris"),
        ("after 6pm", "every weekday at 18:00", "every weekday at 18:00 Europe/Paris"),
        ("from 7pm to 9pm", "tonight", "once on Mon 2 Mar 2026 at 19:00 Europe/Paris, started again at 21:00"),
        ("from 7pm to 7am", "every day", "every day at 19:00 Europe/Paris, started again at 07:00"),
        ("at 6pm and wake them at 7am", "every day", "every day at 18:00 Europe/Paris, started again at 07:00"),
        ("at 18:00 Tokyo time", "every day", "every day at 18:00 Asia/Tokyo"),
        ("at 18:00 Tokyo time", "every day at 20:00", "every day at 20:00 Asia/Tokyo"),
        ("every day at 7", "19:00", "every day at 19:00 Europe/Paris"),
        ("every day at 7", "in the evening", "every day at 19:00 Europe/Paris"),
        ("every day at 7", "pm", "every day at 19:00 Europe/Paris"),
        ("next Friday at 17:00", "on 13 March 2026 at 17:00", "once on Fri 13 Mar 2026 at 17:00 Europe/Paris"),
    ],
)
def test_one_word_completes_what_was_asked_about(phrase: str, answer: str, means: str) -> None:
    whole = completed(phrase, answer, NOW, ZONE)
    assert whole is not None
    window = read(whole)
    assert isinstance(window, Window) and describe(window.times) == means


@pytest.mark.parametrize(
    ("phrase", "answer", "means"),
    [
        ("every day at 7", "evening", "every day at 19:00 Europe/Paris"),
        ("every day at 7", "Morning!", "every day at 07:00 Europe/Paris"),
        ("every day at 7", "the morning", "every day at 07:00 Europe/Paris"),
        ("every day at 12", "noon", "every day at 12:00 Europe/Paris"),
        ("every day at quarter to one", "night", "every day at 00:45 Europe/Paris"),
        ("Friday night at 1am", "friday", "once on Fri 6 Mar 2026 at 01:00 Europe/Paris"),
        ("Friday night at 1am", "sat", "once on Sat 7 Mar 2026 at 01:00 Europe/Paris"),
        ("next Friday at 17:00", "the 13th", "once on Fri 13 Mar 2026 at 17:00 Europe/Paris"),
        ("next Friday at 17:00", "fri 6 mar", "once on Fri 6 Mar 2026 at 17:00 Europe/Paris"),
        ("tomorrow at midnight", "wednesday", "once on Wed 4 Mar 2026 at 00:00 Europe/Paris"),
        ("from Friday 6pm", "once", "once on Fri 6 Mar 2026 at 18:00 Europe/Paris"),
        ("today and every day at 18:00", "once", "once on Mon 2 Mar 2026 at 18:00 Europe/Paris"),
        ("today and every day at 18:00", "every day", "every day at 18:00 Europe/Paris"),
        ("from 7pm to 7am tomorrow", "stopped", "once on Tue 3 Mar 2026 at 19:00 Europe/Paris, started again at 07:00 on Wed 4 Mar"),  # noqa: E501
        ("after 6pm", "every weekday", "every weekday at 18:00 Europe/Paris"),
    ],
)  # fmt: skip
def test_any_word_that_the_question_offers_completes_it(phrase: str, answer: str, means: str) -> None:
    asked = read(phrase)
    assert isinstance(asked, Question)
    whole = completed(phrase, answer, NOW, ZONE)
    assert whole is not None, asked
    window = read(whole)
    assert isinstance(window, Window) and describe(window.times) == means


def test_the_end_of_an_exception_is_completed_by_one_word() -> None:
    assert completed("until 9", "evening", NOW, ZONE) == "until 21:00"
    assert completed("until 9", "in the morning", NOW, ZONE) == "until 09:00"
    assert completed("until 9", "never", NOW, ZONE) is None


def test_an_answer_may_leave_one_more_question() -> None:
    whole = completed("at 7", "19:00", NOW, ZONE)
    assert whole == "at 19:00"
    assert completed(whole, "every day", NOW, ZONE) == "every day at 19:00"
    assert completed("at 7", "every day", NOW, ZONE) == "every day at 7"


@pytest.mark.parametrize(
    ("phrase", "answer"),
    [
        ("after 6pm", "never"),
        ("after 6pm", "yes"),
        ("after 6pm", ""),
        ("after 6pm", "19:00"),
        ("after 6pm", "every"),
        ("at 7", "never"),
        ("every day at 7", "fridays"),
        ("every day at 18:00", "tonight"),
        ("at 18:00 IST", "every day"),
    ],
)
def test_what_answers_nothing_completes_nothing(phrase: str, answer: str) -> None:
    assert completed(phrase, answer, NOW, ZONE) is None


def test_an_answer_never_loses_the_time_zone_that_was_named() -> None:
    """Six in the evening has passed in Tokyo, and not in Paris."""
    whole = completed("at 18:00 Tokyo time", "today at 18:00", NOW, ZONE)
    assert whole is None or isinstance(read(whole), Question)


# --- once and every are never confused

AGAIN = re.compile(
    r"\b(every|each|daily|nightly|weekly|a day|per day|all days|enforced?|mornings|afternoons|evenings|nights"
    r"|weekdays|workdays|weekends|days|\w+days)\b|(day|mon|tue|wed|thu|fri|sat|sun) (to|through|until) \w"
)
SINGLE = re.compile(
    r"\b(once|one time|to(day|night|morrow)|this|next|in|from now|mon|tue|wed|thu|fri|sat|sun|\w+day|march|\d{4})\b"
)
some_words = st.lists(
    st.sampled_from(
        "at after every each weekday friday fridays 6pm 18:00 7 9 to and until paris time in tokyo start them again on "
        "tomorrow today tonight once between , enforce it mon noon midnight the this next evening night morning daily "
        "14 march 2 hours from wake up off weekends working days just only".split()
    ),
    max_size=9,
)
some_time = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@settings(deadline=None, max_examples=600)
@given(some_words, some_time)
def test_what_recurs_was_said_to_and_what_happens_once_was_said_to(some: list[str], now: datetime) -> None:
    text = " ".join(some)
    found = read(text, now)
    if isinstance(found, Window):
        assert SINGLE.search(text) if found.on else AGAIN.search(text), text
        assert not (found.on and re.search(r"\b(every|each|daily|enforce)\b", text)), text


@settings(deadline=None, max_examples=600)
@given(some_words, some_time)
def test_what_happens_once_is_still_to_come_and_comes(some: list[str], now: datetime) -> None:
    found = read(" ".join(some), now)
    if isinstance(found, Window) and found.on:
        due = next_due(found.times, now, now, 3)
        assert [one.action for one in due] == ["stop", "start"][: len(due)] and len(due) == 1 + bool(found.start)
        end = ends_at(found.times)
        assert end is not None and now < due[0].at <= due[-1].at.astimezone(UTC) == end
        assert end - now <= timedelta(days=374)


@settings(deadline=None)
@given(st.integers(0, 23), st.integers(0, 59), st.booleans(), some_time)
def test_any_choice_of_once_or_every_is_understood(hour: int, minute: int, starts: bool, now: datetime) -> None:
    asked = read(f"at {hour:02}:{minute:02}{' and start them again at 05:17' if starts else ''}", now)
    if isinstance(asked, Question) and asked.text.startswith("Is that once"):
        once, *often = [read(choice, now) for choice in asked.choices]
        assert all(isinstance(one, Window) for one in often)
        # A time that its clock leaves out on that one day is asked about.
        assert isinstance(once, Window) or "put forward" in once.text


def test_where_the_day_begins_is_the_time_zones() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # Tuesday, 00:30 in Paris
    found = read("today at 18:00", late)
    assert isinstance(found, Window) and found.on is not None and found.on.isoformat() == "2026-03-03"
    found = read("tonight at 2am", late)
    assert isinstance(found, Window) and found.on is not None and found.on.isoformat() == "2026-03-03"
    found = read("tonight at 23:00", late)
    assert isinstance(found, Window) and found.on is not None and found.on.isoformat() == "2026-03-03"


def test_a_length_of_time_is_counted_in_hours_that_pass_and_not_what_clocks_show() -> None:
    before = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    found = read("in 3 hours", before)
    assert isinstance(found, Window)
    assert next_due(found.times, before, before, 1)[0].at == datetime(2026, 3, 29, 4, 30, tzinfo=ZoneInfo(ZONE))
    seconds = read("in 1 minute", datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC))
    assert isinstance(seconds, Window) and seconds.stop == "13:02", "never sooner than was asked"
