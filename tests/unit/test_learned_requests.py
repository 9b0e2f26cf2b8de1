"""Requests that are like one that was planned before, and such as only look like it, as data."""

from __future__ import annotations

from typing import Any

import pytest
from learning_world import Learning, cases, near_misses, plan_for, repeats, said


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
