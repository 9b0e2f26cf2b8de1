"""Files that come with a request: what is taken, how it is kept, and where plans find it."""

from __future__ import annotations

import json
import time
from random import Random
from typing import Any

import pytest
from fakes import TOOLS, FakeClock, World, clients_of, focus_on
from test_functions import Deployed

from copilot.adapters.dynamodb.rows import pack, unpack
from copilot.bootstrap.in_process import InProcess
from copilot.domain import MOST_ATTACHED, Attachment, Focus, Plan, Trigger
from copilot.errors import PlanError
from copilot.intents import load_intents
from copilot.text.masking import mask_text
from copilot.tools.registry import Registry

FILE = {"name": "Dockerfile", "text": "FROM python\n"}
ASK = "How can I optimize my Dockerfile?"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(monkeypatch)


def start(deployed: Deployed, attachments: Any, text: str = ASK) -> tuple[int, Any]:
    body = {"text": text, "attachments": attachments}
    status, said = deployed.call("ingest_api", "ingest_api_start", body=json.dumps(body))
    return status, said


# --- what is taken -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attachments", "field"),
    [
        ([FILE] * 5, "attachments"),
        ([{"name": "a", "text": "x" * (MOST_ATTACHED + 1)}], "attachments"),
        ([{"name": "a", "text": "\u00e9" * (MOST_ATTACHED // 4)}] * 3, "attachments"),
        ([{"name": "a"}], "attachments.0.text"),
        ([{"text": "x"}], "attachments.0.name"),
        ([{"name": "a", "text": 3}], "attachments.0.text"),
        ([FILE | {"path": "/etc/passwd"}], "attachments.0.path"),
        ("x", "attachments"),
    ],
)
def test_what_is_too_much_or_no_file_is_refused_naming_the_field(
    deployed: Deployed, attachments: Any, field: str
) -> None:
    status, said = start(deployed, attachments)
    assert (status, said["error"]["field"]) == (400, field)
    assert "Value error" not in said["error"]["message"]


def test_as_much_as_may_be_is_taken_however_json_spells_it(deployed: Deployed) -> None:
    text = "\x01" * (MOST_ATTACHED // 4)
    status, said = start(deployed, [{"name": str(n), "text": text} for n in range(4)])
    assert status == 202
    assert [each.text for each in deployed.store.run("main", said["run_id"]).trigger.attachments] == [text] * 4


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Dockerfile", "Dockerfile"),
        ("../../etc/passwd", "passwd"),
        ("C:\\work\\Dockerfile", "Dockerfile"),
        ("my file\n\x1b[31m.txt", "my_file_31m.txt"),
        (".dockerignore", ".dockerignore"),
        ("..", "file"),
        ("", "file"),
        ("x" * 500, "x" * 100),
    ],
)
def test_a_name_is_a_plain_name(given: str, kept: str) -> None:
    assert Attachment(name=given, text="").name == kept


# --- how it is kept ----------------------------------------------------------------------------


def test_what_cannot_be_compressed_stays_far_under_the_limit_of_a_row() -> None:
    random = Random(1)
    for letters in (range(1, 128), range(0x10000, 0x1F000), range(0x100, 0xD000)):
        text = "".join(chr(random.choice(letters)) for _ in range(MOST_ATTACHED))
        while len(text.encode()) > MOST_ATTACHED:
            text = text[: len(text) * MOST_ATTACHED // len(text.encode()) or 1]
        trigger = Trigger.model_validate(
            {
                "kind": "api",
                "tenant": "t",
                "person": {"id": "p", "name": "P"},
                "text": "x",
                "conversation": "c",
                "dedupe_key": "k",
                "received_at": "2026-03-02T09:00:00Z",
                "attachments": [{"name": "a", "text": text}],
            }
        )
        packed = pack(trigger)
        assert len(packed["B"]) < 150_000, "a row may have 400 KB"
        assert unpack(packed, Trigger) == trigger


def test_secrets_are_masked_before_anything_is_kept(deployed: Deployed) -> None:
    text = "ENV API_TOKEN=abcd1234 OTHER=x\nARG TOKEN\nENV TOKEN=$TOKEN KEY_TOKEN=${X}\n"
    text += "RUN pip install tokenizers==0.15.0\n"
    _, said = start(deployed, [FILE | {"text": text}])
    (kept,) = deployed.store.run("main", said["run_id"]).trigger.attachments
    assert kept.text == text.replace("abcd1234", "[masked]")
    assert mask_text(kept.text) == kept.text


@pytest.mark.parametrize("text", ["a" * MOST_ATTACHED, "token" * 20_000, "a.b" * 30_000, "a://b:" * 15_000])
def test_masking_a_large_file_takes_no_longer_than_reading_it(text: str) -> None:
    began = time.process_time()
    mask_text(text)
    assert time.process_time() - began < 3


# --- where plans find it -----------------------------------------------------------------------


def runner() -> InProcess:
    clock = FakeClock()
    world = World(lights={"lamp": True})
    return InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock, sleep=clock.sleep)


def plan(arguments: Any, answer: str) -> Plan:
    steps = [{"id": "look", "tool": "look", "arguments": arguments}]
    return Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": answer}})


def test_references_to_attachments_are_resolved_in_arguments_and_answers() -> None:
    asked = plan({"environment_id": {"$ref": "attachments[0].text"}}, "{attachments[0].name}: {look.name}")
    view = runner().run(asked, attachments=(Attachment(name="x.txt", text="lamp"),))
    assert (view["outcome"], view["answer"]) == ("succeeded", "x.txt: lamp")
    assert view["attachments"] == [{"name": "x.txt", "bytes": 4}]


def test_a_step_without_the_attachment_it_is_about_has_nothing_to_go_on() -> None:
    view = runner().run(plan({"environment_id": {"$ref": "attachments[0].text"}}, "{look.name}"))
    assert view["outcome"] == "failed"
    assert "attachments[0].text gave nothing" in view["answer"]


def test_no_step_may_be_called_attachments() -> None:
    taken = {"goal": "g", "steps": [{"id": "attachments", "tool": "list_lights"}], "answer": {"text": "x"}}
    with pytest.raises(PlanError, match="the name is reserved"):
        runner().run(Plan.model_validate(taken))


def test_long_texts_are_cut_where_a_run_is_only_looked_at() -> None:
    lamp = "lamp" * 500
    asked = plan({"environment_id": {"$ref": "attachments[0].text"}}, "x")
    view = runner().run(asked, attachments=(Attachment(name="x", text=lamp),))
    assert len(view["steps"][0]["items"][0]["arguments"]["environment_id"]) < 500


# --- the intent --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        ASK,
        "how can I optimise my dockerfile",
        "How could we improve this Dockerfile?",
        "please review my Dockerfile",
        "improve my Dockerfile",
        "Optimize the attached Dockerfile, please",
        "lint this dockerfile",
        "how can I make my Dockerfile smaller?",
        "How do I make the Dockerfile build faster",
        "make my dockerfile leaner",
        "Could you take a look at my Dockerfile?",
        "what's wrong with my Dockerfile?",
    ],
)
def test_paraphrases(text: str) -> None:
    match = load_intents().match(text, Focus())
    assert match is not None and match.plan is not None and match.intent == "improve_dockerfile"
    assert match.plan.steps[0].arguments == {"files": {"$ref": "attachments"}}


@pytest.mark.parametrize(
    "text",
    [
        "delete my Dockerfile",
        "How can I optimize my Dockerfile without changing the base image?",
        "optimize my docker-compose file",
        "how can I optimize my database",
        "improve my Dockerfile and deploy it",
        "build my Dockerfile",
        "review my Dockerfile for licence problems",
        "what is a Dockerfile?",
        "don't review my Dockerfile",
        "why is my Dockerfile slow?",
        "write a Dockerfile for my service",
    ],
)
def test_near_misses_are_left_to_the_planner(text: str) -> None:
    assert load_intents().match(text, focus_on(environments=("prod-1",))) is None


def test_without_a_file_it_asks_for_one(deployed: Deployed) -> None:
    _, said = start(deployed, [])
    given = {"tenant": "main", "run_id": said["run_id"], "conversation": "ann/default"}
    assert deployed.call("plan", given) == {"revision": 1}
    assert deployed.call("advance", given | {"wave": 0, "outcomes": []})["next"] == "reply"
    deployed.call("reply", given)
    run = deployed.store.run("main", said["run_id"])
    assert "attach the Dockerfile" in (run.answer or "") and "--file Dockerfile" in (run.answer or "")
    assert run.outcome == "asked"
