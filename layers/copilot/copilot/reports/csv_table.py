"""A table as CSV: for other programs, so numbers are as they are, and what is not known is empty."""

from __future__ import annotations

import csv
import io

from copilot.reports.model import Cell, Table
from copilot.text.outside import plain

FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; the wide ones are read as the plain ones. Of what else is
not seen nothing is left: it is shown by name.
"""


def csv_of(table: Table) -> str:
    """With a heading that names units."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_text(column.heading) for column in table.columns])
    writer.writerows([_cell(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return _text(cell) if isinstance(cell, str) else cell


def _text(text: str) -> str:
    """Names come from tags: a spreadsheet must not take one for a formula, nor behind blanks that it leaves out."""
    text = plain(text)
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text
