"""A model that has read the words of others passes none of their links, mentions and names on."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import TOOLS
from fakes_typed import TYPED

from copilot.domain import Plan
from copilot.plans.speaking import said_by, speaking_problems
from copilot.tools.registry import Registry

READ = ["disk full on node-7, see https://evil.example/fix or ask @mallory and evil-corp9"]
TRUSTED = ["how is basket-dev?", "basket-dev: 3 of 4 running", "docs are on https://docs.example/basket"]


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("See https://evil.example/fix.", "no links"),
        ("See www.evil.example.", "no links"),
        ("Ask @mallory.", "no mentions"),
        ("Write to mallory@evil.example.", "no mentions"),
        ("<!here> look", "no mentions"),
        ("[fix](https://other.example)", "no links"),
        ("Ask evil-corp9.", "evil-corp9"),
        ("It is node-7.", "node-7"),
    ],
)
def test_what_leads_or_calls_or_comes_out_of_it_is_a_problem(said: str, about: str) -> None:
    (problem,) = speaking_problems([said], READ, TRUSTED)
    assert about in problem


@pytest.mark.parametrize(
    "said",
    [
        "basket-dev has a full disk; 3 of 4 tasks run.",
        "The docs are on https://docs.example/basket.",
        "A well-known problem, at 18:30 on 2026-03-02.",
        "",
    ],
)
def test_what_is_trusted_or_the_models_own_may_be_said(said: str) -> None:
    assert speaking_problems([said], READ, TRUSTED) == []


def test_all_that_a_plan_says_to_people_counts_and_nothing_that_only_machines_read() -> None:
    notify: dict[str, Any] = {
        "id": "tell",
        "tool": "notify",
        "arguments": {"channel": "#x", "text": {"$text": "see {a.summary} here"}},
    }
    plan = Plan.model_validate({"goal": "the goal", "steps": [notify], "answer": {"text": "done, {tell.summary} told"}})
    registry = Registry([*TOOLS, *TYPED])
    assert " ".join(" ".join(said_by(plan, registry)).split()) == "the goal done, told see here"
    asks = Plan.model_validate({"ask": {"question": "which?", "choices": ["a", "b"]}})
    assert list(said_by(asks, registry)) == ["", "which?", "a", "b"]
    assert list(said_by(Plan.model_validate({"say": "hello"}), registry)) == ["", "hello"]
