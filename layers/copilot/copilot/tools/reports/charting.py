"""Chosen figures of objects as a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from copilot.errors import ToolInputError
from copilot.reports.model import Chart, ChartKind, Column, Point, Series, Table
from copilot.text.outside import quoted
from copilot.tools.reports.asked import ReportChart, Row
from copilot.tools.reports.choosing import cell_of, value_of, words_of

MOST_SERIES = 12
MOST_UNITS = 6
MOST_BARS = 40
MOST_POINTS = 5_000
MOST_CELLS = 1_000_000
"""Of a table of a chart: series that share no place are mostly empty cells."""
NAME, VALUE = "name", "value"
"""Of what, and how much, which say nothing of an axis."""
AT, TIME = "at", "time"
UNIT = "unit"
"""The field in which a series of points says its own."""
NO_NAME = "(none)"
"""What a bar is called that is of what has no name."""
SIZES = (("GB", 2**30), ("MB", 2**20), ("KB", 2**10), ("bytes", 1))
LENGTHS = (("h", 7200, 3600), ("min", 600, 60), ("s", 1, 1), ("ms", 0, 0.001))
"""A unit, from how many seconds on it is the one, and how many it is."""
SHORT = 12
"""Letters of a name that fits below a bar."""


def charts_of(title: str, rows: Sequence[Row], chosen: ReportChart) -> list[Chart]:
    """One; of series that say their own units one for each unit. Raises as chart_of does."""
    if not chosen.points or chosen.unit or not any(row.get(UNIT) for row in rows):
        return [chart_of(title, rows, chosen)]
    units = dict.fromkeys(str(row.get(UNIT) or "") for row in rows if row.get(chosen.points))
    if len(units) > MOST_UNITS:
        raise ToolInputError(f"at most {MOST_UNITS} units can be drawn, and these are {len(units)}", ours=True)
    charts = []
    for unit in units or [""]:
        having = [row for row in rows if str(row.get(UNIT) or "") == unit and row.get(chosen.points)]
        charts.append(_in_unit(chart_of(title, having or rows, chosen), unit))
    if silent := [label for label, row in _named(rows, chosen) if not row.get(chosen.points)]:
        charts[-1] = charts[-1].model_copy(update={"note": f"{charts[-1].note} {_without(silent)}".strip()})
    return charts


def chart_of(title: str, rows: Sequence[Row], chosen: ReportChart) -> Chart:
    """Of all rows. Raises ToolInputError for a field that no row has, or that is not what the chart takes it for, and
    for an x that a series has twice: which of its numbers counts, or whether their sum means anything, is not ours to
    say, neither of a line nor of bars.
    """
    series = _series(rows, chosen)
    places = list(dict.fromkeys(point.at for one in series for point in one.points))
    dated = _are_times(places)
    along = "" if chosen.x == NAME else TIME if dated and chosen.x == AT else words_of(chosen.x)[0]
    return Chart(
        title=title,
        kind=_kind(chosen, places, dated),
        series=tuple(series),
        unit=_unit(chosen),
        along=f"{along}, UTC" if dated and any("T" in place for place in places) else along,
        is_stacked=chosen.kind == "stacked",
    )


def drawn(chart: Chart) -> Chart:
    """What of it a picture can show; its note says what is left out."""
    series, left = _most(chart.series)
    notes = [f"{MOST_SERIES} of {len(chart.series)} are drawn, those with the highest values."] if left else []
    places = list(dict.fromkeys(point.at for one in series for point in one.points))
    if chart.kind != "line" and not _are_times(places) and len(places) > MOST_BARS:
        notes.append(f"The first {MOST_BARS} of {len(places)} have a bar.")
        series = [_only(one, set(places[:MOST_BARS])) for one in series]
    note = " ".join(part for part in (*notes, chart.note) if part)
    return chart.model_copy(update={"series": tuple(series), "note": note})


def as_table(chart: Chart) -> Table:
    """Its numbers: a row for each place, in order where these are times, and a column for each series. Raises
    ToolInputError where these are too many.
    """
    places = chart.places
    if len(places) * len(chart.series) > MOST_CELLS:
        size = f"{len(chart.series):,} series at {len(places):,} places"
        raise ToolInputError(f"{size} are too many for a table: give the rows without a chart", ours=True)
    values = [{point.at: point.value for point in one.points} for one in chart.series]
    named = (
        Column(name=one.label, unit=_besides(chart.unit.removeprefix(f"{one.label}, "), one.label), is_number=True)
        for one in chart.series
    )
    if _are_times(places):
        places = tuple(sorted(places, key=_moment))
    rows = tuple((place, *(one.get(place) for one in values)) for place in places)
    return Table(title=chart.title, columns=(Column(name=chart.along or NAME), *named), rows=rows)


def _series(rows: Sequence[Row], chosen: ReportChart) -> list[Series]:
    """In the order in which they come."""
    fields = _as_said(chosen.y)
    found: dict[tuple[str, str], dict[str, tuple[str, Point]]] = {}
    for label, which, row, among in _labelled(rows, chosen):
        at = cell_of(value_of(row, chosen.x, among), chosen.x)
        place = "" if at is None else NO_NAME if at == "" and chosen.x == NAME else str(at)
        for field in fields:
            points = found.setdefault((label, field), {})
            if place in points:
                # A value may be a line of a log, and this goes into a prompt: it says where it stands, not what it is.
                twice = f"{which} has the {quoted(chosen.x)} of {points[place][0]} again"
                raise ToolInputError(f"{twice}: choose another x, or a series for each with by", ours=True)
            points[place] = which, Point(at=place, value=_number(value_of(row, field, among), field))
    if sum(map(len, found.values())) > MOST_POINTS:
        raise ToolInputError(f"a chart has at most {MOST_POINTS:,} points: choose fewer, or a longer period", ours=True)
    series = []
    for (label, field), points in found.items():
        named = fields[field] if not label or len(fields) > 1 else ""
        said = ", ".join(part for part in (label, named) if part)
        series.append(Series(label=said, points=tuple(point for _, point in points.values())))
    return series


def _as_said(fields: Sequence[str]) -> dict[str, str]:
    """Each as people read it, with its unit only where it is all that tells it from another."""
    words = {field: words_of(field)[0] for field in fields}
    said = list(words.values())
    return {field: name if said.count(name) == 1 else field.replace("_", " ") for field, name in words.items()}


def _labelled(rows: Sequence[Row], chosen: ReportChart) -> Iterator[tuple[str, str, Row, Sequence[Row]]]:
    """Each object that x and y are fields of: its series, where it stands, itself, and those it is one of."""
    for number, (said, row) in enumerate(_named(rows, chosen), 1):
        if not chosen.points:
            yield said, f"row {number}", row, rows
            continue
        points = value_of(row, chosen.points, rows)
        inner = [one for one in points if isinstance(one, dict)] if isinstance(points, list) else []
        if points is not None and (not isinstance(points, list) or len(inner) != len(points)):
            raise ToolInputError(f"the field {quoted(chosen.points)} is no list of objects", ours=True)
        for at, one in enumerate(inner, 1):
            yield said, f"point {at} of row {number}", one, inner


def _named(rows: Sequence[Row], chosen: ReportChart) -> Iterator[tuple[str, Row]]:
    """Each with what its series is called."""
    for row in rows:
        label = cell_of(value_of(row, chosen.by, rows), chosen.by) if chosen.by else ""
        yield "" if label is None else str(label), row


def _without(silent: Sequence[str]) -> str:
    more = f" and {len(silent) - MOST_SERIES} more" if len(silent) > MOST_SERIES else ""
    return f"No values: {', '.join(map(quoted, silent[:MOST_SERIES]))}{more}."


def _in_unit(chart: Chart, unit: str) -> Chart:
    """In the unit in which its highest value is said; those are a monitor's: Percent, Count, Seconds, Bytes."""
    most = max((abs(point.value or 0) for one in chart.series for point in one.points), default=0)
    size, word = 1.0, {"Percent": "%", "Count": "number"}.get(unit, unit)
    if unit == "Bytes":
        word, size = next((one for one in SIZES if most >= one[1]), SIZES[-1])
    elif unit == "Seconds":
        word, size = next((word, size) for word, least, size in LENGTHS if most >= least)
    said = ", ".join(part for part in (chart.unit, word) if part)
    if size == 1:
        return chart.model_copy(update={"unit": said})
    series = tuple(
        one.model_copy(
            update={
                "points": tuple(point.model_copy(update={"value": _over(point.value, size)}) for point in one.points)
            }
        )
        for one in chart.series
    )
    return chart.model_copy(update={"unit": said, "series": series})


def _over(value: int | float | None, size: float) -> float | None:
    return None if value is None else float(f"{value / size:.9g}")


def _number(value: JsonValue, field: str) -> int | float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ToolInputError(f"the field {quoted(field)} is no number, and a chart is of numbers", ours=True)
    return value


def _most(series: Sequence[Series]) -> tuple[list[Series], int]:
    """As many as can be told apart, in their order, and how many are left out."""
    if len(series) <= MOST_SERIES:
        return list(series), 0
    highest = sorted(series, key=lambda one: -sum(abs(point.value or 0) for point in one.points))[:MOST_SERIES]
    return [one for one in series if one in highest][:MOST_SERIES], len(series) - MOST_SERIES


def _only(series: Series, places: set[str]) -> Series:
    return series.model_copy(update={"points": tuple(point for point in series.points if point.at in places)})


def _kind(chosen: ReportChart, places: Sequence[str], dated: bool) -> ChartKind:
    if chosen.kind == "line":
        return "line"
    fits = all(len(place) <= SHORT for place in places) and len(places) <= SHORT
    return "bars" if dated or fits else "across"


def _unit(chosen: ReportChart) -> str:
    """What the axis of numbers says: what they are, where it is one thing, and in which unit."""
    named = [words_of(field) for field in chosen.y]
    unit = chosen.unit or next((unit for _, unit in named if unit), "")
    name = named[0][0] if len(named) == 1 and chosen.y != (VALUE,) else ""
    return ", ".join(part for part in (_besides(name, unit), unit) if part)


def _besides(said: str, other: str) -> str:
    """What the other does not say already."""
    return said if said != other else ""


def _are_times(places: Sequence[str]) -> bool:
    return bool(places) and all(map(_is_time, places))


def _is_time(text: str) -> bool:
    try:
        _moment(text)
    except ValueError:
        return False
    return "-" in text


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
