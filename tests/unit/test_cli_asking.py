"""`ask`, `approve`, `deny` and `runs` against a real HTTP server that checks every signature."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import fake_copilot as fake
import pytest
import yaml
from fake_copilot import FakeCopilot

from cli.exits import EXPLAINED
from cli.main import main

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def copilot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCopilot]:
    """A copilot that this folder's laptop.json leads to, and a command line in no hurry to wait."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEVOPS_COPILOT_URL", raising=False)
    monkeypatch.setattr("cli.api.client.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("cli.api.following.EVERY", 0.001)
    with fake.fake_copilot() as copilot:
        fake.write_laptop_json(tmp_path, copilot.port)
        yield copilot


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> Ended:
        try:
            code = main(words)
        except SystemExit as error:
            code = int(error.code or 0)
        return Ended(code, *capsys.readouterr())

    return run


def scripted(copilot: FakeCopilot, *views: dict[str, Any]) -> None:
    copilot.says("POST", "/v1/runs", fake.started(), status=202)
    copilot.says("GET", "/v1/runs/r1", *views)


# --- how it ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("succeeded", 0),
        ("failed", 1),
        ("partial", 1),
        ("expired", 1),
        ("aborted", 1),
        ("cancelled", 1),
        ("denied", 3),
        ("not_understood", 5),
        ("asked", 5),
        ("something new", 1),
    ],
)
def test_the_exit_code_says_how_the_run_ended(copilot: FakeCopilot, command: Command, outcome: str, code: int) -> None:
    scripted(copilot, fake.run("queued"), fake.run("running"), fake.run(outcome=outcome))
    ended = command("ask", "Stop it")
    assert ended.code == code
    assert "All is well." in ended.out
    assert ended.err == ""


def test_its_example_is_as_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["gate", "--help"], ["--help"]):
        with pytest.raises(SystemExit):
            main(args)
        assert "under 1% over" in " ".join(capsys.readouterr().out.split())


def test_the_exit_codes_are_in_the_help(command: Command) -> None:
    assert EXPLAINED in command("--help").out
    assert EXPLAINED in command("ask", "--help").out


def test_whose_credentials_what_runs_here_has_is_in_the_help(command: Command) -> None:
    for words in (("tool", "run"), ("run",)):
        told = " ".join(command(*words, "--help").out.split())
        assert "on the laptop's cloud where that is here, else with your own AWS credentials" in told


def test_a_run_that_asks_ends_the_command_with_4(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run("running"), fake.parked())
    assert command("ask", "Stop the production environment").code == 4


def test_a_run_whose_approval_was_given_meanwhile_is_followed_on(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.parked(approval=fake.approval("approved")), fake.run())
    assert command("ask", "Stop it").code == 0


def test_a_run_whose_approval_expires_is_followed_on(copilot: FakeCopilot, command: Command) -> None:
    late = fake.approval("pending", expires_at=fake.at(-1))
    scripted(copilot, fake.parked(approval=late), fake.run(outcome="expired"))
    assert command("ask", "Stop it").code == 1


# --- what is sent ------------------------------------------------------------------------------


def test_everything_said_is_sent(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run())
    command("ask", "Stöp it", "--conversation", "c 1", "--dedupe-key", "k", "--ci")
    assert copilot.asked("POST", "/v1/runs") == [
        {"text": "Stöp it", "conversation": "c 1", "dedupe_key": "k", "kind": "ci"}
    ]


def test_two_requests_never_share_a_dedupe_key(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run())
    command("ask", "Stop it")
    command("ask", "Stop it")
    first, second = copilot.asked("POST", "/v1/runs")
    assert first["dedupe_key"] != second["dedupe_key"]


def test_the_first_user_of_the_laptop_speaks_unless_another_is_named(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run())
    command("ask", "Stop it")
    assert copilot.speakers == {"dana"}
    command("ask", "Stop it", "--as", "olga")
    assert copilot.speakers == {"dana", "olga"}


def test_ids_are_quoted_into_the_path(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runs/a%2Fb%20c?reasoning=1", fake.run())
    copilot.says("GET", "/v1/runs?conversation=a%26b%20c", {"runs": []})
    assert command("runs", "show", "a/b c").code == 0
    command("runs", "--conversation", "a&b c")
    assert [path for _, path, *_ in copilot.calls] == [
        "/v1/runs/a%2Fb%20c?reasoning=1",
        "/v1/runs?conversation=a%26b%20c",
    ]


def test_an_address_given_wins_and_is_signed_with_the_aws_credentials(
    copilot: FakeCopilot, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = fake.USERS["olga"]
    for name, value in {"ACCESS_KEY_ID": key, "SECRET_ACCESS_KEY": secret, "DEFAULT_REGION": "ap-south-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    scripted(copilot, fake.run())
    assert command("ask", "Stop it", "--url", copilot.url + "/").code == 0
    assert copilot.speakers == {"olga"}


def test_a_proxy_is_not_asked_for_the_laptop(
    copilot: FakeCopilot, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    scripted(copilot, fake.run())
    assert command("ask", "Stop it").code == 0


def test_the_environment_names_a_copilot_where_there_is_no_laptop(
    copilot: FakeCopilot, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".devops-copilot" / "laptop.json").unlink()
    key, secret = fake.USERS["olga"]
    for name, value in {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "NO_PROXY": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DEVOPS_COPILOT_URL", copilot.url)
    scripted(copilot, fake.run())
    assert command("ask", "Stop it").code == 0


# --- JSON --------------------------------------------------------------------------------------


def test_json_prints_the_run_as_it_was_sent_and_nothing_else(copilot: FakeCopilot, command: Command) -> None:
    last = fake.idle_story()[-1] | {"of a later version": [1]}
    scripted(copilot, *fake.idle_story()[:-1], last)
    ended = command("ask", "Stop it", "--json")
    assert json.loads(ended.out) == last
    assert ended.err == ""
    assert ended.code == 1


def test_json_of_a_run_that_asks_holds_the_approval(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.parked())
    ended = command("ask", "Stop it", "--json")
    assert json.loads(ended.out)["approval"]["id"] == "a7"
    assert ended.code == 4


def test_json_keeps_errors_off_standard_output(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs", {"error": {"message": "too long", "field": "text"}}, status=400)
    ended = command("ask", "Stop it", "--json")
    assert (ended.code, ended.out) == (2, "")


def test_without_waiting_nothing_is_followed(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run("running"))
    ended = command("ask", "Stop it", "--no-wait")
    assert ended.code == 0
    assert "devops-copilot runs show r1" in ended.out
    assert copilot.asked("GET", "/v1/runs/r1") == []
    assert json.loads(command("ask", "Stop it", "--no-wait", "--json").out)["run_id"] == "r1"


# --- what is read ------------------------------------------------------------------------------


def test_a_run_is_told_as_it_happens(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, *fake.idle_story())
    lines = [" ".join(line.split()) for line in command("ask", "Stop it").out.splitlines()]
    assert lines == [
        "Run r1 in conversation dana",
        "",
        "Plan: Stop all idle dev environments and tell #platform",
        "1 envs list_environments kind=development",
        "2 act environment_activity environment=each, hours=6",
        "for each of envs.environments[].id",
        "3 stop stop_environment environment=each",
        "for each of act[?idle].environment",
        "expect state == 'stopped'",
        '4 tell notify channel=#platform, text="Stopped {stop[].environment}."',
        "after stop",
        "",
        "done 0.4 s envs development 4 environments",
        "begins act environment activity, 4 calls",
        "done 0.3 s act atlas idle",
        "done 0.4 s act boreas idle",
        "done 0.5 s act castor idle",
        "done 0.6 s act daphne busy",
        "begins stop stop environment, 3 calls",
        "done 1.2 s stop atlas stopped 2 services, 1 instance",
        "waiting stop castor attempt 2 the cloud was throttling; tries again",
        "done 2.2 s stop boreas stopped 1 service",
        "failed 4.0 s stop castor attempt 3 still throttled after 3 attempts",
        "skipped tell stop failed for 1 of 3, and what follows a write needs all of them",
        "",
        "Answer (partial in 8.4 s)",
        "Stopped 2 of 3 idle environments: atlas, boreas.",
        "castor failed: still throttled after 3 attempts.",
    ]


def test_an_approval_request_has_everything_a_person_needs(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.parked())
    text = " ".join(command("ask", "Stop it").out.split())
    for part in (
        "Approval needed: a7",
        "request Stop the production environment",
        "asked by Dana Diaz (dana)",
        "may approve olga",
        "(in ",  # about an hour, as the clock has it
        "stop: stop_environment(environment=blue)",
        "why: production environment blue needs an approval",
        "target: production environment blue",
        "in 222222222222 eu-west-1 stop blue/shop 3 tasks -> 0 tasks ecs-service",
        "in 222222222222 us-east-1 stop orders available -> stopped rds-instance",
        "in 222222222222 eu-west-1 skip bastion stays running ec2-instance: belongs to an Auto Scaling group",
        "undo: start_environment(environment=blue)",
        "devops-copilot approve a7 --as olga",
        "devops-copilot deny a7 --as olga",
        "Nothing of this has been changed.",
    ):
        assert part in text


def kept(copilot: FakeCopilot, command: Command, document: str) -> list[str]:
    """The lines of the card that asks whether a runbook of this text is to be kept."""
    approval = fake.approval()
    (call,) = approval["calls"]
    call |= {"tool": "save_runbook", "arguments": {"name": "evening-stop", "document": document}}
    scripted(copilot, fake.parked(approval=approval))
    return command("ask", "Save it").out.splitlines()


def test_a_runbook_that_is_to_be_approved_stands_there_whole(copilot: FakeCopilot, command: Command) -> None:
    steps = [
        {"id": f"s{n}", "tool": "stop_environment", "arguments": {"environment_id": f"shop-{n}"}} for n in range(9)
    ]
    document = {"name": "evening-stop", "steps": steps, "answer": {"text": "done"}}
    as_yaml = yaml.safe_dump(document, sort_keys=False)
    for text in (json.dumps(document), as_yaml):
        lines = kept(copilot, command, text)
        assert any("save_runbook(name=evening-stop, document=(below, whole))" in one for one in lines)
        at = lines.index("    document:") + 1
        assert [one.removeprefix("      ") for one in lines[at:]][: len(as_yaml.splitlines())] == as_yaml.splitlines()


@pytest.mark.parametrize("document", ["[" * 5_000, '{"a":' * 900 + "1" + "}" * 900, "x" * 401])
def test_what_is_no_document_is_shown_as_it_is(copilot: FakeCopilot, command: Command, document: str) -> None:
    assert f"      {document}" in kept(copilot, command, document)


def test_a_text_in_an_approval_writes_over_nothing_and_has_an_end(copilot: FakeCopilot, command: Command) -> None:
    lines = kept(copilot, command, "steps: \x1b[2J\n" * 30 + "y" * 20_000)
    assert "      steps: \\x1b[2J" in lines and "\x1b[2J" not in "".join(lines)
    assert "      … and 360 characters more, which are not shown" in lines


def test_the_card_opens_with_how_much_it_is_for(copilot: FakeCopilot, command: Command) -> None:
    counts = "2 changes in 1 production environment; accounts live (…2222) 2"
    scripted(copilot, fake.parked(approval=fake.approval(counts=counts)))
    lines = command("ask", "Stop it").out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Approval needed"))
    assert lines[at + 1].strip() == counts


def test_what_is_left_out_is_sent_and_said(copilot: FakeCopilot, command: Command) -> None:
    left_out = [{"step": "stop", "item": 1, "target": "blue"}]
    copilot.says("POST", "/v1/approvals/a7", fake.approval("approved", decided_by="olga", left_out=left_out))
    copilot.says("GET", "/v1/runs/r1", fake.run(outcome="succeeded"))
    ended = command("approve", "a7", "--without", "blue")
    assert copilot.asked("POST", "/v1/approvals/a7") == [{"decision": "approve", "leave_out": ["blue"]}]
    assert "Approval a7 approved by olga, without blue" in ended.out


def test_an_undo_of_exactly_what_is_changed_repeats_no_ids(copilot: FakeCopilot, command: Command) -> None:
    approval = fake.approval()
    (call,) = approval["calls"]
    ids = [one["ref"]["id"] for one in call["preview"]["changes"] if one["action"] != "skip"]
    call["undo"]["arguments"]["only"] = ids
    scripted(copilot, fake.parked(approval=approval))
    text = " ".join(command("ask", "Stop it").out.split())
    assert "undo: start_environment(environment=blue), of what is changed here and nothing else" in text
    call["undo"]["arguments"]["only"] = ids[:1]
    scripted(copilot, fake.parked(approval=approval))
    assert f"only={ids[0]}" in "".join(command("ask", "Stop it").out.split())


def test_who_may_approve_and_is_asking_needs_no_other_name(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.parked(approval=fake.approval(approvers=["olga", "dana"])))
    lines = command("ask", "Stop it").out.splitlines()
    assert any(line.endswith("devops-copilot approve a7") for line in lines)


def test_who_speaks_as_somebody_goes_on_as_them(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.parked(approval=fake.approval(approvers=[])))
    assert "devops-copilot deny a7 --as olga" in command("ask", "Stop it", "--as", "olga").out


def test_a_repeat_says_so(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs", fake.started(repeated=True), status=202)
    copilot.says("GET", "/v1/runs/r1", fake.run())
    assert "which this dedupe key had started before" in command("ask", "Stop it", "--dedupe-key", "k").out


OTHER_REQUEST = {
    "error": {
        "message": "the dedupe key 'k' stands for another request already",
        "field": "dedupe_key",
        "earlier": {
            "text": "Stop the staging environment",
            "at": fake.at(-60),
            "conversation": "default",
            "kind": "ci",
            "files": [{"name": "Dockerfile", "bytes": 12, "sha256": "ab12cd34ef567890"}],
            "run_id": "r0",
            "status": "answered",
            "outcome": "succeeded",
        },
        "asked": {
            "text": "Stop the\n production environment",
            "at": fake.at(0),
            "conversation": "ops",
            "kind": "ci",
            "files": [],
        },
    }
}


def test_a_key_of_another_request_shows_both_and_what_to_do(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs", OTHER_REQUEST, status=409)
    ended = command("ask", "Stop the production environment", "--dedupe-key", "k", "--ci", "--as", "olga")
    assert (ended.code, ended.out) == (2, "")
    for part in (
        "Nothing was started.",
        "the earlier one: Stop the staging environment",
        "ci, in conversation default, files Dockerfile (ab12cd34ef56)",
        "run r0, succeeded; look at it with: ",
        "devops-copilot runs show r0 --as olga",
        "this one: Stop the production environment",
        "ci, in conversation ops, no files",
        "give another --dedupe-key",
    ):
        assert part in ended.err
    assert len(copilot.asked("POST", "/v1/runs")) == 1


def test_a_schedule_run_under_a_key_says_the_same(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/schedules/s1/run", OTHER_REQUEST, status=409)
    ended = command("schedules", "run-now", "s1", "--start", "--dedupe-key", "k")
    assert ended.code == 2 and "the earlier one: Stop the staging environment" in ended.err
    assert copilot.asked("POST", "/v1/schedules/s1/run") == [{"action": "start", "dedupe_key": "k"}]


def test_a_schedule_whose_run_may_have_begun_can_be_asked_for_again(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/schedules/s1/run", {}, status=503)
    ended = command("schedules", "run-now", "s1")
    (key,) = {body["dedupe_key"] for body in copilot.asked("POST", "/v1/schedules/s1/run")}
    assert ended.code == 6 and f"schedules run-now s1 --dedupe-key {key}" in ended.err


def test_lines_are_never_folded_where_there_is_no_terminal(copilot: FakeCopilot, command: Command) -> None:
    long = "word " * 100
    scripted(copilot, fake.run(answer=long.strip()))
    assert long.strip() in command("ask", "Stop it").out


def test_an_answer_cannot_write_over_the_terminal(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run(answer="\x1b[2J[red]gone[/red] \x9b1A \u202eabc"))
    out = command("ask", "Stop it").out
    assert "\\x1b[2J[red]gone[/red] \\x9b1A \\u202eabc" in out


# --- deciding ----------------------------------------------------------------------------------


def test_approve_decides_and_follows(copilot: FakeCopilot, command: Command) -> None:
    decided = fake.approval("approved", decided_by="olga", decided_at=fake.at(0), reason="planned")
    copilot.says("POST", "/v1/approvals/a7", decided)
    copilot.says("GET", "/v1/runs/r1", fake.parked(approval=decided), fake.run("running"), fake.run())
    ended = command("approve", "a7", "--reason", "planned", "--as", "olga")
    assert ended.code == 0
    assert "Approval a7 approved by olga" in ended.out and "planned" in ended.out and "All is well." in ended.out
    assert copilot.asked("POST", "/v1/approvals/a7") == [{"decision": "approve", "reason": "planned"}]


def test_deny_that_was_carried_out_ends_well(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/approvals/a7", fake.approval("denied", decided_by="olga"))
    copilot.says("GET", "/v1/runs/r1", fake.run(outcome="denied"))
    assert command("deny", "a7").code == 0
    assert copilot.asked("POST", "/v1/approvals/a7") == [{"decision": "deny"}]


def test_deny_of_a_run_that_ends_otherwise_does_not(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/approvals/a7", fake.approval("denied"))
    copilot.says("GET", "/v1/runs/r1", fake.run(outcome="failed"))
    assert command("deny", "a7").code == 1


def test_what_was_decided_already_is_said(copilot: FakeCopilot, command: Command) -> None:
    message = "Approval a7 was denied by olga already"
    copilot.says("POST", "/v1/approvals/a7", {"error": {"message": message, "field": None}}, status=409)
    ended = command("approve", "a7")
    assert (ended.code, ended.err.strip()) == (2, message)


def test_a_decision_is_sent_once_even_if_the_copilot_fails(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/approvals/a7", {"message": "Internal Server Error"}, status=500)
    ended = command("approve", "a7")
    assert ended.code == 6
    assert "It may have been recorded" in ended.err
    assert len(copilot.asked("POST", "/v1/approvals/a7")) == 1


# --- runs --------------------------------------------------------------------------------------


def test_runs_are_listed(copilot: FakeCopilot, command: Command) -> None:
    line = {"run_id": "r9", "request": "Stop it", "at": fake.at(0), "status": "answered", "outcome": "partial"}
    copilot.says("GET", "/v1/runs?conversation=ops", {"runs": [line]})
    ended = command("runs", "--conversation", "ops")
    assert ended.code == 0
    assert ended.out.split()[1:] == ["r9", "partial", "Stop", "it"]


def test_a_run_is_shown_whole(copilot: FakeCopilot, command: Command) -> None:
    effect = {"step": "stop", "item": 0, "tool": "stop_environment", "state": "done", "started_at": fake.at(0)}
    copilot.says("GET", "/v1/runs/r1?reasoning=1", fake.idle_story()[-1] | {"effects": [effect]})
    ended = command("runs", "show", "r1")
    text = " ".join(ended.out.split())
    assert ended.code == 0
    assert "status answered, partial" in text
    assert "done stop stop_environment atlas started" in text
    assert text.index("act atlas") < text.index("stop atlas") < text.index("skipped tell") < text.index("Answer")
    assert json.loads(command("runs", "show", "r1", "--json").out)["run_id"] == "r1"


def test_cancelling_waits_until_the_run_is_over(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs/r1/cancel", {"run_id": "r1", "status": "parked"}, status=202)
    copilot.says("GET", "/v1/runs/r1", fake.parked(), fake.run(outcome="cancelled"))
    assert command("runs", "cancel", "r1").code == 0


def test_resuming_follows_to_the_end(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs/r1/resume", {"run_id": "r1", "status": "running"}, status=202)
    copilot.says("GET", "/v1/runs/r1", fake.run("running"), fake.run(outcome="failed"))
    assert command("runs", "resume", "r1").code == 1


# --- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "document", "said"),
    [
        (
            400,
            {"error": {"message": "must not be empty", "field": "text"}},
            "The copilot refused the text: Must not be empty",
        ),
        (403, {"error": {"message": "mallory may do nothing here", "field": None}}, "Mallory may do nothing here"),
        (403, {"message": "Forbidden"}, "need execute-api:Invoke"),
        (404, {"error": {"message": "no run r1", "field": None}}, "No run r1"),
        (404, {"message": "Not Found"}, "check that it is a copilot's (HTTP 404, POST /v1/runs)"),
        (409, {"error": {"message": "run r1 has been answered", "field": None}}, "Run r1 has been answered"),
        (413, b"<html>", "The request is too large (HTTP 413"),
        (418, [], "The copilot refused (HTTP 418"),
    ],
)
def test_what_the_copilot_refuses_is_bad_usage_and_says_why(
    copilot: FakeCopilot, command: Command, status: int, document: object, said: str
) -> None:
    copilot.says("POST", "/v1/runs", document, status=status)
    ended = command("ask", "Stop it")
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
    assert len(copilot.asked("POST", "/v1/runs")) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_failing_copilot_is_asked_again_under_the_same_key(
    copilot: FakeCopilot, command: Command, status: int
) -> None:
    copilot.says("POST", "/v1/runs", {"message": "Service Unavailable"}, status=status)
    ended = command("ask", "Stop it")
    assert ended.code == 6
    keys = {body["dedupe_key"] for body in copilot.asked("POST", "/v1/runs")}
    assert len(copilot.asked("POST", "/v1/runs")) == 3 and len(keys) == 1
    assert f"--dedupe-key {keys.pop()}" in ended.err
    assert f"HTTP {status}" in ended.err


def test_one_failure_on_the_way_is_not_noticed(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs", fake.started(), status=202)
    copilot.says("GET", "/v1/runs/r1", {}, status=503)
    copilot.says("GET", "/v1/runs/r1", fake.run())
    assert command("ask", "Stop it").code == 0


def test_a_copilot_lost_on_the_way_says_how_to_look_at_the_run(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runs", fake.started(), status=202)
    copilot.says("GET", "/v1/runs/r1", {}, status=503)
    ended = command("ask", "Stop it")
    assert ended.code == 6
    assert "devops-copilot runs show r1" in ended.err


def test_a_laptop_that_is_down_says_how_to_start_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.api.client.PAUSES", (0.0,))
    with socket.socket() as taken:  # bound, and nobody listens: refused for as long as the test lasts
        taken.bind(("127.0.0.1", 0))
        fake.write_laptop_json(tmp_path, taken.getsockname()[1])
        ended = command("ask", "Stop it")
    assert ended.code == 6
    assert "connection refused" in ended.err and "devops-copilot up" in ended.err
    assert "may have been" not in ended.err


def test_no_copilot_at_all_says_how_to_get_one(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEVOPS_COPILOT_URL", raising=False)
    ended = command("ask", "Stop it")
    assert ended.code == 6
    assert "devops-copilot up" in ended.err and "DEVOPS_COPILOT_URL" in ended.err


def test_what_is_no_copilot_is_told_from_one(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runs/r1?reasoning=1", b"<html>Welcome</html>")
    copilot.says("GET", "/v1/runs/r2?reasoning=1", {"hello": "world"})
    assert command("runs", "show", "r1").code == 6
    ended = command("runs", "show", "r2")
    assert ended.code == 6
    assert "not a copilot this version understands" in ended.err and "run_id" in ended.err


@pytest.mark.parametrize(
    "words", [("aks", "hi"), ("ask",), ("runs", "shw", "r1"), ("tool",), ("approve",), ("ask", "hi", "--as", "nobody")]
)
def test_bad_usage_ends_with_2(copilot: FakeCopilot, command: Command, words: tuple[str, ...]) -> None:
    ended = command(*words)
    assert ended.code == 2
    assert ended.err
    assert copilot.calls == []


def test_a_person_elsewhere_cannot_be_chosen(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("ask", "Stop it", "--url", "http://127.0.0.1:9", "--as", "olga")
    assert ended.code == 2
    assert "AWS credentials" in ended.err


def test_no_words_print_a_page_that_helps(command: Command) -> None:
    ended = command()
    assert ended.code == 0
    assert "devops-copilot ask" in ended.out and len(ended.out.splitlines()) < 12


# --- as a process ------------------------------------------------------------------------------


def process(folder: Path, *words: str) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers/copilot")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": ""}
    # A shell's background job ignores SIGINT, and hands that on; a person's command does not.
    line = [sys.executable, "-c", "import signal, sys; from cli.main import main; " + RESTORED, *words]
    return subprocess.Popen(
        line, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


RESTORED = "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main())"


def test_interrupted_the_run_goes_on_and_can_be_looked_at(copilot: FakeCopilot, tmp_path: Path) -> None:
    scripted(copilot, fake.run("running"))
    asking = process(tmp_path, "ask", "Stop it")
    while not copilot.asked("GET", "/v1/runs/r1"):
        assert asking.poll() is None
        time.sleep(0.05)
    asking.send_signal(signal.SIGINT)
    _, err = asking.communicate(timeout=20)
    assert asking.returncode == 130
    assert "goes on without you" in err and "runs show r1" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("ask", "Stop it"), ("ask", "Stop it", "--json"), ("tool", "list")])
def test_a_reader_that_has_gone_is_no_error(copilot: FakeCopilot, tmp_path: Path, words: tuple[str, ...]) -> None:
    scripted(copilot, fake.run(answer="long\n" * 1000))
    asking = process(tmp_path, *words)
    assert asking.stdout and asking.stderr
    asking.stdout.close()
    assert asking.stderr.read() == ""
    asking.stderr.close()
    assert asking.wait(20) == 0


@pytest.mark.parametrize("verb", ["pause", "resume", "delete"])
def test_a_schedule_that_is_not_there_is_not_asked_about(copilot: FakeCopilot, command: Command, verb: str) -> None:
    copilot.says("GET", "/v1/schedules/nosuch", {"error": {"message": "no schedule nosuch"}}, status=404)
    ended = command("schedules", verb, "nosuch")
    assert (ended.code, copilot.asked("POST", "/v1/runs")) == (2, [])
    assert "No schedule nosuch" in ended.err


def test_what_the_copilot_says_besides_is_told_once_beside_the_output(copilot: FakeCopilot, command: Command) -> None:
    note = {"notes": ["Version 7 of the configuration\ncannot be used."]}
    copilot.says("POST", "/v1/runs", fake.started() | note, status=202)
    copilot.says("GET", "/v1/runs/r1", fake.run("running") | note, fake.run() | note)
    ended = command("ask", "Stop it", "--json")
    assert (ended.code, ended.err) == (0, "Note: Version 7 of the configuration cannot be used.\n")
    assert json.loads(ended.out)["run_id"] == "r1"
    refused = {"error": {"message": "no run r9", "field": None}} | note
    copilot.says("GET", "/v1/runs/r9?reasoning=1", refused, status=404)
    ended = command("runs", "show", "r9")
    assert ended.err == "Note: Version 7 of the configuration cannot be used.\nNo run r9\n"
