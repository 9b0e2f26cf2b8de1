"""Requests about what a service runs: as people say them, and what is no such request."""

from __future__ import annotations

import pytest
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.domain import Focus

NOTHING = Focus()


def heard(text: str, focus: Focus = NOTHING) -> tuple[str, str] | None:
    """The service, and the environment it is asked about in; "" for none."""
    match = INTENTS.match(text, focus, PRESENT, KNOWN)
    if match is None or not match.intent.startswith("service_details"):
        return None
    return str(match.slots["service"]), str(match.slots.get("environment", ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("which image does checkout run?", ("checkout", "")),
        ("what version of search is in uat?", ("search", "uat")),
        ("what version of checkout is in staging?", ("checkout", "staging")),
        ("details of the payments service", ("payments", "")),
        ("what image is checkout running in prod-eu?", ("checkout", "prod-eu")),
        ("which version of checkout runs in staging?", ("checkout", "staging")),
        ("what version is checkout on in uat", ("checkout", "uat")),
        ("show me the details of checkout in uat", ("checkout", "uat")),
        ("show the checkout service in uat", ("checkout", "uat")),
        ("tell me about the checkout service", ("checkout", "")),
        ("which tag of checkout is deployed in prod-eu?", ("checkout", "prod-eu")),
        ("what's the image of checkout in uat?", ("checkout", "uat")),
        ("what is checkout's version in uat", ("checkout", "uat")),
        ("which task definition does checkout use?", ("checkout", "")),
        ("what revision of checkout is running?", ("checkout", "")),
        ("is checkout's deployment done?", ("checkout", "")),
        ("is a deployment of checkout under way?", ("checkout", "")),
        ("are the targets of checkout healthy in uat?", ("checkout", "uat")),
        ("target health of checkout in prod-eu", ("checkout", "prod-eu")),
        ("how is the checkout service doing in uat?", ("checkout", "uat")),
        ("how many tasks does checkout run in uat", ("checkout", "uat")),
        ("describe the checkout service", ("checkout", "")),
        ("which version of payments do we have in production", ("payments", "production")),
        ("what version of checkout do we run", ("checkout", "")),
        ("what build of search is live in prod-us", ("search", "prod-us")),
        ("service details for ledger in uat", ("ledger", "uat")),
        ("give me details about web-front in staging-eu", ("web-front", "staging-eu")),
        ("which docker image is used by checkout", ("checkout", "")),
        ("what image does uat's checkout use", ("checkout", "uat")),
        ("is checkout still deploying in prod-eu", ("checkout", "prod-eu")),
        ("can you tell me which image checkout runs in uat", ("checkout", "uat")),
        ("show me the image of checkout", ("checkout", "")),
        ("what version of checkout is live", ("checkout", "production")),
        ("which image does checkout run orders-dev", ("checkout", "orders-dev")),
    ],
)
def test_as_people_say_it(text: str, expected: tuple[str, str]) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "which image did checkout run last week",
        "deploy version 3 of checkout",
        "what version of checkout was in uat yesterday",
        "why is the image of checkout so large",
        "roll checkout back to version 2",
        "which image should checkout run",
        "delete the image of checkout",
        "restart the checkout service",
        "stop the checkout service",
        "scale the checkout service",
        "which services run version 3",
        "compare the version of checkout in uat and prod-eu",
        "details of the last deployment of checkout",
        "which image does checkout run and who built it",
        "what version of the copilot is this",
        "which image does the Dockerfile use",
        "details of uat",
        "how many tasks does uat run",
        "describe uat",
        "show uat",
        "is uat running",
        "how is uat doing",
        "which version of checkout is newer",
        "what version of checkout runs in uat and prod-eu differs",
        "upgrade checkout to version 2 in uat",
        "which deployments of checkout failed",
        "how is the staging environment",
        "how is my deployment going",
        "how are the deployments of checkout",
    ],
)
def test_what_asks_for_something_else_is_not_heard_as_that(text: str) -> None:
    assert heard(text) is None


def test_it_goes_on_with_another_service_or_another_environment() -> None:
    first = INTENTS.match("what version of checkout is in uat?", NOTHING, PRESENT, KNOWN)
    assert first is not None
    focus = Focus(turn=1, intent=first.intent, slots=first.slots)
    assert heard("what about the search service?", focus) == ("search", "uat")
    assert heard("and in prod-eu?", focus) == ("checkout", "prod-eu")
