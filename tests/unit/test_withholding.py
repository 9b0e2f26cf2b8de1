"""What others see of a Run: that it was done always, what it told as far as policy lets them, and whom to ask else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes import World
from test_drafting import ALL, OFF, Asked
from test_functions import ANN, Deployed
from test_kept_back import COMPOSED, LINE, asked

from copilot.adapters.in_memory import MemoryStore
from copilot.bootstrap.in_process import ME
from copilot.config.configuration import KnownPerson
from copilot.domain import About, Person
from copilot.edges.run_views import view_approval, view_reasoning, view_run
from copilot.edges.withholding import Seer
from copilot.errors import NotAllowed
from copilot.policy.decisions import Policy

SHOWN = {"text": "{lines.summary}"}
READER, DEVELOPER, OPERATOR, APPROVER = (
    Person(id=f"other-{role}", name=role, roles=(role,)) for role in ("reader", "developer", "operator", "approver")
)


def seen(one: Asked, person: Person, text: str | None = None) -> dict[str, Any]:
    process = one.process
    policy = Policy(process.registry, "main", read_only=False, text=text)
    seer = Seer(person, policy, process.registry)
    return view_run(process.store, "main", one.run_id, process.clock.now(), seer=seer)


@pytest.mark.parametrize("person", [READER, DEVELOPER])
@pytest.mark.parametrize("kind", ["production", "development"])
def test_others_see_that_logs_were_read_and_not_what_they_say(kind: str, person: Person) -> None:
    one = asked(kind, answer=SHOWN)
    view = seen(one, person)
    assert LINE not in json.dumps(view) and LINE in json.dumps(one.view)
    assert view["answer"] is view["plan"] is None
    assert (view["status"], view["outcome"], view["request"]) == ("answered", "succeeded", "do the lights")
    assert [(step["id"], step["tool"], step["status"]) for step in view["steps"]] == [("lines", "read_lines", "done")]
    assert view["steps"][0]["items"][0].keys() & {"summary", "reason", "arguments"} == set()
    assert view["withheld"] == (
        f"Not shown to you is what tells of logs of {kind}: policy says so. "
        "Ask me, who asked for this, or somebody who is operator or approver."
    )


@pytest.mark.parametrize("person", [OPERATOR, APPROVER, ME])
def test_who_answers_for_it_and_who_asked_see_all(person: Person) -> None:
    one = asked("production", answer=SHOWN)
    assert seen(one, person) == one.view | {"withheld": ""}


def test_what_is_no_secret_among_colleagues_is_seen_by_all() -> None:
    one = Asked(World(lights={"a": True}), {"steps": [ALL, OFF], "answer": {"text": "Off: {off[].name}."}})
    assert seen(one, READER) == one.view | {"withheld": ""}


def test_of_a_run_that_read_logs_the_rest_is_seen() -> None:
    """The answer speaks of the lights alone; that logs were read besides is told, not what they say."""
    steps = [ALL, {"id": "lines", "tool": "read_lines", "arguments": {"kind": "staging"}}]
    world = World(lights={"a": True})
    plan = {"steps": steps, "answer": {"text": "There is {all.lights[].name}."}}
    one = Asked(world, plan, registry=asked("staging", answer=SHOWN).process.registry)
    view = seen(one, READER)
    assert view["answer"] == "There is a." and LINE not in json.dumps(view)
    assert view["steps"][0] == one.view["steps"][0] and view["withheld"]


def test_what_a_model_was_asked_is_left_out_with_what_it_was_told() -> None:
    one = asked("staging", "A card was refused {#lines.summary}.", answer=COMPOSED)
    whole = view_reasoning(one.process.store, "main", one.run_id)
    left = view_reasoning(one.process.store, "main", one.run_id, whole=False)
    assert LINE in json.dumps(whole) and LINE not in json.dumps(left)
    assert left["usage"] == whole["usage"] and left["calls"] == left["revisions"] == []


def test_while_it_runs_nothing_more_is_seen_than_after() -> None:
    one = asked("production", answer=SHOWN)
    store = one.process.store
    assert isinstance(store, MemoryStore)
    record = store.load_run("main", one.run_id)
    assert record.run.about == About(shows="logs", kind="production")
    store._update(record.run, about=None, outcome=None, answered_at=None, answer=None)
    view = seen(one, READER)
    assert LINE not in json.dumps(view) and view["withheld"] and view["status"] == "running"


def test_who_asked_sees_no_more_than_policy_lets_them() -> None:
    one = asked("production", answer=SHOWN)
    view = seen(one, ME, 'permit (principal, action == Action::"show", resource) when { resource.class == "status" };')
    assert LINE not in json.dumps(view) and "policy can change that" in view["withheld"]


@pytest.mark.parametrize(("person", "whole"), [(READER, False), (APPROVER, True), (ME, True)])
def test_who_may_approve_sees_all_of_what_they_approve(person: Person, whole: bool) -> None:
    """A message is asked to be approved that has lines of a log in it."""
    tell = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": {"$ref": "lines.summary"}}}
    world = World(lights={LINE: True}, kinds={LINE: "production"})
    steps = [{"id": "lines", "tool": "read_lines", "arguments": {"kind": "production"}}, tell]
    registry = asked("staging", answer=SHOWN).process.registry
    one = Asked(world, {"steps": steps, "answer": {"text": "Done."}}, registry=registry)
    assert one.view["status"] == "parked"
    view = seen(one, person)
    assert (view["approval"] is not None) is whole and (LINE in json.dumps(view["approval"])) is whole
    policy = Policy(registry, "main", False)
    looks = Seer(person, policy, registry)
    approval_id, now = one.view["approval"]["id"], one.process.clock.now()
    if whole:
        assert LINE in json.dumps(view_approval(one.process.store, "main", approval_id, now, seer=looks))
    else:
        with pytest.raises(NotAllowed, match="not shown to you"):
            view_approval(one.process.store, "main", approval_id, now, seer=looks)
    only_status = 'permit (principal, action == Action::"show", resource) when { resource.class == "status" };'
    approve = 'permit (principal in Role::"approver", action == Action::"approve", resource);'
    view = seen(one, person, only_status + approve)
    assert view["withheld"] and (LINE in json.dumps(view["approval"])) is whole


BOB = KnownPerson(id="bob", name="Bob", principals=("arn:aws:iam::123456789012:user/bob",), roles=("reader",))


def test_over_http_a_reader_sees_of_anothers_run_what_policy_lets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked("staging", "A card was refused {#lines.summary}.", answer=COMPOSED)
    deployed = Deployed(monkeypatch)
    deployed.config = deployed.config.model_copy(update={"people": (ANN, BOB), "tenant": "main"})
    deployed.more = {"store": one.process.store, "registry": one.process.registry}
    event = deployed.event("ingest_api_show")
    event["pathParameters"]["id"] = one.run_id
    event["queryStringParameters"] = {"reasoning": "1"}
    answered: dict[str, Any] = {}
    for person in (ANN, BOB):
        event["requestContext"]["authorizer"]["iam"]["userArn"] = person.principals[0]
        answered[person.id] = deployed.call("ingest_api", event)
    assert LINE in json.dumps(answered["ann"]) and LINE not in json.dumps(answered["bob"])
    status, body = answered["bob"]
    assert status == 200 and body["withheld"].startswith("Not shown to you is what tells of logs of staging")
