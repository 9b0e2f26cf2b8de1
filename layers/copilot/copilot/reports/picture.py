"""Charts as a picture. Imported only where something is drawn: matplotlib takes its time.

The same charts give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation, Transform

from copilot.reports.cells import NOTHING, number
from copilot.reports.layout import (
    COLOURS,
    LONGEST_LABEL,
    WIDEST,
    Legend,
    colour_of,
    covered,
    height_of,
    is_stacked,
    label_of,
    legend_of,
    lines_of,
    rows_of,
    short,
    span_of,
    times_of,
    with_gaps,
    with_limit,
)
from copilot.reports.model import Chart, Report

DASHES = ("-", "--", ":", "-.")
"""Behind the last colour they come again, drawn otherwise."""
INK, FAINT = "#222222", "#dddddd"
LONGEST_NAME = 32
PLACES_AT_MOST = 10
"""How many names or dates stand below bars or a line; of more every so many has one."""
MARKED_AT_MOST = 40
WIDTH, DPI = 10.0, 102
"""In inches, and dots of each: 1,020 across, since Teams shows pictures of at most 1,024."""
NAMED, LINE = 0.5, 0.17
"""Inches that the names at an axis take with what it says, and each more line of that."""
DATES = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%H:%M:%S"]
BEGINNINGS = ["", "%Y-%m", "%m-%d", "%m-%d", "%H:%M", "%H:%M"]
"""How a year, month, day, hour, minute and second is written at an axis of time, and the first of each."""
PARTS = 6
"""Of a whole that nothing goes beyond, as the hours of a period."""


def draw(charts: Sequence[Chart], title: str = "") -> bytes:
    """A PNG picture."""
    out = io.BytesIO()
    figure_of(charts, title).savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def draw_report(report: Report) -> bytes:
    """All its charts, one below another."""
    return draw(report.charts, heading_of(report))


def heading_of(report: Report) -> str:
    return "\n".join(lines_of(part, WIDEST) for part in (report.title, report.period) if part)


def figure_of(charts: Sequence[Chart], title: str = "") -> Figure:
    """With a title it stands alone, and says below each chart what else there is to know of it."""
    legends = [legend_of(chart) for chart in charts]
    heights = [height_of(chart, legend) for chart, legend in zip(charts, legends, strict=True)]
    head = 0.26 * (title.count("\n") + 1) if title else 0.0
    made = Figure(figsize=(WIDTH, sum(heights) + head + 0.1), layout="constrained", facecolor="white")
    if title:
        _plain(made.suptitle(title, fontsize=12, color=INK, x=0.01, ha="left"))
    panels = made.subplots(len(charts), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, chart, legend in zip(panels, charts, legends, strict=True):
        _panel(axes, chart, legend, chart.note if title else "")
    return made


# --- one panel -----------------------------------------------------------------------------------


def _panel(axes: Axes, chart: Chart, legend: Legend, note: str) -> None:
    if chart.title:
        title = axes.set_title(lines_of(chart.title, WIDEST), fontsize=10, loc="left", color=INK)
        _plain(title)
    drawn = [one for one in chart.series if any(point.value is not None for point in one.points)]
    if not drawn:
        axes.text(0.5, 0.5, NOTHING, transform=axes.transAxes, ha="center", va="center", color=INK, fontsize=9)
    elif chart.kind == "across":
        _across(axes, chart)
    elif chart.kind == "bars":
        _upright(axes, chart)
    else:
        _line(axes, chart)
    if not drawn:
        _finish(axes, chart, "y")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        if note:
            _plain(axes.set_xlabel(lines_of(note, WIDEST), fontsize=9, color=INK))
        return
    _limited(axes, chart)
    if note:
        below = (axes.get_xlabel(), lines_of(note, WIDEST))
        _plain(axes.set_xlabel("\n".join(part for part in below if part)))
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        place = (
            {"loc": "lower right", "bbox_to_anchor": (1, 1)}
            if legend.beside
            else {
                "loc": "upper left",
                "bbox_to_anchor": (0, 0),
                "bbox_transform": _under(axes, axes.get_xlabel().count("\n")),
            }
        )
        made = axes.legend(handles, labels, ncols=legend.columns, frameon=False, fontsize=9, borderaxespad=0.1, **place)
        for text in made.get_texts():
            _plain(text)


def _across(axes: Axes, chart: Chart) -> None:
    """A line for each place, the first on top; what is beside a bar says its number."""
    places = chart.places
    rows = rows_of(chart)
    stacked = is_stacked(chart)
    height = 0.7 if stacked else 0.8 / len(chart.series)
    ends = [0.0] * len(places)
    for index, (series, values) in enumerate(zip(chart.series, rows, strict=True)):
        at = [place if stacked else place - 0.4 + height * (index + 0.5) for place in range(len(places))]
        lengths = [value or 0.0 for value in values]
        left = ends if stacked else [0.0] * len(places)
        axes.barh(at, lengths, left=left, color=colour_of(series, index), height=height, label=label_of(series))
        if stacked:
            ends = [end + length for end, length in zip(ends, lengths, strict=True)]
        elif len(places) * len(rows) <= MARKED_AT_MOST * 2:
            _beside(axes, at, lengths, ["" if one is None else number(one) for one in values], chart)
    if stacked:
        known = [any(row[place] is not None for row in rows) for place in range(len(places))]
        told = chart.told or [number(end) if is_known else "" for end, is_known in zip(ends, known, strict=True)]
        _beside(axes, range(len(places)), ends, told, chart)
    axes.set_yticks(list(range(len(places))), [short(place, LONGEST_NAME) for place in places], fontsize=9)
    for label in axes.get_yticklabels():
        _plain(label)
    axes.set_ylim(max(len(places), 1) - 0.4, -0.6)
    low, high = span_of(chart)
    room = (high - low) * 0.16
    axes.set_xlim(low - room if low < 0 else 0, high + room if high > 0 else 0)
    if low < 0:
        axes.axvline(0, color=INK, linewidth=0.8)
    _plain(axes.set_xlabel(lines_of(with_limit(chart), WIDEST), fontsize=9, color=INK))
    _plain(axes.set_ylabel(short(chart.along, LONGEST_LABEL), fontsize=9, color=INK))
    _finish(axes, chart, "x")


def _beside(axes: Axes, at: Sequence[float], ends: Sequence[float], told: Sequence[str], chart: Chart) -> None:
    low, high = span_of(chart)
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # the lines are not to cross out a number
    for place, end, text in zip(at, ends, told, strict=True):
        away = (high - low) * (0.008 if end >= 0 else -0.008)
        side = "left" if end >= 0 else "right"
        shown = axes.text(end + away, place, text, va="center", ha=side, fontsize=8, color=INK, bbox=plate)
        _plain(shown)


def _upright(axes: Axes, chart: Chart) -> None:
    """A bar for each place; of several series on each other or side by side."""
    places = chart.places
    rows = rows_of(chart)
    stacked = is_stacked(chart)
    width = 0.8 if stacked else 0.8 / len(chart.series)
    top = [0.0] * len(places)
    for index, (series, values) in enumerate(zip(chart.series, rows, strict=True)):
        heights = [value or 0.0 for value in values]
        at = [place if stacked else place - 0.4 + width * (index + 0.5) for place in range(len(places))]
        bottom = top if stacked else [0.0] * len(places)
        axes.bar(at, heights, bottom=bottom, color=colour_of(series, index), width=width, label=label_of(series))
        if stacked:
            top = [below + height for below, height in zip(top, heights, strict=True)]
    _named_places(axes, places)
    axes.set_xlim(-0.6, max(len(places), 1) - 0.4)
    low, high = span_of(chart)
    axes.set_ylim(low * 1.08, high * 1.08)
    if low < 0:
        axes.axhline(0, color=INK, linewidth=0.8)
    _axes_named(axes, chart)
    _finish(axes, chart, "y")


def _line(axes: Axes, chart: Chart) -> None:
    """Over time where every place is one, else from one to the next. What is not known is a gap."""
    times = times_of(chart.places)
    order = {place: index for index, place in enumerate(chart.places)}
    for index, series in enumerate(chart.series):
        points = sorted(series.points, key=lambda one: times[one.at]) if times else series.points
        at = [_day(times[one.at]) if times else float(order[one.at]) for one in points]
        values = [math.nan if one.value is None else one.value for one in points]
        at, values = with_gaps(at, values) if times else (at, values)
        style = DASHES[index // len(COLOURS) % len(DASHES)]
        marker = "o" if len(points) <= MARKED_AT_MOST else None
        colour = colour_of(series, index)
        axes.plot(at, values, style, color=colour, linewidth=1.6, marker=marker, markersize=3, label=label_of(series))
        _alone(axes, at, values, colour)
    if times:
        locator = AutoDateLocator(minticks=3, maxticks=PLACES_AT_MOST, tz=UTC)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(
            ConciseDateFormatter(locator, tz=UTC, formats=DATES, zero_formats=BEGINNINGS, show_offset=False)  # type: ignore[no-untyped-call]
        )
        if len(times) == 1:
            (only,) = map(_day, times.values())
            axes.set_xlim(only - 0.5, only + 0.5)
    elif order:
        _named_places(axes, chart.places)
        axes.set_xlim(-0.5, len(order) - 0.5)
    low, high = span_of(chart)
    room = (high - low) * 0.08
    axes.set_ylim(low - room if low < 0 else 0, high + room)
    if low < 0:
        axes.axhline(0, color=INK, linewidth=0.8)
    _axes_named(axes, chart)
    _finish(axes, chart, "y")


def _alone(axes: Axes, at: Sequence[float], values: Sequence[float], colour: str) -> None:
    """A point between two gaps has no line to be seen by."""
    around = [math.nan, *values, math.nan]
    single = [
        index
        for index, value in enumerate(values)
        if not math.isnan(value) and math.isnan(around[index]) and math.isnan(around[index + 2])
    ]
    axes.plot([at[one] for one in single], [values[one] for one in single], "o", color=colour, markersize=3)


# --- what panels share ---------------------------------------------------------------------------


def _limited(axes: Axes, chart: Chart) -> None:
    if chart.limit is not None:
        line = axes.axvline if chart.kind == "across" else axes.axhline
        line(chart.limit.value, color=INK, linewidth=0.8, linestyle=":")


def _axes_named(axes: Axes, chart: Chart) -> None:
    """Where a limit is drawn, the axis below has the room to say what it is."""
    _plain(axes.set_ylabel(lines_of(chart.unit, LONGEST_LABEL), fontsize=9, color=INK))
    limit = f"the dotted line: {chart.limit.label}" if chart.limit else ""
    below = "; ".join(part for part in (chart.along, covered(chart), limit) if part)
    _plain(axes.set_xlabel(lines_of(below, WIDEST), fontsize=9, color=INK))


def _named_places(axes: Axes, places: Sequence[str]) -> None:
    """Names below, as many as do not run into each other."""
    longest = max((len(one) for one in places), default=1)
    fit = max(2, min(PLACES_AT_MOST, int(WIDEST / (min(longest, LONGEST_NAME) + 2))))
    every = max(1, -(-len(places) // fit))
    shown = [short(one, LONGEST_NAME) for one in places[::every]]
    axes.set_xticks(list(range(len(places)))[::every], shown, fontsize=8)
    for label in axes.get_xticklabels():
        _plain(label)


def _day(at: datetime) -> float:
    """A moment as matplotlib counts: in days."""
    return float(date2num(at))  # type: ignore[no-untyped-call]


def _under(axes: Axes, more_lines: int) -> Transform:
    """Where a legend below begins: under the names at the axis and what it says."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return axes.transAxes + ScaledTranslation(0, -NAMED - LINE * more_lines, figure.dpi_scale_trans)


def _finish(axes: Axes, chart: Chart, values: str) -> None:
    """Quiet lines behind what is drawn; whole numbers stay whole, with separators."""
    whole = all(one is None or float(one).is_integer() for row in rows_of(chart) for one in row)
    axes.set_axisbelow(True)
    axes.grid(axis="x" if values == "x" else "y", color=FAINT, linewidth=0.8)
    for side in ("top", "right", "left" if values == "x" else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8, colors=INK)
    axis = axes.xaxis if values == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=6 if values == "x" else 5, integer=whole))
    if chart.limit and chart.limit.value == span_of(chart)[1] and chart.limit.value % PARTS == 0:
        axis.set_major_locator(FixedLocator([chart.limit.value * part / PARTS for part in range(PARTS + 1)]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _plain(text: object) -> None:
    """What stands between two dollar signs is not a formula here: names come from tags."""
    text.set_parse_math(False)  # type: ignore[attr-defined]
