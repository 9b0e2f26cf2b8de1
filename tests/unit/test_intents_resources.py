"""Requests about what an environment is made of: as people say them, and what is no such request."""

from __future__ import annotations

from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT, REGISTRY

from copilot.domain import Focus
from copilot.errors import ToolInputError

NOTHING = Focus()


def heard(text: str) -> dict[str, Any] | None:
    match = INTENTS.match(text, NOTHING, PRESENT, KNOWN)
    if match is None:
        return None
    return {name: value for name, value in match.slots.items() if value not in (None, [])} | {"intent": match.intent}


def of(environment: str, *types: str, state: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"intent": "environment_resources", "environment": environment}
    return found | ({"types": [*types]} if types else {}) | ({"in_state": state} if state else {})


def of_kind(kind: str, *types: str, state: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"intent": "resources_of_several", "kinds": [kind]}
    return found | ({"types": [*types]} if types else {}) | ({"in_state": state} if state else {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what is in uat?", of("uat")),
        ("what's in uat", of("uat")),
        ("What runs in staging?", of_kind("staging")),
        ("which databases does orders-dev have?", of("orders-dev", "database")),
        ("list the services of uat", of("uat", "service")),
        ("show me the instances in dev that are running", of_kind("development", "instance", state="running")),
        ("what is running in uat?", of("uat", state="running")),
        ("what does uat consist of?", of("uat")),
        ("what is uat made of?", of("uat")),
        ("what's inside orders-dev?", of("orders-dev")),
        ("show the resources of orders-dev", of("orders-dev")),
        ("list all resources in the staging environment", of_kind("staging")),
        ("which services run in uat?", of("uat", "service")),
        ("what services does uat have?", of("uat", "service")),
        ("what databases are there in orders-dev?", of("orders-dev", "database")),
        ("which instances are stopped in dev?", of_kind("development", "instance", state="stopped")),
        ("how many services does uat have?", of("uat", "service")),
        ("how many databases are in orders-dev?", of("orders-dev", "database")),
        ("does orders-dev have a database?", of("orders-dev", "database")),
        ("show me everything in uat", of("uat")),
        ("give me the databases of prod-eu", of("prod-eu", "database")),
        ("list uat's services", of("uat", "service")),
        ("orders-dev databases", of("orders-dev", "database")),
        ("services in uat", of("uat", "service")),
        ("I want to see the instances of blue-42", of("blue-42", "instance")),
        ("can you list the running services of uat", of("uat", "service", state="running")),
        ("which stopped databases are in orders-dev", of("orders-dev", "database", state="stopped")),
        ("tell me what is in uat", of("uat")),
        ("what resources are in uat", of("uat")),
        ("what services are running in staging", of_kind("staging", "service", state="running")),
        ("inventory of uat", of("uat")),
        ("show me the machines in dev", of_kind("development", "instance")),
        ("which dbs are running in uat", of("uat", "database", state="running")),
        ("are there any databases in blue-42?", of("blue-42", "database")),
        ("what is deployed in uat?", of("uat")),
        ("please show me the services and databases of orders-dev", of("orders-dev", "service", "database")),
        ("which queues does uat have", of("uat", "queue")),
        ("how long are the queues of orders-dev", of("orders-dev", "queue")),
        ("which databases do we have in production?", of_kind("production", "database")),
    ],
)
def test_as_people_say_it(text: str, expected: dict[str, Any]) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "which databases were deleted in uat",
        "what was in uat yesterday",
        "what is in the log archive of uat",
        "stop the databases of orders-dev",
        "start the instances in dev that are stopped",
        "show me the databases of orders-dev and stop them",
        "which services in uat are slow",
        "which services use the orders database",
        "which services failed in uat last night",
        "which services should I stop in uat",
        "which services are idle in uat",
        "how many services did we deploy to uat",
        "who uses the databases of uat",
        "what changed in uat",
        "what is in version 3 of uat",
        "list the backups of the uat databases",
    ],
)
def test_what_asks_for_more_is_for_a_model(text: str) -> None:
    assert heard(text) is None


def test_of_several_that_are_named_each_is_shown() -> None:
    found = heard("list the running instances in all dev environments except sandbox")
    assert found == of_kind("development", "instance", state="running") | {"but": ["sandbox"]}
    match = INTENTS.match("which databases do orders-dev and blue-42 have?", NOTHING, PRESENT, KNOWN)
    assert match is not None and match.plan is not None
    first, each = match.plan.steps
    assert first.arguments["names"] == ["orders-dev", "blue-42"] and each.arguments["types"] == ["database"]
    assert each.for_each == {"$ref": "envs.environments[].id"}


def test_of_a_kind_it_is_what_each_of_its_environments_is_made_of() -> None:
    found = heard("what is in staging?")
    assert found is not None and found["intent"] == "resources_of_several"
    found = heard("which environments are in staging?")
    assert found is not None and found["intent"] == "list_environments"


def test_it_goes_on_with_another_environment() -> None:
    first = INTENTS.match("which databases does orders-dev have?", NOTHING, PRESENT, KNOWN)
    assert first is not None
    focus = Focus(turn=1, intent=first.intent, slots=first.slots)
    again = INTENTS.match("what about blue-42?", focus, PRESENT, KNOWN)
    assert again is not None and again.intent == "environment_resources"
    assert (again.slots["environment"], again.slots["types"]) == ("blue-42", ["database"])


def test_nothing_of_it_changes_anything() -> None:
    for action in INTENTS.actions:
        if action.action == "resources":
            tools = {step["tool"] for intent in action.plans for step in intent.plan["steps"]}
            assert {REGISTRY.find(tool).effect for tool in tools} == {"read"}


def test_a_word_that_nothing_was_spoken_of_before_is_asked_about() -> None:
    with pytest.raises(ToolInputError, match="Which environment"):
        heard("which services run in it?")
