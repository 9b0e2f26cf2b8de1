"""Charts as a picture. Imported only where something is drawn: matplotlib takes its time.

The same charts give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise, zip_longest
from textwrap import wrap
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation, Transform

from copilot.reports.cells import NOTHING, number
from copilot.reports.model import MEANINGS, Chart, Report, Series
from copilot.text.outside import plain

COLOURS = ("#2a6f97", "#f4a259", "#5a9e6f", "#b3313b", "#7b5ea7", "#4cb5ae", "#8c6d46", "#6b7280")
DASHES = ("-", "--", ":", "-.")
"""Behind the last colour they come again, drawn otherwise."""
INK, FAINT = "#222222", "#dddddd"
LONGEST_NAME = 32
LONGEST_LABEL = 40
PLACES_AT_MOST = 10
"""How many names or dates stand below bars or a line; of more every so many has one."""
MARKED_AT_MOST = 40
WIDTH, DPI = 10.0, 120
BAR, REST, UPRIGHT, LEGEND_LINE = 0.30, 1.3, 2.9, 0.22
"""Inches a bar that lies takes, what its panel takes beside its bars, an upright panel, a line of a legend below it."""
NAMED, LINE = 0.5, 0.17
"""Inches that the names at an axis take with what it says, and each more line of that."""
DATES = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%H:%M:%S"]
BEGINNINGS = ["", "%Y-%m", "%m-%d", "%m-%d", "%H:%M", "%H:%M"]
"""How a year, month, day, hour, minute and second is written at an axis of time, and the first of each."""
PARTS = 6
"""Of a whole that nothing goes beyond, as the hours of a period."""
WIDEST = 105
"""Letters of a title, or of names in a legend, that fit in a line."""


def draw(charts: Sequence[Chart], title: str = "") -> bytes:
    """A PNG picture."""
    out = io.BytesIO()
    figure_of(charts, title).savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def draw_report(report: Report) -> bytes:
    """All its charts, one below another."""
    return draw(report.charts, heading_of(report))


def heading_of(report: Report) -> str:
    return "\n".join(_lines(part, WIDEST) for part in (report.title, report.period) if part)


def figure_of(charts: Sequence[Chart], title: str = "") -> Figure:
    """With a title it stands alone, and says below each chart what else there is to know of it."""
    legends = [_legend_of(chart) for chart in charts]
    heights = [_height(chart, legend) for chart, legend in zip(charts, legends, strict=True)]
    head = 0.26 * (title.count("\n") + 1) if title else 0.0
    made = Figure(figsize=(WIDTH, sum(heights) + head + 0.1), layout="constrained", facecolor="white")
    if title:
        _plain(made.suptitle(title, fontsize=12, color=INK, x=0.01, ha="left"))
    panels = made.subplots(len(charts), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, chart, legend in zip(panels, charts, legends, strict=True):
        _panel(axes, chart, legend, chart.note if title else "")
    return made


# --- one panel -----------------------------------------------------------------------------------


class _Legend(NamedTuple):
    """Beside the title where there is room for it, else below, in so many columns and lines."""

    beside: bool
    columns: int
    lines: int


def _panel(axes: Axes, chart: Chart, legend: _Legend, note: str) -> None:
    if chart.title:
        title = axes.set_title(_lines(chart.title, WIDEST), fontsize=10, loc="left", color=INK)
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
            _plain(axes.set_xlabel(_lines(note, WIDEST), fontsize=9, color=INK))
        return
    _limited(axes, chart)
    if note:
        below = (axes.get_xlabel(), _lines(note, WIDEST))
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
    rows = _rows(chart)
    stacked = _is_stacked(chart)
    height = 0.7 if stacked else 0.8 / len(chart.series)
    ends = [0.0] * len(places)
    for index, (series, values) in enumerate(zip(chart.series, rows, strict=True)):
        at = [place if stacked else place - 0.4 + height * (index + 0.5) for place in range(len(places))]
        lengths = [value or 0.0 for value in values]
        left = ends if stacked else [0.0] * len(places)
        axes.barh(at, lengths, left=left, color=_colour(series, index), height=height, label=_label(series))
        if stacked:
            ends = [end + length for end, length in zip(ends, lengths, strict=True)]
        elif len(places) * len(rows) <= MARKED_AT_MOST * 2:
            _beside(axes, at, lengths, ["" if one is None else number(one) for one in values], chart)
    if stacked:
        known = [any(row[place] is not None for row in rows) for place in range(len(places))]
        told = chart.told or [number(end) if is_known else "" for end, is_known in zip(ends, known, strict=True)]
        _beside(axes, range(len(places)), ends, told, chart)
    axes.set_yticks(list(range(len(places))), [_short(place, LONGEST_NAME) for place in places], fontsize=9)
    for label in axes.get_yticklabels():
        _plain(label)
    axes.set_ylim(max(len(places), 1) - 0.4, -0.6)
    low, high = _span(chart)
    room = (high - low) * 0.16
    axes.set_xlim(low - room if low < 0 else 0, high + room if high > 0 else 0)
    if low < 0:
        axes.axvline(0, color=INK, linewidth=0.8)
    _plain(axes.set_xlabel(_lines(_with_limit(chart), WIDEST), fontsize=9, color=INK))
    _plain(axes.set_ylabel(_short(chart.along, LONGEST_LABEL), fontsize=9, color=INK))
    _finish(axes, chart, "x")


def _beside(axes: Axes, at: Sequence[float], ends: Sequence[float], told: Sequence[str], chart: Chart) -> None:
    low, high = _span(chart)
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # the lines are not to cross out a number
    for place, end, text in zip(at, ends, told, strict=True):
        away = (high - low) * (0.008 if end >= 0 else -0.008)
        side = "left" if end >= 0 else "right"
        shown = axes.text(end + away, place, text, va="center", ha=side, fontsize=8, color=INK, bbox=plate)
        _plain(shown)


def _upright(axes: Axes, chart: Chart) -> None:
    """A bar for each place; of several series on each other or side by side."""
    places = chart.places
    rows = _rows(chart)
    stacked = _is_stacked(chart)
    width = 0.8 if stacked else 0.8 / len(chart.series)
    top = [0.0] * len(places)
    for index, (series, values) in enumerate(zip(chart.series, rows, strict=True)):
        heights = [value or 0.0 for value in values]
        at = [place if stacked else place - 0.4 + width * (index + 0.5) for place in range(len(places))]
        bottom = top if stacked else [0.0] * len(places)
        axes.bar(at, heights, bottom=bottom, color=_colour(series, index), width=width, label=_label(series))
        if stacked:
            top = [below + height for below, height in zip(top, heights, strict=True)]
    _named_places(axes, places)
    axes.set_xlim(-0.6, max(len(places), 1) - 0.4)
    low, high = _span(chart)
    axes.set_ylim(low * 1.08, high * 1.08)
    if low < 0:
        axes.axhline(0, color=INK, linewidth=0.8)
    _axes_named(axes, chart)
    _finish(axes, chart, "y")


def _line(axes: Axes, chart: Chart) -> None:
    """Over time where every place is one, else from one to the next. What is not known is a gap."""
    times = _times(chart.places)
    order = {place: index for index, place in enumerate(chart.places)}
    for index, series in enumerate(chart.series):
        points = sorted(series.points, key=lambda one: times[one.at]) if times else series.points
        at = [_day(times[one.at]) if times else float(order[one.at]) for one in points]
        values = [math.nan if one.value is None else one.value for one in points]
        at, values = _broken(at, values) if times else (at, values)
        style = DASHES[index // len(COLOURS) % len(DASHES)]
        marker = "o" if len(points) <= MARKED_AT_MOST else None
        colour = _colour(series, index)
        axes.plot(at, values, style, color=colour, linewidth=1.6, marker=marker, markersize=3, label=_label(series))
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
    low, high = _span(chart)
    room = (high - low) * 0.08
    axes.set_ylim(low - room if low < 0 else 0, high + room)
    if low < 0:
        axes.axhline(0, color=INK, linewidth=0.8)
    _axes_named(axes, chart)
    _finish(axes, chart, "y")


def _broken(at: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """With a gap where points are missing: where most are as far apart as the nearest two, and some further."""
    steps = [later - one for one, later in pairwise(at)]
    step = min((one for one in steps if one > 0), default=0.0)
    wide = [one > 1.5 * step for one in steps]
    if not step or 2 * sum(wide) > len(steps):
        return list(at), list(values)
    broken, known = list(at[:1]), list(values[:1])
    for is_wide, place, value in zip(wide, at[1:], values[1:], strict=True):
        if is_wide:
            broken.append(place - step)
            known.append(math.nan)
        broken.append(place)
        known.append(value)
    return broken, known


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


def _rows(chart: Chart) -> list[list[float | None]]:
    """For each series its value at every place of the chart."""
    rows = []
    for one in chart.series:
        values = {point.at: point.value for point in one.points}
        rows.append([values.get(place) for place in chart.places])
    return rows


def _is_stacked(chart: Chart) -> bool:
    """What is below nought does not stand on anything."""
    below = any(one is not None and one < 0 for row in _rows(chart) for one in row)
    return len(chart.series) < 2 or (chart.is_stacked and not below)


def _span(chart: Chart) -> tuple[float, float]:
    """From the lowest that is drawn to the highest, nought included; never of no size."""
    rows = _rows(chart)
    if _is_stacked(chart) and chart.kind != "line":
        values = [sum(one or 0.0 for one in column) for column in zip_longest(*rows)]
    else:
        values = [one for row in rows for one in row if one is not None]
    values += [chart.limit.value] if chart.limit else []
    low, high = min([0.0, *values]), max([0.0, *values])
    return (low, high) if high > low else (0.0, 1.0)


def _limited(axes: Axes, chart: Chart) -> None:
    if chart.limit is not None:
        line = axes.axvline if chart.kind == "across" else axes.axhline
        line(chart.limit.value, color=INK, linewidth=0.8, linestyle=":")


def _with_limit(chart: Chart) -> str:
    return f"{chart.unit} (the dotted line: {chart.limit.label})" if chart.limit else chart.unit


def _axes_named(axes: Axes, chart: Chart) -> None:
    """Where a limit is drawn, the axis below has the room to say what it is."""
    _plain(axes.set_ylabel(_lines(chart.unit, LONGEST_LABEL), fontsize=9, color=INK))
    limit = f"the dotted line: {chart.limit.label}" if chart.limit else ""
    below = "; ".join(part for part in (chart.along, _covered(chart), limit) if part)
    _plain(axes.set_xlabel(_lines(below, WIDEST), fontsize=9, color=INK))


def _covered(chart: Chart) -> str:
    """From when to when a line goes, as its axis of time has no room for whole dates."""
    if chart.kind != "line" or not (times := sorted(_times(chart.places).values())):
        return ""
    first, last = (at.astimezone(UTC) for at in (times[0], times[-1]))
    days = all(at == at.replace(hour=0, minute=0) for at in (first, last))
    began, ended = (f"{at:%Y-%m-%d}" if days else f"{at:%Y-%m-%d %H:%M}" for at in (first, last))
    if not days and first.date() == last.date():
        ended = f"{last:%H:%M}"
    return f"{began} to {ended}" if first != last else began


def _named_places(axes: Axes, places: Sequence[str]) -> None:
    """Names below, as many as do not run into each other."""
    longest = max((len(one) for one in places), default=1)
    fit = max(2, min(PLACES_AT_MOST, int(WIDEST / (min(longest, LONGEST_NAME) + 2))))
    every = max(1, -(-len(places) // fit))
    shown = [_short(one, LONGEST_NAME) for one in places[::every]]
    axes.set_xticks(list(range(len(places)))[::every], shown, fontsize=8)
    for label in axes.get_xticklabels():
        _plain(label)


def _times(places: Sequence[str]) -> dict[str, datetime]:
    """The places as moments; {} where any of them is none."""
    found: dict[str, datetime] = {}
    for place in places:
        try:
            at = datetime.fromisoformat(place)
        except ValueError:
            return {}
        found[place] = at if at.tzinfo else at.replace(tzinfo=UTC)
    return found


def _day(at: datetime) -> float:
    """A moment as matplotlib counts: in days."""
    return float(date2num(at))  # type: ignore[no-untyped-call]


def _colour(series: Series, index: int) -> str:
    return MEANINGS.get(series.label) or COLOURS[index % len(COLOURS)]


def _label(series: Series) -> str:
    """A name that begins with _ would be left out of a legend."""
    label = _short(series.label, LONGEST_LABEL)
    return f"\u200b{label}" if label.startswith("_") else label


def _legend_of(chart: Chart) -> _Legend:
    labels = [len(_short(one.label, LONGEST_LABEL)) + 6 for one in chart.series]
    if not labels or (len(labels) <= 4 and sum(labels) + len(chart.title) <= WIDEST):
        return _Legend(True, max(1, len(labels)), 0)
    columns = max(1, min(4, WIDEST // max(labels)))
    return _Legend(False, columns, -(-len(labels) // columns))


def _height(chart: Chart, legend: _Legend) -> float:
    below = LEGEND_LINE * (legend.lines + 1) if legend.lines else 0.0
    if chart.kind != "across":
        return UPRIGHT + below
    thick = 1 if _is_stacked(chart) else max(1.0, 0.6 * len(chart.series))
    return REST + BAR * max(3, len(chart.places) * thick) + below


def _under(axes: Axes, more_lines: int) -> Transform:
    """Where a legend below begins: under the names at the axis and what it says."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return axes.transAxes + ScaledTranslation(0, -NAMED - LINE * more_lines, figure.dpi_scale_trans)


def _finish(axes: Axes, chart: Chart, values: str) -> None:
    """Quiet lines behind what is drawn; whole numbers stay whole, with separators."""
    whole = all(one is None or float(one).is_integer() for row in _rows(chart) for one in row)
    axes.set_axisbelow(True)
    axes.grid(axis="x" if values == "x" else "y", color=FAINT, linewidth=0.8)
    for side in ("top", "right", "left" if values == "x" else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8, colors=INK)
    axis = axes.xaxis if values == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=6 if values == "x" else 5, integer=whole))
    if chart.limit and chart.limit.value == _span(chart)[1] and chart.limit.value % PARTS == 0:
        axis.set_major_locator(FixedLocator([chart.limit.value * part / PARTS for part in range(PARTS + 1)]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _short(name: str, longest: int) -> str:
    """A name on one line, cut where it is long."""
    name = " ".join(plain(name).split())
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _lines(text: str, widest: int) -> str:
    """A text on at most two lines."""
    return "\n".join(wrap(" ".join(plain(text).split()), widest, max_lines=2, placeholder=" …"))


def _plain(text: object) -> None:
    """What stands between two dollar signs is not a formula here: names come from tags."""
    text.set_parse_math(False)  # type: ignore[attr-defined]
