"""One measurement: a contestant in its own process, the model in this one, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

from scripted_model import Call, Latency, ScriptedModel, Tokens

from bench.case import CHANNEL, KNOWN, Case
from bench.contestant import Report
from bench.script import answer
from copilot.text.tokens import count_tokens

LATENCY = Latency()
TESTS = Path(__file__).parents[1]
PATHS = [TESTS, TESTS / "unit", TESTS.parent / "layers/copilot", TESTS.parent]
OF_THIS_MACHINE = ("AWS_", "ANTHROPIC_", "LANG", "OTEL_")
"""How variables begin that give keys, or have somebody (LangSmith, a collector) told what runs."""

Span = tuple[float, float]


class Broken(Exception):
    """A contestant could not run, or did not do the task; says which and why."""


class Absent(Broken):
    """A contestant is not installed here; says what is missing."""


@dataclass(frozen=True)
class Figures:
    """Tokens are the server's count. `seconds` are those from the request to the answer, `overhead` those of them in
    which neither the model nor any tool was at work.
    """

    calls: int
    uncached: int
    cached: int
    output: int
    seconds: float
    overhead: float

    @property
    def input(self) -> int:
        return self.uncached + self.cached


class Process:
    """A contestant's process, while it is entered. Raises Absent where it does not start."""

    def __init__(self, name: str, python: str) -> None:
        self._command = [python, "-m", "bench.contestant", name]

    def __enter__(self) -> Process:
        self._complaints = tempfile.TemporaryFile("w+")
        try:
            self._process = subprocess.Popen(
                self._command, env=clean(), stdin=PIPE, stdout=PIPE, stderr=self._complaints, text=True
            )
        except OSError as error:
            self._complaints.close()
            raise Absent(f"There is no {self._command[0]}; `make bench` makes it where it can") from error
        try:
            self._read()
        except Broken as error:
            self.__exit__()
            raise Absent(str(error)) from error
        return self

    def __exit__(self, *what: object) -> None:
        self._process.communicate()  # its cases are at an end, so it ends
        self._complaints.close()

    def measure(self, case: Case) -> Figures:
        """Raises Broken."""
        delays = None if case.reckoned else LATENCY
        with (
            ScriptedModel(answer, None, count=count_tokens) as rehearsal,
            ScriptedModel(answer, delays, count=count_tokens) as model,
        ):
            report = self._report(case, model.url, rehearsal.url)
        return figures(case, report, model.calls, model.busy)

    def _report(self, case: Case, url: str, rehearsal: str) -> Report:
        assert self._process.stdin is not None
        asked = {"case": case.model_dump(), "url": url, "rehearsal": rehearsal}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        said = self._read()
        if "error" in said:
            raise Broken(said["error"][:400])
        report = Report.model_validate(said)
        judge(report, told=case.request != KNOWN)
        return report

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):
                said: dict[str, Any] = json.loads(line)
                return said
        self._complaints.seek(0)
        raise Broken((self._complaints.read().strip().splitlines() or ["it ended without a word"])[-1][:400])


def figures(case: Case, report: Report, calls: Sequence[Call], busy: Sequence[Span]) -> Figures:
    """What a report and the server's record come to. `busy` is when the model was at work."""
    seconds = report.ended - report.begun
    if case.reckoned:
        in_use = seconds - idle_between(report.begun, report.ended, busy)
        seconds += sum(model_seconds(call.tokens) for call in calls) - in_use
    return Figures(
        calls=len(calls),
        uncached=sum(call.tokens.input + call.tokens.cache_written for call in calls),
        cached=sum(call.tokens.cached for call in calls),
        output=sum(call.tokens.output for call in calls),
        seconds=seconds,
        overhead=idle_between(report.begun, report.ended, [*busy, *report.busy]),
    )


def judge(report: Report, told: bool) -> None:
    """Raises Broken unless the task was done: the idle ones are down and no other, the person knows, and so does the
    channel, if it was to be `told`.
    """
    if report.stopped != sorted(report.idle):
        raise Broken(f"stopped {len(report.stopped)} environments instead of {len(report.idle)}: {report.answer[:300]}")
    if [channel for channel, _ in report.sent] != [CHANNEL] * told:
        raise Broken(f"sent {len(report.sent)} messages instead of {int(told)}: {report.answer[:300]}")
    for said in (report.answer, *(text for _, text in report.sent)):
        if missing := [each for each in report.idle if each not in said]:
            raise Broken(f"did not say that {missing[0]} was stopped: {said[:300]}")


def model_seconds(tokens: Tokens) -> float:
    """What one call takes by the latency model."""
    return LATENCY.before(tokens) + LATENCY.per_output_token * tokens.output / 1000


def idle_between(begun: float, ended: float, busy: Iterable[Span]) -> float:
    """Seconds between two times in which nothing was busy. Spans may overlap and reach beyond."""
    idle, reached = 0.0, begun
    for start, end in sorted(busy):
        idle += max(0.0, min(start, ended) - reached)
        reached = max(reached, min(end, ended))
    return idle + max(0.0, ended - reached)


def clean() -> dict[str, str]:
    """An environment with this package on Python's path and nothing of this machine's configuration or keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THIS_MACHINE)}
    path = os.pathsep.join(str(each) for each in PATHS)
    return kept | {"PYTHONPATH": path, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
