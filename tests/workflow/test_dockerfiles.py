"""A Dockerfile through the HTTP API, the machine and the read function, to its answer, with IAM enforced."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import ROOT, SEED, System
from dockerfile_effects import differences, stages

ASK = "How can I optimize my Dockerfile?"
SAMPLES = ROOT / "samplefiles/dockerfiles"


def ask(system: System, *files: tuple[str, str], text: str = ASK) -> dict[str, Any]:
    attached = [{"name": name, "text": content} for name, content in files]
    return system.ask(text, attachments=attached, conversation=f"files-{len(attached)}")


def counts(view: dict[str, Any]) -> tuple[int, int]:
    found = re.search(r"(\d+) hadolint findings? before.*, (\d+) after; \d+ changes?", view["answer"])
    assert found, view["answer"]
    return int(found[1]), int(found[2])


def applied(view: dict[str, Any], text: str, folder: Path) -> str:
    """The file with the diff of the answer applied to it by git."""
    (folder / "Dockerfile").write_text(text)
    shown = view["answer"].split("What this buys")[0]
    diff = "\n".join(line[4:] for line in shown.splitlines() if line.startswith("    "))
    subprocess.run(["git", "apply", "-"], input=f"{diff}\n".encode(), cwd=folder, check=True)
    return (folder / "Dockerfile").read_text()


@pytest.mark.parametrize("language", ["python", "node", "go"])
def test_a_file_of_each_language_lints_cleaner_and_does_the_same(system: System, language: str, tmp_path: Path) -> None:
    files = [(file.name, file.read_text()) for file in sorted((SAMPLES / language).iterdir())]
    before = system.look()
    view = ask(system, *files)
    assert (view["outcome"], view["effects"]) == ("succeeded", [])
    assert [each["name"] for each in view["attachments"]] == [name for name, _ in files]
    had, left = counts(view)
    assert left * 2 <= had
    text = dict(files)["Dockerfile"]
    new = applied(view, text, tmp_path)
    if len(stages(new)) == len(stages(text)):
        assert differences(text, new) == []
    assert counts(ask(system, ("Dockerfile", new)))[0] == left
    assert system.look() == before


def test_a_file_nobody_has_seen_before(system: System, tmp_path: Path) -> None:
    random = Random(SEED)
    names = random.sample(["curl", "git", "make", "jq", "unzip", "rsync"], 3)
    folder, port = f"/srv/{random.randrange(10**6)}", random.randrange(2000, 9000)
    text = (
        f"FROM debian:12\n# {random.random()}\nWORKDIR {folder}\nRUN apt-get update\nRUN apt-get install {names[0]}\n"
        f"RUN apt-get install {names[1]} {names[2]}\nADD . .\nRUN cd {folder} && make all\n"
        f"EXPOSE {port}\nCMD perl serve.pl {port}\n"
    )
    view = ask(system, ("Dockerfile", text))
    had, left = counts(view)
    new = applied(view, text, tmp_path)
    assert left < had and differences(text, new) == []
    assert all(name in new for name in names) and "rm -rf /var/lib/apt/lists/*" not in text
    assert f'CMD ["perl", "serve.pl", "{port}"]' in new and "COPY . ." in new


def test_without_a_file_it_asks_for_one(system: System) -> None:
    view = ask(system)
    assert view["outcome"] == "asked"
    assert "--file Dockerfile" in view["answer"]


def test_what_is_too_much_is_refused_by_its_field(system: System) -> None:
    body = {"text": ASK, "attachments": [{"name": "a", "text": "x" * 102_401}]}
    status, said = system.http("POST", "/v1/runs", body)
    assert (status, said["error"]["field"]) == (400, "attachments")


def test_the_largest_file_that_cannot_be_compressed_is_answered(system: System) -> None:
    random = Random(SEED)
    lines = ("# " + "".join(chr(random.randrange(0x4E00, 0x9FA5)) for _ in range(100)) for _ in range(330))
    text = "FROM python:3.12-slim\n" + "\n".join(lines) + "\nADD app.py /\n"
    assert 95_000 < len(text.encode()) <= 102_400
    view = ask(system, ("Dockerfile", text))
    assert view["outcome"] == "succeeded"
    assert counts(view) == (1, 0)


def test_a_secret_in_a_file_is_kept_nowhere(system: System) -> None:
    secret = f"hunter{Random(SEED).randrange(10**9)}"
    view = ask(system, ("Dockerfile", f"FROM python:3\nENV DB_PASSWORD={secret}\nADD app.py /\n"))
    assert view["outcome"] == "succeeded" and "[masked]" in view["answer"]
    assert secret not in str(view)
    rows = system.client("dynamodb").scan(TableName=system.laptop.outputs["Table"])["Items"]
    assert len(rows) > 10 and secret not in str(rows)


def test_only_the_read_function_has_the_linter(system: System) -> None:
    functions = system.client("lambda").list_functions()["Functions"]
    layers = {
        each["FunctionName"]: str(each.get("Layers")) for each in functions if "probe" not in each["FunctionName"]
    }
    having = [name for name, each in layers.items() if "-lint" in each]
    assert having == ["devops-copilot-execute-read"]
