"""`approvals` and `runs --all`: lists of what others wait for and have asked for, against a real HTTP server."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import fake_copilot as fake
from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401


def pending(id: str = "a7", may: tuple[str, ...] = ("approve", "deny"), **changes: Any) -> dict[str, Any]:
    return {
        "id": id,
        "run_id": "r1",
        "request": "Stop the\nproduction \x1b[2J environment",
        "requested_by": {"id": "dana", "name": "Dana Diaz", "roles": ["developer"]},
        "would": "stop_environment: production environment blue (7 changes)",
        "approvers": ["olga"],
        "created_at": fake.at(-60),
        "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "may": list(may),
    } | changes


def page(*approvals: dict[str, Any], next: str | None = None) -> dict[str, Any]:
    return {"approvals": list(approvals), "next": next}


def test_what_waits_is_listed_with_what_one_may_do(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/approvals", page(pending(), pending("a8", ("deny",), approvers=[])))
    ended = command("approvals", "--as", "olga")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert lines[:3] == [
        "a7 yours to approve or deny",
        "request Stop the production \\x1b[2J environment",
        lines[2],
    ]
    assert lines[2].startswith("asked by Dana Diaz (dana) at ")
    assert lines[3] == "would do stop_environment: production environment blue (7 changes)"
    assert lines[4].startswith("until ") and re.search(r"\(in (?:5\d min|1 h)", lines[4])
    assert lines[5:8] == ["may approve olga", "run r1", "a8 yours to take back, by denying it"]
    assert "may approve whoever the policies permit to approve this" in lines
    assert lines[-2].startswith("see all of one") and lines[-2].endswith("runs show RUN --as olga")
    assert "approve ID --as olga or " in lines[-1]


def test_whom_one_was_told_to_since_nobody_answered_is_said(copilot: FakeCopilot, command: Command) -> None:
    told = {"to": "pagerduty:oncall", "at": fake.at(-30), "state": "sent", "reason": ""}
    refused = told | {"to": "mail:oncall", "state": "failed", "reason": "the sender is not verified"}
    copilot.says("GET", "/v1/approvals", page(pending(escalated=[told, refused])))
    said = " ".join(command("approvals").out.split())
    assert re.search(r"escalated to pagerduty:oncall at \d\d:\d\d:\d\d; not to mail:oncall: the sender", said)


def test_where_nothing_waits_it_says_so(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/approvals", page())
    ended = command("approvals")
    assert (ended.code, ended.out) == (0, "Nothing waits for an approval that you may give or have asked for.\n")


def test_every_page_is_asked_for(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/approvals", page(pending("a1"), next="2026-03-02T10:00:00.000Z#a1"))
    copilot.says("GET", "/v1/approvals?after=2026-03-02T10%3A00%3A00.000Z%23a1", page(next="b"))
    copilot.says("GET", "/v1/approvals?after=b", page(pending("a2")))
    document = json.loads(command("approvals", "--json").out)
    assert ([one["id"] for one in document["approvals"]], document["next"]) == (["a1", "a2"], None)


def test_pages_without_end_are_not_asked_for_without_end(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/approvals", page(pending("a1"), next="b"))
    copilot.says("GET", "/v1/approvals?after=b", page(pending("a2"), next="b"))
    ended = command("approvals")
    assert ended.code == 0 and "There are more than these." in ended.out
    assert len(copilot.calls) == 10


def test_the_runs_of_everybody_say_whose_they_are(copilot: FakeCopilot, command: Command) -> None:
    line = {"run_id": "r9", "request": "Stop it", "at": fake.at(0), "status": "parked", "outcome": None}
    copilot.says("GET", "/v1/runs?all=1", {"runs": [line | {"person": "dana", "conversation": "ops"}]})
    ended = command("runs", "--all")
    assert (ended.code, ended.out.split()[1:]) == (0, ["r9", "parked", "dana", "ops", "Stop", "it"])
    assert json.loads(command("runs", "--all", "--json").out)["runs"][0]["person"] == "dana"


def test_a_conversation_without_runs_says_where_there_are_some(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runs", {"runs": []})
    ended = command("runs")
    assert (ended.code, ended.out.startswith("There are no runs in this conversation. `runs --all` shows")) == (0, True)


def test_who_may_not_list_them_is_told_so(copilot: FakeCopilot, command: Command) -> None:
    said = "the runs of everybody are not yours to list: policy lets no developer do that"
    copilot.says("GET", "/v1/runs?all=1", {"error": {"message": said, "field": None}}, status=403)
    ended = command("runs", "--all")
    assert ended.code == 3 and ended.err.strip() == said[0].upper() + said[1:]


def test_all_and_one_conversation_are_not_asked_for_together(copilot: FakeCopilot, command: Command) -> None:
    assert command("runs", "--all", "--conversation", "ops").code == 2
    assert copilot.calls == []
