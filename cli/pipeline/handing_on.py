"""What a job hands on to the steps and jobs after it, as its platform takes it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from cli.pipeline.job import Platform
from cli.wording import clean, line

LONGEST = 4_000
"""Bytes of a value in a file of variables, which takes 5 KB in all by default (GitLab, `artifacts:reports:dotenv`)."""


def hand_on(platform: Platform, path: Path, values: Mapping[str, str]) -> None:
    """Appends each value under its name; a value can be no other one's."""
    with path.open("a", encoding="utf-8") as file:
        for name, value in values.items():
            file.write(_output(name, value) if platform == "github" else _variable(name, value))


def _output(name: str, value: str) -> str:
    """With a delimiter that nobody can guess (GitHub, "Workflow commands", multiline strings)."""
    mark = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{mark}\n{clean(value)}\n{mark}\n"


def _variable(name: str, value: str) -> str:
    plain = line(value).encode()[:LONGEST].decode(errors="ignore")
    return f"DEVOPS_COPILOT_{name.upper().replace('-', '_')}={plain}\n"
