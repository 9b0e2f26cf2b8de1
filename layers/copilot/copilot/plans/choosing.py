"""Fields that an argument names, held against the objects that are to have them: a table's columns, a chart's axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from copilot.errors import PlanError
from copilot.plans.plan_types import Outputs, type_of_argument
from copilot.plans.schema_types import AnyType, ListType, Null, Number, ObjectType, Type, describe, part_of
from copilot.text.nearness import there_are

_Fits = Callable[[Type], bool]


def choice_problems(sections: JsonValue, outputs: Outputs, item: Type | None) -> Iterator[str]:
    """What is wrong with the fields that sections name, each behind where it is: `[0].columns[1]: …`.

    Nothing of what cannot be known before the plan runs, and nothing of what is no section at all: that is said of
    the argument.
    """
    for at, section in enumerate(sections if isinstance(sections, list) else []):
        if not isinstance(section, dict) or not isinstance(section.get("rows"), list | dict):
            continue
        try:
            rows = type_of_argument(section["rows"], outputs, item)
        except PlanError:
            continue
        if isinstance(rows, ListType):
            found = part_of(rows, rows.element)
            yield from (f"[{at}].{problem}" for problem in _section_problems(section, found))


def _section_problems(section: Mapping[str, JsonValue], row: Type) -> Iterator[str]:
    columns = section.get("columns")
    for at, column in enumerate(columns if isinstance(columns, list) else []):
        if isinstance(column, dict):
            yield from _field_problems(f"columns[{at}]", column.get("field"), row, "a text or a number", _is_plain)
    chart = section.get("chart")
    if not isinstance(chart, dict):
        return
    yield from _field_problems("chart.by", chart.get("by"), row, "a text or a number", _is_plain)
    point = row
    if points := chart.get("points"):
        yield from _field_problems("chart.points", points, row, "a list of objects", _is_of_objects)
        listed = row.fields.get(str(points)) if isinstance(row, ObjectType) else None
        point = part_of(listed, listed.element) if isinstance(listed, ListType) else AnyType()
    yield from _field_problems("chart.x", chart.get("x"), point, "a text or a number", _is_plain)
    fields = chart.get("y")
    for at, field in enumerate(fields if isinstance(fields, list) else []):
        yield from _field_problems(f"chart.y[{at}]", field, point, "a number", _is_number)


def _field_problems(at: str, field: JsonValue, row: Type, expected: str, fits: _Fits) -> Iterator[str]:
    if not isinstance(field, str) or not field or not isinstance(row, ObjectType):
        return
    found = row.fields.get(field, row.rest)
    if found is None:
        yield f"{at}: rows have no field {field}{there_are(field, row.fields)}"
    elif found.masked:
        yield f"{at}: {field} is masked, and what is masked cannot be shown"
    elif not fits(found):
        fitting = [name for name, inner in row.fields.items() if not inner.masked and fits(inner)]
        hint = f"; fields that fit: {', '.join(fitting[:8])}" if fitting else ""
        yield f"{at}: {field} is {describe(found)}, expected {expected}{hint}"


def _is_plain(found: Type) -> bool:
    """A list of plain values stands in one cell too."""
    if isinstance(found, ListType):
        return not isinstance(found.element, ListType | ObjectType)
    return not isinstance(found, ObjectType)


def _is_number(found: Type) -> bool:
    return isinstance(found, Number | AnyType | Null)


def _is_of_objects(found: Type) -> bool:
    return isinstance(found, AnyType) or (
        isinstance(found, ListType) and isinstance(found.element, ObjectType | AnyType)
    )
