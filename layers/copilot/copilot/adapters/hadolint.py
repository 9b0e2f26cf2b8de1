"""ports.Linter over hadolint, as a process of its own: without a shell, an environment or a configuration file.

hadolint's licence is GPL-3.0. It is installed beside this system from its own package and only ever called.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from copilot.domain import MOST_ATTACHED, Finding
from copilot.errors import FatalError

SECONDS = 4
LARGEST_ANSWER = 4 * 1024 * 1024
LEVELS = {"error", "warning", "info", "style"}


class Hadolint:
    """`program` is its path; without one it is looked for beside Python, where a virtual environment has it, and on
    PATH, where a Lambda layer has it."""

    def __init__(self, program: str | None = None) -> None:
        beside = str(Path(sys.executable).parent)
        self._program = program or shutil.which("hadolint", path=beside) or shutil.which("hadolint")

    def lint(self, text: str) -> Sequence[Finding]:
        if self._program is None:
            raise FatalError("hadolint is not installed here", ours=True)
        given = text.encode()
        if len(given) > 2 * MOST_ATTACHED:
            raise FatalError(f"a file of {len(given):,} bytes is more than hadolint is given", ours=True)
        try:
            ended = subprocess.run(
                [self._program, "--no-fail", "--format", "json", "-"],
                input=given,
                capture_output=True,
                timeout=SECONDS,
                env={"LC_ALL": "C.UTF-8"},
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FatalError(f"hadolint did not come to an end in {SECONDS} s and was stopped", ours=True) from None
        except OSError as error:
            raise FatalError(f"hadolint cannot be started here ({error.strerror})", ours=True) from error
        return _findings(ended)


def _findings(ended: subprocess.CompletedProcess[bytes]) -> Sequence[Finding]:
    if ended.returncode != 0 or len(ended.stdout) > LARGEST_ANSWER:
        size = f"{len(ended.stdout):,} bytes of output"
        raise FatalError(f"hadolint failed (exit code {ended.returncode}, {size})", ours=True)
    try:
        found = [
            Finding(code=each["code"], level=each["level"], line=each["line"], message=each["message"])
            for each in json.loads(ended.stdout)
            if each["level"] in LEVELS
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise FatalError("hadolint said something that is not its JSON", ours=True) from error
    return sorted(found, key=lambda finding: finding.line)
