"""Every kind of reference, heard without a model, and told to one that plans what nobody hears."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from talk_world import Talk

from copilot.domain import ReferenceType
from copilot.intents.actions import read_yaml

CASES = read_yaml(Path(__file__).with_name("references_meant.yaml"))


def spoken_before(case: dict[str, Any]) -> Talk:
    talk = Talk()
    for text in case["before"]:
        view = talk.say(text)
        assert view["outcome"] == "succeeded" and not talk.model.unwanted, (text, view["answer"])
    return talk


def named(case: dict[str, Any]) -> str:
    return f"{case['type']}: {case['words']}"


@pytest.mark.parametrize("case", [one for one in CASES if "heard" in one], ids=named)
def test_it_is_heard_without_a_model(case: dict[str, Any]) -> None:
    talk = spoken_before(case)
    view = talk.say(case["heard"])
    assert view["outcome"] == "succeeded" and not talk.model.prompts, (case, view["answer"])
    called = json.dumps([[item["arguments"] for item in step["items"]] for step in view["steps"]])
    assert all(f'"{id}' in called for id in case["comes_to"]), (case, called)
    every = {"basket", "pricing", "storefront", "staging", "live", "rehearsal"}
    if case["type"] == "environment":
        assert not any(f'"{id}"' in called for id in every - {*case["comes_to"]}), (case, called)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_who_plans_is_told_what_it_stands_for(case: dict[str, Any]) -> None:
    talk = spoken_before(case)
    view = talk.say(case["planned"], plans=[{"say": "Noted."}])
    assert view["answer"] == "Noted." and len(talk.model.prompts) == 1, (case, view["answer"])
    assert case["told"] in talk.model.prompts[0].user, (case, talk.model.prompts[0].user[-1500:])


def test_every_type_has_its_cases() -> None:
    assert {one["type"] for one in CASES} == {*get_args(ReferenceType)}
