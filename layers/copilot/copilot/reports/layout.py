"""How charts are laid out, before anything is drawn: which room each takes, what its axes span, what stands where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise, zip_longest
from textwrap import wrap
from typing import NamedTuple

from copilot.reports.model import MEANINGS, Chart, Series
from copilot.text.outside import plain

COLOURS = ("#2a6f97", "#f4a259", "#5a9e6f", "#b3313b", "#7b5ea7", "#4cb5ae", "#8c6d46", "#6b7280")
LONGEST_LABEL = 40
BAR, REST, UPRIGHT, LEGEND_LINE = 0.30, 1.3, 2.9, 0.22
"""Inches a bar that lies takes, what its panel takes beside its bars, an upright panel, a line of a legend below it."""
WIDEST = 105
"""Letters of a title, or of names in a legend, that fit in a line."""


class Legend(NamedTuple):
    """Beside the title where there is room for it, else below, in so many columns and lines."""

    beside: bool
    columns: int
    lines: int


def colour_of(series: Series, index: int) -> str:
    return MEANINGS.get(series.label) or COLOURS[index % len(COLOURS)]


def label_of(series: Series) -> str:
    """A name that begins with _ would be left out of a legend."""
    label = short(series.label, LONGEST_LABEL)
    return f"\u200b{label}" if label.startswith("_") else label


def legend_of(chart: Chart) -> Legend:
    labels = [len(short(one.label, LONGEST_LABEL)) + 6 for one in chart.series]
    if not labels or (len(labels) <= 4 and sum(labels) + len(chart.title) <= WIDEST):
        return Legend(True, max(1, len(labels)), 0)
    columns = max(1, min(4, WIDEST // max(labels)))
    return Legend(False, columns, -(-len(labels) // columns))


def height_of(chart: Chart, legend: Legend) -> float:
    below = LEGEND_LINE * (legend.lines + 1) if legend.lines else 0.0
    if chart.kind != "across":
        return UPRIGHT + below
    thick = 1 if is_stacked(chart) else max(1.0, 0.6 * len(chart.series))
    return REST + BAR * max(3, len(chart.places) * thick) + below


def rows_of(chart: Chart) -> list[list[float | None]]:
    """For each series its value at every place of the chart."""
    rows = []
    for one in chart.series:
        values = {point.at: point.value for point in one.points}
        rows.append([values.get(place) for place in chart.places])
    return rows


def is_stacked(chart: Chart) -> bool:
    """What is below nought does not stand on anything."""
    below = any(one is not None and one < 0 for row in rows_of(chart) for one in row)
    return len(chart.series) < 2 or (chart.is_stacked and not below)


def span_of(chart: Chart) -> tuple[float, float]:
    """From the lowest that is drawn to the highest, nought included; never of no size."""
    rows = rows_of(chart)
    if is_stacked(chart) and chart.kind != "line":
        values = [sum(one or 0.0 for one in column) for column in zip_longest(*rows)]
    else:
        values = [one for row in rows for one in row if one is not None]
    values += [chart.limit.value] if chart.limit else []
    low, high = min([0.0, *values]), max([0.0, *values])
    return (low, high) if high > low else (0.0, 1.0)


def with_gaps(at: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
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


def times_of(places: Sequence[str]) -> dict[str, datetime]:
    """The places as moments; {} where any of them is none."""
    found: dict[str, datetime] = {}
    for place in places:
        try:
            at = datetime.fromisoformat(place)
        except ValueError:
            return {}
        found[place] = at if at.tzinfo else at.replace(tzinfo=UTC)
    return found


def covered(chart: Chart) -> str:
    """From when to when a line goes, as its axis of time has no room for whole dates."""
    if chart.kind != "line" or not (times := sorted(times_of(chart.places).values())):
        return ""
    first, last = (at.astimezone(UTC) for at in (times[0], times[-1]))
    days = all(at == at.replace(hour=0, minute=0) for at in (first, last))
    began, ended = (f"{at:%Y-%m-%d}" if days else f"{at:%Y-%m-%d %H:%M}" for at in (first, last))
    if not days and first.date() == last.date():
        ended = f"{last:%H:%M}"
    return f"{began} to {ended}" if first != last else began


def with_limit(chart: Chart) -> str:
    return f"{chart.unit} (the dotted line: {chart.limit.label})" if chart.limit else chart.unit


def short(name: str, longest: int) -> str:
    """A name on one line, cut where it is long."""
    name = " ".join(plain(name).split())
    return name if len(name) <= longest else name[: longest - 1] + "…"


def lines_of(text: str, widest: int) -> str:
    """A text on at most two lines."""
    return "\n".join(wrap(" ".join(plain(text).split()), widest, max_lines=2, placeholder=" …"))
