"""Purses of every kind."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from fakes import FakeClock

from copilot.adapters.memory_spending import MemorySpending
from copilot.config.caps import Caps, CapsOfAll, CapsOfOne
from copilot.domain import Payer, Run
from copilot.ports import Clock, Spending
from copilot.spending.paying import Paying

NO_CAPS = Caps(tenant=CapsOfAll(), person=CapsOfOne(), channel=CapsOfOne(), reaction=CapsOfOne())


def uncapped(run: Run) -> Paying:
    """Of a Run that may spend what it likes."""
    return Paying(MemorySpending, NO_CAPS, UTC, FakeClock(), Payer.of_run(run))


def caps(**scopes: Any) -> Caps:
    """These and no others."""
    none = dict.fromkeys(("day_dollars", "month_dollars", "day_calls", "month_calls"))
    kinds = ("models", "log_searches", "cost_explorer", "sweeps")
    every = {
        scope: {kind: none for kind in kinds if kind != "sweeps" or scope == "tenant"}
        for scope in ("tenant", "person", "channel", "reaction")
    }
    for scope, given in scopes.items():
        for kind, most in given.items():
            every[scope][kind] = {**none, **most}
    return Caps.model_validate(every)


def purse(caps: Caps, spending: Spending, clock: Clock | None = None, **payer: Any) -> Paying:
    return Paying(lambda: spending, caps, UTC, clock or FakeClock(), Payer(**payer))
