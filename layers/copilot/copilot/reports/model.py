"""What a report says, before it is in any form: every renderer is given the same, and so says the same."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from copilot.domain import Frozen

Cell = str | int | float | bool | None
"""None is what is not known: never nought."""
ChartKind = Literal["line", "bars", "across"]
MEANINGS = {
    "used": "#2a6f97",
    "idle": "#f4a259",
    "succeeded": "#5a9e6f",
    "failed": "#b3313b",
    "cancelled": "#9a9a9a",
    "not ended": "#cfd8dc",
    "unfinished": "#cfd8dc",
}
"""The colour of a series that is called so, wherever it is drawn; every other has the next there is."""


class Figure(Frozen):
    """A number that stands out, and what it is of."""

    value: str
    of: str


class Figures(Frozen):
    shown: tuple[Figure, ...]


class Text(Frozen):
    """A paragraph, then a list. A note is what explains, and is shown smaller."""

    title: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    is_note: bool = False


class Column(Frozen):
    """`is_number` stands to the right, also where a cell of it says in words that there is none."""

    name: str
    unit: str = ""
    is_number: bool = False

    @property
    def heading(self) -> str:
        return f"{self.name} ({self.unit})" if self.unit else self.name


class Table(Frozen):
    """Each row has a cell for each column."""

    title: str = ""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


class Point(Frozen):
    """`at` is a time (ISO 8601), a date, or what a bar is of."""

    at: str
    value: int | float | None


class Series(Frozen):
    label: str
    points: tuple[Point, ...]


class Limit(Frozen):
    """A value that the others are to be seen against."""

    value: float
    label: str


class Chart(Frozen):
    """`bars` stand, those `across` lie, each on a line with what it is of. `unit` and `along` are what its axes say.

    `told` is what is written beside each bar that lies, in place of its number. Stacked, the first series is lowest.
    """

    title: str = ""
    kind: ChartKind
    series: tuple[Series, ...]
    unit: str
    along: str = ""
    is_stacked: bool = False
    told: tuple[str, ...] = ()
    limit: Limit | None = None
    note: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """What there are points at, each once, in the order in which they come."""
        return tuple(dict.fromkeys(point.at for one in self.series for point in one.points))


Section = Figures | Text | Table | Chart


class Report(Frozen):
    title: str = Field(min_length=1)
    period: str = ""
    sections: tuple[Section, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(one for one in self.sections if isinstance(one, Table))

    @property
    def charts(self) -> tuple[Chart, ...]:
        return tuple(one for one in self.sections if isinstance(one, Chart))
