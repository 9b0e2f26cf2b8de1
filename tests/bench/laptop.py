"""The laptop's system as a person has it: how long `up` takes, the first question after it, those that follow, and what
`ask` adds to what its run takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.measuring import Broken

ROOT = Path(__file__).parents[2]
QUESTION = "How is the production cluster?"
LATER = 5
"""How many questions follow the first."""


@dataclass(frozen=True)
class Questioned:
    """Seconds from the command to its end, and of them those of the run: from when it was received to its answer."""

    command: float
    run: float


@dataclass(frozen=True)
class Upped:
    """Seconds of `up`, and what was asked after it, the first first."""

    seconds: float
    asked: Sequence[Questioned]

    @property
    def first(self) -> float:
        return self.asked[0].command

    @property
    def later(self) -> float:
        """The median of those after the first."""
        return median(one.command for one in self.asked[1:])

    @property
    def added(self) -> float:
        """What `ask` takes beside the run, of all but the first; the median."""
        return median(one.command - one.run for one in self.asked[1:])


def bring_up_and_ask() -> dict[str, Upped]:
    """The system made from nothing, and started again with all it had, in a folder of its own. Raises Broken."""
    with TemporaryDirectory(prefix="bench-laptop-") as folder:
        try:
            found = {"from nothing": _upped(folder)}
            _command(folder, "down")
            found["again"] = _upped(folder)
        finally:
            _command(folder, "down")
    return found


def _upped(folder: str) -> Upped:
    seconds, _ = _command(folder, "up")
    return Upped(seconds, [_ask(folder) for _ in range(1 + LATER)])


def _ask(folder: str) -> Questioned:
    seconds, said = _command(folder, "ask", "--json", QUESTION)
    return Questioned(seconds, float(json.loads(said)["seconds"]))


def _command(folder: str, *words: str) -> tuple[float, str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "copilot")])
    begun = time.monotonic()
    command = [sys.executable, "-m", "cli.main", *words]
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{words[0]}: {(done.stderr.strip().splitlines() or ['it ended without a word'])[-1]}")
    return time.monotonic() - begun, done.stdout
