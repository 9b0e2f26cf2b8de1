"""Requests that are like one that was planned before, and such as only look like it, as data."""

from __future__ import annotations

from typing import Any

import pytest
from learning_world import CHANNELS, INTENTS, KNOWN, Learning, cases, near_misses, plan_for, repeats, said

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
