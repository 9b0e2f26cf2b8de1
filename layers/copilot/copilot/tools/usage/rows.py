"""What usage statistics are made of: given by one tool, drawn by another."""

from __future__ import annotations

from pydantic import Field

from copilot.domain import (
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    People,
)
from copilot.tools.environments.inventory import UnreachableSummary

KNOWN = ", as far as prices are known; null where none is"


class EnvironmentUsage(Frozen):
    name: EnvironmentId = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    owner: People = Field(description="who owns it; empty if its resources do not say")
    hours: int = Field(description="hours in which it ran")
    idle_hours: int = Field(description="of those, hours in which it was idle")
    idle_cost: float | None = Field(description=f"estimate of what its idle hours cost{KNOWN}")
    partly_priced: bool = Field(description="whether some of it has no known price and is not in idle_cost")
    summary: Made = Field(description="one line about it")


class GroupUsage(Frozen):
    name: Made = Field(description="the kind, or the owner")
    environments: int = Field(description="how many environments it has")
    hours: int = Field(description="hours its environments ran, added up")
    idle_hours: int = Field(description="of those, hours in which they were idle")
    idle_cost: float | None = Field(description=f"estimate of what the idle hours cost{KNOWN}")
    partly_priced: bool = Field(description="whether some of it has no known price and is not in idle_cost")
    summary: Made = Field(description="one line about it")


class DayUsage(Frozen):
    day: str = Field(description="the date, in UTC; of the first and the last one a part may be counted")
    hours: int = Field(description="hours all environments ran on it, added up")
    idle_hours: int = Field(description="of those, hours in which they were idle")
    runs: int = Field(description="runs the copilot answered on it")


class RunCount(Frozen):
    name: Made = Field(description="the outcome, or the person")
    runs: int = Field(description="how many runs")
    summary: Made = Field(description="one line about it")


class UsageStatistics(Frozen):
    days: int = Field(description="how many days back")
    since: Made = Field(description="the beginning of the period, in UTC")
    until: Made = Field(description="the end of the period, a full hour, in UTC")
    period: Made = Field(description="the period in words")
    summary: Made = Field(description="one line about all environments together")
    hours: int = Field(description="hours all environments ran, added up")
    idle_hours: int = Field(description="of those, hours in which they were idle")
    idle_cost: float | None = Field(description=f"estimate of what the idle hours cost{KNOWN}")
    currency: str = Field(description="what money is counted in")
    environments: tuple[EnvironmentUsage, ...] = Field(description="the environments, most hours first")
    more_environments: int = Field(description="how many environments are in the sums and not listed")
    by_kind: tuple[GroupUsage, ...] = Field(description="the same by kind, most hours first")
    by_owner: tuple[GroupUsage, ...] = Field(description="the same by owner, most hours first")
    by_day: tuple[DayUsage, ...] = Field(description="the same by day, oldest first")
    top_idle: tuple[Made, ...] = Field(description="the environments with the most idle hours, a line each")
    cost_summary: Made = Field(description="what idle time cost, that it is an estimate, and by which prices")
    unpriced: tuple[Made, ...] = Field(description="what has no known price and is left out of the cost, a line each")
    runs: int = Field(description="how many runs the copilot answered")
    runs_summary: Made = Field(description="one line about them")
    runs_by_outcome: tuple[RunCount, ...] = Field(description="the runs by outcome, most first")
    runs_by_person: tuple[RunCount, ...] = Field(description="the runs by person, most first")
    rule: Made = Field(description="when an hour counts as one it ran, and as one it was idle")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
