"""What costs are asked for by, and what is said of them."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from copilot.domain import SHAPE, EnvironmentId, Frozen, Made, ServiceName, Window
from copilot.tools.by_hand import FOR_COMMANDS
from copilot.tools.environments.inventory import UnreachableSummary
from copilot.tools.usage.billed import Billed

MOST_DAYS = 92
OFF = "{stop: HH:MM, start: HH:MM, days: [MON|..|SUN], time_zone}"
By = Literal["environment", "kind", "service", "aws_service", "day"]


class CostsInput(Frozen):
    environments: tuple[EnvironmentId, ...] | None = Field(default=None, description="their ids; else everything")
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description="a service of yours")
    by: By = Field(default="environment", description="split by what; service means yours")
    days: int = Field(default=30, ge=1, le=MOST_DAYS, description="back from the end")
    end: AwareDatetime | None = Field(default=None, description="in place of now")
    compared: bool = Field(default=False, description="with the days before, by growth")
    most: int = Field(default=10, ge=1, le=50, description="rows")
    saving: Window | None = Field(
        default=None, description="if it were off then every week", json_schema_extra={SHAPE: OFF}
    )


class CostRow(Frozen):
    name: str = Field(description="the environment, kind, service or day; empty of what is in no environment")
    environment_id: EnvironmentId | None = Field(description="the environment's id, where it is split by that")
    amount: float = Field(description="what it cost")
    idle: float = Field(description="what of it was idle and cost, by estimate")
    growth: float | None = Field(description="how much more that is than before; null where not compared")
    saves_a_month: float | None = Field(description="what the window would save; null where none was given")
    summary: Made = Field(description="one line about it")


class Costs(Frozen):
    source: str = Field(description="billed, estimated or both")
    period: Made = Field(description="the period in words")
    currency: str = Field(description="what money is counted in")
    total: float | None = Field(description="what all of it cost; null where nothing of it is known")
    idle: float = Field(description="what of it was idle and cost, by estimate")
    growth: float | None = Field(description="how much more that is than before; null where not compared")
    saves_a_month: float | None = Field(description="what the window would save; null where none was given")
    rows: tuple[CostRow, ...] = Field(description="what costs, grew or would save most first; days in order")
    rest: Made = Field(description="what the rows left out come to, in a line; empty where none are")
    summary: Made = Field(description="the total, where it is from, and what would be saved and how that is reckoned")
    caveats: tuple[Made, ...] = Field(description="the few of the notes that matter most, in short")
    notes: tuple[Made, ...] = Field(description="what these figures are, and what is not in them")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    by_hand: tuple[Billed, ...] = Field(default=(), description=FOR_COMMANDS)
