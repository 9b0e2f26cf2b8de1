"""Requests that are like one that was planned before, and such as only look like it, as data."""

from __future__ import annotations

from typing import Any

import pytest
from learning_world import (
    ANN,
    BEN,
    CHANNELS,
    INTENTS,
    KNOWN,
    NOVEMBER,
    Learning,
    cases,
    near_misses,
    plan_for,
    repeats,
    said,
)

from copilot.domain import Attachment, Focus, KnownEnvironment, OpenQuestion, Plan, Revision
from copilot.planning.request_shapes import Shape, Vocabulary, shape_of, stands_alone


def learned(entry: dict[str, Any]) -> Learning:
    world = Learning()
    text = said(entry, entry["first"])
    world.learn(text, plan_for(entry, entry["first"], text))
    return world


def test_there_are_as_many_as_were_promised() -> None:
    effects = [entry for entry in cases() if "notify" in str(entry["plan"])]
    assert len(cases()) >= 12 and 5 <= len(effects) < len(cases())
    assert len(list(near_misses())) >= 100 and len(list(repeats())) >= 55


@pytest.mark.parametrize(("entry", "values"), list(repeats()))
def test_a_repeat_is_exactly_the_plan_for_what_it_names(entry: dict[str, Any], values: dict[str, Any]) -> None:
    text = said(entry, values)
    assert learned(entry).planned(text) == plan_for(entry, values, text)


@pytest.mark.parametrize(("entry", "text"), [(entry, text) for entry in cases() for text in entry.get("said", ())])
def test_how_it_is_written_makes_no_difference(entry: dict[str, Any], text: str) -> None:
    assert learned(entry).planned(text) is not None


@pytest.mark.parametrize(("entry", "text"), list(near_misses()))
def test_a_near_miss_is_never_planned_by_it(entry: dict[str, Any], text: str) -> None:
    assert learned(entry).planned(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "stop every development environment that nobody has used for six hours, then tell #ops which ones",
        "list the services that are failing in storefront with their owners",
        "say what basket and its database cost over 30 days",
        "tell #ops that storefront sleeps and post the last 5 deployments",
        "for each staging environment say who deployed last 3 times",
    ],
)
def test_what_refers_to_something_in_its_own_sentence_stands_alone(text: str) -> None:
    assert stands_alone(shape(text))


@pytest.mark.parametrize(
    "text",
    [
        "stop that and tell #ops about storefront",
        "stop storefront and do that in basket as well",
        "do for basket what was done for that environment",
        "tell #ops which ones of storefront failed and stop them",
        "which ones failed in storefront and basket",
        "put its services to sleep in storefront too",
        "restart the service and say how storefront does",
        "list the last one that failed in storefront",
        "do the same for basket and tell #ops",
        "what about basket and the cost of it",
        "and storefront with all its services please",
        "for basket list what failed and why",
        "stop the second one of staging and tell #ops",
        "instead of storefront put basket to sleep",
        "show more of storefront and tell #ops",
        "storefront and basket side by side with cost",
        "restart the others in storefront and tell #ops",
        "yes put storefront to sleep and tell #ops",
        "basket too and post the outcome",
    ],
)
def test_what_may_speak_of_something_before_does_not_stand_alone(text: str) -> None:
    assert not stands_alone(shape(text))


def shape(text: str) -> Shape:
    return shape_of(text, Vocabulary(INTENTS.lexicon, KNOWN, CHANNELS, ("ann", "ben")))


ERRORS = {"id": "errors", "tool": "error_summary", "arguments": {"environment_id": {"$ref": "find.environment.id"}}}
FIND = {"id": "find", "tool": "find_environment", "arguments": {"name": "storefront"}}


def lifted(text: str, *steps: dict[str, Any], answer: str = "done", known: Any = None) -> dict[str, bool] | None:
    """By what stands in each place of the request whether another may; None where nothing can be learned of it."""
    world = Learning()
    world.known = known or world.known
    found = world.may_learn(text, Plan.model_validate({"steps": steps, "answer": {"text": answer}})).learned
    return None if found is None else {slot.value: slot.lifted for slot in found.slots}


def deployments(**more: Any) -> dict[str, Any]:
    return {"id": "list", "tool": "list_deployments", "arguments": {"service": "api"} | more}


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({"most": 5}, "{list.deployments[?attempts >= `6`].summary}"),
        ({"most": 5}, "{list.deployments[0].summary} {list.deployments[4].summary}"),
        ({"most": 5}, "There were 5: {list.counted}"),
        ({"most": 50}, "{list.counted}"),
        ({"most": 5, "deployment": "5"}, "{list.counted}"),
    ],
)
def test_a_number_that_may_be_more_than_one_thing_stays_what_it_was(more: dict[str, Any], answer: str) -> None:
    text = "draw up over 5 deployments of api by who made each"
    answer = answer.replace("[?attempts >= `6`]", "[?length(summary) >= `6`]")
    assert lifted(text, deployments(**more), answer=answer) == {"5": False, "api": True}


def test_a_number_is_lifted_where_it_is_one_thing() -> None:
    text = "draw up over 5 deployments of api by who made each"
    said = "Over 5 deployments: {list.counted}"
    assert lifted(text, deployments(most=5), answer=said) == {"5": True, "api": True}


def test_a_name_in_which_more_was_seen_stays_what_it_was() -> None:
    text = "say how basket does and name its owner"
    find = FIND | {"arguments": {"name": "basket"}}
    assert lifted(text, find) == {"basket": True}
    for other in ("basket-api", "team-baskets", "basket_db", "/ecs/basket"):
        more = {"id": "list", "tool": "list_deployments", "arguments": {"service": other}}
        assert lifted(text, find, more) == {"basket": False}, other
    assert lifted(text, FIND | {"arguments": {"name": "Basket"}}) == {"basket": False}
    assert lifted(text, FIND) == {"basket": False}, "that the plan is not about"
    said = "Baskets and basket: {find.environment.name}"
    assert lifted(text, find, answer=said) == {"basket": False}, "it would be said of another"


def test_a_name_that_could_be_more_than_a_name_is_no_slot() -> None:
    more = KnownEnvironment(name="x'||state||'", kind="development", seen_at=NOVEMBER)
    odd = KNOWN.model_copy(update={"environments": (*KNOWN.environments, more)})
    world = Learning()
    world.known = odd
    text = "say how basket does and name its owner"
    world.learn(
        text, Plan.model_validate({"steps": [FIND | {"arguments": {"name": "basket"}}], "answer": {"text": "x"}})
    )
    assert world.planned(text.replace("basket", "orders")) is not None
    assert world.planned(text.replace("basket", more.name)) is None


@pytest.mark.parametrize(
    "text",
    [
        "say what storefront cost this month to a newcomer",
        "say what storefront cost in the quarter to a newcomer",
        "say what storefront cost year to date for newcomers",
        "say what storefront cost in May to a newcomer",
        "say what storefront cost since Monday to a newcomer",
        "say what storefront cost until now to a newcomer",
        "say what storefront cost the past week to a newcomer",
        "say what storefront cost from 9am on for newcomers",
        "say what storefront cost on the 3rd for newcomers",
        "say what storefront cost from 08:00 on for newcomers",
        "say what storefront cost on 2026-11-03 for newcomers",
    ],
)
def test_nothing_is_learned_of_a_request_for_days_of_the_calendar(text: str) -> None:
    costs = {"id": "cost", "tool": "costs", "arguments": {"environments": ["storefront"], "days": 12}}
    assert lifted(text, costs) is None


def test_how_long_is_no_day_of_the_calendar() -> None:
    costs = {"id": "cost", "tool": "costs", "arguments": {"environments": ["storefront"], "days": 14}}
    assert lifted("say what storefront cost over 14 days by day", costs) == {"storefront": True, "14": True}
    assert lifted("say what storefront cost over two weeks by day", costs) == {"storefront": True}


def test_what_is_deleted_is_never_learned() -> None:
    gone = {"id": "gone", "tool": "delete_environment", "arguments": {"environment_id": "pr-12"}}
    assert lifted("throw pr-12 away with all of what is in pr-14", gone) is None


def test_a_moment_that_the_request_does_not_say_is_not_learned() -> None:
    assert lifted("draw up who deployed api and when", deployments()) is not None
    for one in ("2026-11-01", "2026-11-01T00:00:00Z"):
        assert lifted("draw up who deployed api and when", deployments(since=one)) is None


def test_only_a_request_that_a_person_writes_and_that_says_it_all_is_planned_by_it() -> None:
    text = "say how {} does and name its owner"
    world = Learning()
    find = FIND | {"arguments": {"name": "basket"}}
    world.learn(text.format("basket"), Plan.model_validate({"steps": [find], "answer": {"text": "x"}}))
    other = text.format("orders")
    assert world.planned(other) is not None
    assert world.planned(other, attachments=(Attachment(name="a.txt", text="x"),)) is None
    assert world.planned(other, kind="schedule") is None and world.planned(other, kind="event") is None
    assert world.planned(other, person=BEN) is None
    asks = OpenQuestion(asker=ANN.id, at=NOVEMBER, request="stop dev", lacks="dev", choices=("basket",))
    assert world.planned(other, Focus(open=asks)) is None
    assert world.planned(other, Focus(open=asks.model_copy(update={"asker": BEN.id}))) is not None


def test_nothing_is_learned_but_of_a_plan_that_a_model_made_of_the_request_alone() -> None:
    text, world = "say how basket does and name its owner", Learning()
    plan = Plan.model_validate({"steps": [FIND | {"arguments": {"name": "basket"}}], "answer": {"text": "x"}})
    run = world.run(text)
    for given, learns in (({}, False), ({"model": "m"}, False), ({"alone": True}, False), (ALONE, True)):
        made = Revision.model_validate({"plan": plan, **given})
        assert (world.plans.with_what_may_be_learned(made, run).learned is not None) == learns, given
    for kind, files in (("schedule", ()), ("api", (Attachment(name="a.txt", text="x"),))):
        run = world.run(text, kind=kind, attachments=files)
        assert world.plans.with_what_may_be_learned(Revision(plan=plan, **ALONE), run).learned is None


ALONE: dict[str, Any] = {"model": "m", "alone": True}


def test_production_stands_for_production_where_something_is_changed() -> None:
    text = "put {} to sleep and post the outcome in #ops"
    find = FIND | {"arguments": {"name": "prod-eu"}}
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": {"$ref": "find.environment.id"}}}
    world = Learning()
    plan = {"steps": [find, stop], "answer": {"text": "{stop.summary}"}}
    world.learn(text.format("prod-eu"), Plan.model_validate(plan))
    assert world.planned(text.format("prod-us")) is not None
    assert world.planned(text.format("basket")) is None and world.planned(text.format("books")) is None


def test_plans_for_words_that_only_the_same_will_do_for_are_kept_side_by_side() -> None:
    text = "drop a note on {} in #ops when {} days of quiet are over"
    world = Learning()
    for days, hours in (("2", 48), ("3", 72)):
        act = {"id": "act", "tool": "environment_activity", "arguments": {"environment_id": "basket", "hours": hours}}
        plan = Plan.model_validate({"steps": [act], "answer": {"text": "{act.summary}"}})
        world.learn(text.format("basket", days), plan)
    for days, hours in (("2", 48), ("3", 72)):
        found = world.planned(text.format("orders", days))
        assert found is not None and found.steps[0].arguments == {"environment_id": "orders", "hours": hours}
    assert world.planned(text.format("orders", "4")) is None


@pytest.mark.parametrize(
    "more",
    [
        {"tool": "stop_environment", "arguments": {"environment_id": "books"}},
        {"tool": "cluster_health", "arguments": {"environment_id": "basket"}, "expect": "state == 'fine'"},
    ],
    ids=["what nobody named", "what there is no more"],
)
def test_a_plan_that_was_kept_is_checked_as_one_that_was_just_made(more: dict[str, Any]) -> None:
    """Whatever has come to be in its row."""
    text, world = "say how {} does and name its owner", Learning()
    find = FIND | {"arguments": {"name": "basket"}}
    world.learn(text.format("basket"), Plan.model_validate({"steps": [find], "answer": {"text": "x"}}))
    assert world.planned(text.format("orders")) is not None
    (there,) = world.kept.all(ANN.id)
    steps = Plan.model_validate({"steps": [find, {"id": "more", **more}], "answer": {"text": "x"}})
    plans = (there.plans[0].model_copy(update={"plan": steps}),)
    world.kept.put(there.model_copy(update={"plans": plans, "rev": there.rev + 1}))
    assert world.planned(text.format("orders")) is None
