"""The steps of ci/, taken out of their files and run as they are written there, as their platforms run them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "ci/github/action.yml").read_text())
SPEC, COMPONENT = yaml.safe_load_all((ROOT / "ci/gitlab/templates/ask.yml").read_text())
JOB: dict[str, Any] = next(iter(COMPONENT.values()))


def github_steps(inputs: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The script and the environment of each step, with the inputs put where they are asked for."""
    known = {name: str(given.get("default", "")) for name, given in ACTION["inputs"].items()} | dict(inputs)
    values = {f"inputs.{name}": value for name, value in known.items()}
    values |= {"github.action_path": str(ROOT / "ci/github"), "strategy.job-index": "0"}

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: values[found[1]], text)

    return [
        (step["run"], {name: filled(value) for name, value in step["env"].items()}) for step in ACTION["runs"]["steps"]
    ]


def gitlab_job(inputs: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """Its script, what runs after it, and its variables."""
    known = {name: str(given.get("default", "")) for name, given in SPEC["spec"]["inputs"].items()} | dict(inputs)

    def filled(text: str) -> str:
        return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: known[found[1]], text)

    variables = {
        name: filled(given["value"] if isinstance(given, dict) else given) for name, given in JOB["variables"].items()
    }
    return "\n".join(JOB["script"]), "\n".join(JOB["after_script"]), variables


def start(script: str, folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """As GitHub runs a step of bash, and near to how GitLab runs a job's script: in a shell that ends at a failure."""
    file = folder / "step.sh"
    file.write_text(script)
    return subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(file)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(script: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    process = start(script, folder, environment)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(script, process.returncode, out, err)


def outputs(path: Path) -> dict[str, str]:
    """What a step handed on, as GitHub reads it."""
    found, lines = dict[str, str](), iter(path.read_text().splitlines())
    for line in lines:
        name, _, mark = line.partition("<<")
        value = []
        for inner in lines:
            if inner == mark:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found
