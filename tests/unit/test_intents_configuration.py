"""Requests about configuration: as people say them, and what is no such request. Written before the phrases were."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.domain import Focus
from copilot.errors import ToolInputError

NOTHING = Focus()
TOOLS = {"configuration": "has", "compare_configuration": "compares"}


def heard(text: str, focus: Focus = NOTHING) -> dict[str, Any] | None:
    match = INTENTS.match(text, focus, PRESENT, KNOWN)
    if match is None or match.plan is None:
        return None
    does = next((TOOLS[step.tool] for step in match.plan.steps if step.tool in TOOLS), None)
    if does is None:
        return None
    names = ("environment", "first", "second", "service", "other_service", "settings")
    return {"does": does} | {name: match.slots[name] for name in names if match.slots.get(name)}


def has(environment: str = "", *settings: str, service: str = "") -> dict[str, Any]:
    found = {"does": "has", "environment": environment, "service": service, "settings": [*settings]}
    return {name: value for name, value in found.items() if value}


def compares(first: str, second: str = "", service: str = "", other: str = "", only: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"does": "compares", "first": first, "second": second, "service": service}
    found |= {"other_service": other, "settings": [only] if only else []}
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("compare the config of staging and prod", compares("staging", "prod")),
        ("what config differs between dev and staging?", compares("dev", "staging")),
        ("which variables does checkout have?", has("", "variable", service="checkout")),
        ("is the config of checkout the same in staging and prod?", compares("staging", "prod", "checkout")),
        ("list the secrets of staging", has("staging", "secret")),
        ("show me the config of orders-dev", has("orders-dev")),
        ("which parameters does uat have?", has("uat", "parameter")),
        ("what env vars does checkout have in uat?", has("uat", "variable", service="checkout")),
        ("configuration of staging", has("staging")),
        ("diff config staging-eu prod-eu", compares("staging-eu", "prod-eu")),
        ("compare staging's configuration with production's", compares("staging", "production")),
        ("how does the configuration of uat differ from prod-eu?", compares("uat", "prod-eu")),
        ("are there config differences between uat and prod-eu?", compares("uat", "prod-eu")),
        ("what environment variables are set for payments?", has("", "variable", service="payments")),
        (
            "show the environment variables of the checkout service in uat",
            has("uat", "variable", service="checkout"),
        ),
        ("list ssm parameters of uat", has("uat", "parameter")),
        ("which secrets does the payments service use?", has("", "secret", service="payments")),
        (
            "compare the variables of checkout between uat and prod-eu",
            compares("uat", "prod-eu", "checkout", only="variable"),
        ),
        ("what's different in the config of staging-eu and prod-eu", compares("staging-eu", "prod-eu")),
        ("is staging configured like production?", compares("staging", "production")),
        ("do uat and prod-eu have the same config?", compares("uat", "prod-eu")),
        ("compare the settings of uat and prod-eu", compares("uat", "prod-eu")),
        ("which settings are in uat but not in prod-eu?", compares("uat", "prod-eu")),
        ("what does prod-eu's config lack compared to uat?", compares("prod-eu", "uat")),
        ("what's missing in prod's config compared to staging?", compares("prod", "staging")),
        ("compare the config of checkout and payments in uat", compares("uat", "", "checkout", "payments")),
        ("what is checkout configured with in prod-eu?", has("prod-eu", service="checkout")),
        ("list all parameters and secrets of orders-dev", has("orders-dev", "parameter", "secret")),
        ("env vars of the checkout service", has("", "variable", service="checkout")),
        (
            "what variables of checkout differ between uat and prod-eu?",
            compares("uat", "prod-eu", "checkout", only="variable"),
        ),
        ("show uat's parameters", has("uat", "parameter")),
        ("please compare the configuration between staging-eu and prod-eu", compares("staging-eu", "prod-eu")),
        ("difference in config between uat and orders-dev", compares("uat", "orders-dev")),
        ("what is orders-dev configured with", has("orders-dev")),
    ],
)
def test_as_people_say_it(text: str, expected: dict[str, Any]) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize("text", ["what's missing in prod's config?", "compare the config of staging"])
def test_what_it_is_compared_with_is_asked_and_the_answer_stands_behind_the_request(text: str) -> None:
    with pytest.raises(ToolInputError, match="With which environment"):
        heard(text)
    found = heard(f"{text.rstrip('?')} with uat")
    assert found is not None and (found["does"], found["second"]) == ("compares", "uat")


@pytest.mark.parametrize(
    "text",
    [
        "set LOG_LEVEL in prod",
        "set LOG_LEVEL to debug in the config of prod",
        "change the config of staging",
        "what is the value of LOG_LEVEL in prod",
        "show me the db password of staging",
        "delete the secrets of staging",
        "rotate the secrets of uat",
        "copy the config from staging to prod",
        "add a variable to checkout",
        "who changed the config of prod",
        "reveal the secrets of uat",
        "decrypt the parameters of uat",
        "update the parameters of uat",
        "sync the config of uat with prod-eu",
        "restart checkout with the new config",
        "is the config of uat valid?",
        "make the config of uat like that of prod-eu",
        "print the values of the secrets of uat",
        "compare the costs of uat and prod-eu",
        "remove LOG_LEVEL from the variables of checkout",
    ],
)
def test_near_misses_are_left_to_the_planner(text: str) -> None:
    with contextlib.suppress(ToolInputError):  # asked back, and nothing is done
        assert heard(text) is None
