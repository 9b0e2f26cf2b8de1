"""The forms that a report is given in, each as files. What draws is imported when something is drawn."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Literal, NamedTuple

from copilot.reports.csv_table import csv_of
from copilot.reports.model import Chart, Report, Table
from copilot.reports.page import page_of

Form = Literal["html", "csv", "png", "pdf"]
TYPES = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "pdf": "application/pdf",
}
LONGEST_NAME = 60


class File(NamedTuple):
    """`type` is its media type."""

    name: str
    content: bytes
    type: str


def files_of(
    report: Report, forms: Sequence[Form], name: str, tables: Sequence[tuple[str, Table]] = ()
) -> Iterator[File]:
    """The files of a report, in the order of `forms`; `name` is what they are called, without an ending. `tables`, each
    by its name, are those that are files of their own.
    """
    draw = _Drawn()
    for form in forms:
        if form == "csv":
            yield from (_file(of, form, csv_of(table).encode()) for of, table in tables)
        elif form == "html":
            yield _file(name, form, page_of(report, draw).encode())
        elif form == "png":
            yield _file(name, form, draw.all_of(report))
        else:
            from copilot.reports.document import document_of

            yield _file(name, form, document_of(report, draw))


def file_name(text: str) -> str:
    """A text as the name of a file: a few plain letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:LONGEST_NAME].strip("-") or "report"


class _Drawn:
    """Pictures of charts, each drawn once."""

    def __init__(self) -> None:
        self._made: dict[Chart, bytes] = {}

    def __call__(self, chart: Chart) -> bytes:
        if chart not in self._made:
            self._made[chart] = bytes(_picture().draw((chart,)))
        return self._made[chart]

    def all_of(self, report: Report) -> bytes:
        return bytes(_picture().draw_report(report))


def _picture() -> ModuleType:
    # It keeps a list of fonts, and only this folder can be written on AWS.
    os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))
    from copilot.reports import picture

    return picture


def _file(name: str, form: Form, content: bytes) -> File:
    return File(f"{name}.{form}", content, TYPES[form])
