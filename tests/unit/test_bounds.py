"""How much one run may do and say: items, a wave, an execution, dollars, an answer."""

from __future__ import annotations

from typing import Any

import pytest
from fake_model import FakeModel
from fakes import TOOLS, FakeClock, Light, Look, Named, World
from fakes_spending import uncapped
from one_write import SECRET, OneWrite
from test_runs import run, runner

from copilot.answering.replying import LONGEST
from copilot.config.configuration import Budgets, Configuration
from copilot.domain import Plan, Prompt
from copilot.language_model.consulting import Consult, Consultation, NoAnswer
from copilot.tools.registry import Registry


def allowing(**budgets: Any) -> Configuration:
    return Configuration(accounts=(), people=(), budgets=Budgets(**budgets))


def looks(number: int, step: str = "it", **more: Any) -> dict[str, Any]:
    names = [f"l{place}" for place in range(number)]
    return {"id": step, "tool": "look", "for_each": names, "arguments": {"environment_id": {"$item": "@"}}} | more


def plan(*steps: dict[str, Any], answer: str = "done") -> dict[str, Any]:
    return {"goal": "look", "steps": list(steps), "answer": {"text": answer}}


def lit(number: int, **more: Any) -> World:
    return World(lights={f"l{place}": True for place in range(number)}, **more)


def test_a_step_of_more_items_than_a_run_may_have_does_none_of_them() -> None:
    seen: list[str] = []
    view = run(lit(3, on_look=seen.append), plan(looks(3)), config=allowing(items=2))
    assert (view["outcome"], seen) == ("failed", [])
    assert "not run, because for_each: 3 items, and a run may have 2" in view["answer"]
    assert run(lit(2), plan(looks(2)), config=allowing(items=2))["outcome"] == "succeeded"


def test_the_items_of_all_steps_count_together() -> None:
    seen: list[str] = []
    steps = [looks(2, "first"), looks(2, "second", after=["first"])]
    view = run(lit(2, on_look=seen.append), plan(*steps), config=allowing(items=3))
    assert len(seen) == 2
    assert "second (look): not run, because for_each: 2 items, and a run may have 1" in view["answer"]
    assert run(lit(2), plan(*steps), config=allowing(items=4))["outcome"] == "succeeded"


def test_a_wave_is_of_a_hundred_items_and_an_execution_of_four_hundred_before_items_get_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = runner(lit(450))
    waves: list[tuple[str, int]] = []
    decide = process.use_cases.advance

    def noted(*given: Any) -> Any:
        advanced = decide(*given)
        waves.append((advanced.next, len(advanced.items)))
        return advanced

    monkeypatch.setattr(process.use_cases, "advance", noted)
    assert process.run(Plan.model_validate(plan(looks(450))))["outcome"] == "succeeded"
    assert waves == [*[("items", 100)] * 4, ("items_distributed", 50), ("reply", 0)]


class Verbose(Look):
    name = "verbose"

    def run(self, input: Named) -> Light:
        return super().run(input).model_copy(update={"note": "all is well. " * 10_000})


def test_an_answer_of_any_length_is_cut_where_it_could_not_be_kept_and_says_so() -> None:
    step = {"id": "it", "tool": "verbose", "arguments": {"environment_id": "l0"}}
    view = run(lit(1), plan(step, answer="{it.note}"), registry=Registry([*TOOLS, Verbose]))
    assert view["answer"].startswith("all is well. all is well.")
    assert view["answer"].endswith("\u2026 (cut; `runs show` has every item)")
    assert len(view["answer"]) < LONGEST + 100


# --- what models may cost ------------------------------------------------------------------------


def consulted(model: FakeModel, costs: float, **budgets: Any) -> tuple[Consultation, OneWrite]:
    """A consultation for a run, each call of the model costing this much."""
    about = OneWrite()
    consult = Consult(
        about.store, FakeClock(), Budgets(**budgets), lambda purpose: model, lambda name, usage: costs, uncapped
    )
    return consult.about(about.run), about


def ask(consultation: Consultation, text: str = "what now?") -> str:
    return consultation.ask("plan", Prompt(system="s", user=text, max_tokens=100), lambda answer: [])[0]


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({"dollars": 0.5}, r"the run's \$0.50 for models are used up"),
        ({"tokens": 340}, "the run's 340 tokens are used up"),
        ({"model_calls": 2}, "the run's 2 calls of a model are used up"),
    ],
    ids=["dollars", "tokens", "calls"],
)
def test_no_model_is_called_once_a_budget_is_used_up(budget: dict[str, Any], said: str) -> None:
    model = FakeModel(["yes"])
    consultation, _ = consulted(model, 0.25, **budget)
    assert [ask(consultation) for _ in range(2)] == ["yes", "yes"]
    with pytest.raises(NoAnswer, match=said):
        ask(consultation)
    assert len(model.prompts) == 2


def test_a_secret_in_what_a_model_is_asked_is_not_kept() -> None:
    consultation, about = consulted(FakeModel(["yes"]), 0)
    ask(consultation, f"what is {SECRET}?")
    (call,) = about.store.calls("main", about.run_id)
    assert call.asked == "what is password=[masked]"
    assert "hunter22" not in str(about.store.journal("main", call.at.date().isoformat()))
