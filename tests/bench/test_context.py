"""That what is told of a long conversation holds what is asked about it, and costs no more the longer it is."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from bench.context import DISTANCES, NEAR, SEEDS, cases, what_is_held
from bench.growth import grow
from bench.tables import show_grown, show_held
from bench.targets import of_context
from copilot.language_model.shares import MOST


def test_what_a_model_is_told_holds_more_than_a_search_in_the_same_room_and_nearly_all() -> None:
    """The bounds: what a search finds, by the words alone, and that nearly nothing is lost of what a summary keeps."""
    found = what_is_held()
    ours, searched = found["ours"], found["search, same room"]
    end, whole = found["its end, same room"], found["the whole"]
    assert sum(ours.of.values()) >= 60
    assert whole.part == 1, "each question can be answered"
    assert ours.part >= searched.part + 0.1 and ours.part >= 0.9, (ours, searched)
    assert end.part < searched.part
    assert max(ours.tokens, searched.tokens, end.tokens) <= MOST < whole.tokens / 20
    for kind, distance in ours.of:
        if distance <= DISTANCES[0]:
            assert ours.held[kind, distance] == len(SEEDS), (kind, distance)
    assert {distance for _, distance in ours.of} >= {NEAR, *DISTANCES}
    page = StringIO()
    show_held(Console(file=page, width=100), found)
    assert "how often" in page.getvalue() and max(map(len, page.getvalue().splitlines())) <= 100


def test_the_questions_are_the_same_each_time() -> None:
    once, again = ([one.question for one in cases()] for _ in range(2))
    assert once == again


def test_tokens_reads_and_writes_are_as_many_after_1000_turns_as_after_100() -> None:
    found = grow((100, 1_000))
    short, long = found[100], found[1_000]
    assert (long.reads, long.rows_read, long.rows_written) == (short.reads, short.rows_read, short.rows_written)
    assert short.reads > 0 and short.rows_read > 0
    assert long.tokens < 3_000 and long.tokens <= short.tokens + 30 and long.focus < 8_000
    assert all(one.met for one in of_context(found, {}))
    page = StringIO()
    show_grown(Console(file=page, width=100), found)
    assert "1,000" in page.getvalue()
