"""Requests about errors in logs: as people say them, and what is no such request."""

from __future__ import annotations

from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT
from test_intents_logs import OF_UAT, SPOKEN

from copilot.domain import Focus
from copilot.intents.referring import Unclear

NOTHING = Focus()


def errors(text: str, focus: Focus = NOTHING, intent: str = "error_summary") -> tuple[str, str] | None:
    """The service and the environment; "" for none."""
    match = INTENTS.match(text, focus, PRESENT, KNOWN)
    if match is None or not match.intent.startswith(intent):
        return None
    found: dict[str, Any] = dict(match.slots)
    environment = str(found.get("environment") or "").removeprefix("the ").removesuffix(" environment")
    return str(found.get("service") or ""), environment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("show me the errors of checkout in the last hour", ("checkout", "")),
        ("what errors does prod have?", ("", "prod")),
        ("what errors does checkout have in uat", ("checkout", "uat")),
        ("errors in uat since 9", ("", "uat")),
        ("checkout errors today", ("checkout", "")),
        ("any errors in prod-eu?", ("", "prod-eu")),
        ("are there errors in the logs of payments in uat", ("payments", "uat")),
        ("is checkout throwing errors", ("checkout", "")),
        ("summarise the errors of payments since yesterday", ("payments", "")),
        ("error summary of the search service", ("search", "")),
        ("what are the most frequent errors of ledger this week", ("ledger", "")),
        ("top errors in uat", ("", "uat")),
        ("how many errors did checkout log today", ("checkout", "")),
        ("which errors did payments have last night", ("payments", "")),
        ("which exceptions does web-front throw", ("web-front", "")),
        ("group the errors in the logs of checkout", ("checkout", "")),
        ("give me an overview of the errors in uat", ("", "uat")),
        ("list the errors from checkout in prod-us between 9 and 10", ("checkout", "prod-us")),
        ("what went wrong in the logs of checkout last night", ("checkout", "")),
        ("can you check checkout for errors", ("checkout", "")),
        ("check the logs of uat for errors", ("", "uat")),
        ("search the logs of checkout for errors", ("checkout", "")),
        ("did uat have errors this morning?", ("", "uat")),
        ("show uat's errors", ("", "uat")),
        ("compare the errors of checkout with yesterday", ("checkout", "")),
        ("more errors than yesterday in prod-eu?", ("", "prod-eu")),
        ("I want to see the errors of ledger in uat", ("ledger", "uat")),
        ("what's checkout complaining about in its logs", ("checkout", "")),
    ],
)
def test_as_people_ask_for_errors(text: str, expected: tuple[str, str]) -> None:
    assert errors(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("are there new errors in uat since yesterday?", ("", "uat")),
        ("any new errors in prod-eu today", ("", "prod-eu")),
        ("new errors of checkout in uat", ("checkout", "uat")),
        ("what errors are new in prod-us", ("", "prod-us")),
        ("did checkout get new errors in the last 2 hours", ("checkout", "")),
        ("show me only the new errors of payments", ("payments", "")),
        ("are there any errors in uat that were not there yesterday", ("", "uat")),
    ],
)
def test_as_people_ask_for_new_ones(text: str, expected: tuple[str, str]) -> None:
    assert errors(text, intent="new_errors") == expected


@pytest.mark.parametrize(
    "text",
    [
        "fix the errors of checkout",
        "why does checkout have errors",
        "what is the error rate of checkout",
        "how many deployments had errors",
        "errors in the Dockerfile",
        "are there errors in my Dockerfile",
        "what errors did the deployment of checkout have",
        "ignore the errors of checkout",
        "stop uat if there are errors",
        "tell #ops when checkout has errors",
        "alert me about errors in uat",
        "show me the errors of checkout and stop it",
        "5xx errors of checkout",
        "errors of checkout in uat and prod-eu",
        "which service has the most errors",
        "is there an error in the schedule",
        "what does this error mean",
        "I got an error",
        "error",
        "chart the errors of checkout",
        "are the errors of checkout gone",
        "who caused the errors in uat",
        "when did the errors of checkout start",
        "since when are there errors in uat",
        "no errors in uat",
    ],
)
def test_what_asks_for_something_else_is_not_heard_as_that(text: str) -> None:
    assert errors(text) is None and errors(text, intent="new_errors") is None


def test_without_a_name_it_is_what_was_spoken_of_and_else_it_is_asked() -> None:
    assert errors("are there new errors since yesterday?", OF_UAT, "new_errors") == ("", "uat")
    assert errors("are there new errors since yesterday?", SPOKEN, "new_errors") == ("checkout", "")
    assert errors("and the errors in the last hour?", OF_UAT) in {("", "uat"), None}
    with pytest.raises(Unclear, match="Of which environment or service"):
        errors("are there new errors since yesterday?")
    assert errors("are there new errors since yesterday? in prod-eu", intent="new_errors") == ("", "prod-eu")


@pytest.mark.parametrize("text", ["show me its errors", "what errors does it have", "errors of that service today"])
def test_it_is_the_service_that_was_spoken_of(text: str) -> None:
    match = INTENTS.match(text, SPOKEN, PRESENT, KNOWN)
    assert match is not None and match.intent == "error_summary"
    assert (match.slots["service"], match.slots["environment_id"]) == ("checkout", "uat")


def test_it_goes_on_with_another_service_or_another_environment() -> None:
    first = INTENTS.match("show me the errors of checkout in uat today", NOTHING, PRESENT, KNOWN)
    assert first is not None
    focus = Focus(turn=1, intent=first.intent, slots=first.slots)
    assert errors("what about the search service?", focus) == ("search", "uat")
    assert errors("and in prod-eu?", focus) == ("checkout", "prod-eu")
