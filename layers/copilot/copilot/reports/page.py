"""A report as one HTML page: no script, nothing fetched from elsewhere, every value escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape

from copilot.reports.cells import NOTHING, shown
from copilot.reports.model import Cell, Chart, Column, Figures, Report, Section, Table, Text
from copilot.text.outside import plain

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin-top: 2rem }
h2, p, li { overflow-wrap: anywhere } p { white-space: pre-line }
.period, .note { color: #555 }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; padding: 0; list-style: none }
.figures li { border: 1px solid #ddd; border-radius: 6px; padding: .6rem .9rem; min-width: 7rem }
.figures b { display: block; font-size: 1.4rem }
img { display: block; max-width: 100%; height: auto; margin: .8rem 0 }
.wide { overflow-x: auto } .wide + .wide { margin-top: 1.5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #e5e5e5; overflow-wrap: break-word;
         vertical-align: top }
th { font-weight: 600; overflow-wrap: normal }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
@media print { body { margin: 0; max-width: none } tr, img { break-inside: avoid } }
"""


def page_of(report: Report, draw: Callable[[Chart], bytes]) -> str:
    """The whole page; `draw` gives a PNG picture of a chart."""
    return "\n".join([*_head(report), *(part for one in report.sections for part in _section(one, draw)), _END])


_END = "</body></html>\n"


def _head(report: Report) -> Iterator[str]:
    title = f"{report.title}: {report.period}" if report.period else report.title
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_safe(title)}</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{_safe(report.title)}</h1>"
    if report.period:
        yield f'<p class="period">{_safe(report.period)}</p>'


def _section(section: Section, draw: Callable[[Chart], bytes]) -> Iterator[str]:
    match section:
        case Figures():
            figures = "".join(f"<li><b>{_safe(one.value)}</b>{_safe(one.of)}</li>" for one in section.shown)
            yield f'<ul class="figures">{figures}</ul>'
        case Text():
            yield from _text(section)
        case Table():
            yield from _table(section)
        case Chart():
            told = f"{section.title or 'Chart'}: {', '.join(one.label for one in section.series)}, {section.unit}"
            yield f'<img alt="{_safe(told)}" src="data:image/png;base64,{b64encode(draw(section)).decode()}">'
            yield from _note(section.note)


def _text(section: Text) -> Iterator[str]:
    yield from _heading(section.title)
    if section.is_note:
        yield from _note(section.text)
    elif section.text:
        yield from (f"<p>{_safe(part)}</p>" for part in section.text.split("\n\n") if part.strip())
    if section.items:
        yield f"<ul>{''.join(f'<li>{_safe(one)}</li>' for one in section.items)}</ul>"


def _table(table: Table) -> Iterator[str]:
    yield from _heading(table.title)
    if not table.rows:
        yield from _note(table.note or NOTHING)
        return
    heads = "".join(f"<th{_class(one)}>{_safe(one.heading)}</th>" for one in table.columns)
    rows = ("".join(map(_cell, row, table.columns)) for row in table.rows)
    lines = "".join(f"<tr>{cells}</tr>" for cells in rows)
    yield f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'
    yield from _note(table.note)


def _cell(cell: Cell, column: Column) -> str:
    return f"<td{_class(column)}>{_safe(shown(cell))}</td>"


def _class(column: Column) -> str:
    return ' class="n"' if column.is_number else ""


def _heading(title: str) -> Iterator[str]:
    if title:
        yield f"<h2>{_safe(title)}</h2>"


def _note(text: str) -> Iterator[str]:
    if text:
        yield f'<p class="note">{_safe(text)}</p>'


def _safe(text: str) -> str:
    return escape(plain(text))
