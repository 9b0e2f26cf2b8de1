"""What was shown of a run in chats, over HTTP: that it was, to whoever may look; what left, to whom nothing of it
is withheld from.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fakes import World
from test_drafting import ALL, OFF, Asked
from test_functions import ANN, Deployed
from test_kept_back import LINE
from test_kept_back import asked as read_logs
from test_withholding import BOB

from copilot.config.configuration import KnownPerson
from copilot.domain import AnswerTo, Delivered, Kind

ME = KnownPerson(id="me", name="Me", principals=("arn:aws:iam::123456789012:user/me",), roles=("developer",))
CHANNEL = AnswerTo(platform="slack", workspace="T0HOME", place="C0DEV", thread="7.1")
LEFT = 'chat.postMessage {"text": "caf\\u00e9  \\"a\\" is off"}'
Look = Callable[..., dict[str, Any]]


def looks(monkeypatch: pytest.MonkeyPatch, one: Asked, *kept: tuple[str, dict[str, Any]]) -> Look:
    deployed = Deployed(monkeypatch)
    deployed.config = deployed.config.model_copy(update={"people": (ANN, BOB, ME), "tenant": "main"})
    deployed.more = {"store": one.process.store, "registry": one.process.registry}
    for number, (key, more) in enumerate(kept):
        at = one.process.clock.now() + timedelta(seconds=number)
        sent: dict[str, Any] = {"where": CHANNEL, "sent": (LEFT,), "at": at} | more
        deployed.deliveries.note(Delivered(run_id=one.run_id, key=key, **sent))

    def look(person: KnownPerson, **asked: str) -> dict[str, Any]:
        event = deployed.event("ingest_api_show")
        event["pathParameters"]["id"] = one.run_id
        event["queryStringParameters"] = asked
        event["requestContext"]["authorizer"]["iam"]["userArn"] = person.principals[0]
        status, body = deployed.call("ingest_api", event)
        assert status == 200
        return dict(body)

    return look


def lights(kind: Kind = "development") -> Asked:
    plan = {"steps": [ALL, OFF], "answer": {"text": "Off: {off[].name}."}}
    return Asked(World(lights={"a": True}, kinds={"a": kind}), plan)


def test_what_was_shown_and_what_could_not_be_is_told_without_what_left(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"state": "failed", "where": None, "sent": (), "reason": "no such channel"}
    look = looks(monkeypatch, lights(), ("progress", {}), ("answer", failed))
    (progress, answer) = look(BOB)["shown"]
    assert (progress["key"], progress["state"], progress["where"]) == ("progress", "sent", "slack:T0HOME/C0DEV")
    assert (answer["key"], answer["state"], answer["where"]) == ("answer", "failed", None)
    assert answer["reason"] == "no such channel" and answer["at"] > progress["at"]
    assert "sent" not in progress and "sent" not in answer


def test_of_a_run_that_was_shown_nowhere_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, lights())(ME, sent="1")["shown"] == []


@pytest.mark.parametrize("person", [ME, BOB])
def test_who_is_kept_from_nothing_sees_what_left_byte_for_byte(
    monkeypatch: pytest.MonkeyPatch, person: KnownPerson
) -> None:
    (answer,) = looks(monkeypatch, lights(), ("answer", {"sent": (LEFT, f"{LEFT} ")}))(person, sent="1")["shown"]
    assert answer["sent"] == [LEFT, f"{LEFT} "]


def test_of_a_run_of_which_anything_is_withheld_nothing_that_left_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    one = read_logs("production", answer={"text": "{lines.summary}"})
    look = looks(monkeypatch, one, ("answer", {"sent": (LINE,)}), ("answer/chart.png", {}))
    assert [entry["sent"] for entry in look(ME, sent="1")["shown"]] == [[LINE], [LEFT]]
    seen = look(BOB, sent="1")
    assert seen["withheld"] and LINE not in json.dumps(seen) and LEFT not in json.dumps(seen)
    assert [entry["key"] for entry in seen["shown"]] == ["answer", "answer/chart.png"]


def test_the_copy_that_one_approver_got_is_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    one = lights("production")
    approval = one.process.store.run("main", one.run_id).approval_id
    look = looks(monkeypatch, one, (f"approval/{approval}/slack:T0HOME/UBOSS", {}))
    assert [entry["sent"] for entry in look(ANN, sent="1")["shown"]] == [[LEFT]]


def test_copies_of_an_approval_that_is_not_the_runs_last_go_by_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier one asked for what tells of logs; of what the run shows now nothing is withheld."""
    one = lights("production")
    store = one.process.store
    last = store.approval("main", str(store.run("main", one.run_id).approval_id))
    (call,) = last.calls
    earlier = last.model_copy(update={"id": "a0earlier", "calls": (call.model_copy(update={"step": "gone"}),)})
    vars(store)["_approvals"]["main", earlier.id] = earlier
    keys = (f"approval/{last.id}/here", f"approval/{earlier.id}/here", "approval/a0unknown/here")
    look = looks(monkeypatch, one, *((key, {}) for key in keys))
    assert ["sent" in entry for entry in look(BOB, sent="1")["shown"]] == [True, False, False]


def test_what_owners_and_single_people_were_told_left_too(monkeypatch: pytest.MonkeyPatch) -> None:
    look = looks(monkeypatch, lights(), ("owner/olga", {}), ("notice/1f", {}))
    assert [(entry["key"], entry["sent"]) for entry in look(BOB, sent="1")["shown"]] == [
        ("owner/olga", [LEFT]),
        ("notice/1f", [LEFT]),
    ]


def test_what_somebody_was_told_of_an_approval_is_seen_as_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    one = lights("production")
    last = one.process.store.run("main", one.run_id).approval_id
    look = looks(monkeypatch, one, (f"notice/{last}/1f", {}), ("notice/a0unknown/2f", {}), ("something/new", {}))
    assert ["sent" in entry for entry in look(BOB, sent="1")["shown"]] == [True, False, False]
