"""The types of what a tool takes and gives. A schema is read once for each tool, as it costs milliseconds."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue, TypeAdapter, ValidationError

from copilot.domain import Attachment, ReferenceType
from copilot.plans.schema_types import ListType, ObjectType, Text, Type, read_schema
from copilot.tools.by_hand import NEEDED
from copilot.tools.tool import AnyTool

KEPT = 1024  # tools; their classes live as long as the process anyway
_ANY_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class ToolTypes(NamedTuple):
    input: ObjectType
    output: Type


@lru_cache(maxsize=KEPT)
def types_of(tool: AnyTool) -> ToolTypes:
    """The type of the tool's Input, and of its Output as the store keeps it."""
    taken = read_schema(tool.Input.model_json_schema(mode="validation"))
    given = read_schema(tool.Output.model_json_schema(mode="serialization"), tool.links)
    if isinstance(given, ObjectType):  # no plan refers to what commands need
        given = replace(given, fields={name: field for name, field in given.fields.items() if name != NEEDED})
    return ToolTypes(taken if isinstance(taken, ObjectType) else ObjectType(), given)


@lru_cache(maxsize=1)
def attachment_type() -> Type:
    return read_schema(Attachment.model_json_schema(mode="serialization"))


def shown_arguments(tool: AnyTool) -> tuple[str, ...]:
    """The arguments of a tool that are shown to people as they are: a message's text."""
    return _arguments_that_are(tool, "shown")


def target_arguments(tool: AnyTool) -> tuple[str, ...]:
    """The arguments of a tool that name what it changes: ids of environments and schedules, a channel."""
    return _arguments_that_are(tool, "target")


def said_arguments(tool: AnyTool) -> dict[str, str]:
    """The arguments of a tool that are true only where whoever asks says so, with the pattern of the words for it."""
    fields = tool.Input.model_fields.items()
    found = {
        name: field.json_schema_extra.get("said") for name, field in fields if isinstance(field.json_schema_extra, dict)
    }
    return {name: pattern for name, pattern in found.items() if isinstance(pattern, str)}


def class_arguments(tool: AnyTool) -> tuple[str, ...]:
    """The arguments of a tool that say of which class is what it is given."""
    return _arguments_that_are(tool, "of_sources")


def arguments_naming(tool: AnyTool, type: ReferenceType) -> tuple[str, ...]:
    """The arguments of a tool that name a thing of this type, or several."""
    return tuple(name for name, field in types_of(tool).input.fields.items() if _names(field) == type)


def _names(field: Type) -> str:
    if isinstance(field, ListType):
        return _names(field.element)
    return field.names if isinstance(field, Text) else ""


def _arguments_that_are(tool: AnyTool, mark: str) -> tuple[str, ...]:
    fields = tool.Input.model_fields.items()
    return tuple(
        name for name, field in fields if isinstance(extra := field.json_schema_extra, dict) and extra.get(mark) is True
    )


def literal_problem(tool: AnyTool, name: str, value: JsonValue) -> str | None:
    """What the tool has against this value of an argument, besides its type: a pattern, a bound, a length."""
    try:
        _validator(tool, name).validate_json(_ANY_JSON.dump_json(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        return f"{where}: {first['msg']}" if where else first["msg"]
    return None


@lru_cache(maxsize=KEPT)
def _validator(tool: AnyTool, name: str) -> TypeAdapter[object]:
    return TypeAdapter(tool.Input.model_fields[name].rebuild_annotation())
