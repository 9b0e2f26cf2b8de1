"""Costs, owners, changes and files are heard as people ask for them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from fakes import hearing
from test_heard import INTENTS, KNOWN, PRESENT, REGISTRY
from test_heard_changes import looked_for
from test_heard_would import foreseen, planned
from test_intents_costs import heard as costs_heard

from copilot.domain import Focus, Known, Revision
from copilot.errors import ToolInputError
from copilot.intents import Match
from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_asked.yaml"))


def told(case: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in case.items() if name != "text"}


@pytest.mark.parametrize("case", FOUND["costs"], ids=lambda case: case["text"])
def test_costs_are_heard(case: dict[str, Any]) -> None:
    assert costs_heard(case["text"]) == told(case)


@pytest.mark.parametrize("case", FOUND["savings"], ids=lambda case: case["text"])
def test_savings_are_heard(case: dict[str, Any]) -> None:
    assert costs_heard(case["text"]) == told(case)


@pytest.mark.parametrize("text", FOUND["no_costs"])
def test_what_asks_for_no_costs_is_not_heard_so(text: str) -> None:
    with contextlib.suppress(ToolInputError):  # asked back, and nothing is done
        assert costs_heard(text) is None


@pytest.mark.parametrize("case", FOUND["would"], ids=lambda case: case["text"])
def test_what_it_would_cost_is_heard(case: dict[str, Any]) -> None:
    revision = planned(case["text"])
    assert revision is not None and foreseen(revision) == case["of"]


@pytest.mark.parametrize("case", FOUND["changes"], ids=lambda case: case["text"])
def test_who_changed_what_is_heard(case: dict[str, Any]) -> None:
    expected = told(case)
    several = expected.pop("several", False)
    assert looked_for(case["text"]) == expected | ({"of": True} if several else {})


@pytest.mark.parametrize("case", FOUND["by_person"], ids=lambda case: case["text"])
def test_what_somebody_changed_is_heard(case: dict[str, Any]) -> None:
    revision = planned(case["text"])
    assert revision is not None
    (made,) = [one for one in revision.plan.steps if one.tool == "changes"]
    assert {name: made.arguments.get(name) for name in told(case)} == told(case)
    check_plan(revision.plan, REGISTRY)


@pytest.mark.parametrize("text", FOUND["no_changes"])
def test_what_asks_for_no_changes_is_not_heard_so(text: str) -> None:
    revision = planned(text)
    assert looked_for(text) is None
    assert revision is None or all(REGISTRY.find(one.tool).effect == "read" for one in revision.plan.steps)


# --- whose it is ----------------------------------------------------------------------------------------

OWNERS = {"orders-dev": "ana", "checkout-dev": "Ana", "uat": "ana@example.com", "sandbox": "Team Orders"}
OWNED = KNOWN.model_copy(
    update={
        "environments": tuple(one.model_copy(update={"owner": OWNERS.get(one.name, "")}) for one in KNOWN.environments)
    }
)


def found(text: str, focus: Focus = Focus(), known: Known = OWNED) -> Match | None:
    return INTENTS.match(text, focus, PRESENT, known)


@pytest.mark.parametrize("case", FOUND["owners"], ids=lambda case: case["text"])
def test_whose_something_is_is_heard(case: dict[str, Any]) -> None:
    match = found(case["text"])
    assert match is not None and match.plan is not None
    check_plan(match.plan, REGISTRY)
    slots = {"of" if slot == "environment" else slot: value for slot, value in match.slots.items() if value}
    assert slots == told(case)


@pytest.mark.parametrize("text", FOUND["no_owners"])
def test_what_asks_for_no_owner_is_not_heard_so(text: str) -> None:
    with contextlib.suppress(ToolInputError):
        match = found(text)
        assert match is None or match.plan is None or "owner" not in f"{match.intent} {[*match.slots]}"


def test_an_owner_is_found_however_that_is_written() -> None:
    """Letter by letter as it stands there: what is said is no pattern."""

    def asked(text: str) -> Revision | None:
        return planned(text, hear=hearing(INTENTS, REGISTRY, known=lambda: OWNED))

    of_ana = asked("which dev environments does ana own?")
    assert of_ana is not None and of_ana.plan.answer is not None
    assert "owner=='Ana' || owner=='ana' || owner=='ana@example.com'" in str(of_ana.plan.answer.text)
    check_plan(of_ana.plan, REGISTRY)
    team = asked("list the environments of team orders")
    assert team is not None and team.plan.answer is not None
    assert "owner=='Team Orders'" in str(team.plan.answer.text)
    for text in ("what does bob own?", "stop bob's environments", "stop everything owned by bob"):
        bob = asked(text)
        assert (
            bob is not None
            and not bob.plan.steps
            and bob.plan.say
            == (
                "No environment has “bob” as its owner. Owners there are: Ana, Team Orders, ana, ana(at)example.com. "
                "Nothing was done."
            )
        )


@pytest.mark.parametrize(
    ("text", "kinds", "tools"),
    [
        ("stop all environments of ana", [], ["stop_environment"]),
        ("stop ana's dev environments", ["development"], ["stop_environment"]),
        ("stop all of ana's environments", [], ["stop_environment"]),
        ("stop the environments ana owns", [], ["stop_environment"]),
        ("stop everything that belongs to ana", [], ["stop_environment"]),
        ("turn off all dev environments owned by ana please", ["development"], ["stop_environment"]),
        ("shut down environments belonging to ana", [], ["stop_environment"]),
        ("stop ana's idle environments", [], ["environment_activity", "stop_environment"]),
        ("stop all idle environments of ana", [], ["environment_activity", "stop_environment"]),
        ("start ana's environments", [], ["start_environment"]),
        ("delete ana's preview environments", ["preview"], ["delete_environment"]),
    ],
)
def test_what_an_owner_has_is_changed_and_nothing_else(text: str, kinds: list[str], tools: list[str]) -> None:
    revision = planned(text, hear=hearing(INTENTS, REGISTRY, known=lambda: OWNED))
    assert revision is not None
    first, *rest = revision.plan.steps
    assert (first.tool, first.arguments["kinds"]) == ("list_environments", kinds)
    assert [one.tool for one in rest] == tools
    assert rest[0].for_each == {
        "$ref": "envs.environments[?owner=='Ana' || owner=='ana' || owner=='ana@example.com'].id"
    }
    check_plan(revision.plan, REGISTRY)


@pytest.mark.parametrize(
    "text", ["stop everything that is mine", "stop the environments I own", "stop all environments that belong to me"]
)
def test_mine_is_said_in_more_ways_than_my(text: str) -> None:
    revision = planned(text, hear=hearing(INTENTS, REGISTRY, known=lambda: OWNED, owned_as=lambda person: ("ana",)))
    assert revision is not None and revision.plan.steps[1].for_each == {"$ref": "envs.environments[?owner=='ana'].id"}


def test_what_an_environment_or_a_service_is_called_is_no_owner() -> None:
    named = OWNED.environments[0].model_copy(update={"name": "ana", "owner": ""})
    for taken in ({"environments": (*OWNED.environments, named)}, {"services": ("ana",)}):
        known = OWNED.model_copy(update=taken)
        for text in ("stop ana's environments", "stop all environments of ana", "stop everything owned by ana"):
            with contextlib.suppress(ToolInputError):
                match = found(text, known=known)
                assert match is None or "owner" not in match.slots


# --- the last answer again ------------------------------------------------------------------------------


def after(text: str, said: str) -> Match | None:
    before = found(said)
    assert before is not None
    return found(text, Focus(intent=before.intent, slots=before.slots))


def forms_of(match: Match | None) -> list[Any]:
    steps = match.plan.steps if match and match.plan else ()
    return [form for one in steps if one.tool == "render_report" for form in one.arguments["forms"]]  # type: ignore[union-attr]


@pytest.mark.parametrize("case", FOUND["files"], ids=lambda case: case["text"])
def test_the_last_answer_is_given_as_a_file(case: dict[str, Any]) -> None:
    match = after(case["text"], "what did staging cost last month")
    assert match is not None and match.plan is not None and match.is_follow_up
    assert forms_of(match) == case["forms"]
    assert match.slots["kinds"] == ["staging"]
    check_plan(match.plan, REGISTRY)


@pytest.mark.parametrize("text", FOUND["no_files"])
def test_what_asks_for_no_file_is_given_none(text: str) -> None:
    match = after(text, "what did staging cost last month")
    assert not forms_of(match) and (match is None or not match.says)


@pytest.mark.parametrize("text", ["as a pdf", "chart it", "csv?"])
def test_of_what_there_is_no_file_it_is_said_in_a_sentence_of_what_there_is(text: str) -> None:
    for said in ("what would happen if I stopped orders-dev?", "stop orders-dev", "is uat ok?"):
        match = after(text, said)
        assert match is not None and match.plan is None
        assert match.says.startswith(
            "Of the last answer there is no file; lists of environments, resources, schedules,"
        )


def test_of_what_cannot_be_drawn_it_is_said_what_it_can_be() -> None:
    match = after("chart it", "list schedules")
    assert match is not None
    assert match.says == "The last answer has nothing to draw; as a PDF, a web page or CSV it can be had."


@pytest.mark.parametrize("text", [case["text"] for case in FOUND["files"]])
def test_where_nothing_was_answered_there_is_nothing_to_give(text: str) -> None:
    match = found(text)
    assert match is None or (not match.says and not forms_of(match))


def test_what_somebody_else_owns_stays_so_as_a_file() -> None:
    match = after("as csv", "which dev environments does ana own?")
    assert match is not None and not match.mine and match.slots["owner"] == "ana" and forms_of(match) == ["csv"]


@pytest.mark.parametrize("case", FOUND["again"], ids=lambda case: case["text"])
def test_what_is_said_anew_stands_in_place_of_what_was_said(case: dict[str, Any]) -> None:
    match = after(case["text"], "what did staging cost last month")
    assert match is not None and match.plan is not None and match.is_follow_up
    (costs,) = [one for one in match.plan.steps if one.tool == "costs"]
    seen = {**costs.arguments, "kinds": match.slots["kinds"]}
    assert {name: seen[name] for name in told(case)} == told(case)
    assert "kinds" in case or match.slots["kinds"] == ["staging"]


@pytest.mark.parametrize("text", FOUND["not_again"])
def test_what_says_nothing_anew_is_no_request(text: str) -> None:
    match = after(text, "what did staging cost last month")
    assert match is None or match.plan is None


@pytest.mark.parametrize("said", ["what is in orders-dev?", "which databases do orders-dev and blue-42 have?"])
def test_what_is_in_environments_is_given_as_a_file(said: str) -> None:
    match = after("as csv", said)
    assert match is not None and match.plan is not None and forms_of(match) == ["csv"]
    check_plan(match.plan, REGISTRY)
