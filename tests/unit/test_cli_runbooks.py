"""What somebody sees who lists, shows, adds and runs runbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401
from test_runbook_check import GOOD

from copilot.runbooks.reading import MOST_BYTES, read_runbook

SAVED: dict[str, Any] = {
    "name": "idle",
    "version": 2,
    "description": "Stop what is\x1b[2J idle",
    "takes": "hours (a whole number; 6 unless it is said)",
    "steps": "list_environments, notify",
    "by": {"id": "olga", "name": "Olga", "roles": ["operator"]},
    "at": "2026-03-02T09:00:00Z",
    "withdrawn": False,
}
WHOLE = SAVED | {
    "document": read_runbook(GOOD).model_dump(mode="json", exclude_defaults=True),
    "versions": [SAVED | {"version": 1, "withdrawn": True}, SAVED],
}
STARTED = {"run_id": "r1", "status": "running", "conversation": "dana/default"}


def test_runbooks_are_listed_with_the_command_that_runs_them(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runbooks", {"runbooks": [SAVED]})
    ended = command("runbooks", "list")
    assert ended.out.startswith("idle, version 2\n") and "\x1b" not in ended.out
    assert "hours (a whole number; 6 unless it is said)" in ended.out
    assert "Olga (olga)" in ended.out and "devops-copilot runbooks run idle\n" in ended.out


def test_that_there_are_none_is_said_with_the_command_that_adds_one(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runbooks", {"runbooks": []})
    assert command("runbooks").out == "There is no runbook. Add one: devops-copilot runbooks add FILE\n"


def test_one_is_shown_as_a_file_that_can_be_added_again(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runbooks/idle?version=2", WHOLE)
    ended = command("runbooks", "show", "idle", "--version", "2")
    assert "versions  1 (withdrawn), 2\n" in ended.out
    document = "\n".join(line[4:] for line in ended.out.splitlines() if line.startswith("    "))
    assert read_runbook(yaml.safe_dump(yaml.safe_load(document))) == read_runbook(GOOD)


def test_a_file_is_sent_as_it_is(copilot: FakeCopilot, command: Command, tmp_path: Path) -> None:
    (tmp_path / "idle.yaml").write_text(GOOD)
    copilot.says("POST", "/v1/runbooks", STARTED, status=202)
    command("runbooks", "add", str(tmp_path / "idle.yaml"), "--dedupe-key", "k", "--no-wait")
    assert copilot.asked("POST", "/v1/runbooks") == [{"document": GOOD, "dedupe_key": "k"}]


def test_what_is_set_is_sent_and_each_once(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/runbooks/idle/run", STARTED, status=202)
    words = ["--set", "channel=#x", "--set", "note=a=b c", "--version", "2", "--dedupe-key", "k", "--no-wait"]
    command("runbooks", "run", "idle", *words)
    sent = {"arguments": {"channel": "#x", "note": "a=b c"}, "version": 2, "dedupe_key": "k"}
    assert copilot.asked("POST", "/v1/runbooks/idle/run") == [sent]


def test_what_is_refused_is_said_line_by_line(copilot: FakeCopilot, command: Command, tmp_path: Path) -> None:
    (tmp_path / "idle.yaml").write_text(GOOD)
    said = {"error": {"message": "it may not run as it is. Nothing was saved.\nstep a: x\nstep b: y", "field": None}}
    copilot.says("POST", "/v1/runbooks", said, status=400)
    ended = command("runbooks", "add", str(tmp_path / "idle.yaml"))
    assert (ended.code, ended.err) == (2, "It may not run as it is. Nothing was saved.\nstep a: x\nstep b: y\n")


@pytest.mark.parametrize("words", [["--set", "hours"], ["--set", "=6"], ["--set", "hours=6", "--set", "hours=7"]])
def test_what_is_no_setting_is_refused_before_anything_is_sent(
    copilot: FakeCopilot, command: Command, words: list[str]
) -> None:
    assert command("runbooks", "run", "idle", *words).code == 2
    assert copilot.calls == []


def test_a_file_that_cannot_be_one_is_refused_before_anything_is_sent(
    copilot: FakeCopilot, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "large").write_text("#" * (2 * MOST_BYTES))
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in ("large", "bytes", "gone"):
        assert command("runbooks", "add", str(tmp_path / name)).code == 2
    assert copilot.calls == []
