"""Requests about figures: as people say them, and what is no such request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT
from test_intents_logs import OF_UAT, SPOKEN

from copilot.domain import Focus
from copilot.intents.referring import Unclear

NOTHING = Focus()


def figure(text: str, focus: Focus = NOTHING) -> tuple[str, str, str, str] | None:
    """The metric with its statistic, the service, the environment, and the types; "" for none."""
    match = INTENTS.match(text, focus, PRESENT, KNOWN)
    if match is None or not match.intent.startswith("metric_values"):
        return None
    found: dict[str, Any] = dict(match.slots)
    environment = str(found.get("environment") or "").removeprefix("the ").removesuffix(" environment")
    metric = f"{found['metric']} {found.get('statistic') or ''}".strip()
    return metric, str(found.get("service") or ""), environment, " ".join(found.get("types") or [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what's the p95 latency of checkout today?", ("latency p95", "checkout", "", "")),
        ("cpu of the dev database this week", ("cpu", "", "dev", "database")),
        ("how many requests did checkout get yesterday?", ("requests", "checkout", "", "")),
        ("how full was the queue in uat yesterday", ("queue_depth", "", "uat", "")),
        ("how full is the queue in uat", None),  # as it is now: what is in uat says that
        ("cpu of checkout in uat", ("cpu", "checkout", "uat", "")),
        ("show me the cpu usage of uat", ("cpu", "", "uat", "")),
        ("memory of payments in prod-eu over the last 2 hours", ("memory", "payments", "prod-eu", "")),
        ("what is the error rate of checkout", ("error_rate", "checkout", "", "")),
        ("5xx rate of web-front since 9", ("error_rate", "web-front", "", "")),
        ("p99 response time of search in prod-us", ("latency p99", "search", "prod-us", "")),
        ("average latency of checkout last night", ("latency average", "checkout", "", "")),
        ("max cpu of ledger this week", ("cpu maximum", "ledger", "", "")),
        ("how many connections did the uat database have yesterday", ("connections", "", "uat", "database")),
        ("how many connections does the uat database have", None),  # lately: what is in uat says that
        ("database connections in uat", ("connections", "", "uat", "")),
        ("free storage of the database in uat", ("free_storage", "", "uat", "database")),
        ("how much disk space is left on the uat database", ("free_storage", "", "uat", "database")),
        ("how old is the oldest message in prod-eu", ("queue_age", "", "prod-eu", "")),
        ("queue depth in uat today", ("queue_depth", "", "uat", "")),
        ("how many messages are waiting in uat", ("queue_depth", "", "uat", "")),
        ("how much cpu does checkout use", ("cpu", "checkout", "", "")),
        ("how much memory did payments use yesterday", ("memory", "payments", "", "")),
        ("checkout's cpu in the last hour", ("cpu", "checkout", "", "")),
        ("uat's p50 latency", ("latency p50", "", "uat", "")),
        ("tell me the request count of search on monday", ("requests", "search", "", "")),
        ("how many requests per service in uat today", None),
        ("what was the peak cpu of uat between 9 and 10", ("cpu maximum", "", "uat", "")),
        ("how high is the latency of checkout in uat", ("latency", "checkout", "uat", "")),
        ("cpu utilisation of the instances in uat", ("cpu", "", "uat", "instance")),
        ("how many 5xx did checkout return today", ("errors", "checkout", "", "")),
        ("how slow is checkout", ("latency", "checkout", "", "")),
    ],
)
def test_as_people_ask_for_figures(text: str, expected: tuple[str, str, str, str] | None) -> None:
    assert figure(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "why is the cpu of checkout so high",
        "raise the memory of checkout",
        "alert me when the cpu of checkout is above 80",
        "chart the cpu of checkout and payments",
        "stop uat if its cpu is below 5",
        "which service uses the most cpu",
        "cpu",
        "cpu of checkout and payments",
        "compare the cpu of uat and prod-eu",
        "cpu of all dev environments",
        "what is the latency of the deployment of checkout",
        "how many requests can checkout handle",
        "what does cpu cost",
        "empty the queue in uat",
        "how many deployments did checkout get yesterday",
        "what is the error rate of deployments",
        "what's the success rate of checkout",
        "is the cpu of checkout ok",
        "how many requests did I make",
        "purge the queue",
        "connect me to the uat database",
        "cpu of checkout since the release",
        "how much does the uat database cost",
        "p95 of checkout",
        "usage of uat over the last 30 days",
    ],
)
def test_what_asks_for_something_else_is_not_heard_as_that(text: str) -> None:
    assert figure(text) is None


def test_without_a_name_it_is_what_was_spoken_of_and_else_it_is_asked() -> None:
    assert figure("how full is the queue", OF_UAT) == ("queue_depth", "", "uat", "")
    with pytest.raises(Unclear, match="Of which environment"):
        figure("how full is the queue")
    with pytest.raises(Unclear, match="Of which environment"):
        figure("how full is the queue", OF_UAT.model_copy(update={"unsettled": True}))
    assert figure("what is its cpu", SPOKEN) == ("cpu", "checkout", "", "")
    assert figure("p95 latency of that service today", SPOKEN) == ("latency p95", "checkout", "", "")


def test_the_time_is_heard() -> None:
    match = INTENTS.match("cpu of checkout in the last 2 hours", NOTHING, PRESENT, KNOWN)
    assert match is not None and match.slots["since"] == (PRESENT.now - timedelta(hours=2)).isoformat()


def test_it_goes_on_with_another_service_or_another_environment() -> None:
    first = INTENTS.match("p95 latency of checkout in uat today", NOTHING, PRESENT, KNOWN)
    assert first is not None
    focus = Focus(turn=1, intent=first.intent, slots=first.slots)
    assert figure("what about the search service?", focus) == ("latency p95", "search", "uat", "")
    assert figure("and in prod-eu?", focus) == ("latency p95", "checkout", "prod-eu", "")
