"""Installs packages with a line of progress and none of pip's own words, which go to a log beside the environment.

Run as a file by the Makefile, before anything is installed: it needs nothing but Python.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

QUIET_SECONDS = 10
"""How long nothing may be seen where what is printed is kept, as in CI."""
LAST_LINES = 15
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")


class Progress:
    """What is being installed, in one line that is written anew on a terminal, and now and then in a line elsewhere."""

    def __init__(self, out: TextIO, now: float) -> None:
        self._out, self._began, self._said = out, now, now
        self.found = 0

    def follow(self, line: str, now: float) -> None:
        """One line of pip's, at a time in seconds."""
        if line.startswith("Collecting "):
            self.found += 1
            self._say(f"{self._packages} found, looking at {line.split()[1]}", now)
        elif line.startswith("Installing collected packages") and self.found:
            self._say(f"putting {self._packages} in place", now, always=True)

    def end(self, now: float) -> None:
        if self._out.isatty():
            self._out.write("\r\x1b[K")
        if self.found:
            self._out.write(f"  {self._packages} in {now - self._began:.0f} s\n")

    @property
    def _packages(self) -> str:
        return f"{self.found} package" + "s" * (self.found != 1)

    def _say(self, words: str, now: float, *, always: bool = False) -> None:
        if self._out.isatty():
            self._out.write(f"\r\x1b[K  {words[:76]}")
        elif always or now - self._said >= QUIET_SECONDS:
            self._out.write(f"  {words}\n")
        else:
            return
        self._said = now
        self._out.flush()


def install(arguments: Iterable[str], log: Path, out: TextIO) -> int:
    """pip's exit code; where it fails, the end of what it said is shown, and where the whole of it is."""
    progress, lines = Progress(out, time.monotonic()), list[str]()
    command = [sys.executable, *PIP, *arguments]
    with (
        log.open("a", encoding="utf-8") as kept,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip,
    ):
        for line in _lines(pip):
            kept.write(line)
            lines.append(line)
            progress.follow(line.strip(), time.monotonic())
    progress.end(time.monotonic())
    if pip.returncode:
        out.writelines(lines[-LAST_LINES:])
        out.write(f"pip could not install everything; all it said is in {log}\n")
    return pip.returncode


def _lines(pip: subprocess.Popen[str]) -> Iterator[str]:
    assert pip.stdout is not None
    yield from pip.stdout


if __name__ == "__main__":
    sys.exit(install(sys.argv[1:], Path(sys.prefix) / "install.log", sys.stdout))
