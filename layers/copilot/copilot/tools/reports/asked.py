"""What a report may be asked to show."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from copilot.domain import Frozen

Row = dict[str, JsonValue]


class ReportColumn(Frozen):
    field: str = Field(min_length=1, max_length=100, description="field")
    title: str = Field(default="", max_length=100, description="title")
    unit: str = Field(default="", max_length=30, description="unit")


class ReportChart(Frozen):
    kind: Literal["line", "bar", "stacked"] = Field(default="line", description="kind")
    x: str = Field(min_length=1, max_length=100, description="field")
    y: tuple[str, ...] = Field(min_length=1, max_length=12, description="number fields")
    unit: str = Field(default="", max_length=60, description="unit")
    by: str = Field(default="", max_length=100, description="field, names series")
    points: str = Field(default="", max_length=100, description="field, list that has x, y")


class ReportSection(Frozen):
    title: str = Field(default="", max_length=200, description="title")
    text: str = Field(default="", max_length=8_000, description="text")
    rows: tuple[Row, ...] = Field(default=(), description="for table or chart")
    columns: tuple[ReportColumn, ...] = Field(default=(), max_length=20, description="else all")
    chart: ReportChart | None = Field(default=None, description="chart")
