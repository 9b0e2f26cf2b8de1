"""Requests put on a schedule, in the words of people, without a model; and what is no request to be put on one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import hearing
from test_heard import INTENTS, KNOWN, REGISTRY

from copilot.domain import Focus, Person, Plan, Recurrence, Revision, Trigger
from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan
from copilot.times.moving import at_time
from copilot.times.windows import describe

CORPUS: dict[str, Any] = read_yaml(Path(__file__).with_name("heard_on_schedules.yaml"))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEAR = hearing(INTENTS, REGISTRY, known=lambda: KNOWN)


def heard(said: str) -> Revision | None:
    ana = Person(id="ana", name="ana", roles=("developer",))
    trigger = Trigger(
        kind="api", tenant="main", person=ana, text=said, conversation="c", dedupe_key="k", received_at=NOW
    )
    return HEAR(trigger, Focus())


def makes(revision: Revision | None, tool: str) -> list[dict[str, Any]]:
    steps = revision.plan.steps if revision else ()
    return [step.arguments for step in steps if step.tool == tool]


@pytest.mark.parametrize("one", CORPUS["heard"], ids=lambda one: one["said"])
def test_a_request_with_its_times_becomes_a_schedule(one: dict[str, str]) -> None:
    (made,) = makes(heard(one["said"]), "schedule_request")
    assert describe({"run": Recurrence.model_validate(made["when"])}) == one["when"]
    kept = Plan.model_validate_json(made["plan"])
    alone = heard(made["request"])
    assert alone is not None and alone.intent == one["of"]
    now = at_time(kept, NOW)
    check_plan(now, REGISTRY)
    named = [step.model_copy(update={"tool": step.tool.partition("@")[0]}) for step in now.steps]
    assert json.loads(json.dumps([step.model_dump(mode="json") for step in named])) == [
        step.model_dump(mode="json") for step in alone.plan.steps
    ]


@pytest.mark.parametrize("said", CORPUS["asked"])
def test_of_a_time_that_is_not_clear_it_is_asked(said: str) -> None:
    revision = heard(said)
    assert revision is not None and revision.plan.ask is not None and not revision.plan.steps


@pytest.mark.parametrize("said", CORPUS["near"])
def test_what_asks_or_tells_something_makes_no_schedule(said: str) -> None:
    assert not makes(heard(said), "schedule_request")


@pytest.mark.parametrize("said", CORPUS["window"])
def test_a_stop_is_a_window_as_before(said: str) -> None:
    revision = heard(said)
    assert makes(revision, "create_schedule") and not makes(revision, "schedule_request")
