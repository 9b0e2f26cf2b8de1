"""The adapter on the real hadolint process, and the tool on the real findings."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from dockerfile_effects import differences, stages
from some_clients import SomeClients

from copilot.adapters.hadolint import Hadolint
from copilot.errors import FatalError
from copilot.tools.dockerfiles.improve import ImproveDockerfile, ImproveDockerfileInput, ImproveDockerfileOutput

SAMPLES = Path(__file__).parents[2] / "samplefiles/dockerfiles"
FAULTY = "FROM python\nADD . /app\nRUN pip install flask\nCMD python /app/app.py\n"


class Clients(SomeClients):
    dockerfile_linter = Hadolint()


def new_codes(said: ImproveDockerfileOutput, text: str) -> Counter[str]:
    """What hadolint finds only now; not what it would have found in the file as it came, were apt written apt-get."""
    known = [(each.code for each in said.before)]
    known.append(each.code for each in Hadolint().lint(re.sub(r"\bapt (?=update|install)", "apt-get ", text)))
    return Counter(each.code for each in said.after) - (Counter(known[0]) | Counter(known[1]))


def improve(*files: Path, text: str = "") -> ImproveDockerfileOutput:
    given = [{"name": file.name, "text": file.read_text()} for file in files] or [{"name": "Dockerfile", "text": text}]
    return ImproveDockerfile(Clients()).run(ImproveDockerfileInput.model_validate({"files": given}))


def test_findings_come_with_code_level_line_and_message() -> None:
    found = Hadolint().lint(FAULTY)
    assert {(each.code, each.level, each.line) for each in found} >= {
        ("DL3006", "warning", 1),
        ("DL3020", "error", 2),
        ("DL3042", "warning", 3),
        ("DL3025", "warning", 4),
    }
    assert [each.line for each in found] == sorted(each.line for each in found)
    assert all(each.message for each in found)


@pytest.mark.parametrize(
    "text", ["", "no dockerfile", "FROM caf\u00e9\n", "FROM a\nRUN <<X\n", "\x00\x01", "FROM a\nRUN ("]
)
def test_any_text_has_findings_or_none_and_no_error(text: str) -> None:
    assert isinstance(list(Hadolint().lint(text)), list)


def test_no_configuration_of_the_machine_has_a_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3006, DL3020]\n")
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config/hadolint.yaml").write_text("ignored: [DL3006, DL3020]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("HADOLINT_IGNORE", "DL3006")
    assert {"DL3006", "DL3020"} <= {each.code for each in Hadolint().lint(FAULTY)}


def test_a_file_it_would_take_minutes_for_is_given_up_in_time() -> None:
    began = time.monotonic()
    with pytest.raises(FatalError, match="did not come to an end"):
        Hadolint().lint("FROM a\nRUN a " + "&& b " * 19_000)
    assert time.monotonic() - began < 10


def test_a_file_too_large_is_not_given_to_it() -> None:
    with pytest.raises(FatalError, match="more than hadolint is given"):
        Hadolint().lint("x" * 300_000)


@pytest.mark.parametrize("says", ["", "not json", '[{"code": 1}]', "null"])
def test_what_is_not_its_json_is_an_error_in_words(tmp_path: Path, says: str) -> None:
    program = tmp_path / "hadolint"
    program.write_text(f"#!/bin/sh\ncat >/dev/null\nprintf '%s' '{says}'\n")
    program.chmod(0o755)
    with pytest.raises(FatalError, match="not its JSON"):
        Hadolint(str(program)).lint(FAULTY)


def test_where_it_is_not_installed_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(FatalError, match="hadolint is not installed here"):
        Hadolint().lint(FAULTY)
    with pytest.raises(FatalError, match="cannot be started here"):
        Hadolint(str(tmp_path)).lint(FAULTY)


@pytest.mark.parametrize("language", ["python", "node", "go"])
def test_each_sample_lints_cleaner_has_no_new_finding_and_does_the_same(language: str) -> None:
    files = sorted((SAMPLES / language).iterdir())
    said = improve(*files)
    assert said.findings is not None and said.findings_left is not None
    assert said.findings_left * 2 <= said.findings
    text = (SAMPLES / language / "Dockerfile").read_text()
    assert new_codes(said, text) == Counter()
    if len(stages(text)) == len(stages(said.improved)):
        assert differences(text, said.improved) == []
    else:
        (before,), (build, last) = stages(text), stages(said.improved)
        assert (build.effects, last.start) == (before.effects, before.start)
    again = improve(text=said.improved)
    assert (again.changes, again.findings) == ((), said.findings_left)


@pytest.mark.parametrize(
    "text",
    [
        FAULTY,
        "FROM node:22\nRUN apt update && apt install vim\nCMD npm start\n",
        "FROM alpine\nRUN apk update\nRUN apk add curl\nCMD crond -f\n",
        "FROM debian:12\nWORKDIR /a\nRUN cd b && make\nRUN cd c && make\nENTRYPOINT ./x\n",
    ],
)
def test_no_finding_is_new(text: str) -> None:
    said = improve(text=text)
    assert new_codes(said, text) == Counter()
    assert not re.search(r"\bapt (update|install)", said.improved)
