"""A report in each of its forms: the numbers are those of the model, and text is text and nothing else."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import string
import zlib
from base64 import a85decode
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure as Drawn

from copilot.reports.cells import NOTHING, UNKNOWN, shown
from copilot.reports.csv_table import csv_of
from copilot.reports.document import document_of
from copilot.reports.forms import TYPES, Form, file_name, files_of
from copilot.reports.model import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Figure,
    Figures,
    Limit,
    Point,
    Report,
    Section,
    Series,
    Table,
    Text,
)
from copilot.reports.page import page_of
from copilot.reports.picture import draw, figure_of
from copilot.text.outside import plain

pytestmark = pytest.mark.filterwarnings("ignore:Glyph")  # no font has every letter; a box stands for it

ANY_TEXT = st.text(max_size=40) | st.sampled_from(
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n@x", "\uff1d1", "<script>alert(1)</script>", "&lt;",
     '"><img src=x>',
     "a,b", 'a"b', "a\r\nb", "\x00", "\u202eb", "$x^2$ $\\frac", "]]>", "</p></table>"]
)  # fmt: skip
CELLS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, width=32) | ANY_TEXT
NEVER_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@st.composite
def tables(draw_from: st.DrawFn) -> Table:
    width = draw_from(st.integers(1, 4))
    columns = draw_from(st.lists(ANY_TEXT, min_size=width, max_size=width))
    rows = draw_from(st.lists(st.tuples(*[CELLS] * width), max_size=6))
    return Table(title=draw_from(ANY_TEXT), columns=tuple(Column(name=name) for name in columns), rows=tuple(rows))


# --- CSV -----------------------------------------------------------------------------------------


@given(tables())
def test_no_cell_of_text_is_a_formula_and_every_cell_is_read_back(table: Table) -> None:
    heading, *rows = list(csv.reader(io.StringIO(csv_of(table), newline="")))
    assert len(rows) == len(table.rows)
    for column, said in zip(table.columns, heading, strict=True):
        assert not said.startswith(NEVER_FORMULA) and said.removeprefix("'") == plain(column.name).removeprefix("'")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, said in zip(row, cells, strict=True):
            if isinstance(cell, str):
                assert not said.startswith(NEVER_FORMULA) and not said.lstrip().startswith(NEVER_FORMULA[:4])
                assert said in {plain(cell), f"'{plain(cell)}"}
            else:
                assert said == as_csv(cell)


def as_csv(cell: Cell) -> str:
    if cell is None:
        return ""
    return ("no", "yes")[cell] if isinstance(cell, bool) else str(cell)


def test_numbers_are_as_they_are_and_units_stand_in_the_heading() -> None:
    table = Table(columns=(Column(name="p95", unit="s"), Column(name="n")), rows=((1234.5, -1000000), (None, True)))
    assert csv_of(table) == "p95 (s),n\r\n1234.5,-1000000\r\n,yes\r\n"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_whatever_begins_a_formula_is_taken_for_text(begins: str) -> None:
    table = Table(columns=(Column(name="x"),), rows=((f"{begins}SUM(A1)",),))
    (_, (said,)) = csv.reader(io.StringIO(csv_of(table), newline=""))
    assert said == ("[U+000D]SUM(A1)" if begins == "\r" else f"'{begins}SUM(A1)")


# --- the page ------------------------------------------------------------------------------------


class Seen(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


ALLOWED = set("html head meta title style body h1 h2 p ul li b img div table thead tbody tr th td".split())


@given(tables(), ANY_TEXT, ANY_TEXT)
def test_a_page_is_text_runs_nothing_and_fetches_nothing(table: Table, title: str, text: str) -> None:
    sections: tuple[Section, ...] = (
        Figures(shown=(Figure(value=text, of=title),)),
        Text(title=title, text=text, items=(text, title)),
        table,
        Text(text=text, is_note=True),
        chart("line", [("a", [1.0])], title=title, unit=text),
    )
    seen = Seen(page_of(Report(title=title or "x", period=text, sections=sections), lambda _: b"png"))
    assert {tag for tag, _ in seen.tags} <= ALLOWED
    for tag, attributes in seen.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"href", "srcset", "action"}]
        assert "src" not in attributes or (tag == "img" and str(attributes["src"]).startswith("data:image/png;base64,"))
    policies = [a["content"] for tag, a in seen.tags if tag == "meta" and "http-equiv" in a]
    assert [str(one).startswith("default-src 'none'") for one in policies] == [True]


def test_a_page_has_every_cell_of_every_table() -> None:
    table = Table(
        title="Deployments",
        columns=(Column(name="service"), Column(name="p95", unit="s", is_number=True)),
        rows=(("web", 1234.5), ("api", None), ("<b>", 3)),
        note="The first 3 of 9 rows.",
    )
    page = page_of(Report(title="R", sections=(table,)), lambda _: b"")
    assert '<tr><td>web</td><td class="n">1,234.5</td></tr>' in page and f'<td class="n">{UNKNOWN}</td>' in page
    assert '<th>service</th><th class="n">p95 (s)</th>' in page and "<td>&lt;b&gt;</td>" in page
    assert '<p class="note">The first 3 of 9 rows.</p>' in page


def test_a_table_of_nothing_says_so() -> None:
    empty = Table(title="Environments", columns=(Column(name="name"),), rows=())
    assert f'<h2>Environments</h2>\n<p class="note">{NOTHING}</p>' in page_of(
        Report(title="R", sections=(empty,)), lambda _: b""
    )
    assert NOTHING in words_of(document_of(Report(title="R", sections=(empty,)), lambda _: b""))


@pytest.mark.parametrize(
    ("cell", "said"),
    [(None, "–"), (True, "yes"), (1234567, "1,234,567"), (0.5, "0.5"), (1234.567, "1,234.57"), (0.000123, "0.000123"),
     (-3.0, "-3"), (float("inf"), "–"), ("a\u202eb", "a[U+202E]b"), (0.0, "0")],
)  # fmt: skip
def test_a_cell_is_written_for_people(cell: Cell, said: str) -> None:
    assert shown(cell) == said


# --- the picture ---------------------------------------------------------------------------------


def chart(
    kind: ChartKind, series: list[tuple[str, list[float | None]]], places: list[str] | None = None, **more: object
) -> Chart:
    def points(values: list[float | None]) -> tuple[Point, ...]:
        at = places or [f"2026-03-{day:02}" for day in range(1, len(values) + 1)]
        return tuple(Point(at=place, value=value) for place, value in zip(at, values, strict=True))

    made = [Series(label=label, points=points(values)) for label, values in series]
    return Chart.model_validate({"kind": kind, "series": made, "unit": "things", "along": "day"} | more)


LONG = "a-name-that-is-much-too-long-for-any-chart-and-goes-on-" * 3
CHARTS = {
    "lines": chart("line", [("checkout", [3.0, None, 5.0, 4.0]), ("orders", [1.0, 2.0, 0.5, 0.25])]),
    "one point": chart("line", [("a", [7.0])]),
    "a point between gaps": chart("line", [("a", [1.0, None, 7.0, None, 3.0])]),
    "no points": chart("line", [("a", [])]),
    "no series": chart("bars", []),
    "not known": chart("bars", [("a", [None, None])]),
    "nought": chart("bars", [("failed", [0.0, 0.0, 0.0])]),
    "below nought": chart("line", [("change", [-3.0, 2.0, -0.5])]),
    "bars below nought": chart("across", [("change", [-12.5, 33.0])], ["a", "b"]),
    "stacked below nought": chart("bars", [("a", [-1.0, 2.0]), ("b", [3.0, -4.0])], is_stacked=True),
    "long names": chart("across", [(LONG, [1.0, 2.0]), (f"{LONG}b", [2.0, 1.0])], [LONG, "b"], title=LONG, unit=LONG),
    "many series": chart("line", [(f"service-{n}-{LONG}", [1.0 * n, 2.0]) for n in range(12)]),
    "many bars": chart("across", [("a", [float(n) for n in range(40)])], [f"service-{n}" for n in range(40)]),
    "many days": chart("bars", [("a", [float(n) for n in range(31)])], [f"2026-03-{n:02}" for n in range(1, 32)]),
    "huge and tiny": chart("line", [("bytes", [1.0e12, 2.5e11]), ("rate", [0.0001, 0.0002])]),
    "a limit": chart("line", [("cpu", [50.0, 60.0])], limit=Limit(value=80, label="the alarm, at 80")),
    "mathematics": chart(
        "across", [("$\\frac{1$", [1.0])], ["$x^2$ and _this"], title="$a$ $\\b", unit="$", along="$$"
    ),
    "other scripts": chart("bars", [("\u3042\u308a", [1.0])], ["\U0001f331 \u202e"], note="\u202e"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_anything_can_be_drawn_and_twice_the_same(name: str) -> None:
    drawn = draw((CHARTS[name],), "A title\nand a period")
    assert drawn.startswith(b"\x89PNG") and drawn == draw((CHARTS[name],), "A title\nand a period")


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_reaches_out_of_the_picture_and_no_labels_run_into_each_other(name: str) -> None:
    made = figure_of((CHARTS[name],), "A title\nand a period")
    made.draw_without_rendering()
    width, height = made.get_size_inches() * made.dpi
    for text in texts_in(made):
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text
    for axes in made.axes:
        below = [one.get_window_extent() for one in axes.get_xticklabels() if one.get_text()]
        inside = [box for box in below if box.x1 > box.x0]
        assert all(left.x1 <= right.x0 for left, right in itertools.pairwise(inside)), name


def texts_in(made: Drawn) -> list[Any]:
    found: list[Any] = [*made.texts]
    for axes in made.axes:
        legend = axes.get_legend()
        found += [axes.xaxis.label, axes.yaxis.label, axes.title, *axes.texts, *(legend.get_texts() if legend else ())]
        low, high = axes.get_xlim()
        found += [one for one in axes.get_xticklabels() if low <= one.get_position()[0] <= high]
    return [one for one in found if one.get_text() and one.get_visible()]


def test_a_chart_says_what_it_is_of_in_which_unit_and_whose_the_lines_are() -> None:
    of = chart(
        "line", [("checkout", [1.0, 2.0]), ("orders", [3.0, 4.0])], title="CPU", unit="% of CPU", note="Two of three."
    )
    made = figure_of((of,), "Report\n7 days")
    (axes,) = made.axes
    legend = axes.get_legend()
    assert made.get_suptitle() == "Report\n7 days" and axes.get_title(loc="left") == "CPU"
    assert axes.get_ylabel() == "% of CPU" and axes.get_xlabel() == "day; 2026-03-01 to 2026-03-02\nTwo of three."
    assert legend is not None and [text.get_text() for text in legend.get_texts()] == ["checkout", "orders"]


def at_hours(*hours: int) -> Chart:
    points = tuple(Point(at=f"2026-03-01T{hour:02}:00:00Z", value=float(hour)) for hour in hours)
    return Chart(kind="line", unit="%", series=(Series(label="web", points=points),))


def test_where_points_of_a_regular_series_are_missing_the_line_has_a_gap() -> None:
    for hours, gaps in (((1, 2, 3, 8, 9, 12, 13, 14), 2), ((1, 2, 3, 4), 0), ((1, 2, 9, 17, 23), 0), ((5,), 0)):
        (line, *_) = figure_of((at_hours(*hours),)).axes[0].lines
        values = np.asarray(line.get_ydata(), float).tolist()
        assert [one for one in values if not math.isnan(one)] == list(map(float, hours))
        assert len(values) - len(hours) == gaps


def test_from_when_to_when_is_said_with_the_hours_of_both_and_a_day_once() -> None:
    made = figure_of((at_hours(0, 1, 2),))
    assert made.axes[0].get_xlabel() == "2026-03-01 00:00 to 02:00"


def test_what_is_drawn_are_the_numbers_of_the_model() -> None:
    lines = figure_of((CHARTS["lines"],)).axes[0].lines
    drawn = {str(line.get_label()): [float(value) for value in np.asarray(line.get_ydata())] for line in lines}
    assert drawn["orders"] == [1.0, 2.0, 0.5, 0.25]
    assert (
        drawn["checkout"][0] == 3.0
        and drawn["checkout"][1] != drawn["checkout"][1]
        and drawn["checkout"][2:] == [5.0, 4.0]
    )
    bars = figure_of((CHARTS["many days"],)).axes[0].patches
    assert [bar.get_height() for bar in bars] == [float(n) for n in range(31)]  # type: ignore[attr-defined]


def test_stacked_bars_stand_on_each_other_and_say_their_sum() -> None:
    of = chart("across", [("used", [3.0, 1.0]), ("idle", [2.0, 0.0])], ["a", "b"], is_stacked=True)
    (axes,) = figure_of((of,)).axes
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 3), (0, 1), (3, 2), (1, 0)]  # type: ignore[attr-defined]
    assert [text.get_text() for text in axes.texts] == ["5", "1"]


# --- the document --------------------------------------------------------------------------------


def words_of(document: bytes) -> str:
    """The plain letters of a PDF, as its pages show them: reportlab keeps those as they are in its first set."""
    found: list[str] = []
    pages = re.findall(
        rb"<<\s*/Filter \[ /ASCII85Decode /FlateDecode \] /Length \d+\s*>>\s*stream\r?\n(.*?)~>endstream", document
    )
    for body in pages:
        content = zlib.decompress(a85decode(body))
        found += [_unescaped(text) for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", content)]
    return " ".join(" ".join(found).split())


def _unescaped(text: bytes) -> str:
    return re.sub(r"\\([()\\])", r"\1", text.decode("latin-1"))


def test_a_document_holds_its_title_period_texts_and_every_row() -> None:
    table = Table(
        title="By service",
        columns=(Column(name="service"), Column(name="p95", unit="s", is_number=True)),
        rows=tuple((f"service-{n}", n * 1000) for n in range(80)),
    )
    report = Report(title="Deployments", period="5 weeks", sections=(Text(text="It went <b>well</b> & fast."), table))
    document = document_of(report, lambda _: b"")
    words = words_of(document)
    assert document.startswith(b"%PDF-") and document == document_of(report, lambda _: b"")
    assert "Itwent<b>well</b>&fast." in words.replace(" ", "")
    for part in ("Deployments", "5 weeks", "By service", "service p95 (s)"):
        assert part in words, words[:300]
    assert all(f"service-{n} {n * 1000:,}" in words for n in range(80))
    assert words.count("service p95 (s)") > 1, "its heading stands on every page it goes on to"


@settings(max_examples=25, deadline=None)
@given(tables(), ANY_TEXT)
def test_anything_can_be_set_as_a_document_which_runs_nothing_and_fetches_nothing(table: Table, text: str) -> None:
    document = document_of(
        Report(title=text or "x", period=text, sections=(Text(title=text, text=text), table)), lambda _: b""
    )
    assert document.startswith(b"%PDF-")
    for action in (
        b"/JavaScript",
        b"/JS",
        b"/URI",
        b"/Launch",
        b"/GoToR",
        b"/SubmitForm",
        b"/OpenAction",
        b"/EmbeddedFile",
    ):
        assert action not in document


def test_charts_are_in_the_document() -> None:
    picture = draw((CHARTS["lines"],))
    with_one = document_of(Report(title="R", sections=(CHARTS["lines"],)), lambda _: picture)
    assert with_one.count(b"/Subtype /Image") >= 1


def test_a_table_that_is_too_wide_lies_and_words_that_are_too_long_are_broken() -> None:
    wide = Table(columns=tuple(Column(name=f"column-{n}") for n in range(14)), rows=((LONG,) * 14,))
    narrow = Table(columns=(Column(name="a"),), rows=((LONG * 5,),))
    boxes = [
        re.findall(
            rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", document_of(Report(title="R", sections=(one,)), lambda _: b"")
        )[0]
        for one in (wide, narrow)
    ]
    assert [float(width) > float(height) for width, height in boxes] == [True, False]


# --- its files -----------------------------------------------------------------------------------


def test_each_form_is_a_file_with_its_type_and_each_table_a_file_of_its_own() -> None:
    table = Table(columns=(Column(name="a"),), rows=(("x",),))
    report = Report(title="R", sections=(CHARTS["lines"], table))
    forms: tuple[Form, ...] = ("html", "csv", "png", "pdf")
    files = list(files_of(report, forms, "r", [("one", table), ("two", table)]))
    assert [file.name for file in files] == ["r.html", "one.csv", "two.csv", "r.png", "r.pdf"]
    assert [file.type for file in files] == [TYPES[form] for form in ("html", "csv", "csv", "png", "pdf")]
    assert b"data:image/png;base64," in files[0].content and files[3].content.startswith(b"\x89PNG")


@given(st.text())
def test_a_file_is_named_in_plain_letters(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", file_name(text))
    assert set(file_name(text)) <= {*string.ascii_lowercase, *string.digits, "-"}
