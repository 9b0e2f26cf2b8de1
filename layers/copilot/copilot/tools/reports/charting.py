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
    """Raises ToolInputError for a field that no row has, or that is not what the chart takes it for."""
    series = _series(rows, chosen)
    drawn, left = _most(series)
    places = list(dict.fromkeys(point.at for one in drawn for point in one.points))
    dated = bool(places) and all(map(_is_time, places))
    notes = [f"{MOST_SERIES} of {len(series)} are drawn, those with the highest values."] if left else []
    if chosen.kind != "line":
        if not dated and len(places) > MOST_BARS:
            notes.append(f"The first {MOST_BARS} of {len(places)} have a bar.")
            drawn = [_only(one, set(places[:MOST_BARS])) for one in drawn]
        _once(drawn, chosen)
    along = "" if chosen.x == NAME else TIME if dated and chosen.x == AT else words_of(chosen.x)[0]
    return Chart(
        title=title,
        kind=_kind(chosen, places, dated),
        series=tuple(drawn),
        unit=_unit(chosen),
        along=f"{along}, UTC" if dated and any("T" in place for place in places) else along,
        is_stacked=chosen.kind == "stacked",
        note=" ".join(notes),
    )


def as_table(chart: Chart) -> Table:
    """Its numbers: a row for each place, in order where these are times, and a column for each series."""
    values = [{point.at: point.value for point in one.points} for one in chart.series]
    named = (
        Column(name=one.label, unit=_besides(chart.unit.removeprefix(f"{one.label}, "), one.label), is_number=True)
        for one in chart.series
    )
    places = chart.places
    if all(map(_is_time, places)):
        places = tuple(sorted(places, key=_moment))
    rows = tuple((place, *(one.get(place) for one in values)) for place in places)
    return Table(title=chart.title, columns=(Column(name=chart.along or NAME), *named), rows=rows)


def _series(rows: Sequence[Row], chosen: ReportChart) -> list[Series]:
    """In the order in which they come."""
    found: dict[str, list[Point]] = {}
    for label, row, among in _labelled(rows, chosen):
        at = cell_of(value_of(row, chosen.x, among), chosen.x)
        at = NO_NAME if at == "" and chosen.x == NAME else at
        for field in chosen.y:
            named = words_of(field)[0] if not label or len(chosen.y) > 1 else ""
            said = ", ".join(part for part in (label, named) if part)
            point = Point(at="" if at is None else str(at), value=_number(value_of(row, field, among), field))
            found.setdefault(said, []).append(point)
    if sum(map(len, found.values())) > MOST_POINTS:
        raise ToolInputError(f"a chart has at most {MOST_POINTS:,} points: choose fewer, or a longer period", ours=True)
    return [Series(label=label, points=tuple(points)) for label, points in found.items()]


def _labelled(rows: Sequence[Row], chosen: ReportChart) -> list[tuple[str, Row, Sequence[Row]]]:
    """Each object that x and y are fields of, with what its series is called and those it is one of."""
    found: list[tuple[str, Row, Sequence[Row]]] = []
    for said, row in _named(rows, chosen):
        if not chosen.points:
            found.append((said, row, rows))
            continue
        points = value_of(row, chosen.points, rows)
        inner = [one for one in points if isinstance(one, dict)] if isinstance(points, list) else []
        if points is not None and (not isinstance(points, list) or len(inner) != len(points)):
            raise ToolInputError(f"the field {quoted(chosen.points)} is no list of objects", ours=True)
        found += [(said, one, inner) for one in inner]
    return found


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


def _once(series: Sequence[Series], chosen: ReportChart) -> None:
    for one in series:
        seen: set[str] = set()
        for point in one.points:
            if point.at in seen:
                twice = f"{quoted(point.at)} stands twice under {quoted(chosen.x)}"
                raise ToolInputError(f"{twice}: choose another x, or a series for each with by", ours=True)
            seen.add(point.at)


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


def _is_time(text: str) -> bool:
    try:
        _moment(text)
    except ValueError:
        return False
    return "-" in text


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
