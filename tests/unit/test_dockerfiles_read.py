"""The list of public Dockerfiles that the rules were run over: how many, of whom, and that all was judged equal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from judging_dockerfiles import judged, listed, main

from copilot.intents.actions import read_yaml
from copilot.tools.dockerfiles.applying import improve
from copilot.tools.dockerfiles.rules import RULES, Rule

LIST = read_yaml(Path(__file__).with_name("dockerfiles_read.yaml"))
FILES = {f"{repository}/{path}": found for repository, files in LIST["files"].items() for path, found in files.items()}
WRONG = "FROM ubuntu:22.04\nRUN apt upgrade -y\n"


def test_many_files_of_many_projects_were_read() -> None:
    assert len(FILES) == LIST["read"] >= 300 and len(LIST["files"]) >= 50


def test_every_change_was_judged_to_do_the_same() -> None:
    changed = [found for found in FILES.values() if found not in {"-", "left"}]
    rules = Counter(rule for found in changed for rule in found.split(", "))
    assert len(changed) == LIST["changed"] == LIST["judged equal"] > 100
    assert rules == LIST["rules"] and rules.keys() <= {rule.name for rule in RULES}
    assert sum(found == "left" for found in FILES.values()) == sum(LIST["left alone"].values())


def test_a_folder_is_judged_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in {
        "own/er/Dockerfile": WRONG,
        "own/er/web.dockerfile": "FROM example.test/windows/nanoserver:1809\nADD x.json C:/\n",
        "own/two/Dockerfile.dev": "FROM a\n",
        "own/two/notes.txt": "FROM a\nADD x.json /x/\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert main([str(tmp_path), "--list", str(tmp_path / "list.yaml")]) == 0
    assert capsys.readouterr().out == "3 files read, 1 changed, 1 left alone, 0 judged to differ\n"
    assert (tmp_path / "own/er/Dockerfile").read_text() == WRONG


def test_a_change_that_does_something_else_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Dockerfile").write_text(WRONG)
    faulty = Rule("faulty", "", "", lambda dockerfile, others: dockerfile.text.replace("apt ", "apt-get "))
    monkeypatch.setattr("judging_dockerfiles.improve", lambda text, others, rules=(): improve(text, others, [faulty]))
    assert main([str(tmp_path)]) == 1
    assert "Dockerfile: effects: " in capsys.readouterr().out


def test_what_is_listed_says_where_and_which_rules() -> None:
    found = [judged("a/b/Dockerfile", WRONG, {}), judged("a/b/x/Dockerfile", "FROM a\n", {})]
    told = listed(found, {}, "2026-11-29")
    assert told["files"] == {"a/b": {"Dockerfile": "apt-get", "x/Dockerfile": "-"}}
    assert (told["read"], told["changed"], told["judged equal"]) == (2, 1, 1)
