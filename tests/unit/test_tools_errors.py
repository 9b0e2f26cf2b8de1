"""Errors by their shapes: what is one shape, how many there were and when, and what is new against the day before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from fakes import FakeClock
from fakes_logs import FakeLogs, logged
from fakes_platform import NOW
from test_tools_logs import Clients, platform

from copilot.domain import LogCost, LogLine, LogLines, LogQuery, LogSource, NotLookedAt
from copilot.errors import FatalError
from copilot.plans.kept_back import is_kept_back
from copilot.tools.observing.errors import ErrorSummary, ErrorSummaryInput, ErrorSummaryOutput
from copilot.tools.observing.shapes import shape_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TRACE = (
    "ERROR pricing {id} failed\nTraceback (most recent call last):\n  File \"a.py\", line 3\n    x\nKeyError: 'bunch'"
)


def summary(logs: FakeLogs, **given: Any) -> ErrorSummaryOutput:
    taken = ErrorSummaryInput.model_validate({"environment_id": "shop"} | given)
    return ErrorSummary(Clients(platform=platform(), logs=logs)).run(taken)


def refused(minutes: float, number: int = 1, service: str = "web") -> LogLine:
    return logged(
        service, NOW - minutes * MINUTE, f"ERROR order {number} refused by 10.0.0.{number}:8443 after {number} ms"
    )


def test_errors_of_one_shape_are_one_with_their_number_times_and_busiest_minute() -> None:
    logs = FakeLogs(
        [
            *(refused(ago, number) for number, ago in enumerate((50.2, 20.7, 20.3, 20.1, 3), 100)),
            logged("cart", NOW - 9 * MINUTE, "INFO all well"),
        ]
    )
    found = summary(logs)
    (one,) = found.errors
    assert one.shape == "ERROR order <n> refused by <ip> after <n> ms"
    assert one.example == "ERROR order 104 refused by 10.0.0.104:8443 after 104 ms"
    assert (one.number, one.peak, one.peak_at) == (5, 3, NOW - 21 * MINUTE)
    assert (one.first, one.last) == (NOW - 50.2 * MINUTE, NOW - 3 * MINUTE)
    assert (one.services, one.before, one.change) == (("web",), 0, "new")
    assert (
        found.summary
        == "5 errors of 1 shape in the logs of shop, 11:30 to 12:30 UTC on Mon 2 Mar; none the day before."
    )
    assert found.text.splitlines() == [
        "    5 x  ERROR order <n> refused by <ip> after <n> ms",
        "         new; 11:39:48 to 12:27:00; at most 3 a minute (12:09); web",
        "         e.g. ERROR order 104 refused by 10.0.0.104:8443 after 104 ms",
    ]


def test_against_the_same_time_of_the_day_before_each_is_new_more_fewer_the_same_or_gone() -> None:
    def of(word: str, now: int, before: int) -> list[LogLine]:
        here = [logged("web", NOW - (number + 1) * MINUTE, f"ERROR {word}") for number in range(now)]
        return here + [logged("web", NOW - DAY - (number + 1) * MINUTE, f"ERROR {word}") for number in range(before)]

    lines = [*of("a", 5, 2), *of("b", 2, 4), *of("c", 3, 3), *of("d", 1, 0), *of("e", 0, 6)]
    lines.append(logged("web", NOW - DAY - 61 * MINUTE, "ERROR d"))  # an hour earlier
    found = summary(FakeLogs(lines))
    assert {(one.shape, one.change, one.before) for one in found.errors} == {
        ("ERROR a", "more", 2),
        ("ERROR b", "fewer", 4),
        ("ERROR c", "same", 3),
        ("ERROR d", "new", 0),
    }
    assert [(one.shape, one.before) for one in found.gone] == [("ERROR e", 6)]
    assert (found.number, found.before, found.new_summary) == (11, 15, "1 shape of 4 is new (1 error).")
    assert "ERROR d" in found.new_text and "ERROR a" not in found.new_text
    assert found.gone_text == "    6 x  ERROR e"


def test_of_more_than_a_day_the_same_hours_so_many_days_before_are_compared() -> None:
    logs = FakeLogs([refused(60 * 25), logged("web", NOW - 49 * 60 * MINUTE, "ERROR of the days before")])
    found = summary(logs, since=NOW - timedelta(hours=36))
    assert [one.shape for one in found.gone] == ["ERROR of the days before"]
    assert found.summary.endswith("1 in the same time 2 days before.")
    assert logs.costs[1] == (NOW - timedelta(hours=84), NOW - 2 * DAY)


def test_where_there_is_none_that_is_said_with_what_there_was() -> None:
    found = summary(FakeLogs([refused(24 * 60 + 5)]))
    assert found.summary == "There is no error in the logs of shop, 11:30 to 12:30 UTC on Mon 2 Mar; 1 the day before."
    assert (found.errors, found.text, found.new_summary) == ((), "", "")


GAP = NotLookedAt(what="log group /ecs/web", account="main", region="eu-west-1", reason="ended as failed")


@dataclass
class OnceUnread(FakeLogs):
    """Of the day before, or of now, one group cannot be read."""

    of_now: bool = False

    def search(
        self, sources: Sequence[LogSource], query: LogQuery, cost: LogCost, within: float | None = None
    ) -> LogLines:
        found = super().search(sources, query, cost, within)
        has_gap = (query.until > NOW - DAY) is self.of_now
        return found.model_copy(update={"lines": (), "matched": 0, "not_looked_at": (GAP,)}) if has_gap else found


def test_where_not_all_of_the_day_before_was_read_nothing_is_new_and_none_is_counted() -> None:
    found = summary(OnceUnread([refused(5), refused(24 * 60 + 5)]))
    (one,) = found.errors
    assert (one.before, one.change, found.before) == (None, "not known", None)
    assert found.summary.endswith("; not known how many the day before.")
    assert found.new_summary == (
        "Which of them are new is not known: not all that was logged the day before could be looked at."
    )
    assert "not known how many the day before; " in found.text and found.new_text == ""
    assert found.not_looked_at == ("log group /ecs/web, main in eu-west-1: «ended as failed» (of the day before)",)


def test_where_not_all_of_now_was_read_none_is_gone_and_the_rest_is_told() -> None:
    found = summary(OnceUnread([refused(24 * 60 + 5)], of_now=True))
    assert (found.gone, found.before) == ((), 1) and len(found.not_looked_at) == 1
    assert found.summary.startswith("There is no error in what could be looked at in the logs of shop")
    cut = FakeLogs([refused(50), refused(24 * 60 + 50)], read_until=NOW - 30 * MINUTE)
    found = summary(cut)
    assert found.summary.startswith("At least 1 error") and found.errors[0].change == "not known"
    assert found.not_looked_at[0].startswith("what was logged after 12:00:00: ")


def test_both_searches_have_one_deadline_and_what_is_found_of_now_stays_where_the_other_fails() -> None:
    clock = FakeClock(NOW)

    class Slow(FakeLogs):
        def search(
            self, sources: Sequence[LogSource], query: LogQuery, cost: LogCost, within: float | None = None
        ) -> LogLines:
            found = super().search(sources, query, cost, within)
            clock.sleep(30)
            self.fails = FatalError("it lasted", ours=True)
            return found

    logs = Slow([refused(5)])
    found = ErrorSummary(Clients(platform=platform(), logs=logs, clock=clock)).run(
        ErrorSummaryInput(environment_id="shop")
    )
    assert logs.within == [45, 15]
    assert (found.number, found.before, found.errors[0].change) == (1, None, "not known")
    assert "it lasted" in found.not_looked_at[0]


def test_no_more_than_twenty_shapes_are_told_and_the_rest_is_counted() -> None:
    words = [f"{'x' * (one + 1)}y" for one in range(23)]
    lines = [
        logged("web", NOW - MINUTE, f"ERROR {word}") for number, word in enumerate(words) for _ in range(number + 1)
    ]
    found = summary(FakeLogs(lines))
    assert len(found.errors) == 20 and [one.number for one in found.errors][:2] == [23, 22]
    assert "6 errors of 3 more shapes are not listed." in found.summary
    assert found.text.count("e.g.") == 0


def test_the_numbers_are_those_of_a_count_by_hand() -> None:
    random = Random(20260302)
    words = ["refused", "timed out", "was not found"]
    lines: list[LogLine] = []
    counted: Counter[str] = Counter()
    for _ in range(400):
        ago, word, service = random.uniform(0.01, 119), random.choice(words), random.choice(["web", "cart"])
        level = random.choice(["ERROR", "INFO"])
        lines.append(logged(service, NOW - ago * MINUTE, f"{level} {random.randint(1, 99999)} {word}"))
        counted[word] += level == "ERROR" and ago <= 60
    found = summary(FakeLogs(lines))
    assert {one.shape: one.number for one in found.errors} == {
        f"ERROR <n> {word}": number for word, number in counted.items()
    }
    assert found.number == sum(counted.values())


def test_a_trace_is_known_by_what_was_thrown_and_shown_in_a_few_lines() -> None:
    lines = [logged("web", NOW - ago * MINUTE, TRACE.replace("{id}", f"{ago}ab34ef98")) for ago in (5, 6)]
    found = summary(FakeLogs(lines), service="web")
    (one,) = found.errors
    assert (one.shape, one.number) == ("ERROR pricing <id> failed … KeyError: <text>", 2)
    assert found.text.splitlines()[2:] == [
        "         e.g. ERROR pricing 5ab34ef98 failed",
        "             … 3 lines",
        "             KeyError: 'bunch'",
    ]


def test_secrets_are_masked_in_shapes_and_examples() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    found = summary(FakeLogs([logged("web", NOW - MINUTE, f"ERROR refused {token} password=hunter2!")]))
    assert token not in found.model_dump_json() and "hunter2" not in found.model_dump_json()


def test_both_days_together_may_cost_no_more_than_one_search() -> None:
    dear = FakeLogs(size=30 * 2**30, is_charged=True, dollars=0.15)
    with pytest.raises(FatalError, match=r"60 GB.*0\.30 USD"):
        summary(dear)
    assert dear.searches == []


def test_what_they_say_of_production_is_kept_from_models() -> None:
    for environment, kept in (("shop", False), ("other", True)):
        found = summary(FakeLogs([refused(1)]), environment_id=environment)
        assert is_kept_back(ErrorSummary, found.model_dump(mode="json")) is kept


SHAPES = {
    "2026-03-02T12:00:00.123Z ERROR order 17 took 3.5 s": "ERROR order <n> took <n> s",
    "[2026-03-02 12:00:00,123] ERROR: no": "ERROR: no",
    '10.0.0.1 - - [02/Mar/2026:12:00:00 +0000] "GET /a HTTP/1.1" 502 17': "<ip> - - [<time>] <text> <n> <n>",
    "ERROR user 6f1b2c3d-1234-4abc-8def-001122334455 is gone": "ERROR user <id> is gone",
    "ERROR commit deadbeef01 and 0xFF12 and a1b2c3d4e5f6a7b8c9": "ERROR commit <id> and <id> and <id>",
    "ERROR mail to ana@example.com failed": "ERROR mail to <mail> failed",
    "ERROR no item 'red rose' in \"basket 4\"": "ERROR no item <text> in <text>",
    "ERROR can't read": "ERROR can't read",
    '{"level":"error","msg":"order 4 refused","time":"2026-03-02"}': "order <n> refused",
    "java.lang.IllegalStateException: closed 4\n\tat a.B\nCaused by: java.io.IOException: reset": (
        "java.lang.IllegalStateException: closed <n> … Caused by: java.io.IOException: reset"
    ),
    "Traceback (most recent call last):\n  File x\nValueError: bad 7": "ValueError: bad <n>",
    "ERROR shard-12 of pool7 at host-a:9200": "ERROR shard-<n> of pool7 at host-a:<n>",
    "": "",
}


@pytest.mark.parametrize(("text", "shape"), SHAPES.items())
def test_the_shape_of_a_line(text: str, shape: str) -> None:
    assert shape_of(text) == shape


def test_the_shape_of_a_shape_is_the_same_and_no_line_takes_long() -> None:
    for text in (*SHAPES, "'" * 1_000, "a1" * 500, "1" * 1_000, '"' + "x" * 990, "@" * 1_000, "a." * 500):
        assert shape_of(shape_of(text)) == shape_of(text) or "…" in shape_of(text)
