"""What would happen is heard for whatever can be asked for, and nothing ever comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import focus_on
from heard_requests import utterances
from steering_world import World
from test_heard import HEAR, INTENTS, KNOWN, PRESENT, REGISTRY
from test_heard import effects as all_effects

from copilot.domain import Focus, OpenQuestion, Person, Revision, Trigger
from copilot.intents import examples_of
from copilot.intents.actions import Intent, read_yaml
from copilot.planning.hearing import Hear
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_would.yaml"))


NOTHING = Focus()


def planned(text: str, focus: Focus = NOTHING, hear: Hear = HEAR) -> Revision | None:
    ana = Person(id="ana", name="Ana", roles=("developer",))
    given: dict[str, Any] = {"conversation": "c", "dedupe_key": "k", "received_at": PRESENT.now}
    return hear(Trigger(kind="api", tenant="main", person=ana, text=text, **given), focus)


def foreseen(revision: Revision | None) -> list[str]:
    steps = revision.plan.steps if revision else ()
    return [str(one.arguments["tool"]) for one in steps if one.tool == "what_would_happen"]


@pytest.mark.parametrize("case", FOUND["heard"], ids=lambda case: case["text"])
def test_what_people_ask_is_heard_and_looked_at(case: dict[str, Any]) -> None:
    revision = planned(case["text"])
    assert revision is not None and foreseen(revision) == case["of"]
    check_plan(revision.plan, REGISTRY)
    assert all(REGISTRY.find(step.tool).effect == "read" for step in revision.plan.steps)


@pytest.mark.parametrize("text", FOUND["windows"])
def test_what_a_schedule_is_to_do_is_looked_at(text: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.plan.steps[-1].tool == "window_environments"
    check_plan(revision.plan, REGISTRY)


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_question_is_not_heard_as_one(text: str) -> None:
    revision = planned(text)
    assert not foreseen(revision)
    assert revision is None or all(REGISTRY.find(one.tool).effect == "read" for one in revision.plan.steps)


# --- nothing ever comes of it ------------------------------------------------------------------------

ASKED = (
    "what would happen if I {}",
    "what would {} do?",
    "show me what {} would change",
    "dry run: {}",
    "simulate {}",
    "preview {}",
    "what if we {}?",
    "{} --dry-run",
)
CHANGING = [intent for action in INTENTS.actions if action.changes for intent in action.plans]


def effects(text: str, focus: Focus = NOTHING) -> list[str]:
    revision = planned(text, focus)
    return [one.tool for one in revision.plan.steps if REGISTRY.find(one.tool).effect != "read"] if revision else []


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("example", sorted({intent.example for intent in CHANGING}))
def test_of_whatever_changes_something_it_is_said_what_would_happen(example: str, asked: str) -> None:
    """Of every intent that does, those that a later one is to add as well."""
    focus = focus_on(environments=("uat",))
    revision = planned(asked.format(example), focus)
    assert revision is not None and (foreseen(revision) or revision.plan.ask)
    assert not effects(asked.format(example), focus)
    check_plan(revision.plan, REGISTRY)


def test_nothing_comes_of_any_request_of_the_frozen_ones_within_such_a_question() -> None:
    changing = [one["text"].rstrip("?!. ") for one in utterances()[::4] if all_effects(one["text"])]
    assert len(changing) > 150
    for at, asked in enumerate(("what would happen if I {}", "dry run: {}", "{}, dry run")):
        assert {text: done for text in changing[at::3] if (done := effects(asked.format(text)))} == {}, asked
    heard = [text for text in changing[::5] if planned(f"dry run: {text}")]
    assert len(heard) > 0.9 * len(changing[::5])


@pytest.mark.parametrize("intent", [one for one in CHANGING if one.asks], ids=lambda one: one.name)
@pytest.mark.parametrize("asked", ["what would happen if I {}", "dry run: {}", "{} --dry-run"])
def test_nothing_comes_of_an_answer_to_what_is_asked_back(intent: Intent, asked: str) -> None:
    request = asked.format(intent.example)
    for number, _ in enumerate(intent.choices, start=1):
        for answer in (str(number), *intent.choices[number - 1 : number], "yes"):
            world = World()
            before = world.snapshot()
            first = world.ask(request)
            assert first["outcome"] == "asked", first
            second = world.ask(answer)
            if answer in intent.choices and intent.instead:
                continue  # said in full, it is a request of its own
            assert not world.effects(before), (request, answer, second["answer"])
            assert not [step for step in second["steps"] if REGISTRY.find(step["tool"]).effect != "read"]


TYPOS = ["what would happen if I stopped odrers-dev", "dry run: stpo uat", "dry run: stop uta", "dyr run: stop uat"]


@pytest.mark.parametrize("typo", TYPOS)
def test_nothing_comes_of_a_yes_to_what_was_put_right(typo: str) -> None:
    revision = planned(typo)
    assert revision is not None and not effects(typo)
    if revision.plan.ask:
        (choice,) = revision.plan.ask.choices
        asked = OpenQuestion(asker="ana", at=PRESENT.now, request=typo, lacks=revision.lacks or "", choices=(choice,))
        focus = Focus(rev=1, turn=1, open=asked)
        assert foreseen(planned("yes", focus)) and not effects("yes", focus)


def test_the_same_of_another_is_foreseen_as_well_and_never_done() -> None:
    first = planned("what would happen if I stopped uat?")
    assert first is not None
    focus = focus_on(environments=("uat",), intent=first.intent, slots=first.slots)
    again = planned("and what about sandbox?", focus)
    assert foreseen(again) == ["stop_environment"] and not effects("and what about sandbox?", focus)


def test_help_has_one_such_question_and_it_is_heard() -> None:
    shown = examples_of(INTENTS.actions, KNOWN)
    (would,) = [one for one in shown if one.startswith("What would happen")]
    assert foreseen(planned(would)) == ["stop_environment"]
    assert [one for one in shown if "Who stopped" in one] and not [one for one in shown if "have I" in one]


@pytest.mark.parametrize("asked", ["what if {}", "dry run: {}", "what would {} do", "if I {}, what would happen"])
def test_nobody_asks_what_asking_would_do_and_trying_it_has_an_end(asked: str) -> None:
    text = "stop uat"
    for _ in range(7):
        text = asked.format(text)
    assert not foreseen(planned(text))
