"""The design's targets (its section 12), each beside what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.again import Again
from bench.case import COMPOSED, KNOWN, TASK, Case
from bench.hearing import Hearing
from bench.imports import ROOT, Import
from bench.inventory import Inventoried
from bench.laptop import Upped
from bench.measuring import Figures
from bench.writes import Writes

Ours = Mapping[Case, Figures]
VCPU = 1769
"""Megabytes of memory at which a function has a whole processor (AWS Lambda's guide); with less, that part of one."""
WANTED_CALLS = {TASK: 1, COMPOSED: 2, KNOWN: 0}
WORDS = {TASK: "at any size", COMPOSED: "where the answer is composed", KNOWN: "of a known intent"}


def memory_of(function: str) -> int:
    """In megabytes, as template.yaml has it."""
    found = re.search(
        rf"\n  {function}:\n.*?\n      MemorySize: (\d+)\n", (ROOT / "template.yaml").read_text(), re.DOTALL
    )
    assert found is not None
    return int(found[1])


@dataclass(frozen=True)
class Target:
    what: str
    wanted: str
    found: str
    met: bool


def of_the_planner(found: Ours) -> Iterator[Target]:
    for request, wanted in WANTED_CALLS.items():
        calls = {one.calls for case, one in found.items() if case.request == request}
        if calls:
            what = f"model calls, {WORDS[request]}"
            yield Target(what, f"{wanted}", ", ".join(map(str, sorted(calls))), calls == {wanted})
    grown = {
        "environments": [(case.environments, one) for case, one in found.items() if case.environments >= 100],
        "tools": [(case.tools, one) for case, one in found.items() if case.tools],
        "turns": [(case.turns, one) for case, one in found.items() if case.turns],
    }
    for name, measured in grown.items():
        if measured:
            size, figures = max(measured, key=lambda one: one[0] or 0)
            yield _below(f"input tokens at {size} {name}", figures.input, 3_000)
    if plain := found.get(Case()):
        yield _below("output tokens of the plan", plain.output, 200)
        yield Target("wall time of the task", "< 5 s", f"{plain.seconds:.2f} s", plain.seconds < 5)


def of_again(found: Mapping[str, Again]) -> Iterator[Target]:
    ratio = found["again"].seconds / found["known"].seconds
    yield Target("a request made before, in time", "<= 1.2 x a known one", f"{ratio:.2f} x", ratio <= 1.2)
    calls = found["again"].calls, found["again, composed"].calls
    said = f"{calls[0]}, composed {calls[1]}"
    yield Target("model calls of a request made before", "0, composed 1", said, calls == (0, 1))


def of_writes(found: Mapping[Case, Writes]) -> Iterator[Target]:
    requests = {case: one for case, one in found.items() if one.requests >= one.most}
    rows = {case: one for case, one in found.items() if one.rows >= one.most}
    for name, missed in (("requests", requests), ("rows", rows)):
        case, one = next(iter((missed or found).items()))
        number = one.requests if name == "requests" else one.rows
        where = f"{number} of {one.most} for {one.items} items"
        yield Target(f"DynamoDB writes a run, as {name}", "< 12 + 3 an item", where, not missed)
    short = found.get(Case())
    for case, one in found.items():
        if short and case == Case(turns=case.turns) and case.turns:
            same = one.rows == short.rows
            yield Target(f"rows written after {case.turns} turns", f"{short.rows}, as after none", f"{one.rows}", same)


def of_imports(found: Mapping[str, Import]) -> Iterator[Target]:
    bare = found["bare"].seconds
    handlers = {name: one for name, one in found.items() if name != "bare"}
    name, worst = max(handlers.items(), key=lambda one: one[1].seconds)
    ratio = worst.seconds / bare
    yield Target("cold import of a handler", "<= 1.3 x bare", f"{ratio:.2f} x ({name})", ratio <= 1.3)
    heavy = [f"{module} by {name}" for name, one in handlers.items() for module in one.heavy]
    yield Target("anthropic, slack_sdk.web, mcp", "not imported", ", ".join(heavy) or "not imported", not heavy)
    memory = memory_of("IngestChat")
    cold = found["ingest_chat"].ready / (memory / VCPU)
    yield Target(f"what Slack sends, answered cold at {memory:,} MB", "< 2 s", f"{cold:.2f} s, reckoned", cold < 2)


def of_decisions(found: Mapping[int, float]) -> Iterator[Target]:
    least, most = min(found), max(found)
    ratio = found[most] / found[least]
    yield Target(f"first decision at {most} tools", f"<= 1.3 x at {least}", f"{ratio:.2f} x", ratio <= 1.3)


def of_hearing(found: Mapping[int, Hearing]) -> Iterator[Target]:
    for known, one in found.items():
        what = f"hearing a request, p95, {known:,} environments known"
        yield Target(what, "< 5 ms", f"{one.p95:.1f} ms", one.p95 < 5)


def of_inventory(found: Mapping[int, Inventoried]) -> Iterator[Target]:
    for what, took in {
        "list": {accounts: one.listed for accounts, one in found.items()},
        "find": {accounts: one.found for accounts, one in found.items()},
    }.items():
        slowest = max(one.seconds for one in took.values())
        yield Target(f"{what} by the inventory", "< 2 s", f"{slowest:.2f} s", slowest < 2)
        calls = {one.calls + one.own for one in took.values()}
        same = ", ".join(map(str, sorted(calls)))
        yield Target(f"calls of a {what}, whatever the accounts", "as many", same, len(calls) == 1)


def of_the_laptop(found: Mapping[str, Upped]) -> Iterator[Target]:
    ratio = max(one.first / one.later for one in found.values())
    yield Target("the first request after up", "<= 1.5 x the later", f"{ratio:.2f} x", ratio <= 1.5)
    added = max(one.added for one in found.values())
    yield Target("what ask adds to its run", "<= 0.5 s", f"{added:.2f} s", added <= 0.5)


def _below(what: str, found: int, limit: int) -> Target:
    return Target(what, f"< {limit:,}", f"{found:,}", found < limit)
