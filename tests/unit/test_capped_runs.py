"""Runs under a cap: what costs nothing goes on, the rest says which cap, until when and who may raise it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from fake_model import FakeModel, completion
from fakes import TOOLS, FakeClock, World, clients_of
from fakes_spending import caps

from copilot.adapters.memory_spending import MemorySpending
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Configuration
from copilot.domain import AnswerTo, Prompt, Spender, Sum, micros_of
from copilot.language_model.prices import dollars
from copilot.tools.registry import Registry

PLANNED = {"steps": [{"id": "all", "tool": "list_lights"}], "answer": {"text": "All: {all.lights[].name}."}}
MODEL = "claude-sonnet-5-5"


def process(model: FakeModel, answer_to: AnswerTo | None = None, **most: Any) -> InProcess:
    config = Configuration(accounts=(), people=(), caps=caps(**most))
    clock = FakeClock()
    return InProcess(
        clients_of(World(lights={"a": True}), clock),
        config=config,
        registry=Registry(TOOLS),
        clock=clock,
        sleep=clock.sleep,
        model_for=lambda purpose: None if purpose == "route" else model,
        answer_to=answer_to,
        workers=1,
    )


def calls(one: InProcess, scope: Any = "tenant", name: str = "") -> int:
    assert isinstance(one.spending, MemorySpending)
    found = one.spending.spent([Spender("2026-03-02", scope, name)])
    return sum(each.sum_of("models").calls for each in found.values())


def test_at_its_cap_no_model_is_asked_and_the_answer_says_why_and_what_can_be_done() -> None:
    model = FakeModel([PLANNED])
    one = process(model, person={"models": {"day_calls": 1}})
    assert one.run("dim the lot, would you")["answer"].startswith("All: a.")
    view = one.run("dim the lot again, would you")
    assert (view["outcome"], len(model.prompts), view["steps"]) == ("not_understood", 1, [])
    for said in (
        "Nothing was done.",
        "none may be asked now: 1 of the 1 call a day for models of person me",
        "from Tue 3 Mar 00:00 UTC on",
        "raises caps.person.models.day_calls",
    ):
        assert said in view["answer"]


def test_at_its_cap_a_known_request_goes_on_as_ever() -> None:
    model = FakeModel([PLANNED])
    one = process(model, tenant={"models": {"day_dollars": 0, "day_calls": 0}})
    assert one.run("help")["outcome"] == "succeeded"
    assert not model.prompts


def test_a_day_later_it_is_asked_again() -> None:
    model = FakeModel([PLANNED])
    one = process(model, person={"models": {"day_calls": 1}})
    one.run("dim the lot, would you")
    assert isinstance(one.clock, FakeClock)
    one.clock.at += timedelta(days=1)
    assert one.run("dim the lot again, would you")["answer"].startswith("All: a.")


def test_the_answer_of_the_run_that_comes_near_a_cap_says_so_once() -> None:
    one = process(FakeModel([PLANNED]), person={"models": {"day_calls": 5}})
    answers = [one.run(f"dim the lot for the {number}. time, would you")["answer"] for number in range(5)]
    assert ["of the 5 calls a day for models of person me are used" in said for said in answers] == [
        *[False] * 3,
        True,
        False,
    ]


def test_a_call_counts_for_person_channel_and_tenant() -> None:
    there = AnswerTo(platform="slack", workspace="T1", place="C1")
    one = process(FakeModel([PLANNED]), there)
    one.run("dim the lot, would you")
    assert [calls(one), calls(one, "person", "me"), calls(one, "channel", "slack/T1/C1")] == [1, 1, 1]


def test_a_task_that_is_made_again_counts_no_call_twice() -> None:
    one = process(FakeModel([PLANNED]))
    view = one.run("dim the lot, would you")
    run = one.store.run("main", view["run_id"])
    consult = one.use_cases.consult
    assert consult is not None
    consultation = consult.about(run.model_copy(update={"revision": 0}))
    consultation.ask("plan", Prompt(system="s", user="u", max_tokens=10), lambda text: ())
    assert calls(one) == 1


def test_what_counts_in_the_end_is_what_the_call_did_cost() -> None:
    one = process(FakeModel([completion(json.dumps(PLANNED), model=MODEL)], name=MODEL))
    one.run("dim the lot, would you")
    (call,) = one.store.calls("main", one.store.recent_runs("main")[0].run_id)
    (found,) = one.spending.spent([Spender("2026-03-02", "tenant")]).values()
    assert found.sum_of("models") == Sum(micros_of(dollars(MODEL, call.usage) or 0), 1) != Sum(0, 1)


def test_an_answer_that_no_model_may_put_together_any_more_is_what_was_found_and_why() -> None:
    composed = PLANNED | {"answer": {"compose": "which are on", "using": ["all"]}}
    model = FakeModel([composed])
    view = process(model, person={"models": {"day_calls": 1}}).run("dim the lot, would you")
    assert (view["outcome"], len(model.prompts)) == ("succeeded", 1)
    assert view["answer"].startswith("- lights: name: a, on: yes")
    assert "raises caps.person.models.day_calls" in view["answer"]


@pytest.mark.parametrize(("most_out", "begun"), [(None, 100), (32_000, 32_000)])
def test_before_a_call_all_that_the_model_may_put_out_is_counted(most_out: int | None, begun: int) -> None:
    """A model that thinks may put out more than an answer needs."""
    seen: list[int] = []

    class Spent(MemorySpending):
        def add(self, kind: Any, sum: Sum, rooms: Any) -> None:
            seen.append(sum.micros)
            super().add(kind, sum, rooms)

    config = Configuration.model_validate(
        {
            "accounts": [],
            "people": [],
            "model": {
                "provider": "anthropic",
                "name": MODEL,
                "endpoint": "http://127.0.0.1:1",
                "max_output_tokens": most_out,
            },
        }
    )
    one = process(FakeModel(["yes"], name=MODEL))
    one.config, one.spending = config, Spent()
    one.use_cases.spending = one.spending
    run = one.store.run("main", one.run("help")["run_id"])
    assert one.use_cases.consult is not None
    prompt = Prompt(system="", user="", max_tokens=100)
    one.use_cases.consult.about(run.model_copy(update={"revision": 5})).ask("compose", prompt, lambda text: ())
    assert seen[0] == begun * 10  # dollars for a million tokens
