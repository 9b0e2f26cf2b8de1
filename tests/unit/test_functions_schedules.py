"""The functions by the events of schedules (events/)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from fakes import FakeClock
from test_functions import ANN, ROOT, Deployed

from copilot.config.configuration import Configuration
from copilot.domain import DAYS, Plan, Schedule, Window
from copilot.tools.registry import Registry

SIX = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    made = Deployed(monkeypatch)
    made.clock = FakeClock(SIX)
    made.schedules.put(
        Schedule(
            id="s0123abcde",
            title="Stop all development environments every day at 18:00 Europe/Paris",
            owner="ann",
            kinds=("development",),
            kind="development",
            times=Window(stop="18:00", days=DAYS, time_zone="Europe/Paris").times,
            runbooks={"stop": Plan(goal="stop", say="stopped")},
            created_at=SIX,
        )
    )
    made.more["registry"] = Registry()
    return made


def test_a_firing_becomes_a_run_with_the_schedules_own_plan_once(deployed: Deployed) -> None:
    for _ in range(2):
        deployed.call("ingest_event", "ingest_event_schedule_fired")
    (started,) = deployed.workflow.started
    record = deployed.store.load_run("main", started.partition("-")[0])
    assert record.plan is not None and record.plan.say == "stopped"
    assert (record.run.trigger.kind, record.run.conversation) == ("schedule", "schedule/s0123abcde")
    given = {"tenant": "main", "run_id": record.run.run_id, "conversation": record.run.conversation}
    assert deployed.call("plan", given) == {"revision": 1}, "what was planned when it was made is not planned again"


def test_a_standing_approval_is_granted_by_an_approver_listed_and_taken_back(deployed: Deployed) -> None:
    assert deployed.call("ingest_api", "ingest_api_standing") == (200, {"standing": []})
    status, said = deployed.call("resolve_approval", "resolve_approval_grant")
    assert (status, said["error"]["message"].endswith("nothing was granted")) == (403, True), "it is ann's own"
    made = deployed.schedules.schedule("s0123abcde")
    assert made is not None
    deployed.schedules.put(made.model_copy(update={"owner": "bob"}))
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"roles": ("operator",)}),))
    assert deployed.call("resolve_approval", "resolve_approval_grant")[0] == 403
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"roles": ("approver",)}),))
    status, granted = deployed.call("resolve_approval", "resolve_approval_grant")
    assert (status, granted["most"], granted["by"]["id"]) == (200, 3, "ann")
    assert deployed.call("ingest_api", "ingest_api_standing")[1]["standing"] == [granted]
    assert deployed.call("resolve_approval", "resolve_approval_grant")[0] == 409
    one = {"pathParameters": {"id": granted["id"]}}
    assert deployed.call("resolve_approval", "resolve_approval_revoke", **one) == (200, granted)
    assert deployed.call("resolve_approval", "resolve_approval_revoke", **one)[0] == 404
    too_many = json.dumps({"schedule": "s0123abcde", "most": 101})
    assert deployed.call("resolve_approval", "resolve_approval_grant", body=too_many)[0] == 400


def test_of_a_firing_that_comes_late_its_owner_is_told_once(deployed: Deployed) -> None:
    event = json.loads((ROOT / "events/ingest_event_schedule_fired.json").read_text())
    event["detail"]["scheduled_at"] = "2026-03-02T12:00:00Z"
    for _ in range(2):
        deployed.call("ingest_event", event)
    ((channel, text),) = deployed.notifier.sent.values()
    assert (channel, deployed.workflow.started) == ("#platform", [])
    assert text.startswith("For Ann: the schedule s0123abcde (Stop all development environments every day at 18:00")
    assert "came due at Mon 02 Mar 2026 13:00 CET and was not run: discarded: it came 5 h 0 min late" in text


def test_of_a_firing_that_waits_or_fails_its_owner_is_told_once(deployed: Deployed) -> None:
    deployed.call("ingest_event", "ingest_event_schedule_fired")
    (execution,) = deployed.workflow.started
    run = deployed.store.run("main", execution.partition("-")[0])
    given = json.dumps({"tenant": "main", "run_id": run.run_id, "conversation": run.conversation})
    detail = {"name": execution, "status": "ABORTED", "input": given}
    for _ in range(2):
        deployed.call("ingest_event", {"detail-type": "Step Functions Execution Status Change", "detail": detail})
    ((_, text),) = deployed.notifier.sent.values()
    assert '"Stop, as the schedule s0123abcde says' in text and "ended aborted" in text


def test_of_what_a_person_started_and_lost_no_owner_is_told(deployed: Deployed) -> None:
    run = deployed.started()
    given = json.dumps({"tenant": "main", "run_id": run.run_id, "conversation": run.conversation})
    detail = {"name": f"{run.run_id}-{run.execution}", "status": "FAILED", "input": given}
    deployed.call("ingest_event", {"detail-type": "Step Functions Execution Status Change", "detail": detail})
    assert deployed.store.run("main", run.run_id).outcome == "aborted"
    assert deployed.notifier.sent == {}


def test_a_firing_of_no_schedule_is_nothing(deployed: Deployed) -> None:
    event = json.loads((ROOT / "events/ingest_event_schedule_fired.json").read_text())
    event["detail"]["schedule"] = "s999999999"
    deployed.call("ingest_event", event)
    assert deployed.workflow.started == []


def test_schedules_are_listed_and_shown_with_their_next_times_in_their_zone(deployed: Deployed) -> None:
    status, body = deployed.call("ingest_api", "ingest_api_schedules")
    assert (status, [one["id"] for one in body["schedules"]]) == (200, ["s0123abcde"])
    status, body = deployed.call("ingest_api", "ingest_api_schedule")
    assert status == 200 and all("T18:00:00+0" in due["at"] for due in body["next"])
    assert deployed.call("ingest_api", "ingest_api_schedule", pathParameters={"id": "s9"})[0] == 404


def test_one_is_run_at_once_by_who_asks(deployed: Deployed) -> None:
    status, body = deployed.call("ingest_api", "ingest_api_schedule_run")
    assert status == 202
    assert deployed.call("ingest_api", "ingest_api_schedule_run")[1]["run_id"] == body["run_id"]
    assert deployed.store.run("main", body["run_id"]).trigger.person.id == "ann"
    status, said = deployed.call("ingest_api", "ingest_api_schedule_run", body='{"action": "burn"}')
    assert (status, said["error"]["field"]) == (400, "action")
