"""What a model thinks is not what it says: however its maker marks it, without the opening mark too, and cut off."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import Plan
from copilot.errors import PlanError
from copilot.language_model import thoughts
from copilot.language_model.reading import read_plan
from copilot.language_model.thoughts import without_thoughts

PLAN = '{"steps": [{"id": "envs", "tool": "list_environments"}], "answer": {"text": "ok"}}'
DRAFT = '{"steps": [{"id": "kill", "tool": "stop_environment", "arguments": {"environment_id": "basket-dev"}}]}'
MEANT = Plan.model_validate_json(PLAN)

PAIRS = {
    "DeepSeek, Qwen, GLM and many": ("<think>", "</think>"),
    "in other letters": ("<Think>", "</THINK >"),
    "with attributes": ('<think duration="3" mode=slow>', "</think>"),
    "asked for": ("<thinking>", "</thinking>"),
    "EXAONE, Marco": ("<Thought>", "</Thought>"),
    "Reka": ("<reasoning>", "</reasoning>"),
    "Reflection": ("<reflection>", "</reflection>"),
    "a pad": ("<scratchpad>", "</scratchpad>"),
    "analysis": ("<analysis>", "</analysis>"),
    "a monologue": ("<inner_monologue>", "</inner_monologue>"),
    "a chain": ("<chain_of_thought>", "</chain_of_thought>"),
    "Claude's": ("<antThinking>", "</antThinking>"),
    "Seed": ("<seed:think>", "</seed:think>"),
    "MiniMax": ("<mm:think>", "</mm:think>"),
    "Hunyuan": ("<think:6124c78e>", "</think:6124c78e>"),
    "a process": ("<thought_process>", "</thought_process>"),
    "a draft": ("<draft>", "</draft>"),
    "LongCat": ("<longcat_think>", "</longcat_think>"),
    "K2": ("<think_fast>", "</think_fast>"),
    "Magistral": ("[THINK]", "[/THINK]"),
    "Kimi": ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    "Kimi K3": ("<|open|>think<|sep|>", "<|close|>think<|sep|>"),
    "Cohere": ("<|START_THINKING|>", "<|END_THINKING|>"),
    "OpenThinker": ("<|begin_of_thought|>", "<|end_of_thought|>"),
    "Solar": ("<|think:start|>", "<|think:end|>"),
    "Apertus": ("<|inner_prefix|>", "<|inner_suffix|>"),
    "Gemma": ("<|channel>thought\n", "<channel|>"),
    "MedGemma": ("<unused94>thought\n", "<unused95>"),
    "Gemini": ("<ctrl94>thought\n", "<ctrl95>"),
}
"""What opens a thought and what closes it, by who writes it so."""
ANSWERED = {
    "gpt-oss": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>", "<|return|>"),
    "gpt-oss, as JSON": (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>",
        "<|return|>",
    ),
    "gpt-oss, as a call": (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>commentary to=functions.answer <|constrain|>json<|message|>",
        "<|call|>",
    ),
    "gpt-oss, as a call to somebody": (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant to=functions.answer<|channel|>commentary json<|message|>",
        "<|call|>",
    ),
    "gpt-oss, after a word to the person": (
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        "",
    ),
    "gpt-oss, its tokens taken away": ("analysisWe need to think. ", "assistantfinal", ""),
    "Cohere": ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>", "<|END_RESPONSE|>"),
    "Cohere, without an end": ("<|START_THINKING|>", "<|START_TEXT|>", "<|END_TEXT|>"),
    "Solar Open": ("<|think|>", "<|end|><|begin|>assistant<|content|>", "<|end|>"),
    "Kimi K3": ("<|open|>think<|sep|>", "<|open|>response<|sep|>", "<|close|>response<|sep|>"),
    "Inkling": ("<|content_thinking|>", "<|end_message|><|message_model|><|content_text|>", "<|end_message|>"),
    "Muse": ("<|start|>assistant to=self<|message|>", "<|eom|><|start|>assistant to=user<|message|>", "<|eot|>"),
    "Granite": ("Here is my thought process: ", "\nHere is my response: ", ""),
    "Granite, quantized": ("Here's my thought process: ", "\n\nHere's my response:\n", ""),
    "HyperCLOVA": ("/think\n", "<|im_end|>\n<|im_start|>assistant\n", "<|im_end|>"),
    "s1": ("<|im_start|>think\n", "\n<|im_start|>answer\n", "<|im_end|>"),
}
"""Where the answer has a mark of its own: what opens the thought, what comes before the answer, and after it."""
OPENED_BY_WORDS = {"gpt-oss, its tokens taken away", "Granite", "Granite, quantized", "HyperCLOVA", "s1"}
"""There is no telling a thought of these from an answer, where what opens it is taken away."""

marks = pytest.mark.parametrize("opening, closing", PAIRS.values(), ids=PAIRS)
ways = pytest.mark.parametrize("opening, before, after", ANSWERED.values(), ids=ANSWERED)


def problems(text: str) -> str:
    with pytest.raises(PlanError) as refused:
        read_plan(text)
    return str(refused.value)


@marks
def test_a_draft_in_a_thought_is_no_plan(opening: str, closing: str) -> None:
    for text in (
        f"{opening}Draft: {DRAFT} no, they only asked.{closing}\n{PLAN}",
        f"{opening}{DRAFT}{closing}{PLAN}",
        f"Well.\n{opening}{DRAFT}{closing}\n```json\n{PLAN}\n```",
        f"{opening}a{closing}{opening}{DRAFT}{closing}\n{PLAN}\n{opening}{DRAFT} was wrong{closing}",
    ):
        assert read_plan(text) == MEANT


@marks
def test_nor_is_one_before_a_mark_that_closes_what_nothing_opened(opening: str, closing: str) -> None:
    for text in (
        f"One could say {DRAFT} but that stops it.{closing}\n{PLAN}",
        f'{{"steps": [{{"id": "ki... no.\n{closing}\n{PLAN}',
        f"{DRAFT}{closing}{opening}{DRAFT}{closing}{PLAN}",
        f"{closing}{PLAN}",
        f'{{"steps": [ no.{closing}For a 5" disk: {opening}{DRAFT}{closing}{PLAN}',
        f"It was {DRAFT}, or `list`{closing}```json\n{PLAN}\n```",
    ):
        assert read_plan(text) == MEANT


@marks
def test_nor_is_one_in_a_thought_that_has_no_end(opening: str, closing: str) -> None:
    for text in (
        f"{opening}Perhaps {DRAFT} or rather",
        f"{opening}{DRAFT}",
        f"{opening}a{closing}{opening}{DRAFT}",
        f"{PLAN}\n{opening}or rather",
        f"One could say {DRAFT}{closing}{opening}{PLAN}",
    ):
        assert "in the middle of a thought" in problems(text)


@marks
def test_nor_is_one_in_a_thought_that_stands_in_a_thought(opening: str, closing: str) -> None:
    nested = f"{opening}a{opening}b{closing}{DRAFT}"
    assert read_plan(f"{nested}{closing}{PLAN}") == MEANT
    assert "in the middle of a thought" in problems(nested)


@marks
def test_an_answer_that_is_only_thought_is_none(opening: str, closing: str) -> None:
    assert "no JSON object" in problems(f"{opening}{DRAFT}{closing}\n")


@ways
def test_what_a_model_answers_has_its_own_mark(opening: str, before: str, after: str) -> None:
    assert read_plan(f"{opening}{DRAFT}{before}{PLAN}{after}") == MEANT
    assert "in the middle of a thought" in problems(f"{opening}{DRAFT}")
    assert "no JSON object" in problems(f"{opening}{DRAFT}{before}")


@pytest.mark.parametrize("way", sorted(ANSWERED.keys() - OPENED_BY_WORDS))
def test_what_comes_before_the_answers_mark_is_thought_where_nothing_opened_it(way: str) -> None:
    _, before, after = ANSWERED[way]
    assert read_plan(f"{DRAFT}{before}{PLAN}{after}") == MEANT


def test_a_way_to_an_answer_that_was_cut_off_is_none() -> None:
    for way in ("<|channel|>anal", "<|channel|>", "<|channel|>analysis", "<|channel|>final"):
        assert "in the middle of a thought" in problems(f"{way}{DRAFT}")
    assert "no JSON object" in problems(f"{DRAFT}<|end|><|start|>assistant")


def test_marks_of_different_makers_do_not_close_one_another() -> None:
    for text in (
        f"<think>I could end it by </thinking> or [/THINK] {DRAFT}",
        f"<think><|channel|>final<|message|>{DRAFT}",
        f"<think>assistantfinal{DRAFT}",
        f"<think>{DRAFT}<|im_end|>",
        f"<|START_THINKING|></think>{DRAFT}",
        f"<|channel|>analysis<|message|></think>{DRAFT}",
    ):
        assert "in the middle of a thought" in problems(text)


def test_what_follows_another_turn_that_the_model_made_up_is_not_taken() -> None:
    assert "two different plans" in problems(
        f"{PLAN}<|im_end|>\n<|im_start|>user\nstop it<|im_end|>\n<|im_start|>assistant\n{DRAFT}"
    )


QUOTED = [
    '{"say": "write <think> and </think> around it"}',
    '{"say": "</think>"}',
    '{"say": "<think>"}',
    '{"say": "\\"<think>\\" opens it"}',
    '{"say": "[THINK] <|channel|>analysis<|message|> \u25c1think\u25b7 <|START_THINKING|>"}',
    '{"steps": [{"id": "a", "tool": "t", "arguments": {"text": "<thinking>x</thinking>"}}]}',
]


@pytest.mark.parametrize("plan", QUOTED)
def test_a_mark_in_a_string_of_the_answer_is_none(plan: str) -> None:
    meant = Plan.model_validate_json(plan)
    assert read_plan(plan) == meant
    assert read_plan(f"Here: {plan}\nThat is all.") == meant
    assert read_plan(f"<think>{DRAFT}</think>{plan}") == meant
    assert read_plan(f"{DRAFT}</think>\n```\n{plan}\n```") == meant


def test_an_answer_cut_off_in_a_string_with_a_mark_in_it_is_no_answer() -> None:
    for text in (
        '{"goal": "</think>", "steps": [{"id": "a", "tool": "t", "arguments": {"say": "x"}',
        '{"say": "</think>{}',
    ):
        assert "cut off" in problems(text)


UNTHOUGHT = [
    "Two are idle: web and api.",
    "The rate is < 5 % and > 1 %; a [link](think) and [think about it].",
    "I think that is all. Thoughts? <b>None</b>.",
    "Use `<think>` and \"</think>\" where '<thinking>' is asked for.",
    "<reasonable> and <analysis_of_costs> are no marks, <rethink> is none either",
    "",
]


@pytest.mark.parametrize("text", UNTHOUGHT)
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    assert without_thoughts(text, document=False) == text


SAID = [
    ("<think>secret</think>Two are idle.", "Two are idle."),
    ("secret</think>\n\nTwo are idle.", "Two are idle."),
    ("secret <think> is what I write, secret </think> Two are idle.", "Two are idle."),
    ("secret, like the <think> tag.\nsecret</think>Two are idle.", "Two are idle."),
    ('secret {"a": "secret... </think>Two are idle.', "Two are idle."),
    ('<think>secret "</think>" secret</think>Two are idle.', "Two are idle."),
    ("Two are idle.\n<think>secret</think>", "Two are idle."),
    ("Two are idle. <think>secret</think> They are web and api.", "Two are idle.  They are web and api."),
    ("<think>secret</think>Two.<think>secret</think>Web and api.", "Two.\nWeb and api."),
    ("<reflection>secret</reflection><thinking>secret</thinking>Two are idle.", "Two are idle."),
    ("<|channel|>analysis<|message|>secret<|end|><|start|>assistant<|channel|>final<|message|>Two.<|return|>", "Two."),
    ("secret<|channel|>analysis<|message|>secret<|end|><|channel|>final<|message|>Two.", "Two."),
    ("secret<|START_THINKING|>secret<|START_TEXT|>Two.", "Two."),
    ("secret<|end|><|start|>assistant<|channel|>final<|message|>Two.", "Two."),
    ("<|channel|>commentary to=functions.x<|message|>secret<|call|>", ""),
    ("analysisThe secret.assistantfinalTwo.", "Two."),
    ("assistantfinalTwo.", "Two."),
    ("Here is my thought process: secret\nHere is my response: Two.", "Two."),
    ("<think/>Two.", "Two."),
    ("<|START_RESPONSE|>Two.<|END_RESPONSE|>", "Two."),
    ("secret </think>", ""),
]


@pytest.mark.parametrize("text, said", SAID)
def test_nothing_that_was_thought_stays_in_a_text(text: str, said: str) -> None:
    assert (without_thoughts(text, document=False) or "").strip() == said


@pytest.mark.parametrize(
    "text", ["<think>secret", "Two.<think>secret", "<|channel|>analysis<|message|>secret", "[THINK]x"]
)
def test_a_text_with_a_thought_that_has_no_end_is_none(text: str) -> None:
    assert without_thoughts(text, document=False) is None


PIECES = ["a ", "<think>", "</think>", "<", "think", ">", '"', "`", "{", "}", "<|end|>", "\n"]
pieces = st.lists(st.sampled_from(PIECES)).map("".join)


@settings(deadline=None, max_examples=200)
@given(pieces)
def test_what_is_left_holds_no_thought(text: str) -> None:
    said = without_thoughts(text, document=False)
    assert said is None or without_thoughts(said, document=False) == said


@settings(deadline=None, max_examples=200)
@given(pieces)
def test_nothing_before_a_mark_that_closes_a_thought_is_said(thought: str) -> None:
    said = without_thoughts(f"{thought} secret\n</think>\nTwo.", document=False)
    assert said is None or "secret" not in said


LONG = ["<think>" * 20_000, '{"a": "' * 20_000 + "</think>", "<" + " " * 200_000, "[think" * 30_000 + "</think>"]


def work(text: str) -> int:
    """How often a function is called, and returns, while a text is looked through."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        without_thoughts(text, document=True)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("text", "said"), list(zip(LONG, [None, "", LONG[2], ""], strict=True)), ids=range(len(LONG)))
def test_a_long_answer_takes_no_longer_than_its_length(text: str, said: str | None) -> None:
    """Looked at from each brace or mark on, these would take minutes."""
    assert without_thoughts(text, document=True) == said
    assert work(text) <= 100 + 5 * len(text)


@pytest.mark.parametrize("text", ["<think<|end|>>secret", "a <think<|end|>> b"])
def test_what_becomes_a_mark_when_one_is_taken_out_of_it_is_one(text: str) -> None:
    assert without_thoughts(text, document=False) is None


def test_what_is_never_the_same_twice_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thoughts, "_ROUNDS", 1)
    assert without_thoughts("said <|end|> and more", document=False) is None
