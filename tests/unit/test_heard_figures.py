"""Figures of things by their names, or of those of a type in an environment, are heard as people ask for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import hearing
from test_heard import INTENTS, KNOWN, PRESENT, REGISTRY

from copilot.domain import Focus, Person, Trigger
from copilot.errors import ToolInputError
from copilot.intents import Match
from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_figures.yaml"))
THINGS = KNOWN.model_copy(update={"resources": ("orders-db",)})
NOTHING = Focus()


def heard(text: str, focus: Focus = NOTHING) -> Match | None:
    try:
        return INTENTS.match(text, focus, PRESENT, THINGS)
    except ToolInputError:
        return None


def figure(text: str, focus: Focus = NOTHING) -> dict[str, Any] | None:
    """As the cases say it."""
    match = heard(text, focus)
    if match is None or match.plan is None or not match.intent.startswith("metric_values"):
        return None
    check_plan(match.plan, REGISTRY)
    slots: dict[str, Any] = dict(match.slots)
    environment = str(slots.get("environment") or "").removeprefix("the ").removesuffix(" environment")
    told = {"metric": slots["metric"], "of": slots.get("name"), "types": slots.get("types"), "in": environment}
    return {key: value for key, value in told.items() if value}


@pytest.mark.parametrize("case", FOUND["heard"], ids=lambda case: case["text"])
def test_what_people_ask_is_heard(case: dict[str, Any]) -> None:
    expected = {key: value for key, value in case.items() if key in {"metric", "of", "types", "in"}}
    assert figure(case["text"]) == (None if case.get("none") else expected)


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_question_is_not_heard_as_one(text: str) -> None:
    assert figure(text) is None
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=Person(id="ana", name="Ana", roles=("developer",)),
        text=text,
        conversation="ana/x",
        dedupe_key="x",
        received_at=PRESENT.now,
    )
    revision = hearing(INTENTS, REGISTRY, known=lambda: THINGS)(trigger, NOTHING)
    steps = revision.plan.steps if revision else ()
    of_it = [one for one in steps if REGISTRY.find(one.tool).effect != "read"]
    assert [one.tool for one in of_it if one.tool not in {"stop_environment"}] == []


def test_what_is_nearly_an_environment_is_that_before_it_is_a_thing_nobody_knows() -> None:
    match = heard("cpu of orders-dv")
    assert match is not None and match.slots["environment"] == "orders-dev"
    assert [(one.said, one.meant) for one in match.corrected] == [("orders-dv", "orders-dev")]
    assert figure("cpu of orders-ev-4") == {"metric": "cpu", "of": "orders-ev-4"}


@pytest.mark.parametrize(
    "text", ["errors on sunday", "cpu on sunday", "errors in friday", "logs of checkout on 2026-02-28", "how is monday"]
)
def test_a_day_is_neither_a_service_nor_an_environment(text: str) -> None:
    assert heard(text) is None


def test_but_one_that_is_called_so_is_meant() -> None:
    known = KNOWN.model_copy(update={"services": ("sunday",)})
    match = INTENTS.match("errors of sunday", NOTHING, PRESENT, known)
    assert match is not None and match.slots["service"] == "sunday"


@pytest.mark.parametrize(("text", "state"), [("stopped?", "stopped"), ("running", "running"), ("down?", "stopped")])
def test_a_state_alone_asks_which_are_in_it(text: str, state: str) -> None:
    match = heard(text)
    assert match is not None and (match.intent, match.slots["state"]) == ("list_environments", state)
    assert (idle := heard("idle?")) is not None and idle.intent == "idle_environments"
