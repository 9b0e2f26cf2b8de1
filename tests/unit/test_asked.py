"""The one way in: what every edge makes of what it was asked, and that it comes out where the answer is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fakes import TOOLS, FakeClock, World, clients_of
from pydantic import ValidationError
from test_ingesting import FakeWorkflow

from copilot.adapters.in_memory import MemoryStore
from copilot.answering.replying import Reply
from copilot.bootstrap.in_process import InProcess
from copilot.domain import AnswerTo, Asked, Person, Run, Trigger
from copilot.edges.http import RunRequest
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest

ANN, BOB = Person(id="ann", name="Ann"), Person(id="bob", name="Bob")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
THREAD = AnswerTo(platform="slack", place="C0123", thread="1699.12")


def asked(person: Person = ANN, answer_to: AnswerTo | None = None, **given: Any) -> Trigger:
    return Trigger.asked(Asked(**{"text": "stop dev", **given}), "main", person, NOON, answer_to)


def test_a_person_has_conversations_of_their_own_by_the_names_they_give() -> None:
    own = [asked(person, conversation=name).conversation for person in (ANN, BOB) for name in ("ops", "default")]
    assert own == ["ann/ops", "ann/default", "bob/ops", "bob/default"]
    assert asked(conversation="ops").conversation_name == "ops"


def test_a_thread_is_one_conversation_of_all_who_speak_in_it() -> None:
    assert {asked(person, THREAD).conversation for person in (ANN, BOB)} == {"slack:C0123/1699.12"}


def test_two_places_are_two_conversations() -> None:
    places = [("C1", None), ("C1", "2"), ("C1/2", None), ("C1%2F2", None), ("C", "1/2"), ("C/1", "2"), ("C2", None)]
    named = {
        asked(answer_to=AnswerTo(platform="chat", place=where, thread=thread)).conversation for where, thread in places
    }
    assert len(named) == len(places)


def test_without_a_dedupe_key_every_request_is_new_and_with_one_it_is_the_same_run() -> None:
    assert asked().run_id != asked().run_id
    assert asked(dedupe_key="k").run_id == asked(dedupe_key="k").run_id != asked(BOB, dedupe_key="k").run_id


@pytest.mark.parametrize(
    "given",
    [
        {"text": " "},
        {"text": "x" * 4001},
        {"conversation": "no blanks"},
        {"dedupe_key": ""},
        {"attachments": [{"name": f"{number}", "text": ""} for number in range(5)]},
        {"attachments": [{"name": "big", "text": "x" * 102_401}]},
        {"kind": "schedule"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_no_edge_takes(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        asked(**given)


@pytest.mark.parametrize("given", [{"answer_to": THREAD.model_dump()}, {"kind": "chat"}], ids=["place", "kind"])
def test_a_body_does_not_say_where_an_answer_goes(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RunRequest.model_validate({"text": "stop dev"} | given)


def test_where_to_answer_is_there_when_the_answer_is() -> None:
    store, clock = MemoryStore(), FakeClock()
    run, _ = Ingest(store, FakeWorkflow(), clock)(asked(answer_to=THREAD))
    answered = Reply(store, Registry(TOOLS), clock)("main", run.run_id, "it was aborted")
    assert answered.outcome is not None and answered.trigger.answer_to == THREAD


def test_the_runner_in_this_process_takes_requests_as_every_edge_does() -> None:
    clock = FakeClock()
    process = InProcess(clients_of(World(lights={}), clock), registry=Registry(TOOLS), clock=clock, answer_to=THREAD)
    view = process.run("nothing it knows")
    run = process.store.run("main", view["run_id"])
    assert (run.conversation, run.trigger.answer_to) == ("slack:C0123/1699.12", THREAD)


def test_what_was_kept_before_answers_had_a_place_is_read() -> None:
    kept = asked().model_dump(mode="json")
    del kept["answer_to"]
    assert Run(run_id="r1", trigger=Trigger.model_validate(kept)).trigger.answer_to is None
