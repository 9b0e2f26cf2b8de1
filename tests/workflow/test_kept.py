"""Lives end to end: the journal archived and seen to be whole, what is kept of a person handed out and deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import clouds
import pytest
from conftest import System

from cli.api import connection
from cli.exits import Exit
from cli.main import main
from copilot.adapters.dynamodb.rows import journal_row
from copilot.domain import JournalEntry

EVIDENCE = ("LEDGER#", "CHANGE#", "APPROVAL#", "JOURNAL#")


class Said:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main([*words])
        said = self._capsys.readouterr()
        return int(code), said.out, said.err


@pytest.fixture
def said(system: System, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """The command line, beside this system's laptop file."""
    monkeypatch.setattr(connection, "laptop_here", lambda: system.laptop)
    return Said(capsys)


def rows(system: System) -> list[dict[str, Any]]:
    pages = system.client("dynamodb").get_paginator("scan").paginate(TableName=system.laptop.outputs["Table"])
    return [row for page in pages for row in page["Items"]]


def objects(system: System, bucket: str) -> list[str]:
    listed = system.client("s3").list_objects_v2(Bucket=system.laptop.outputs[bucket])
    return sorted(one["Key"] for one in listed.get("Contents", []))


def test_the_journal_is_archived_and_seen_to_be_whole_or_not(system: System, said: Said) -> None:
    database, table = system.client("dynamodb"), system.laptop.outputs["Table"]
    now, names = datetime.now(UTC), ("a", "b", "c")
    for back, name in ((3, "a"), (3, "b"), (1, "c")):
        at = (now - timedelta(days=back)).replace(hour=12, microsecond=ord(name))
        entry = JournalEntry(at=at, id=name, kind="effect", run_id="r", person="you", data={"said": "ä\u2028"})
        database.put_item(TableName=table, Item=journal_row("main", entry))
    archive = system.laptop.outputs["ArchiveFunction"]
    (target,) = system.client("events").list_targets_by_rule(
        Rule=next(
            rule["Name"]
            for rule in system.client("events").list_rules()["Rules"]
            if rule.get("ScheduleExpression") == "cron(17 3 * * ? *)"
        )
    )["Targets"]
    assert target["Arn"].endswith(f":function:{archive}")
    for _ in range(2):  # the clock's second delivery
        answer = system.client("lambda").invoke(FunctionName=archive, Payload=target["Input"].encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
    assert objects(system, "JournalArchiveBucket") == [f"journal/main/{n:08}.jsonl" for n in (1, 2, 3)]
    kept = {row["sk"]["S"].rpartition("#")[2]: row for row in rows(system) if row["pk"]["S"].startswith("JOURNAL#")}
    assert all("ttl" in kept[name] for name in names)

    code, told, _ = said("journal", "verify", "--json")
    whole = json.loads(told)
    assert (code, whole["objects"], whole["entries"], whole["wrong"]) == (Exit.SUCCEEDED, 3, 3, [])
    since = (now - timedelta(days=1)).date().isoformat()
    code, told, _ = said("journal", "verify", "--from", since)
    assert code == Exit.SUCCEEDED and f"The journal from {since} to {since} is whole" in told
    assert said("journal", "--as", "dana")[0] == Exit.DENIED

    s3, bucket = system.client("s3"), system.laptop.outputs["JournalArchiveBucket"]
    s3.delete_object(Bucket=bucket, Key="journal/main/00000002.jsonl")
    code, told, wrong = said("journal", "verify")
    assert code == Exit.FAILED and "object 2 is missing" in told and "not whole" in wrong


def test_what_is_kept_of_a_person_is_handed_out_and_deleted_and_read_again(
    system: System, said: Said, tmp_path: Path
) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    theirs = [system.ask("list environments", "olga", conversation="c1")["run_id"]]
    theirs.append(system.ask(f"stop {staging.name}", "olga", conversation="c2")["run_id"])
    theirs.append(system.ask("the kiosk means storefront", "olga", conversation="c2")["run_id"])
    mine = system.ask("list environments")["run_id"]

    file = tmp_path / "olga.json"
    assert said("export", "me", "--as", "olga", "--file", str(file))[0] == Exit.SUCCEEDED
    whole = json.loads(file.read_text())
    assert {one["run_id"] for one in whole["runs"]} == set(theirs) and mine not in file.read_text()
    first = next(one for one in whole["runs"] if one["run_id"] == theirs[0])
    assert first["request"] == "list environments" and first["answer"] and any(first["outputs"].values())
    assert [turn["author"] for turn in first["turns"]] == ["olga", "copilot"]
    assert {*whole["conversations"]} == {"olga/c1", "olga/c2"}
    assert said("export", "--person", "olga", "--as", "dana")[0] == Exit.DENIED

    code, _, wrong = said("delete", "me", "--as", "olga")
    assert code == Exit.REFUSED and "say --yes" in wrong, "nobody is there to be asked"
    assert said("delete", "--person", "olga", "--yes", "--as", "dana")[0] == Exit.DENIED
    code, told, _ = said("delete", "--conversation", "c1", "--yes", "--as", "olga")
    assert code == Exit.SUCCEEDED and "there is: 1 run, 2 turns." in told and "Read again: nothing of" in told
    assert theirs[0] not in str([row for row in rows(system) if not row["pk"]["S"].startswith(EVIDENCE)])

    before = {row["pk"]["S"] for row in rows(system) if row["pk"]["S"].startswith(EVIDENCE)}
    code, told, _ = said("delete", "me", "--yes", "--as", "olga")
    assert code == Exit.SUCCEEDED and "What stays:" in told and "journal" in told
    left = [row for row in rows(system) if not row["pk"]["S"].startswith(("LOCK#", "LEASE#", "LIMIT#"))]
    kept = [row["pk"]["S"] for row in left if any(run in str(row) for run in theirs)]
    assert all(place.startswith(EVIDENCE) for place in kept), kept
    assert not any(row["pk"]["S"].startswith("FACT#main#person:olga") for row in left)
    assert before <= {row["pk"]["S"] for row in left}, "evidence stays"
    assert not any(f"/{run}/" in name for run in theirs for name in objects(system, "Bucket"))
    assert system.view(mine)["answer"]
    assert system.http("GET", f"/v1/runs/{theirs[1]}")[0] == 404
    assert system.ask("undo that", "olga", conversation="c2")["status"] == "answered", "it is asked anew as ever"
    assert system.ask(f"start {staging.name}", "olga", conversation="c3")["outcome"] == "succeeded"


def test_who_waits_for_an_approval_is_named_and_not_deleted(system: System, said: Said) -> None:
    production = clouds.of_kind(system.cloud, "production")[0]
    parked = system.ask(f"stop {production.name}", "dana", conversation="waits")
    assert parked["status"] == "parked"
    code, _, wrong = said("delete", "--conversation", "waits", "--yes", "--as", "dana")
    assert code == Exit.REFUSED and parked["run_id"] in wrong and system.view(parked["run_id"])["status"] == "parked"
    said("runs", "cancel", parked["run_id"], "--as", "dana")
    system.until(parked["run_id"], "answered")
    assert said("delete", "--conversation", "waits", "--yes", "--as", "dana")[0] == Exit.SUCCEEDED
