"""improve_dockerfile with a linter of the test's own: what it answers, and what it does where the linter objects."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from some_clients import SomeClients

from copilot.domain import Finding
from copilot.errors import FatalError, ToolInputError
from copilot.tools.dockerfiles.applying import own_lines
from copilot.tools.dockerfiles.improve import ImproveDockerfile, ImproveDockerfileInput, ImproveDockerfileOutput

TEXT = "FROM python\nRUN pip install flask\nADD app.py /\nCMD python /app.py\n"


class FakeLinter:
    """One finding for each word that is in the text."""

    def __init__(self, *words: str) -> None:
        self.words, self.asked = words, list[str]()

    def lint(self, text: str) -> Sequence[Finding]:
        self.asked.append(text)
        return [Finding(code=f"X{w}", level="warning", line=1, message=f"{w}!") for w in self.words if w in text]


class Broken(FakeLinter):
    def lint(self, text: str) -> Sequence[Finding]:
        if len(self.asked) >= len(self.words):
            raise FatalError("the linter is not here")
        return super().lint(text)


class Clients(SomeClients):
    def __init__(self, linter: FakeLinter) -> None:
        self.dockerfile_linter = linter


def run(linter: FakeLinter, text: str = TEXT, *others: dict[str, str], name: str = "Dockerfile") -> Any:
    tool = ImproveDockerfile(Clients(linter))
    return tool.run(ImproveDockerfileInput.model_validate({"files": [{"name": name, "text": text}, *others]}))


def test_counts_diff_and_reasons_are_told() -> None:
    said: ImproveDockerfileOutput = run(FakeLinter("ADD", "FROM"))
    assert (said.findings, said.findings_left) == (2, 1)
    assert said.summary == "Dockerfile: 2 hadolint findings before (2 worth a look), 1 after; 3 changes"
    assert said.report.startswith(said.summary)
    assert "\n    -ADD app.py /\n" in said.report and "\n    +COPY app.py /\n" in said.report
    assert "- COPY instead of ADD: " in said.report
    assert "XFROM, line 1: FROM!" in said.report
    assert "python can be another image at every build; pin it to the version you run today" in said.report
    assert "ADD" not in said.improved
    for change in said.changes:
        assert change.hunk.startswith("--- a/Dockerfile\n+++ b/Dockerfile\n@@") and change.buys


def test_a_rule_after_which_the_linter_finds_something_new_is_not_followed() -> None:
    said = run(FakeLinter("ADD", "no-cache"))
    assert "COPY app.py" in said.improved and "no-cache" not in said.improved
    assert (said.findings, said.findings_left) == (1, 0)


class AsHadolint(FakeLinter):
    """Looks at apt-get where it is called so, and else only says that it is not."""

    def lint(self, text: str) -> Sequence[Finding]:
        codes = ["DL3008"] * text.count("apt-get install") + ["DL3027"] * text.count("apt install")
        return [Finding(code=code, level="warning", line=1, message=code) for code in codes]


def test_a_fault_that_was_there_under_another_name_is_no_new_one() -> None:
    said = run(AsHadolint(), "FROM debian:12\nRUN apt update && apt install -y curl\n")
    assert "apt-get install" in said.improved and "apt install" not in said.improved
    assert (said.findings, said.findings_left) == (1, 1)


def test_without_a_linter_it_says_so_and_the_rules_are_followed() -> None:
    said = run(Broken())
    assert (said.findings, said.findings_left) == (None, None)
    assert "not linted, for «the linter is not here»" in said.report
    assert said.changes


def test_what_cannot_be_linted_again_is_not_changed() -> None:
    said = run(Broken("ADD"))
    assert (said.changes, said.improved) == ((), TEXT)
    assert "could not be linted again" in said.report


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.prod", "web.dockerfile", "Containerfile", "file"])
def test_one_file_is_the_one_whatever_its_name(name: str) -> None:
    assert run(FakeLinter(), name=name).name == name


def test_which_of_several_is_meant_must_be_clear() -> None:
    assert run(FakeLinter(), TEXT, {"name": "requirements.txt", "text": ""}).name == "Dockerfile"
    with pytest.raises(ToolInputError, match="one Dockerfile at a time"):
        run(FakeLinter(), TEXT, {"name": "Dockerfile.dev", "text": TEXT})
    with pytest.raises(ToolInputError, match=r"none of these .* a, b"):
        run(FakeLinter(), TEXT, {"name": "b", "text": TEXT}, name="a")


def test_the_answer_is_bounded() -> None:
    text = "FROM python:3\n" + "".join(f"ADD file{'x' * 300}{n}.json /somewhere/{n}\n" for n in range(200))
    said = run(FakeLinter(*"abcdefghij"), text)
    assert len(said.report) < 17_000 and "this is cut" in said.report
    assert said.improved.count("COPY") == 200


def test_the_diff_as_it_is_shown_can_be_applied(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(TEXT)
    said = run(FakeLinter())
    shown = [line.rstrip()[4:] for line in said.report.splitlines() if line.startswith("    ")]
    subprocess.run(["git", "apply", "-"], input="\n".join([*shown, ""]).encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "Dockerfile").read_text() == said.improved


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM python:3\nCOPY . .\n", {".git", "**/__pycache__", "**/*.pyc"}),
        ("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n", {".git", "node_modules"}),
    ],
)
def test_a_dockerignore_is_proposed_where_everything_is_copied(text: str, lines: set[str]) -> None:
    assert lines <= set(run(FakeLinter(), text).ignore)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FROM node:22\nCOPY . .\nCOPY node_modules /m\nRUN npm ci\n", "node_modules"),
        ("FROM node:22\nCOPY . .\n", "node_modules"),
        ("FROM node:22\nCOPY . .\nRUN npm run build\n", "node_modules"),
        ("FROM node:22\nCOPY . .\nRUN npm install -g serve\n", "node_modules"),
        ("FROM node:22\nCOPY . .\nRUN git describe > v\n", ".git"),
        ("FROM python:3\nCOPY . .\nRUN pip install .\n", ".git"),
        ("FROM rust:1\nCOPY . .\nRUN cargo build\n", ".git"),
        ("FROM ruby:3\nCOPY . .\nRUN bundle install\n", ".git"),
        ("FROM node:22\nCOPY src .\n", "**/.DS_Store"),
    ],
)
def test_nothing_the_build_may_need_is_ignored(text: str, line: str) -> None:
    assert line not in run(FakeLinter(), text).ignore


def test_a_masked_value_is_spoken_of() -> None:
    assert "keep your own lines" in run(FakeLinter(), "FROM python:3\nENV TOKEN=[masked]\n").report


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.12-windowsservercore-ltsc2022\nWORKDIR C:/app\nADD x.txt .\nCMD python C:\\app\\main.py\n",
        "# escape=`\nFROM example.test/windows/servercore:ltsc2022\nADD x.txt C:/\n",
    ],
)
def test_a_file_for_windows_is_said_to_be_left_alone(text: str) -> None:
    said = run(FakeLinter(), text)
    assert (said.changes, said.diff, said.improved) == ((), "", text)
    assert f"The rules left the file alone: {said.left_alone}." in said.report
    assert "Windows" in said.left_alone and "runs as root" not in said.report


def test_line_ends_of_windows_alone_make_no_file_for_windows() -> None:
    said = run(FakeLinter(), TEXT.replace("\n", "\r\n"))
    assert said.left_alone == "" and "COPY app.py /\r\n" in said.improved
    assert "left the file alone" not in said.report


class AtLines(FakeLinter):
    """One finding for each line that begins so."""

    def lint(self, text: str) -> Sequence[Finding]:
        found = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith(self.words)]
        return [Finding(code="DL3025", level="warning", line=line, message="an array") for line in found]


def test_lines_of_what_is_left_are_those_of_the_persons_own_file() -> None:
    text = "FROM python:3.12.1\n\n\nRUN apt update && apt install -y curl\nCMD exec run && stay\n"
    said = run(AtLines("CMD"), text)
    assert said.changes and said.improved.index("CMD") > text.index("CMD"), "the rules moved it down"
    assert any("DL3025, line 5: " in line for line in said.further)


def test_a_line_is_found_where_it_came_from_or_named_as_new() -> None:
    own = own_lines("a\nb\nc\nd\n", "new\nd\na\nB1\nB2\nc\n")
    assert [own(line) for line in range(1, 7)] == ["1 of the new file", "4", "1", "2", "2", "3"]


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_said_to_be_empty(text: str) -> None:
    said = run(FakeLinter(), text)
    assert said.summary == "Dockerfile: the file is empty"
    assert "finding" not in said.report and "No rule" not in said.report


def test_a_file_of_comments_alone_is_said_to_have_no_instruction() -> None:
    assert "there is no instruction in it" in run(FakeLinter(), "# to come\n").report


def test_what_is_said_of_a_start_by_npm_is_true() -> None:
    said = run(FakeLinter(), "FROM node:20.11.1\nWORKDIR /app\nCMD npm start\n")
    assert '+CMD ["npm", "start"]' in said.diff
    assert "what only starts the program, as npm does, has to pass the signal on" in said.report
    assert "the program is process 1" not in said.report
