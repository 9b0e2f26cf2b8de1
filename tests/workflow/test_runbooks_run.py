"""Runbooks end to end: added over HTTP, saved in words, run with other names, withdrawn; the rest is as it was."""

from __future__ import annotations

from typing import Any

import clouds
from conftest import ROOT, System
from test_stopping import exactly


def rows(system: System) -> list[tuple[str, bool]]:
    """The versions on the table, read with nothing of ours, and whether each is withdrawn."""
    found = system.client("dynamodb").query(
        TableName=system.laptop.outputs["Table"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "RUNBOOK#main"}},
    )["Items"]
    return [(row["sk"]["S"], '"withdrawn":true' in row["body"].get("S", "")) for row in found]


def begun(system: System, path: str, body: dict[str, Any], person: str = "you") -> dict[str, Any]:
    status, started = system.http("POST", path, body, person)
    assert status == 202, started
    return system.until(started["run_id"], "answered", "parked")


def test_a_runbook_is_added_shown_run_saved_in_words_and_withdrawn(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    before = exactly(system, staging.name)
    triage = (ROOT / "samplefiles/runbooks/triage.yaml").read_text()
    added = begun(system, "/v1/runbooks", {"document": triage})
    assert added["outcome"] == "succeeded", added["answer"]
    assert rows(system) == [("triage#000001", False)]
    status, refused = system.http("POST", "/v1/runbooks", {"document": triage.replace("cluster_health", "health")})
    assert status == 400 and "step health: no tool health" in refused["error"]["message"]
    asked = begun(system, "/v1/runbooks", {"document": triage.replace("default: 5", "default: 6")}, person="dana")
    assert asked["status"] == "parked", "a developer's needs an approval"
    assert system.decide(asked, "deny")["outcome"] == "denied" and len(rows(system)) == 1
    looked = begun(system, "/v1/runbooks/triage/run", {"arguments": {"environment": staging.name}})
    assert looked["answer"].startswith("Runbook triage, version 1.\n\n") and staging.name in looked["answer"]

    def ask(text: str) -> dict[str, Any]:
        view = system.ask(text, conversation="runbooks")
        assert view["outcome"] == "succeeded", view["answer"]
        return view

    ask(f"stop {staging.name} and tell #platform")
    saved = ask("save that as a runbook called evening stop")
    assert "saved as runbook evening-stop, version 1" in saved["answer"]
    assert rows(system) == [("evening-stop#000001", False), ("triage#000001", False)]
    ask(f"start {staging.name}")
    assert exactly(system, staging.name) == before
    ask(f"run the evening stop for {staging.name} and tell #platform")
    assert {on for _, on, _, _ in exactly(system, staging.name).values()} == {0}
    ask("undo that")
    assert exactly(system, staging.name) == before
    assert "evening-stop, version 1" in ask("which runbooks are there?")["answer"]
    ask(f"undo run {saved['run_id']}")
    assert rows(system) == [("evening-stop#000001", True), ("triage#000001", False)]
    assert system.http("POST", "/v1/runbooks/evening-stop/run", {})[0] == 404
