"""While an approval waits, who asks how it stands is told that."""

from __future__ import annotations

import pytest
from chat_world import HOME, Chat
from fakes import World

from copilot.domain import AnswerTo, Focus
from copilot.planning.hearing import Hear
from copilot.planning.waiting import NOTHING_WAITS

DIRECT = AnswerTo(platform="slack", workspace=HOME, place="DUASKER", thread="7.1")


def asked_then(text: str, where: AnswerTo = DIRECT, by: str = "UASKER", *, decided: bool = False) -> str:
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}))
    chat.say("all lights off", where=DIRECT)
    chat.work()
    if decided:
        chat.press("deny", chat.runs[0].approval_id or "")
        chat.go_on()
    chat.say(text, by=by, where=where)
    trigger = chat.runs[-1].trigger
    hear: Hear = chat.process.use_cases.hear
    revision = hear(trigger, Focus())
    assert revision is not None, text
    return revision.plan.say or ""


@pytest.mark.parametrize(
    "text",
    [
        "any news?",
        "and hurry up please",
        "is anyone looking?",
        "Is anybody looking at it?",
        "any update on this?",
        "what's taking so long",
        "who has to approve this?",
        "has anyone approved it yet?",
        "are we still waiting",
        "was it approved?",
    ],
)
def test_who_was_asked_since_when_and_until_when(text: str) -> None:
    told = asked_then(text)
    assert told.startswith("“all lights off” still waits for an approval, since ")
    assert " and until " in told and "Asked for it was: olga, omar." in told


def test_of_another_s_request_it_says_whose_it_is() -> None:
    assert asked_then("any news?", by="UOTHER").startswith("What Dana asked for still waits for an approval")


def test_where_nothing_waits_that_is_said() -> None:
    assert asked_then("any news?", decided=True) == NOTHING_WAITS
    assert asked_then("any news?", where=DIRECT.model_copy(update={"thread": "8.1"})) == NOTHING_WAITS
