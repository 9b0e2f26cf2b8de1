"""Costs, owners, changes and files are heard as people ask for them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_heard import REGISTRY
from test_heard_changes import looked_for
from test_heard_would import foreseen, planned
from test_intents_costs import heard as costs_heard

from copilot.errors import ToolInputError

FOUND = yaml.safe_load(Path(__file__).with_name("heard_asked.yaml").read_text())


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


@pytest.mark.parametrize("text", FOUND["no_changes"])
def test_what_asks_for_no_changes_is_not_heard_so(text: str) -> None:
    revision = planned(text)
    assert looked_for(text) is None
    assert revision is None or all(REGISTRY.find(one.tool).effect == "read" for one in revision.plan.steps)
