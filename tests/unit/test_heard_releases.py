"""Bringing back and passing on releases is heard as people ask for it, and from nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_heard import REGISTRY
from test_heard_would import effects, planned

from copilot.domain import Focus, Reference, Revision
from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_releases.yaml"))


def asked(revision: Revision | None, tool: str) -> dict[str, Any] | None:
    """What it is called with, its environments by the names they are looked for."""
    step = next((one for one in revision.plan.steps if one.tool == tool), None) if revision else None
    if revision is None or step is None:
        return None
    check_plan(revision.plan, REGISTRY)
    names = {f"{one.id}.environment.id": one.arguments.get("name") for one in revision.plan.steps}
    found = {name: names[str(one["$ref"])] if isinstance(one, dict) else one for name, one in step.arguments.items()}
    return {name: one for name, one in found.items() if one != ""}


@pytest.mark.parametrize("case", FOUND["rolled_back"], ids=lambda case: case["text"])
def test_what_is_to_be_brought_back_is_heard(case: dict[str, Any]) -> None:
    found = asked(planned(case["text"]), "roll_back_service")
    given = {"environment_id": case["where"], "service": case["service"]}
    assert found == given | ({"to": case["to"]} if "to" in case else {})


@pytest.mark.parametrize("case", FOUND["promoted"], ids=lambda case: case["text"])
def test_what_is_to_be_passed_on_is_heard_and_where_from(case: dict[str, Any]) -> None:
    found = asked(planned(case["text"]), "promote_release")
    given = {"environment_id": case["where"], "service": case["service"], "from_environment_id": case["source"]}
    assert found == given | ({"revision": case["to"]} if "to" in case else {})


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_order_changes_nothing(text: str) -> None:
    assert not effects(text)


def test_a_deployment_that_was_shown_is_what_it_goes_to() -> None:
    shown = [
        Reference(type="deployment", id=id, name=id, turn=1, role="listed", ordinal=at, trusted=True)
        for at, id in enumerate(("d-1", "d-2"), start=1)
    ]
    focus = Focus(rev=1, turn=1, references=tuple(shown))
    for said, id in (("the second one", "d-2"), ("deployment d-1", "d-1")):
        found = asked(planned(f"roll checkout in uat back to {said}", focus), "roll_back_service")
        assert found == {"environment_id": "uat", "service": "checkout", "to": id}
