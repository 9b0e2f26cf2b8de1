"""The functions that answer to events, each by its own event (events/)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reaction_world import EVENTS, ReactionWorld, on_alarm
from test_functions import Deployed

from copilot.domain import Run


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    world = ReactionWorld(on_alarm())
    deployed = Deployed(monkeypatch)
    monkeypatch.setenv("OWN_EVENTS", "arn:aws:sqs:eu-west-1:000000000000:devops-copilot-own-events")
    deployed.config = world.config.model_copy(update={"people": (*world.config.people, *deployed.config.people)})
    deployed.inventory = world.inventory
    deployed.more = {"reactions": world.reactions, "runbooks": world.runbooks, "registry": world.process.registry}
    deployed.more["history"] = world.use_cases.history
    return deployed


def begun(deployed: Deployed) -> Run:
    (run,) = deployed.store.recent_runs("main")
    return run


def test_an_alarm_on_the_queue_becomes_a_run_and_only_what_failed_comes_again(deployed: Deployed) -> None:
    event = deployed.event("react")
    bad = event["Records"][0] | {"messageId": "bad", "body": "{"}
    answer = deployed.call("react", {"Records": [*event["Records"], bad]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    run = begun(deployed)
    assert (run.trigger.reaction, run.trigger.person.id) == ("on-alarm", "bot")
    assert deployed.call("react", "react") == {"batchItemFailures": []} and begun(deployed) == run


def test_the_clock_has_told_what_was_held(deployed: Deployed) -> None:
    record = deployed.event("react")["Records"][0]
    assert deployed.call("react", {"Records": [record | {"body": '{"due": true}'}]}) == {"batchItemFailures": []}
    assert deployed.store.recent_runs("main") == []


def test_what_comes_by_the_queue_of_the_users_own_is_not_taken_for_aws(deployed: Deployed) -> None:
    record = deployed.event("react")["Records"][0]
    own = {"eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:devops-copilot-own-events"}
    deployed.call("react", {"Records": [record | own]})
    assert deployed.store.recent_runs("main") == []


def test_how_a_run_of_a_reaction_went_is_told_once(deployed: Deployed) -> None:
    deployed.call("react", "react")
    run = begun(deployed)
    happened = deployed.event("ingest_event_execution_aborted")
    given = {"tenant": "main", "run_id": run.run_id, "conversation": run.conversation}
    happened["detail"] |= {"input": json.dumps(given), "name": f"{run.run_id}-1", "status": "ABORTED"}
    for _ in range(2):
        deployed.call("ingest_event", happened)
    ((channel, text),) = deployed.notifier.sent.values()
    assert channel == "#oncall" and text.startswith("Reaction on-alarm, alarm checkout-5xx (live, eu-west-1): ended ")


def test_what_an_event_would_start_is_said_and_nothing_is_started(deployed: Deployed) -> None:
    status, body = deployed.call("ingest_api", "ingest_api_reactions_test")
    (one,) = body["reactions"]
    assert (status, body["kind"], one["name"], one["why_not"]) == (200, "alarm", "on-alarm", "")
    assert one["begins"].startswith("Runbook look, version 1: environment = shop") and one["marked"] == ["shop"]
    assert deployed.store.recent_runs("main") == []


def tried(deployed: Deployed, **asked: Any) -> tuple[int, Any]:
    event = deployed.event("ingest_api_reactions_test") | {"body": json.dumps(asked)}
    answer: tuple[int, Any] = deployed.call("ingest_api", event)
    return answer


def test_why_an_event_would_start_nothing_is_said(deployed: Deployed) -> None:
    alarm = json.loads((EVENTS / "alarm.json").read_text())
    assert tried(deployed, event=alarm, own=True)[1]["reactions"] == []
    elsewhere = alarm | {"region": "us-east-1"}
    assert tried(deployed, event=elsewhere)[1]["reactions"][0]["why_not"] == "the event has no {environment}"
    status, body = tried(deployed, event={"a": 1})
    assert status == 400 and "that is no event as EventBridge delivers it" in body["error"]["message"]
