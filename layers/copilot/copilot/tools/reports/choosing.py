"""Chosen fields of objects as the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from copilot.errors import ToolInputError
from copilot.reports.cells import shown
from copilot.reports.model import Cell, Column, Table
from copilot.text.nearness import nearest
from copilot.text.outside import quoted
from copilot.tools.reports.asked import ReportColumn, Row

MOST_ROWS = 2_000
MOST_COLUMNS = 20
LONGEST_CELL = 1_000
UNITS = {"seconds": "s", "percent": "%", "ms": "ms", "bytes": "bytes"}
"""What a field's name may end in that says its unit."""
SAID = "summary"
"""The field in which tools say all of the others in a sentence."""


def table_of(title: str, rows: Sequence[Row], columns: Sequence[ReportColumn]) -> Table:
    """Of all rows. Raises ToolInputError for a field that no row has, or that holds more than a cell can."""
    chosen = columns or [ReportColumn(field=field) for field in _plain_fields(rows)]
    cells = [[cell_of(value_of(row, one.field, rows), one.field) for one in chosen] for row in rows]
    named = tuple(_column(one, [row[at] for row in cells]) for at, one in enumerate(chosen))
    return Table(title=title, columns=named, rows=tuple(map(tuple, cells)))


def printed(table: Table) -> Table:
    """What of it a page can show; its note says what is left out."""
    notes = []
    if len(table.rows) > MOST_ROWS:
        notes.append(f"The first {MOST_ROWS:,} of {len(table.rows):,} rows.")
    if len(table.columns) > MOST_COLUMNS:
        notes.append(f"The first {MOST_COLUMNS} of {len(table.columns)} columns.")
    columns, rows = table.columns[:MOST_COLUMNS], tuple(row[:MOST_COLUMNS] for row in table.rows[:MOST_ROWS])
    return table.model_copy(update={"columns": columns, "rows": rows, "note": " ".join(notes)})


def value_of(row: Row, field: str, rows: Sequence[Row]) -> JsonValue:
    """None where this row has no such field. Raises ToolInputError where none has."""
    if field not in row and not any(field in other for other in rows):
        known = list(dict.fromkeys(name for other in rows for name in other))
        raise ToolInputError(
            f"no row has a field {quoted(field)}", [quoted(one) for one in nearest(field, known, 5)], ours=True
        )
    return row.get(field)


def cell_of(value: JsonValue, field: str) -> Cell:
    """A list of plain values in one cell, with commas between."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_CELL else value[: LONGEST_CELL - 1] + "…"
    if isinstance(value, list) and all(map(_is_plain, value)):
        return cell_of(", ".join(shown(cell_of(one, field)) for one in value), field)
    if not _is_plain(value):
        raise ToolInputError(
            f"the field {quoted(field)} holds objects: choose fields that do not, or give these as rows", ours=True
        )
    return value if not isinstance(value, list | dict) else None


def words_of(field: str) -> tuple[str, str]:
    """A field's name as people read it, and the unit that it names: p95_seconds is p95, in s."""
    name, _, last = field.rpartition("_")
    return (name.replace("_", " "), UNITS[last]) if name and last in UNITS else (field.replace("_", " "), "")


def _column(chosen: ReportColumn, cells: Sequence[Cell]) -> Column:
    name, unit = words_of(chosen.field)
    known = [one for one in cells if one is not None]
    is_number = bool(known) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in known)
    return Column(name=chosen.title or name, unit=chosen.unit or unit, is_number=is_number)


def _plain_fields(rows: Sequence[Row]) -> list[str]:
    """Those that a cell can hold, and that say anything; without the sentence that says them all again."""
    fields = dict.fromkeys(name for row in rows for name in row)
    found = [name for name in fields if _fits(rows, name)]
    return [name for name in found if name != SAID] or found


def _fits(rows: Sequence[Row], name: str) -> bool:
    values = [row.get(name) for row in rows]
    said = [one for one in values if one not in (None, "", [])]
    return bool(said) and all(_is_plain(one) or (isinstance(one, list) and all(map(_is_plain, one))) for one in said)


def _is_plain(value: JsonValue) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
