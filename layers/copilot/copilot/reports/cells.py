"""How a cell of a table is written for people."""

from __future__ import annotations

import math

from copilot.reports.model import Cell
from copilot.text.outside import plain

UNKNOWN = "–"
NOTHING = "There is nothing to show."


def shown(cell: Cell) -> str:
    """Numbers with separators and as many digits as say something; what is hidden in a text is shown by name."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return number(cell)
    return plain(cell)


def number(value: float) -> str:
    """Two places after the point; of what is smaller than that, three digits. 1,234.5, 0.25, 0.000123, 7."""
    if not math.isfinite(value):
        return UNKNOWN
    if value and abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
