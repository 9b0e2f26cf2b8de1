"""`tool list` and `tool show`: what the copilot can do, read from the tools."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from cli.main import main
from copilot.tools.registry import BUILT_IN
from copilot.tools.tool import ReadTool


class Nothing(BaseModel):
    pass


class Weather(ReadTool[Nothing, Nothing]):
    name = "weather"
    summary = "What it is like outside."
    Input = Output = Nothing

    def run(self, input: Nothing) -> Nothing:
        return input


NOT_A_TOOL = "hello"
HERE = "tests.unit.test_cli_tools"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["tool", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["tool", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_every_tool_is_listed_with_its_effect(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line.split(maxsplit=2) for line in said(capsys, "list").splitlines()]
    assert [row[0] for row in rows] == sorted(BUILT_IN)
    assert {row[0]: row[1] for row in rows}["stop_environment@1"] == "write"
    assert all(row[2] for row in rows)


def test_a_tool_is_shown_with_what_it_takes_gives_and_may_do(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(said(capsys, "show", "environment_activity").split())
    assert "environment_id string required" in text
    assert "hours integer default 6" in text
    assert "idle boolean" in text
    assert "Reads only" in text
    assert "exactly what its preview lists" in said(capsys, "show", "stop_environment@1")


def test_every_tool_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for version in BUILT_IN:
        assert version in said(capsys, "show", version)
        shown = json.loads(said(capsys, "show", version, "--json"))
        assert shown["name"] == version.partition("@")[0]
        assert shown["input"]["type"] == shown["output"]["type"] == "object"


def test_tools_of_a_module_are_added(capsys: pytest.CaptureFixture[str]) -> None:
    assert "weather@1" in said(capsys, "list", "--tools", f"{HERE}:Weather")
    assert "outside" in said(capsys, "show", "weather", "--tools", f"{HERE}:Weather")


def test_tools_of_a_module_in_the_current_folder_are_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_own_tools.py").write_text(f"from {HERE} import Weather\nTOOLS = (Weather,)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", __import__("sys").path[:])
    assert "weather@1" in said(capsys, "list", "--tools", "my_own_tools:TOOLS")


def test_an_unknown_tool_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "stop_environment" in refused(capsys, "show", "stop_enviroment")
    assert "no version 9" in refused(capsys, "show", "stop_environment@9")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("nothing", "expected module:attribute"),
        ("no_such_module:TOOLS", "No module named 'no_such_module'"),
        (f"{HERE}:TOOLZ", "TOOLZ"),
        (f"{HERE}:NOT_A_TOOL", "is not a tool"),
        (f"{HERE}:Nothing", "is not a tool"),
    ],
)
def test_what_holds_no_tools_is_refused(capsys: pytest.CaptureFixture[str], place: str, why: str) -> None:
    assert why in refused(capsys, "list", "--tools", place)
