"""Requests about logs: as people say them, and what is no such request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.domain import Focus, Reference

NOTHING = Focus()
NOW = PRESENT.now  # noon of Monday, 2 March 2026
HOUR = timedelta(hours=1)


def slots(text: str, action: str, focus: Focus = NOTHING) -> dict[str, Any] | None:
    match = INTENTS.match(text, focus, PRESENT, KNOWN)
    return dict(match.slots) if match is not None and match.intent.startswith(action) else None


def sought(text: str, focus: Focus = NOTHING) -> tuple[str, str, list[str]] | None:
    """The service, the environment and the words that are looked for; "" for none."""
    found = slots(text, "search_logs", focus)
    if found is None:
        return None
    environment = str(found.get("environment") or "").removeprefix("the ").removesuffix(" environment")
    return str(found.get("service") or ""), environment, found.get("words") or []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("search the logs of checkout in staging for timeout", ("checkout", "staging", ["timeout"])),
        ("grep 'connection refused' in prod since 9", ("", "prod", ["connection refused"])),
        ('search uat\'s logs for "Out of Memory"', ("", "uat", ["Out of Memory"])),
        ("search the logs of uat for NullPointerException", ("", "uat", ["NullPointerException"])),
        ("look for timeout in the logs of payments", ("payments", "", ["timeout"])),
        ("find connection refused in the logs of checkout in prod-eu", ("checkout", "prod-eu", ["connection refused"])),
        ("show me the logs of checkout", ("checkout", "", [])),
        ("show me the last 50 log lines of checkout in uat", ("checkout", "uat", [])),
        ("logs of checkout in uat from the last 2 hours", ("checkout", "uat", [])),
        ("checkout logs please", ("checkout", "", [])),
        ("get the logs for the payments service since yesterday", ("payments", "", [])),
        ("tail the logs of ledger in prod-us", ("ledger", "prod-us", [])),
        ("what did checkout log in the last 15 minutes?", ("checkout", "", [])),
        ("what is in the logs of search today", ("search", "", [])),
        ("grep for 'order 4711' in the logs of checkout", ("checkout", "", ["order 4711"])),
        ("grep the logs of payments for 'card declined' today", ("payments", "", ["card declined"])),
        ("is there a timeout in the logs of checkout", ("checkout", "", ["timeout"])),
        ("can you search checkout's logs for 504 in the last half hour", ("checkout", "", ["504"])),
        ("show me log lines with deadlock from ledger in uat", ("ledger", "uat", ["deadlock"])),
        ("show the warnings of checkout in uat", ("checkout", "uat", [])),
        ("show me the error logs of payments from this morning", ("payments", "", [])),
        ("find all log entries containing 'sku-99' in uat", ("", "uat", ["sku-99"])),
        ("check the logs of web-front for segfault", ("web-front", "", ["segfault"])),
        ("please look through the uat logs for failed to connect", ("", "uat", ["failed to connect"])),
        ("do the logs of checkout mention 'stripe'?", ("checkout", "", ["stripe"])),
        ("any log lines about oom in prod-eu?", ("", "prod-eu", ["oom"])),
        ("I want to see the logs of the search service in uat", ("search", "uat", [])),
        ("recent logs of the uat environment", ("", "uat", [])),
        ("what does 'x-request-id: 88' say in the logs of checkout", None),
    ],
)
def test_as_people_search(text: str, expected: tuple[str, str, list[str]] | None) -> None:
    assert sought(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "search for idle environments",
        "find timeout",
        "delete the logs of checkout",
        "archive the logs of uat",
        "search the logs of checkout for timeout and stop it",
        "search the logs of checkout for timeout and tell #ops",
        "how long are the logs of checkout kept",
        "how many log lines does checkout write a day",
        "which services write the most logs",
        "turn on debug logs of checkout",
        "send the logs of checkout to #ops",
        "why are there no logs of checkout",
        "search the logs of checkout and payments for timeout",
        "show the logs of the last deployment of checkout",
        "stop logging in uat",
        "log in to uat",
        "the logs of checkout are full",
        "show me the change log of uat",
        "show me the changelog of uat",
        "search the logs of checkout for timeout since the release",
        "search the logs of all dev environments for timeout",
        "watch the logs of checkout",
        "show me the build log of checkout",
        "show me the audit logs of uat",
        "download the logs of checkout",
    ],
)
def test_what_asks_for_something_else_is_not_heard_as_a_search(text: str) -> None:
    assert sought(text) is None


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("grep timeout in uat since 9", NOW.replace(hour=9), NOW),
        ("grep timeout in uat since 9:30", NOW.replace(hour=9, minute=30), NOW),
        ("grep timeout in uat since 11pm", NOW.replace(hour=23) - 24 * HOUR, NOW),
        ("grep timeout in uat in the last half hour", NOW - HOUR / 2, NOW),
        ("grep timeout in uat in the last hour", NOW - HOUR, NOW),
        ("grep timeout in uat since 2 hours ago", NOW - 2 * HOUR, NOW),
        ("grep timeout in uat between 9 and 10", NOW.replace(hour=9), NOW.replace(hour=10)),
        (
            "grep timeout in uat between 9:15am and 10:45am",
            NOW.replace(hour=9, minute=15),
            NOW.replace(hour=10, minute=45),
        ),
        ("grep timeout in uat yesterday", NOW.replace(hour=0) - 24 * HOUR, NOW.replace(hour=0)),
        ("grep timeout in uat", None, None),
    ],
)
def test_the_time_that_is_searched(text: str, since: datetime | None, until: datetime | None) -> None:
    found = slots(text, "search_logs")
    assert found is not None
    read = [datetime.fromisoformat(found[name]) if found.get(name) else None for name in ("since", "until")]
    assert read == [since, until]


def test_levels_and_how_many_are_heard() -> None:
    assert (slots("show the warnings of checkout in uat", "search_logs") or {})["levels"] == ["warning"]
    assert (slots("show me the error logs of payments", "search_logs") or {})["levels"] == ["error"]
    assert (slots("show me the last 50 log lines of checkout", "search_logs") or {})["most"] == 50
    assert (slots("show me the last 500 log lines of checkout", "search_logs") or {})["most"] == 100


def test_what_it_would_cost_is_asked_for_alone() -> None:
    for text in (
        "what would it cost to search the logs of checkout for timeout over the last week",
        "how much would it cost to search the logs of uat for timeout in the last week",
    ):
        found = INTENTS.match(text, NOTHING, PRESENT, KNOWN)
        assert found is not None and found.plan is not None, text
        assert found.plan.steps[-1].arguments["only_estimate"] is True and found.slots["words"] == ["timeout"]


SPOKEN = Focus(
    turn=1,
    references=(
        Reference(type="service", id="checkout", turn=1),
        Reference(type="environment", id="uat", turn=1),
    ),
)
OF_UAT = Focus(
    turn=1,
    references=(
        Reference(type="environment", id="uat", turn=1),
        Reference(type="service", id="checkout", turn=1, role="listed", ordinal=1),
        Reference(type="service", id="search", turn=1, role="listed", ordinal=2),
    ),
)


@pytest.mark.parametrize(
    "text", ["show me its logs", "search its logs for timeout", "logs of that service", "show me the logs of it"]
)
def test_it_is_the_service_that_was_spoken_of_in_its_environment(text: str) -> None:
    found = slots(text, "search_logs", SPOKEN) or {}
    assert (found.get("service"), found.get("environment_id")) == ("checkout", "uat")


def test_it_is_the_environment_where_no_one_service_was_spoken_of() -> None:
    assert sought("show me the logs of it", OF_UAT) == ("", "uat", [])


def test_it_goes_on_with_another_service_or_another_environment() -> None:
    first = INTENTS.match("search the logs of checkout in uat for timeout", NOTHING, PRESENT, KNOWN)
    assert first is not None
    focus = Focus(turn=1, intent=first.intent, slots=first.slots)
    assert sought("what about the search service?", focus) == ("search", "uat", ["timeout"])
    assert sought("and in prod-eu?", focus) == ("checkout", "prod-eu", ["timeout"])


def test_of_a_service_wherever_it_was_it_goes_on_with_an_environment() -> None:
    for text, focus in (("show me its logs", SPOKEN), ("show me the logs of checkout", NOTHING)):
        first = INTENTS.match(text, focus, PRESENT, KNOWN)
        assert first is not None and first.intent == "search_logs"
        then = Focus(turn=1, intent=first.intent, slots=first.slots)
        assert sought("what about prod-eu?", then) == ("checkout", "prod-eu", [])


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        ('show logs of checkout in uat with the word "no route"', "no route"),
        ("search for the word timeout in the logs of checkout in uat", "timeout"),
        ('search the logs of checkout in uat for the string "index 7"', "index 7"),
        ("search the logs of checkout in uat for string index invalid", "string index invalid"),
        ("search the logs of checkout in uat for “text files”", "text files"),
        ("grep 'word count' in uat", "word count"),
    ],
)
def test_what_only_says_that_it_is_a_word_is_not_looked_for(said: str, sought: str) -> None:
    match = INTENTS.match(said, Focus(), PRESENT, KNOWN)
    assert match is not None and match.plan is not None
    (step,) = [one for one in match.plan.steps if one.tool == "search_logs"]
    assert step.arguments["words"] == [sought]
