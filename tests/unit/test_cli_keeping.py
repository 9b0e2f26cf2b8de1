"""export, delete and journal verify, as a person has them: what is asked of the copilot, and what is said of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot

from cli.exits import Exit

__all__ = ["command", "copilot"]
DELETE, KEPT = ("POST", "/v1/kept/delete"), ("GET", "/v1/kept")
STAYS = ["evidence, for 800 days"]


def found(runs: int, **more: Any) -> dict[str, Any]:
    return {"of": "the person dana", "goes": {"runs": runs, "turns": 2 * runs}, "stays": STAYS, "open": []} | more


def test_pages_are_one_document(copilot: FakeCopilot, command: Command, tmp_path: Path) -> None:
    page = {"of": "the person dana", "conversations": {"dana/x": {}}, "runs": [{"run_id": "r1"}], "facts": [1]}
    copilot.says(*KEPT, page | {"next": "p1"})
    second: dict[str, Any] = {
        "of": "the person dana",
        "conversations": {"dana/y": {}},
        "runs": [{"run_id": "r2"}],
        "next": None,
    }
    copilot.says("GET", "/v1/kept?after=p1", second)
    ended = command("export", "me")
    whole = json.loads(ended.out)
    assert ended.code == Exit.SUCCEEDED and [run["run_id"] for run in whole["runs"]] == ["r1", "r2"]
    assert whole["facts"] == [1] and {*whole["conversations"]} == {"dana/x", "dana/y"} and "next" not in whole
    file = tmp_path / "me.json"
    assert command("export", "me", "--file", str(file)).code == Exit.SUCCEEDED
    assert json.loads(file.read_text()) == whole
    assert command("export", "me", "--file", str(tmp_path / "no" / "me.json")).code == Exit.REFUSED


def test_what_goes_and_what_stays_is_said_then_it_goes_and_is_read_again(
    copilot: FakeCopilot, command: Command
) -> None:
    copilot.says(*DELETE, found(12), found(2), found(0), found(0))
    ended = command("delete", "me", "--yes")
    assert ended.code == Exit.SUCCEEDED
    assert "there is: 12 runs, 24 turns." in ended.out and STAYS[0] in ended.out
    assert ended.out.rstrip().endswith("Read again: nothing of the person dana is there, but what stays.")
    assert [body["confirmed"] for body in copilot.asked(*DELETE)] == [False, True, True, False]


def test_nothing_is_deleted_that_nobody_said_yes_to(copilot: FakeCopilot, command: Command) -> None:
    copilot.says(*DELETE, found(1))
    ended = command("delete", "me")
    assert ended.code == Exit.REFUSED and "say --yes" in ended.err
    assert [body["confirmed"] for body in copilot.asked(*DELETE)] == [False]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("said", "goes"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False), ("", False)])
def test_who_is_asked_decides(
    copilot: FakeCopilot, command: Command, monkeypatch: pytest.MonkeyPatch, said: str, goes: bool
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(said))
    copilot.says(*DELETE, found(1), found(0))
    ended = command("delete", "--conversation", "x")
    assert (ended.code == Exit.SUCCEEDED) == goes and any(one["confirmed"] for one in copilot.asked(*DELETE)) == goes
    assert all(one["conversation"] == "x" and "person" not in one for one in copilot.asked(*DELETE))


def test_what_is_not_over_is_named(copilot: FakeCopilot, command: Command) -> None:
    copilot.says(*DELETE, found(1, open=["r7"]))
    ended = command("delete", "me", "--yes")
    assert ended.code == Exit.REFUSED and "r7" in ended.err and "runs cancel" in ended.err
    assert len(copilot.asked(*DELETE)) == 1


def test_where_something_is_there_again_it_is_said(copilot: FakeCopilot, command: Command) -> None:
    copilot.says(*DELETE, found(1), found(0), found(1))
    ended = command("delete", "me", "--yes")
    assert ended.code == Exit.FAILED and "still of it: 1 run, 2 turns" in ended.err


@pytest.mark.parametrize("words", ["delete", "export", "delete me --person ben", "export me --conversation x"])
def test_of_whom_has_to_be_said_and_once(copilot: FakeCopilot, command: Command, words: str) -> None:
    assert command(*words.split()).code == Exit.REFUSED and not copilot.calls


def part(number: int, day: str) -> dict[str, Any]:
    return {"number": number, "day": day, "reached": day, "entries": 2}


def test_a_whole_archive_is_said_to_be_and_what_waits(copilot: FakeCopilot, command: Command) -> None:
    first = {"parts": [part(1, "2026-03-01")], "faults": [], "next": 2, "waiting": {}}
    copilot.says("GET", "/v1/journal?number=1", first)
    last = {"parts": [part(2, "2026-03-02")], "faults": [], "next": None, "waiting": {"2026-03-03": 4}}
    copilot.says("GET", "/v1/journal?number=2", last)
    ended = command("journal", "verify")
    assert ended.code == Exit.SUCCEEDED
    assert "from 2026-03-01 to 2026-03-02 is whole, in order and chained: 4 entries in 2 objects." in ended.out
    assert "Not archived yet: 4 of 2026-03-03." in ended.out
    assert "2 entries in 1 object" in command("journal", "verify", "--from", "2026-03-02").out


@pytest.mark.parametrize(
    ("parts", "faults", "said"),
    [
        (["2026-03-01", "2026-03-03"], [], "of 2026-03-02 there is no object"),
        (["2026-03-01"], ["object 2 is missing"], "object 2 is missing"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_one(
    copilot: FakeCopilot, command: Command, parts: list[str], faults: list[str], said: str
) -> None:
    heads = [part(number, day) for number, day in enumerate(parts, 1)]
    copilot.says("GET", "/v1/journal?number=1", {"parts": heads, "faults": faults, "next": None, "waiting": {}})
    ended = command("journal", "verify")
    assert ended.code == Exit.FAILED and said in ended.out and "whole, in order" not in ended.out


def test_days_that_were_asked_for_and_are_in_no_object_are_missing(copilot: FakeCopilot, command: Command) -> None:
    document: dict[str, Any] = {"parts": [part(1, "2026-03-02")], "faults": [], "next": None, "waiting": {}}
    copilot.says("GET", "/v1/journal?number=1", document)
    ended = command("journal", "verify", "--from", "2026-03-01", "--to", "2026-03-02")
    assert ended.code == Exit.FAILED and "of 2026-03-01 there is no object" in ended.out


def test_an_empty_archive_is_none(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/journal?number=1", {"parts": [], "faults": [], "next": None, "waiting": {}})
    assert "Nothing of the journal is archived yet." in command("journal").out
