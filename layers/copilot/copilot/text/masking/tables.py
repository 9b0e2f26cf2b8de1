"""Columns whose name says secret: of CSV, of tables in Markdown and terminals, of rows that SQL inserts."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.reading import Value

_ROWS = 50
"""Rows that are looked at."""
_WIDEST = 1000
"""Characters of a row."""


def column(text: str, start: int, end: int) -> Iterator[Value]:
    """The values below a name that heads a column; of SQL the ones in its place."""
    before = compiled(r"(^|[\n\t,;|(])[ ]*[\"'`]?\Z").search(text, max(start - 40, 0), start)
    after = compiled(r"[\"'`]?[ ]*([\n\t,;|)]|\r\n|\Z)").match(text, end)
    if before is None or after is None:
        return
    if before[1] == "(" or after[1] == ")" or before[1] == after[1] == ",":
        yield from _inserted(text, start, end)
    for mark in ("\t", "|", ",", ";"):
        if mark in (before[1], after[1]):
            yield from _below(text, start, mark)
            return


def _below(text: str, start: int, mark: str) -> Iterator[Value]:
    begun = max(text.rfind("\n", max(start - _WIDEST, 0), start) + 1, start - _WIDEST)
    place, at = text.count(mark, begun, start), text.find("\n", start, start + _WIDEST)
    count = text.count(mark, begun, at)
    for _ in range(_ROWS):
        if at < 0:
            return
        begun, at = at + 1, text.find("\n", at + 1, at + _WIDEST)
        line = text[begun : at if at >= 0 else begun + _WIDEST]
        if line.count(mark) != count:
            return
        cell = line.split(mark)[place]
        value = cell.strip(" \t\r\"'`")
        first = begun + sum(len(one) + 1 for one in line.split(mark)[:place]) + cell.find(value)
        if value and not compiled(r"[:=-]+").fullmatch(value):
            yield Value(first, first + len(value), False)


def _inserted(text: str, start: int, end: int) -> Iterator[Value]:
    """INSERT INTO users (name, password) VALUES ('bob', 'x'), ('eve', 'y')"""
    opened = text.rfind("(", max(start - 1000, 0), start)
    rows = compiled(r"[^()]{0,1000}\)\s*(?i:values)\s*(?=\()").match(text, end)
    if opened < 0 or rows is None:
        return
    place, at = text.count(",", opened, start), rows.end()
    for _ in range(_ROWS):
        row = compiled(r"\(((?:[^()'\"]|'[^']*'|\"[^\"]*\")*)\)\s*,?\s*").match(text, at)
        if row is None:
            return
        cells = list(compiled(r"\s*('[^']*'|\"[^\"]*\"|[^,'\"]*)\s*(?:,|\Z)").finditer(text, row.start(1), row.end(1)))
        if place < len(cells) and text[cells[place].start(1)] in "'\"":
            yield Value(cells[place].start(1) + 1, cells[place].end(1) - 1, True)
        at = row.end()
