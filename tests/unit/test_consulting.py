"""What of a model's answer is judged, kept and handed on: never its thoughts, never half of it, never a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_model import FakeModel, Said, completion
from fakes import FakeClock
from fakes_spending import uncapped

from copilot.adapters.in_memory import MemoryStore
from copilot.config.configuration import Budgets
from copilot.domain import Person, Prompt, Purpose, Run, Trigger
from copilot.language_model.consulting import LONGEST, Consult, NoAnswer

PLAN = '{"steps": [{"id": "all", "tool": "list_lights"}], "answer": {"text": "ok"}}'
TEXT = Prompt(system="s", user="u", max_tokens=100)
DOCUMENT = Prompt(system="s", user="u", max_tokens=100, answer_schema={"type": "object"})


class Consulted:
    """One question to a model that gives this answer."""

    def __init__(self, said: Said, prompt: Prompt = TEXT, purpose: Purpose = "compose") -> None:
        self.model, self.store, self.judged = FakeModel([said]), MemoryStore(), list[str]()
        trigger = Trigger(
            kind="api",
            tenant="main",
            person=Person(id="me", name="Me"),
            text="do the lights",
            conversation="c",
            dedupe_key="k",
            received_at=FakeClock().now(),
        )
        self.run: Run = self.store.record_trigger(trigger)[0]
        self.prompt, self.purpose = prompt, purpose

    def ask(self) -> tuple[str, tuple[str, ...]]:
        consult = Consult(
            self.store, FakeClock(), Budgets(), lambda purpose: self.model, lambda model, usage: 0.25, uncapped
        )
        return consult.about(self.run).ask(self.purpose, self.prompt, self._judge)

    def _judge(self, text: str) -> list[str]:
        self.judged.append(text)
        return []

    @property
    def kept(self) -> Any:
        (call,) = self.store.calls("main", self.run.run_id)
        return call


@pytest.mark.parametrize(
    "answered",
    [
        "<think>a secret</think>Two are idle.",
        "a secret</think>\nTwo are idle.",
        "<|channel|>analysis<|message|>a secret<|end|><|start|>assistant<|channel|>final<|message|>Two are idle.",
        'a secret {"a": "secret</think>Two are idle.',
        "[THINK]a secret[/THINK] Two are idle. [THINK]a secret[/THINK]",
    ],
)
def test_what_was_thought_is_not_judged_kept_or_given(answered: str) -> None:
    asked = Consulted(answered)
    text, problems = asked.ask()
    assert (text.strip(), problems) == ("Two are idle.", ())
    assert asked.judged == [text] and asked.kept.answered == text


def test_an_answer_that_ends_in_a_thought_is_put_right_by_the_model() -> None:
    for prompt, stop in ((TEXT, "end"), (TEXT, "length"), (DOCUMENT, "end"), (DOCUMENT, "length")):
        asked = Consulted(completion(f"<think>a secret {PLAN}", stop=stop), prompt, "plan")
        text, problems = asked.ask()
        assert text == "" and "cut off in the middle of a thought" in problems[0]
        assert asked.judged == [] and "secret" not in asked.kept.model_dump_json()


def test_thoughts_longer_than_an_answer_may_be_do_not_cost_the_answer() -> None:
    assert Consulted(f"<think>{'hm ' * LONGEST}</think>Two.").ask() == ("Two.", ())


def test_what_is_no_thought_in_a_document_stays() -> None:
    said = json.dumps({"say": "write <think> and </think>"})
    assert Consulted(said, DOCUMENT, "plan").ask() == (said, ())


@pytest.mark.parametrize(
    "whole", [PLAN, f"```json\n{PLAN}\n```", f"{PLAN}{' ' * 400}", f"<think>hm {{</think>\n{PLAN}\n"]
)
def test_a_whole_document_alone_is_taken_though_more_was_cut_off(whole: str) -> None:
    text, problems = Consulted(completion(whole, stop="length"), DOCUMENT, "plan").ask()
    assert PLAN in text and problems == ()


@pytest.mark.parametrize(
    "cut", [f"Perhaps {PLAN} or rather", f"Perhaps {PLAN}", f"{PLAN}\nor", PLAN[:40], f"Then {PLAN}</think>", "", "Hm"]
)
def test_what_may_be_a_thought_is_not_taken_where_the_answer_was_cut_off(cut: str) -> None:
    """A server that takes the opening mark away leaves nothing to tell a draft by."""
    for purpose in ("plan", "route"):
        asked = Consulted(completion(cut, stop="length"), DOCUMENT, "plan" if purpose == "plan" else "route")
        text, problems = asked.ask()
        assert text == "" and len(problems) == 1 and "cut off" in problems[0]
        assert asked.ask() == (text, problems) and len(asked.model.prompts) == 1


def test_half_a_text_is_not_given_but_kept() -> None:
    asked = Consulted(completion("Two are", stop="length"))
    text, problems = asked.ask()
    assert (text, asked.kept.answered) == ("", "Two are") and "cut off" in problems[0]


def test_a_refusal_is_said_once_and_costs_what_it_cost() -> None:
    for answered in ("I can't help with that.", "", PLAN):
        asked = Consulted(completion(answered, stop="refusal"), DOCUMENT, "plan")
        for _ in range(2):
            with pytest.raises(NoAnswer, match=r"declined .* say it in other words"):
                asked.ask()
        assert len(asked.model.prompts) == 1
        assert (asked.kept.answered, asked.kept.usage.output, asked.kept.dollars) == (answered, 20, 0.25)
