"""The functions by the requests for runbooks (events/)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_functions import Deployed
from test_runbook_check import GOOD

from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.domain import RUNBOOK, Person, SavedRunbook
from copilot.runbooks.reading import MOST_BYTES, read_runbook
from copilot.tools.registry import Registry

BEN = Person(id="ben", name="Ben", roles=("operator",))


@pytest.fixture
def runbooks() -> MemoryRunbooks:
    return MemoryRunbooks()


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, runbooks: MemoryRunbooks) -> Deployed:
    made = Deployed(monkeypatch)
    made.more |= {"registry": Registry(), "runbooks": runbooks}
    return made


def keep(deployed: Deployed, runbooks: MemoryRunbooks, **change: Any) -> None:
    document = json.loads(deployed.event("ingest_api_runbook_add")["body"])["document"]
    runbook = read_runbook(document).model_copy(update=change)
    runbooks.put(SavedRunbook(runbook=runbook, by=BEN, at=deployed.clock.now()))


def test_adding_becomes_a_run_that_saves_it_and_its_repeat_the_same_run(
    deployed: Deployed, runbooks: MemoryRunbooks
) -> None:
    status, body = deployed.call("ingest_api", "ingest_api_runbook_add")
    assert (status, body["conversation"]) == (202, "ann/runbooks")
    assert deployed.call("ingest_api", "ingest_api_runbook_add")[1]["run_id"] == body["run_id"]
    record = deployed.store.load_run("main", body["run_id"])
    assert record.plan is not None and [step.tool for step in record.plan.steps] == ["save_runbook"]
    assert record.run.trigger.person.id == "ann"
    assert record.plan.steps[0].arguments["name"] == "in-use"
    assert runbooks.runbooks() == [], "nothing is kept before policy has decided"


def test_a_document_that_may_not_run_is_refused_line_by_line(deployed: Deployed) -> None:
    for document, said in (
        (GOOD.replace("environment_activity", "environment_activty"), "nearest: environment_activity"),
        ("x: [", "it is not YAML"),
        (GOOD + "#" * MOST_BYTES, f"a runbook has at most {MOST_BYTES}"),
        (GOOD.replace("{$hours} h", "password=Xk29fjq1Lw8Zp"), "looks like a secret"),
    ):
        status, body = deployed.call("ingest_api", "ingest_api_runbook_add", body=json.dumps({"document": document}))
        assert status == 400 and said in body["error"]["message"], body
        assert body["error"]["message"].startswith("it may not run as it is. Nothing was saved.\n")
    assert deployed.workflow.started == []


def test_a_body_that_is_too_large_is_not_read(deployed: Deployed) -> None:
    body = json.dumps({"document": "x" * 40_000})
    assert deployed.call("ingest_api", "ingest_api_runbook_add", body=body)[0] == 400


def test_running_is_a_run_with_the_runbooks_plan_under_the_rights_of_who_asks(
    deployed: Deployed, runbooks: MemoryRunbooks
) -> None:
    keep(deployed, runbooks)
    status, body = deployed.call("ingest_api", "ingest_api_runbook_run")
    assert (status, body["conversation"]) == (202, "ann/default")
    assert deployed.call("ingest_api", "ingest_api_runbook_run")[1]["run_id"] == body["run_id"]
    record = deployed.store.load_run("main", body["run_id"])
    assert record.run.trigger.person.id == "ann"
    assert record.run.trigger.text == "Runbook in-use, version 1: environment = blue"
    assert record.plan is not None and record.plan.steps[0].arguments == {"environment_id": "blue"}
    (revision,) = record.revisions
    assert (revision.intent, revision.slots) == (RUNBOOK, {"runbook": "in-use", "version": 1, "by": "ben"})


def test_the_same_key_with_other_arguments_is_a_conflict(deployed: Deployed, runbooks: MemoryRunbooks) -> None:
    keep(deployed, runbooks)
    deployed.call("ingest_api", "ingest_api_runbook_run")
    other = json.dumps({"arguments": {"environment": "green"}, "dedupe_key": "run-1"})
    assert deployed.call("ingest_api", "ingest_api_runbook_run", body=other)[0] == 409


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "parameter environment of runbook in-use has to be said"),
        ({"arguments": {"env": "blue"}}, 400, "runbook in-use has no parameter env; it takes environment"),
        ({"arguments": {"environment": 7}}, 400, "parameter environment of runbook in-use: found 7"),
        ({"version": 2}, 404, "runbook in-use has no version 2; its last is 1"),
        ({"version": 0}, 400, ""),
        ({"person": "ben"}, 400, ""),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    deployed: Deployed, runbooks: MemoryRunbooks, body: dict[str, Any], status: int, said: str
) -> None:
    keep(deployed, runbooks)
    found, answer = deployed.call("ingest_api", "ingest_api_runbook_run", body=json.dumps(body))
    assert found == status and said in answer["error"]["message"]
    assert deployed.workflow.started == []


def test_what_may_not_run_any_more_is_a_conflict(deployed: Deployed, runbooks: MemoryRunbooks) -> None:
    keep(deployed, runbooks)
    (one,) = runbooks.runbooks()
    gone = one.runbook.steps[0].model_copy(update={"tool": "environment_activity@7"})
    runbooks.put(one.model_copy(update={"runbook": one.runbook.model_copy(update={"steps": (gone,), "version": 2})}))
    status, answer = deployed.call("ingest_api", "ingest_api_runbook_run")
    assert status == 409 and "in-use, version 2, may not run any more: " in answer["error"]["message"]


def test_runbooks_are_listed_and_shown_with_their_versions(deployed: Deployed, runbooks: MemoryRunbooks) -> None:
    assert deployed.call("ingest_api", "ingest_api_runbooks") == (200, {"runbooks": []})
    status, said = deployed.call("ingest_api", "ingest_api_runbook")
    assert (status, said["error"]["message"]) == (404, "there is no runbook in-use; there is none at all")
    keep(deployed, runbooks)
    keep(deployed, runbooks, version=2, description="newer")
    runbooks.set_withdrawn("in-use", 2, True)
    _, listed = deployed.call("ingest_api", "ingest_api_runbooks")
    assert [(one["name"], one["version"], one["by"]["id"]) for one in listed["runbooks"]] == [("in-use", 1, "ben")]
    _, shown = deployed.call("ingest_api", "ingest_api_runbook")
    assert [(one["version"], one["withdrawn"]) for one in shown["versions"]] == [(1, False), (2, True)]
    assert shown["document"]["steps"][0]["tool"] == "environment_activity"
    _, shown = deployed.call("ingest_api", "ingest_api_runbook", queryStringParameters={"version": "2"})
    assert (shown["version"], shown["withdrawn"], shown["description"]) == (2, True, "newer")
