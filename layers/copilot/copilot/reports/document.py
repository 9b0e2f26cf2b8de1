"""A report as a PDF: pages of A4 that need nothing else, numbered, in letters that they bring with them.

Imported only where a document is made: reportlab and the letters take their time. The same report gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    ListFlowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from copilot.reports.cells import NOTHING, shown
from copilot.reports.model import Chart, Figures, Report, Section, Table, Text
from copilot.text.outside import plain

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, FAINT, GREY = HexColor("#222222"), HexColor("#dddddd"), HexColor("#555555")
MARGIN, FRAME = 36, 6
"""Points around a page's text; the frame's own come to them."""
SIZE, LEADING = 9, 13
CELL_SIZE, PADDING = 8, 4
WHOLE = 15
"""Rows of a table that is not broken over two pages."""
MOST_STRETCHED = 1.5
"""How much wider than it needs a column may be: numbers are to stand near what they are of."""
WIDEST_WORD = 110
"""Points that a single word may claim before it is broken."""


def document_of(report: Report, draw: Callable[[Chart], bytes]) -> bytes:
    """`draw` gives a PNG picture of a chart."""
    for name in (REGULAR, BOLD):
        registerFont(TTFont(name, str(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf"))))
    upright = A4[0] - 2 * (MARGIN + FRAME)
    # Where a table has more columns than fit, the pages lie.
    size = landscape(A4) if any(sum(_needed(table)) > upright for table in report.tables) else A4
    width, height = size[0] - 2 * (MARGIN + FRAME), size[1] - 2 * (MARGIN + FRAME) - 20
    out = io.BytesIO()
    made = SimpleDocTemplate(
        out,
        pagesize=size,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=_one_line(report.title),
        author="",
        invariant=1,
    )
    foot = _foot(_one_line(f"{report.title}, {report.period}" if report.period else report.title))
    made.build(list(_all(report, draw, width, height)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _all(report: Report, draw: Callable[[Chart], bytes], width: float, height: float) -> Iterator[Flowable]:
    yield _paragraph(report.title, TITLE)
    if report.period:
        yield _paragraph(report.period, NOTE)
    yield Spacer(1, 8)
    for section in report.sections:
        yield from _section(section, draw, width, height)


def _section(section: Section, draw: Callable[[Chart], bytes], width: float, height: float) -> Iterator[Flowable]:
    match section:
        case Figures():
            yield from _figures(section, width)
        case Text():
            if section.title:
                yield CondPageBreak(80)
                yield _paragraph(section.title, HEADING)
            style = NOTE if section.is_note else BODY
            yield from (_paragraph(part, style) for part in section.text.split("\n\n") if part.strip())
            if section.items:
                items = [_paragraph(one, BODY) for one in section.items]
                yield ListFlowable(items, bulletType="bullet", bulletFontSize=5, leftIndent=12, bulletOffsetY=-3)
        case Table():
            yield from _table(section, width)
        case Chart():
            yield _picture(draw(section), width, height)
            if section.note:
                yield _paragraph(section.note, NOTE)


def _figures(figures: Figures, width: float) -> Iterator[Flowable]:
    """In a row each with what it is of below it."""
    if not figures.shown:
        return
    told = [[_paragraph(one.value, BIG) for one in figures.shown], [_paragraph(one.of, SMALL) for one in figures.shown]]
    style = [("BOX", (at, 0), (at, 1), 0.5, FAINT) for at in range(len(figures.shown))]
    yield Grid(told, colWidths=[width / len(figures.shown)] * len(figures.shown), style=TableStyle([*style, *TOP]))
    yield Spacer(1, 8)


def _picture(png: bytes, width: float, height: float) -> Image:
    wide, high = ImageReader(io.BytesIO(png)).getSize()
    scale = min(width / wide, height / high)
    return Image(io.BytesIO(png), width=wide * scale, height=high * scale)


def _table(table: Table, width: float) -> Iterator[Flowable]:
    """A short one stays on one page, a long one has its heading on each that it goes on to."""
    parts: list[Flowable] = [_paragraph(table.title, HEADING)] if table.title else []
    parts += [_grid(table, width)] if table.rows else []
    parts += [_paragraph(table.note or NOTHING, NOTE)] if table.note or not table.rows else []
    yield from [KeepTogether(parts)] if len(table.rows) <= WHOLE else [CondPageBreak(100), *parts]
    yield Spacer(1, 6)


def _grid(table: Table, width: float) -> LongTable:
    numeric = [one.is_number for one in table.columns]
    heads = [_paragraph(one.heading, HEAD_RIGHT if one.is_number else HEAD) for one in table.columns]
    rows = [
        [_paragraph(shown(cell), CELL_RIGHT if right else CELL) for cell, right in zip(row, numeric, strict=True)]
        for row in table.rows
    ]
    style = TableStyle([*TOP, ("LEFTPADDING", (0, 0), (0, -1), 0), ("LINEBELOW", (0, 0), (-1, -1), 0.5, FAINT)])
    return LongTable([heads, *rows], colWidths=_widths(table, width), repeatRows=1, style=style, hAlign="LEFT")


def _widths(table: Table, width: float) -> list[float]:
    """What each column needs for its longest word, and of what is left the more the more it has to say."""
    need, want = _needed(table), []
    for at, column in enumerate(table.columns):
        texts = (stringWidth(shown(row[at]), REGULAR, CELL_SIZE) for row in table.rows)
        whole = max([stringWidth(column.heading, BOLD, CELL_SIZE), *texts])
        want.append(max(need[at], min(width * 0.6, whole) + 2 * PADDING + 1))
    if sum(need) >= width:
        return [one * width / sum(need) for one in need]
    if sum(want) <= width:
        return [one * min(MOST_STRETCHED, width / sum(want)) for one in want]
    share = (width - sum(need)) / (sum(want) - sum(need))
    return [low + (high - low) * share for low, high in zip(need, want, strict=True)]


def _needed(table: Table) -> list[float]:
    found = []
    for at, column in enumerate(table.columns):
        words = [stringWidth(word, BOLD, CELL_SIZE) for word in column.heading.split()]
        words += [stringWidth(word, REGULAR, CELL_SIZE) for row in table.rows for word in shown(row[at]).split()]
        found.append(min(WIDEST_WORD, max(words, default=0)) + 2 * PADDING + 1)
    return found


def _foot(text: str) -> Callable[[Canvas, SimpleDocTemplate], None]:
    def draw(canvas: Canvas, made: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN + FRAME, MARGIN / 2, text[:110])
        canvas.drawRightString(made.pagesize[0] - MARGIN - FRAME, MARGIN / 2, str(canvas.getPageNumber()))
        canvas.restoreState()

    return draw


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Text and nothing else: what would be markup is not."""
    return Paragraph(escape(plain(text)).replace("\n", "<br/>"), style)


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


_BASE = ParagraphStyle("base", fontName=REGULAR, fontSize=SIZE, leading=LEADING, textColor=INK, splitLongWords=1)
TITLE = ParagraphStyle("title", _BASE, fontName=BOLD, fontSize=16, leading=21)
HEADING = ParagraphStyle("heading", _BASE, fontName=BOLD, fontSize=11, leading=15, spaceBefore=10, spaceAfter=4)
BODY = ParagraphStyle("body", _BASE, spaceAfter=4)
NOTE = ParagraphStyle("note", BODY, textColor=GREY, fontSize=8, leading=11)
BIG = ParagraphStyle("big", _BASE, fontName=BOLD, fontSize=13, leading=16)
SMALL = ParagraphStyle("small", _BASE, textColor=GREY, fontSize=8, leading=10)
CELL = ParagraphStyle("cell", _BASE, fontSize=CELL_SIZE, leading=11)
CELL_RIGHT = ParagraphStyle("cell_right", CELL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", CELL, fontName=BOLD)
HEAD_RIGHT = ParagraphStyle("head_right", HEAD, alignment=TA_RIGHT)
TOP = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]
