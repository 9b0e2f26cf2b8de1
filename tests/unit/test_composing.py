"""Numbers in a composed answer, and the answer where none could be composed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from copilot.answering.grounding import plain_results, unfounded_numbers

RESULTS: dict[str, Any] = {
    "stats": {
        "overall": {"deployments": 1234, "success_percent": 97.5, "p95_seconds": 372.4, "rate": 0.125},
        "since": "2026-05-04T10:30:00+02:00",
        "period": "the last 9 weeks",
        "notes": ["3 were cancelled"],
    },
    "act": [
        {"name": "api-v2", "idle": True, "reason": "CPU at most 2.1% in 6 h"},
        {"name": "web", "idle": True, "reason": "CPU at most 3% in 6 h"},
        {"name": "orders-7", "idle": False, "reason": "CPU up to 41%"},
        {"name": "mail", "idle": False, "reason": "12,000 requests"},
        {"name": "queue", "idle": False, "reason": "at 10.0.0.8"},
    ],
}


@pytest.mark.parametrize(
    "text",
    [
        "1,234 deployments, 97.5% of them successful, p95 372.4 s.",
        "1234 deployments; about 98 % succeeded; p95 around 372 seconds, so 372s.",
        "12.5% of the deployments, since 4 May 2026, 10:30.",
        "Since May 4th at 10:30am, since 2026-05-04, in 2026.",
        "2 of 5 environments are idle, three are not; five were looked at.",
        "The 2nd is web, the 5th is queue.",
        "api-v2 had 2.1% in 6h, orders-7 41%, mail 12000 requests, queue is 10.0.0.8.",
        "1. api-v2\n2. web\n3. orders-7\n4. mail\n5. queue",
        "3 cancelled over 9 weeks, as you asked over the last 60 days.",
        "Nothing is known of that.",
    ],
)
def test_what_is_in_the_results_or_counts_them_or_was_said_is_founded(text: str) -> None:
    assert unfounded_numbers(text, RESULTS, "how was it over the last 60 days?") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,235 deployments", ["1,235"]),
        ("p95 was 6.2 minutes", ["6.2"]),
        ("97.4% succeeded", ["97.4%"]),
        ("took 8h and 12ms", ["8h", "12ms"]),
        ("seven environments are idle, a dozen are not", ["seven", "dozen"]),
        ("since 5 May 2026", ["5 May 2026"]),
        ("since 2025-05-04", ["2025-05-04"]),
        ("at 11:30, or 7pm", ["7pm", "11:30"]),
        ("the 17th of them", ["17th"]),
        ("orders-8 and api-v3 at 10.0.0.9", ["orders-8", "api-v3", "10.0.0.9"]),
        ("4/6 tasks", ["4/6"]),
        ("$88.50 saved", ["88.50"]),
        ("a 7-fold rise, 7 times", ["7-fold", "7"]),
    ],
)
def test_what_is_invented_or_worked_out_is_named_as_it_is_written(text: str, found: list[str]) -> None:
    assert sorted(unfounded_numbers(text, RESULTS)) == sorted(found)


def test_digits_in_names_addresses_and_dates_found_no_number() -> None:
    results: JsonValue = {"name": "orders-77", "address": "10.20.30.40", "at": "2026-05-23T10:30:59Z"}
    assert unfounded_numbers("77, 40, 23 and 59", results) == ["77", "40", "23", "59"]


numbers = st.integers(min_value=0, max_value=10**9) | st.decimals(
    min_value=0, max_value=10**6, places=2, allow_nan=False
).map(float)


@settings(deadline=None, max_examples=60)
@given(st.lists(numbers, min_size=1, max_size=6))
def test_every_number_of_the_results_is_founded_in_each_way_to_write_it(found: list[float]) -> None:
    results: JsonValue = [{"figure": number} for number in found]
    for number in found:
        for written in (f"{number}", f"{number:,}", f"{number}%", f"{number} ms", f"({number})", f"it is {number}."):
            assert unfounded_numbers(written, results) == []


@settings(deadline=None, max_examples=60)
@given(st.text(), st.recursive(st.none() | st.text() | st.integers(), lambda one: st.lists(one, max_size=3)))
def test_any_text_can_be_looked_at_and_founds_itself(text: str, results: Any) -> None:
    assert isinstance(unfounded_numbers(text, results), list)
    assert unfounded_numbers(text, results, text) == []


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    """Looked at from each of its characters on, one as long as an attachment may be would take minutes."""
    assert unfounded_numbers("a" * 100_000 + " 7", {"text": "+" * 100_000}) == ["7"]


def test_plain_results_are_the_summaries_the_results_have() -> None:
    text = plain_results(
        {
            "one": {"summary": "api: fine", "detail": 1},
            "many": [{"summary": "a: idle"}, {"summary": "b: not idle"}],
            "nested": {"environments": [{"summary": "c: running"}], "unreachable": [], "could_not": [{"summary": "d"}]},
            "none": {"figure": 3, "ok": True},
        }
    )
    assert text.splitlines() == [
        "- api: fine",
        "- a: idle",
        "- b: not idle",
        "- environments: c: running",
        "- could not: d",
        "- figure: 3, ok: yes",
    ]


def test_plain_results_are_bounded_and_hold_no_control_characters() -> None:
    text = plain_results({"many": [{"summary": f"line {n}\n\x1b[2J" + "x" * 1000} for n in range(500)]})
    assert len(text.splitlines()) == 41 and "460 more" in text and len(text) < 15_000
    assert "\x1b" not in text
    assert plain_results({}) == ""


def test_an_ordinal_is_the_place_of_something_listed() -> None:
    assert unfounded_numbers("the 4th of them is e", {"found": ["a", "b", "c", "e", "f"]}) == []
    assert unfounded_numbers("the 6th of them", {"found": ["a", "b", "c", "e", "f"]}) == ["6th"]
