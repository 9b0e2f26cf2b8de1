"""Searching logs: which lines are found, what is said of them, what it costs, and what stays out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fakes_logs import FakeLogs, logged
from fakes_platform import NOW, FakeClients, FakePlatform, database, service
from pydantic import ValidationError

from copilot.domain import NotLookedAt, Unreachable
from copilot.errors import Ambiguous, FatalError, PermissionDenied, ToolInputError
from copilot.plans.kept_back import is_kept_back
from copilot.tools.observing.levels import level_of, signs_of
from copilot.tools.observing.searching import SearchLogs, SearchLogsInput, SearchLogsOutput

MINUTE = timedelta(minutes=1)
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@dataclass
class Clients(FakeClients):
    logs: FakeLogs = field(default_factory=FakeLogs)


def platform() -> FakePlatform:
    resources = [
        service("shop", "web", 2),
        service("shop", "cart", 1),
        service("other", "web", 1),
        database("shop", "db"),
    ]
    return FakePlatform(resources, kinds={"shop": "staging", "other": "production"})


def lines() -> FakeLogs:
    return FakeLogs(
        [
            logged("web", NOW - 50 * MINUTE, "INFO GET /carts 200"),
            logged("web", NOW - 40 * MINUTE, "ERROR Connection refused by 10.0.0.7"),
            logged("cart", NOW - 30 * MINUTE, "ERROR connection REFUSED by 10.0.0.9"),
            logged("cart", NOW - 20 * MINUTE, "WARN slow: 912 ms"),
            logged("cart", NOW - 90 * MINUTE, "ERROR connection refused long ago"),
        ]
    )


def search(logs: FakeLogs, on: FakePlatform | None = None, **given: Any) -> SearchLogsOutput:
    taken = SearchLogsInput.model_validate({"environment_id": "shop"} | given)
    return SearchLogs(Clients(platform=on or platform(), logs=logs)).run(taken)


def test_the_lines_of_the_last_hour_the_newest_first_each_with_its_service() -> None:
    found = search(lines())
    assert [(line.service, line.text) for line in found.lines] == [
        ("cart", "WARN slow: 912 ms"),
        ("cart", "ERROR connection REFUSED by 10.0.0.9"),
        ("web", "ERROR Connection refused by 10.0.0.7"),
        ("web", "INFO GET /carts 200"),
    ]
    assert (found.environment_id, found.kind, found.service, found.matched) == ("shop", "staging", None, 4)
    assert found.summary == "4 lines in the logs of shop, 11:30 to 12:30 UTC on Mon 2 Mar."
    assert found.text.splitlines()[0] == "12:10:00 cart: WARN slow: 912 ms"


def test_words_stand_in_the_line_whatever_the_case_of_their_letters() -> None:
    found = search(lines(), words=["connection refused", "10.*.9"])
    assert [line.text for line in found.lines] == ["ERROR connection REFUSED by 10.0.0.9"]
    assert found.summary.startswith("1 line with «connection refused» and «10.*.9» in the logs of shop")


def test_of_one_service_only_its_lines_without_naming_it_each_time() -> None:
    found = search(lines(), service="Cart", words=["refused"])
    assert (found.service, found.text) == ("cart", "12:00:00 ERROR connection REFUSED by 10.0.0.9")
    assert "1 line with refused in the logs of cart in shop" in found.summary


def test_a_service_without_its_environment_is_found_where_it_is_alone_and_asked_about_where_it_is_not() -> None:
    assert search(lines(), environment_id=None, service="cart").environment_id == "shop"
    with pytest.raises(Ambiguous) as asked:
        search(lines(), environment_id=None, service="web")
    assert asked.value.nearest == ("other", "shop")
    with pytest.raises(ToolInputError, match="of which environment"):
        search(lines(), environment_id=None)


def test_only_lines_of_a_level_and_of_those_all_are_counted() -> None:
    logs = lines()
    logs.lines.append(logged("web", NOW - MINUTE, "INFO answered without error"))
    found = search(logs, levels=["error"], most=1)
    assert ([line.text for line in found.lines], found.matched) == (["ERROR connection REFUSED by 10.0.0.9"], 2)
    assert "2 lines of level error in the logs of shop" in found.summary and "the newest 1" in found.summary


def test_a_time_is_told_in_the_zone_and_with_its_days_where_it_has_several() -> None:
    found = search(lines(), since=NOW - timedelta(days=1), time_zone="Europe/Paris", words=["long ago"])
    assert found.text == "Mon 2 Mar 12:00:00 cart: ERROR connection refused long ago"
    assert "Sun 1 Mar 13:30 to Mon 2 Mar 13:30 CET" in found.summary


def test_what_is_not_there_is_said_of_what_and_when() -> None:
    found = search(lines(), words=["timeout"])
    assert (found.lines, found.text) == ((), "")
    assert found.summary == "There is no line with timeout in the logs of shop, 11:30 to 12:30 UTC on Mon 2 Mar."


def test_a_secret_is_masked_before_it_could_be_cut_in_half() -> None:
    logs = FakeLogs(
        [logged("web", NOW - MINUTE, f"{'x' * 980} {TOKEN}"), logged("web", NOW - MINUTE, "password=hunter2!")]
    )
    found = search(logs)
    assert TOKEN[:12] not in found.model_dump_json() and "hunter2" not in found.model_dump_json()
    assert all(len(line.text) <= 1_000 for line in found.lines)


def test_a_stack_trace_is_laid_out_in_a_few_lines() -> None:
    trace = "Traceback (most recent call last):\n" + "  File x\n" * 30 + "ValueError: no such basket"
    found = search(FakeLogs([logged("web", NOW - MINUTE, trace)]), service="web")
    assert found.text.splitlines() == [
        "12:29:00 Traceback (most recent call last):",
        "    … 30 lines",
        "    ValueError: no such basket",
    ]
    assert found.lines[0].level == "error"


def test_what_it_costs_is_said_and_above_the_most_nothing_is_searched() -> None:
    cheap = search(lines())
    assert (cheap.cost, cheap.dollars) == (
        "3.91 KB were logged in that time, which costs nothing to look through.",
        0,
    )
    dear = FakeLogs(size=90 * 2**30, is_charged=True, dollars=0.45)
    with pytest.raises(FatalError) as refused:
        search(dear)
    assert "90 GB" in str(refused.value) and "0.45 USD" in str(refused.value) and "0.25 USD" in str(refused.value)
    assert "shorter time" in str(refused.value) and refused.value.ours and dear.searches == []


def test_the_cost_is_said_alone_where_only_that_is_asked_for() -> None:
    dear = FakeLogs(lines().lines, size=90 * 2**30, is_charged=True, dollars=0.45)
    found = search(dear, only_estimate=True)
    assert found.cost == "90 GB were logged in that time, about 0.45 USD to look through."
    assert (found.summary, found.text, dear.searches) == (
        "Nothing was searched: shop, 11:30 to 12:30 UTC on Mon 2 Mar.",
        "",
        [],
    )


def test_what_was_not_looked_at_is_told_and_never_taken_for_silent() -> None:
    on = platform()
    on.unreachable.append(Unreachable(account="far (2)", region="eu-west-1", reason="AccessDenied"))
    here: Any = {"account": "main (1)", "region": "eu-west-1"}
    logs = lines()
    logs.hidden.append(NotLookedAt(what="the logs of service api", reason="it sends its logs by splunk", **here))
    logs.unread.append(NotLookedAt(what="log group /ecs/cart", reason="not authorized", **here))
    logs.read_until = NOW - 10 * MINUTE
    found = search(logs, on)
    assert found.not_looked_at == (
        "the logs of service api, main (1) in eu-west-1: «it sends its logs by splunk»",
        "log group /ecs/cart, main (1) in eu-west-1: «not authorized»",
        "far (2) in eu-west-1 could not be read: AccessDenied",
        "what was logged after 12:20:00: it is too much to be read, a shorter time is not",
    )


def test_where_no_log_may_be_read_that_is_the_answer() -> None:
    with pytest.raises(PermissionDenied, match="the pack logs is off"):
        search(FakeLogs(fails=PermissionDenied("the pack logs is off")))
    none = search(FakeLogs(), FakePlatform([database("shop", "db")]))
    assert none.summary == "There are no logs of shop that could be looked at." and none.cost == ""


def test_functions_of_an_environment_are_searched_with_it_and_not_with_a_service() -> None:
    logs = FakeLogs([logged("resize", NOW - MINUTE, "Task timed out after 3.00 seconds")], functions=("resize",))
    assert [line.service for line in search(logs).lines] == ["resize"]
    assert search(logs, service="web").lines == ()


@pytest.mark.parametrize(
    "given",
    [
        {"words": ["*"]},
        {"words": [" "]},
        {"words": ["a"] * 6},
        {"since": NOW.isoformat()},
        {"since": (NOW - timedelta(days=40)).isoformat()},
        {"since": "2026-03-02T10:00:00Z", "until": "2026-03-02T09:00:00Z"},
        {"time_zone": "Mars/Olympus"},
        {"most": 0},
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises((ToolInputError, ValidationError)):
        search(lines(), **given)


LEVELS = {
    "2026-03-02 12:00:00 ERROR [main] no such basket": "error",
    "[error] 31#31: *1 connect() failed": "error",
    "Error: Cannot find module 'left-pad'": "error",
    '{"level":"error","msg":"no"}': "error",
    '{"time":1,"level":50,"msg":"no"}': "error",
    '{"log":{"level":"WARN"},"message":"slow"}': "warning",
    '{"severity":"CRITICAL","message":"no"}': "error",
    "time=x level=warn msg=slow": "warning",
    "INFO  0 errors, no ERROR among them": "info",
    "Traceback (most recent call last):\n  File x\nKeyError: 'a'": "error",
    "java.lang.IllegalStateException: closed\n\tat a.B.c(B.java:1)": "error",
    "panic: runtime error: index out of range": "error",
    '10.0.0.1 - - [02/Mar/2026] "GET / HTTP/1.1" 502 12': "error",
    '10.0.0.1 - - [02/Mar/2026] "GET / HTTP/1.1" 200 512': None,
    "GET /errors/12 200": None,
    "done in 12 ms, error-free": None,
    "DEBUG trace": "debug",
    "": None,
}


@pytest.mark.parametrize(("text", "level"), LEVELS.items())
def test_how_bad_a_line_says_that_it_is(text: str, level: Any) -> None:
    assert level_of(text) == level


@pytest.mark.parametrize(("text", "level"), [one for one in LEVELS.items() if one[1]])
def test_what_is_of_a_level_is_among_what_is_asked_for_of_it(text: str, level: Any) -> None:
    assert any(sign in text.casefold() for sign in signs_of([level]))


@pytest.mark.parametrize(("environment", "kept"), [("shop", False), ("other", True)])
def test_what_the_logs_of_production_say_is_kept_from_models(environment: str, kept: bool) -> None:
    found = search(FakeLogs([logged("web", NOW - MINUTE, "card of Ms Sparrow refused")]), environment_id=environment)
    assert "Sparrow" in found.text
    assert is_kept_back(SearchLogs, found.model_dump(mode="json")) is kept
