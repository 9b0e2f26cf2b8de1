"""What people say before and behind a request, for courtesy or to lead up to it, changes nothing of what is heard."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from heard_near_misses import near_misses
from heard_requests import utterances
from test_heard import AGAIN, DONE_SINCE, INTENTS, KNOWN, NEAR_AGAIN, PRESENT, SINCE, SINCE_HEARD, effects, lines_of

from copilot.domain import Focus
from copilot.errors import ToolInputError
from copilot.intents.actions import read_yaml

FOLDER = Path(__file__).parent
YAMLS = ("heard_asked", "heard_changes", "heard_deployments", "heard_alarms", "heard_would")
_BEFORE = INTENTS.match("what did staging cost this week?", Focus(), PRESENT, KNOWN)
assert _BEFORE is not None
LAST = Focus(intent=_BEFORE.intent, slots=_BEFORE.slots)
"""So that "and uat?" is a request."""
ASKING = frozenset("what which who whose when where why how whom".split())
BEFORE_ANY = (
    "hey,", "hi,", "hi copilot,", "hello there,", "pls", "please", "ok so", "quick question:", "quick one:",
    "hey team,", "sorry,", "one more thing:", "morning!", "um,", "alright,", "copilot:", "@copilot", "hey copilot",
    "also,", "so,", "just a quick one,", "thanks! next,", "great, and", "excuse me,", "btw,", "ok", "real quick:",
    "real quick,", "help me out:",
)  # fmt: skip
BEFORE_QUESTIONS = (
    "could you tell me", "can you tell me", "do you know", "any idea", "i'd like to know", "i'd like to see",
    "i was wondering", "i wonder", "just curious,", "please tell me", "pls tell me", "tell me", "can you check",
    "could you please tell us", "would you mind telling me", "do you happen to know", "can someone tell me",
    "remind me", "hey, do you know", "hi, can you tell me", "quick question, do you know", "I need to know",
    "we want to know", "just wondering,", "let me know", "got any idea", "can anyone tell me", "could you find out",
    "i'm trying to find out", "say,", "out of curiosity,", "any chance you know", "could you quickly tell me",
)  # fmt: skip
BEHIND = (
    "please", "thanks", "for me", "real quick", "thank you", "pls", "thx", "for me please", ", thanks!",
    "please, thanks", "if you can", "when you have a minute", "cheers", ", ta", "if possible", "quickly",
    "thanks in advance", ":)", "many thanks", "if you don't mind", "much appreciated", "thank you so much",
    "please and thank you",
)  # fmt: skip
BEHIND_QUESTIONS = (
    ", do you know?",
    ", any idea?",
    "by the way?",
    ", just curious",
    "please?",
    ", can you tell me?",
    "btw",
)


@cache
def requests() -> tuple[str, ...]:
    """Those of all corpora that are understood, as they stand."""
    said = [one["text"] for one in (*utterances(), *lines_of(AGAIN))]
    for name in YAMLS:
        for part in read_yaml(FOLDER / f"{name}.yaml").values():
            said += [one["text"] if isinstance(one, dict) else str(one) for one in part]
    return tuple(dict.fromkeys(said))


@cache
def heard(text: str) -> Any:
    """What it comes to: a plan, or a question; None where it is not understood, or has no plan."""
    try:
        match = INTENTS.match(text, LAST, PRESENT, KNOWN)
    except ToolInputError as unclear:
        return type(unclear)
    return match and match.plan and (match.intent, match.plan.steps)


def asks(text: str) -> bool:
    return text.lower().replace("'", " ").split()[0] in ASKING


def sampled(each: int, at: int, questions: bool) -> Iterator[str]:
    some = [text for text in requests() if asks(text)] if questions else requests()
    yield from some[at % each :: each]


def behind(text: str, tail: str) -> str:
    return f"{text.rstrip(' .!')}{'' if tail.startswith(',') else ' '}{tail}"


DONE_BY_NOW = {*SINCE, *SINCE_HEARD, *DONE_SINCE}

CASES = [
    *(("before", said, False, 151) for said in BEFORE_ANY),
    *(("before", said, True, 61) for said in BEFORE_QUESTIONS),
    *(("behind", said, False, 151) for said in BEHIND),
    *(("behind", said, True, 61) for said in BEHIND_QUESTIONS),
]


@pytest.mark.parametrize(("where", "said", "questions", "each"), CASES, ids=[f"{one[0]} {one[1]}" for one in CASES])
def test_a_courtesy_changes_nothing(where: str, said: str, questions: bool, each: int) -> None:
    at = sum(map(ord, said))
    wrong = {}
    for text in sampled(each, at, questions):
        plain = heard(text)
        whole = f"{said} {text}" if where == "before" else behind(text, said)
        if plain is not None and (found := heard(whole)) != plain:
            wrong[whole] = found
    assert wrong == {}


@pytest.mark.parametrize("said", BEFORE_ANY + BEFORE_QUESTIONS)
def test_nothing_is_done_for_a_courtesy_before_what_is_no_request(said: str) -> None:
    missed = [one["text"] for one in (*near_misses(), *lines_of(NEAR_AGAIN))][sum(map(ord, said)) % 149 :: 149]
    done = {f"{said} {text}": effects(f"{said} {text}") for text in missed if text not in DONE_BY_NOW}
    assert {text: tools for text, tools in done.items() if tools} == {}


def test_what_only_leads_up_to_a_question_makes_no_order_of_it() -> None:
    for said in BEFORE_QUESTIONS:
        for order in ("if you can stop uat", "why not stop uat", "whether uat can be stopped now"):
            assert effects(f"{said} {order}") == [], said


@pytest.mark.parametrize(
    "text", ["thanks", "hey", "please", "do you know", "quick question:", "could you tell me", "ok"]
)
def test_a_courtesy_alone_asks_for_nothing(text: str) -> None:
    assert heard(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "sorry to bother you, delete the schedule s0123abcde?",
        "one question for you: stop uat?",
        "thanks a lot! next, stop uat?",
        "great job, thank you, stop uat?",
        "stop uat? huh",
        "stop uat? all",
        "stop uat? :)",
    ],
)
def test_a_question_is_made_no_order_by_what_stands_around_it(text: str) -> None:
    assert effects(text) == []


@pytest.mark.parametrize(
    "text", ["could you stop uat?", "stop uat please?", "can you stop uat? thanks", "hey, stop uat"]
)
def test_a_courtesy_still_makes_one(text: str) -> None:
    assert effects(text) == ["stop_environment"]


@pytest.mark.parametrize("text", ["{} lol", "team, {}", "guys {}", "fyi: {}", "{} haha", "{}, team"])
def test_what_is_said_in_jest_or_to_others_is_no_order_and_may_be_a_question(text: str) -> None:
    assert effects(text.format("stop uat")) == []
    assert heard(text.format("what did we spend?")) == heard("what did we spend?") is not None


@pytest.mark.parametrize("text", ["what did we spend this year?", "how is uat buys", "pool, how is uat?"])
def test_a_word_that_is_only_near_to_a_courtesy_is_not_left_off(text: str) -> None:
    assert heard(text) is None
