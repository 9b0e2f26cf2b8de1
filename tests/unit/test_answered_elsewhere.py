"""A question of a direct message is answered in a new one, which stands in a thread of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chat_world import HOME, Chat, user
from fakes import World
from test_firing import Setting

from copilot.domain import AnswerTo

DIRECT = AnswerTo(platform="slack", workspace=HOME, place="DUASKER")
EVERYTHING = "stop everything"
"""Which kinds are meant is asked."""


class Asked(Chat):
    def __init__(self) -> None:
        self.setting = Setting()
        super().__init__(World(), None, process=self.setting.runner())

    def direct(self, text: str, number: int, by: str = "UASKER", **more: str) -> str:
        """What is answered to a direct message that begins a thread."""
        thread = f"17000000{number:02}.000100"
        where = DIRECT.model_copy(update={"place": f"D{by}", "thread": thread})
        self.say(text, by, where, message=thread, **more)
        self.work()
        return self.runs[-1].answer or ""

    def work(self) -> None:
        for run in self.runs:
            if run.status == "running":
                self.process.use_cases.make_plan("main", run.run_id)
        super().work()

    @property
    def threads(self) -> list[str]:
        """Of each run, the number of its thread."""
        return [(run.conversation.rpartition("/")[2])[8:10].lstrip("0") for run in self.runs]


@pytest.mark.parametrize("said", ["the first", "1", "development", "all development environments", "Number 1 please"])
def test_it_answers_the_one_question_that_is_open(said: str) -> None:
    chat = Asked()
    assert "Which kinds are meant?" in chat.direct(EVERYTHING, 1)
    answer = chat.direct(said, 2)
    assert chat.threads == ["1", "1"] and "Which" not in answer, answer
    assert "live/x" in chat.setting.on() and "red/web" not in chat.setting.on()
    assert chat.chat.alone("UASKER") == [
        f"I take that as the answer to my question about “{EVERYTHING}”. It goes on there, in its thread."
    ]


@pytest.mark.parametrize("said", ["no", "never mind", "No, thanks"])
def test_a_no_drops_it(said: str) -> None:
    chat, before = Asked(), Setting().on()
    chat.direct(EVERYTHING, 1)
    assert chat.direct(said, 2).startswith("All right. Nothing was done.")
    assert chat.setting.on() == before and chat.threads == ["1", "1"]
    assert "No question to you is open here" in chat.direct("yes", 3)


@pytest.mark.parametrize("said", ["which environments are idle?", "stop red", "help", "yes?"])
def test_what_is_no_answer_is_a_request_of_its_own(said: str) -> None:
    chat = Asked()
    chat.direct(EVERYTHING, 1)
    chat.direct(said, 2)
    assert chat.threads == ["1", "2"] and not chat.chat.alone("UASKER")


def test_of_two_questions_none_is_taken() -> None:
    chat, before = Asked(), Setting().on()
    chat.direct(EVERYTHING, 1)
    chat.direct(EVERYTHING, 2)
    assert "No question to you is open here" in chat.direct("1", 3)
    assert chat.threads == ["1", "2", "3"] and chat.setting.on() == before


def test_one_that_was_asked_long_ago_is_not_taken() -> None:
    chat = Asked()
    chat.direct(EVERYTHING, 1)
    chat.setting.clock.at += timedelta(hours=4, seconds=1)
    assert "No question to you is open here" in chat.direct("yes", 2)


def test_nobody_answers_what_another_was_asked() -> None:
    chat = Asked()
    chat.direct(EVERYTHING, 1)
    chat.direct("the first", 2, by="UBOSS")
    assert chat.threads == ["1", "2"]


def test_in_a_thread_it_answers_what_was_asked_there_alone() -> None:
    chat, before = Asked(), Setting().on()
    chat.direct(EVERYTHING, 1)
    chat.say("the first", where=DIRECT.model_copy(update={"thread": "1700000002.000100"}), message="1700000009.000100")
    chat.work()
    assert chat.threads == ["1", "2"] and chat.setting.on() == before


def test_an_answer_that_is_delivered_again_changes_nothing() -> None:
    chat = Asked()
    chat.direct(EVERYTHING, 1)
    for _ in range(2):
        chat.direct("the first", 2, key="Ev2")
    assert chat.threads == ["1", "1"] and len(chat.chat.alone("UASKER")) == 1


def test_an_approval_is_given_by_no_word() -> None:
    """It is no question: yes is to nothing."""
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}))
    chat.say("all lights off", where=DIRECT.model_copy(update={"thread": "1.1"}), message="1.1")
    chat.work()
    chat.say("yes", where=DIRECT.model_copy(update={"thread": "2.1"}), message="2.1")
    chat.say(
        "yes", by="UBOSS", where=chat.chat.direct(user("UBOSS")).model_copy(update={"thread": "3.1"}), message="3.1"
    )
    assert chat.process.store.approval("main", chat.runs[0].approval_id or "").state == "pending"


def test_what_was_taken_before_the_question_and_comes_again_answers_nothing() -> None:
    chat = Asked()
    chat.direct("yes", 1, key="Ev01")
    chat.direct(EVERYTHING, 2)
    before, runs = chat.setting.on(), len(chat.runs)
    chat.direct("yes", 1, key="Ev01")
    assert chat.setting.on() == before and len(chat.runs) == runs
    assert chat.chat.alone("UASKER") == []
