"""The order of modules: those that wait for an emulator and its clocks among those that reckon, evenly, so that cores
have work at all times; the longest of each first, so that none of them is what the end waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

LONGEST = (
    "test_steering",
    "test_schedules_fired",
    "test_told_outside",
    "test_models",
    "test_requests",
    "test_stopping",
    "test_discord",
    "test_teams",
)


def in_order(items: list[pytest.Item]) -> None:
    modules = [(module, list(tests)) for module, tests in groupby(items, key=lambda item: item.path)]
    modules.sort(key=lambda one: _rank(one[0]))
    waiting = [tests for module, tests in modules if module.parent.name == "workflow"]
    others = [tests for module, tests in modules if module.parent.name != "workflow"]
    items[:] = [item for tests in _evenly(waiting, others) for item in tests]


def _rank(module: Path) -> int:
    return LONGEST.index(module.stem) if module.stem in LONGEST else len(LONGEST)


def _evenly(some: list[list[pytest.Item]], more: list[list[pytest.Item]]) -> Iterator[list[pytest.Item]]:
    placed = [((at + 0.5) / len(group), tests) for group in (some, more) for at, tests in enumerate(group)]
    return (tests for _, tests in sorted(placed, key=lambda one: one[0]))
