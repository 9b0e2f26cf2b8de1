"""Runbooks asked for in words: heard as people ask, with every word behind the name in its place; else nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_heard import HEAR, PRESENT, REGISTRY
from test_heard_would import planned
from test_runbook_check import SAMPLES

from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.domain import RUNBOOK, Person, Plan, Revision, Runbook, SavedRunbook
from copilot.intents.actions import read_yaml
from copilot.planning.asking_runbooks import AskForRunbook
from copilot.runbooks.filling import plan_of
from copilot.runbooks.reading import read_runbook

HEARD = read_yaml(Path(__file__).with_name("heard_runbooks.yaml"))
BEN = Person(id="ben", name="Ben", roles=("operator",))
MORNING = """
name: morning-check
parameters: {channel: {type: string, names: channel, default: "#ops"}}
steps: [{id: envs, tool: list_environments}, {id: tell, tool: notify, arguments: {channel: {$slot: channel}, text: x}}]
answer: {text: "{envs.none}"}
"""
KEPT = {path.stem: read_runbook(path.read_text()) for path in SAMPLES} | {"morning-check": read_runbook(MORNING)}


def saved(runbook: Runbook) -> SavedRunbook:
    return SavedRunbook(runbook=runbook, by=BEN, at=PRESENT.now)


RUNBOOKS = MemoryRunbooks(*map(saved, KEPT.values()))
ASKING = replace(
    HEAR,
    runbook=AskForRunbook(lambda: RUNBOOKS, REGISTRY),
    save=lambda trigger, said: Revision.model_validate({"plan": {"say": f"save: {said}"}}),
)


def heard(text: str) -> Revision | None:
    return planned(text, hear=ASKING)


def is_run(revision: Revision | None) -> bool:
    return revision is not None and revision.intent == RUNBOOK


@pytest.mark.parametrize("case", HEARD["run"], ids=lambda case: case["said"])
def test_what_is_asked_by_name_is_the_runbooks_plan_with_what_was_said(case: dict[str, Any]) -> None:
    revision = heard(case["said"])
    assert revision is not None and revision.slots == {"runbook": case["name"], "version": 1, "by": "ben"}, revision
    assert revision.plan == plan_of(KEPT[case["name"]], case.get("arguments", {}))


@pytest.mark.parametrize("text", HEARD["not_run"])
def test_what_is_no_order_to_run_one_runs_none(text: str) -> None:
    revision = heard(text)
    assert not is_run(revision)
    assert revision is None or not any(REGISTRY.find(one.tool).effect != "read" for one in revision.plan.steps)


@pytest.mark.parametrize("text", HEARD["list"])
def test_which_there_are_is_looked_up(text: str) -> None:
    revision = heard(text)
    assert revision is not None and [step.tool for step in revision.plan.steps] == ["list_runbooks"]


@pytest.mark.parametrize("text", HEARD["not_list"])
def test_what_is_about_something_else_lists_none(text: str) -> None:
    revision = heard(text)
    assert revision is None or [step.tool for step in revision.plan.steps] != ["list_runbooks"]


@pytest.mark.parametrize("case", HEARD["save"], ids=lambda case: case["said"])
def test_that_something_is_to_be_saved_is_heard(case: dict[str, Any]) -> None:
    revision = heard(case["said"])
    assert revision is not None and (revision.plan.say or "").startswith("save: ")


@pytest.mark.parametrize("text", HEARD["not_save"])
def test_what_is_no_order_to_save_saves_nothing(text: str) -> None:
    revision = heard(text)
    assert revision is None or not (revision.plan.say or "").startswith("save: ")


@pytest.mark.parametrize("case", HEARD["withdraw"], ids=lambda case: case["said"])
def test_what_is_to_be_withdrawn_is_by_its_name_and_version(case: dict[str, Any]) -> None:
    revision = heard(case["said"])
    assert revision is not None
    (step,) = revision.plan.steps
    assert (step.tool, step.arguments) == ("withdraw_runbook", {"name": case["name"], "version": 1})


@pytest.mark.parametrize("text", HEARD["not_withdraw"])
def test_what_is_no_order_to_withdraw_one_withdraws_none(text: str) -> None:
    revision = heard(text)
    assert revision is None or not revision.plan.steps


def test_of_what_is_not_understood_behind_the_name_nothing_is_done_and_it_is_named() -> None:
    for text, over in (
        ("run morning check tomorrow", "tomorrow"),
        ("run idle-cleanup for dev and tell #platform at 8", "at 8"),
        ("run idle-cleanup in 12 hours and tell #platform", "in 12 hours and tell #platform"),
        ("run evening stop for orders-dev and checkout-dev", "checkout-dev"),
    ):
        revision = heard(text)
        assert revision is not None and not revision.plan.steps and f"“{over}”" in (revision.plan.say or ""), revision


def test_what_lacks_is_asked_for_with_what_it_may_be() -> None:
    revision = heard("run idle-cleanup for dev")
    assert revision is not None and revision.plan.ask is not None
    assert revision.plan.goal == "run the runbook idle-cleanup for dev"
    assert "Parameter channel of runbook idle-cleanup has to be said" in revision.plan.ask.question
    assert is_run(heard("run the runbook idle-cleanup for dev #platform")), "as the answer completes it"


def test_what_is_no_value_is_asked_for_again() -> None:
    revision = heard("run idle-cleanup with hours=soon and tell #platform")
    assert revision is not None and revision.plan.ask is not None
    assert "hours of runbook idle-cleanup: found soon, expected a whole number" in revision.plan.ask.question


def test_of_a_name_that_no_runbook_has_the_nearest_is_offered() -> None:
    revision = heard("run the runbook mourning check")
    assert revision is not None and revision.plan.ask is not None
    assert revision.plan.ask.choices == ("run the runbook morning-check",)
    revision = heard("run the runbook xyz")
    assert revision is not None and "There is no runbook xyz" in (revision.plan.say or "")
    assert heard("run mourning check") is None, "without that word it may be anything"


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("every day at 8am run the morning check", "morning-check", {}),
        ("run the morning check every weekday at 08:00", "morning-check", {}),
        ("tomorrow at 20:00 run evening stop for orders-dev", "evening-stop", {"environment": "orders-dev"}),
        ("run idle-cleanup for dev and tell #platform every Friday at 18:00", "idle-cleanup", {"kind": "dev"}),
    ],
)
def test_one_is_put_on_a_schedule_filled_in(text: str, name: str, arguments: dict[str, Any]) -> None:
    revision = heard(text)
    assert revision is not None
    (step,) = revision.plan.steps
    assert step.tool == "schedule_request"
    kept = Plan.model_validate_json(str(step.arguments["plan"]))
    more = {"channel": "#platform"} if "#platform" in text else {}
    wanted = plan_of(KEPT[name], arguments | more)
    assert [(one.id, one.tool.partition("@")[0], one.arguments) for one in kept.steps] == [
        (one.id, one.tool.partition("@")[0], one.arguments) for one in wanted.steps
    ]
