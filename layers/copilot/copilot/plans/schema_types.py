"""What is known of a value before there is one: types, as a tool's JSON schema tells them. Pure.

What a schema leaves open (a union of unlike things, any JSON value, an object with free keys) is AnyType or open, and
is checked when there is a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, TypeVar

from pydantic import JsonValue

from copilot.domain import NAMES
from copilot.text.masking import is_secret_name
from copilot.text.nearness import nearest, there_are

SHOWN = 6
_TIMES = frozenset({"date-time", "date", "time", "duration"})


@dataclass(frozen=True)
class Type:
    """`untrusted` is text that neither the copilot nor its person wrote, and whatever was made or chosen by it; it
    holds for all that is inside. What is `masked` is not there to be used.
    """

    nullable: bool = field(default=False, kw_only=True)
    untrusted: bool = field(default=False, kw_only=True)
    masked: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class AnyType(Type):
    pass


@dataclass(frozen=True)
class Null(Type):
    pass


@dataclass(frozen=True)
class Boolean(Type):
    pass


@dataclass(frozen=True)
class Number(Type):
    whole: bool = False


@dataclass(frozen=True)
class Text(Type):
    """`choices` are all it can be; none means any text. `made` is a sentence of our code, or a time; `people`
    are what somebody is called, `monitor` is for reasons that a monitor mostly makes: see marks.py. `names` is the type
    of what it names, "" where it names nothing.
    """

    choices: tuple[str, ...] = ()
    made: bool = False
    people: bool = False
    monitor: bool = False
    names: str = ""


@dataclass(frozen=True)
class ListType(Type):
    element: Type = AnyType()


@dataclass(frozen=True)
class ObjectType(Type):
    """`rest` is the type of what lies under keys that are not known; None where there are none."""

    fields: Mapping[str, Type] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    rest: Type | None = None

    def missing(self, name: str) -> str:
        """What is said to who names a field that is not there."""
        return f"there is no field {name}{there_are(name, self.fields)}"


T = TypeVar("T", bound=Type)


# --- where types come from ---------------------------------------------------------------------


def read_schema(schema: Mapping[str, Any], links: Collection[str] = ()) -> Type:
    """The type a JSON schema of pydantic's describes. `links` are fields that masking spares."""
    return _read(schema, schema.get("$defs", {}), frozenset(links), ())


def type_of_value(value: JsonValue) -> Type:
    """The type that this value alone has."""
    if value is None:
        return Null(nullable=True)
    if isinstance(value, bool):
        return Boolean()
    if isinstance(value, int | float):
        return Number(whole=isinstance(value, int))
    if isinstance(value, str):
        return Text((value,))
    if isinstance(value, list):
        return ListType(union(map(type_of_value, value)))
    return ObjectType({key: type_of_value(inner) for key, inner in value.items()}, frozenset(value))


def union(types: Iterable[Type]) -> Type:
    """The narrowest type there is for a value of any of these; of none, AnyType."""
    some = list(types)
    return reduce(_either, some) if some else AnyType()


def _read(node: Any, definitions: Mapping[str, Any], links: frozenset[str], seen: tuple[str, ...]) -> Type:
    if not isinstance(node, Mapping):  # `true` in a schema: any value
        return AnyType()
    found = _read_composed(node, definitions, links, seen) or _read_plain(node, definitions, links, seen)
    return replace(
        found,
        untrusted=found.untrusted or node.get("untrusted") is True,
        masked=found.masked or node.get("masked") is True,
    )


def _read_composed(
    node: Mapping[str, Any], definitions: Mapping[str, Any], links: frozenset[str], seen: tuple[str, ...]
) -> Type | None:
    """What is described by other schemas, or by its values; None for what says its own type."""
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        # What holds itself is followed once; deeper it is looked at when it is there.
        followed = name in definitions and name not in seen
        return _read(definitions[name], definitions, links, (*seen, name)) if followed else AnyType()
    if "anyOf" in node or "oneOf" in node:
        return union(_read(one, definitions, links, seen) for one in node.get("anyOf") or node["oneOf"])
    if len(node.get("allOf", ())) == 1:
        return _read(node["allOf"][0], definitions, links, seen)
    if "const" in node or "enum" in node:
        return union(type_of_value(one) for one in node.get("enum", [node.get("const")]))
    return None


def _read_plain(
    node: Mapping[str, Any], definitions: Mapping[str, Any], links: frozenset[str], seen: tuple[str, ...]
) -> Type:
    match node.get("type"):
        case "string":
            made = node.get("made") is True or node.get("format") in _TIMES
            people, monitor = (node.get(mark) is True for mark in ("people", "monitor"))
            return Text(made=made, people=people, monitor=monitor, names=str(node.get(NAMES, "")))
        case "integer" | "number" as name:
            return Number(whole=name == "integer")
        case "boolean":
            return Boolean()
        case "null":
            return Null(nullable=True)
        case "array":
            items = [*node.get("prefixItems", ()), *([node["items"]] if node.get("items") else ())]
            return ListType(union(_read(one, definitions, links, seen) for one in items))
        case "object":
            return _read_object(node, definitions, links, seen)
    return AnyType()


def _read_object(
    node: Mapping[str, Any], definitions: Mapping[str, Any], links: frozenset[str], seen: tuple[str, ...]
) -> ObjectType:
    fields: dict[str, Type] = {}
    for name, inner in node.get("properties", {}).items():
        found = _read(inner, definitions, links, seen)
        hidden = isinstance(found, Text) and is_secret_name(name) and name not in links
        fields[name] = replace(found, masked=True) if hidden else found
    more = node.get("additionalProperties", True)
    rest = None if more is False else _read(more, definitions, links, seen)
    return ObjectType(fields, frozenset(node.get("required", ())), rest)


def _either(one: Type, other: Type) -> Type:
    if isinstance(one, Null) or isinstance(other, Null):
        found = other if isinstance(one, Null) else one
        return _flagged(found, one, other)
    if isinstance(one, Boolean) and isinstance(other, Boolean):
        return _flagged(one, one, other)
    if isinstance(one, Number) and isinstance(other, Number):
        return _flagged(Number(whole=one.whole and other.whole), one, other)
    if isinstance(one, Text) and isinstance(other, Text):
        both = one.choices and other.choices
        choices = tuple(dict.fromkeys(one.choices + other.choices)) if both else ()
        alike = {name: getattr(one, name) and getattr(other, name) for name in ("made", "people", "monitor")}
        names = one.names if one.names == other.names else ""
        return _flagged(Text(choices, names=names, **alike), one, other)
    if isinstance(one, ListType) and isinstance(other, ListType):
        return _flagged(ListType(_either(one.element, other.element)), one, other)
    if isinstance(one, ObjectType) and isinstance(other, ObjectType):
        rest = union(found for found in (one.rest, other.rest) if found) if one.rest or other.rest else None
        fields = {
            name: union(side.fields[name] for side in (one, other) if name in side.fields)
            for name in [*one.fields, *(name for name in other.fields if name not in one.fields)]
        }
        return _flagged(ObjectType(fields, one.required & other.required, rest), one, other)
    hidden = any(map(is_masked, (one, other)))
    open_one = AnyType(untrusted=is_untrusted(one) or is_untrusted(other), masked=hidden)
    return _flagged(open_one, one, other)


def _flagged(found: T, one: Type, other: Type) -> T:
    return replace(
        found,
        nullable=one.nullable or other.nullable,
        untrusted=found.untrusted or one.untrusted or other.untrusted,
        masked=found.masked or one.masked or other.masked,
    )


# --- what is asked of them ---------------------------------------------------------------------


def inside(found: Type) -> Iterator[Type]:
    """A type and every type it is made of."""
    yield found
    parts: list[Type] = []
    if isinstance(found, ListType):
        parts = [found.element]
    elif isinstance(found, ObjectType):
        parts = [*found.fields.values(), *([found.rest] if found.rest else [])]
    for part in parts:
        yield from inside(part)


def is_untrusted(found: Type) -> bool:
    """Whether a value of this type may hold, or was made or chosen by, text that is not to be trusted."""
    return any(part.untrusted for part in inside(found))


def is_masked(found: Type) -> bool:
    return any(part.masked for part in inside(found))


def part_of(whole: Type, part: T) -> T:
    """The type of a part, as it is when it is taken out of the whole."""
    return replace(part, untrusted=True) if whole.untrusted and not part.untrusted else part


def describe(found: Type) -> str:
    """The type in words: `text`, `a list of whole numbers`, `one of 'a', 'b'`."""
    match found:
        case Null():
            return "null"
        case Boolean():
            return "a boolean"
        case Number():
            return "a whole number" if found.whole else "a number"
        case Text(choices=()):
            return "text"
        case Text(choices=(only,)):
            return f"{only!r}"
        case Text():
            more = ", …" if len(found.choices) > SHOWN else ""
            return f"one of {', '.join(map(repr, found.choices[:SHOWN]))}{more}"
        case ListType():
            return f"a list ({describe(found.element)})"
        case ObjectType():
            names = list(found.fields)[:SHOWN]
            more = ", …" if len(found.fields) > SHOWN else ""
            return f"an object ({', '.join(names)}{more})" if names else "an object"
    return "any value"


def misfit(found: Type, wanted: Type, at: str = "") -> str | None:
    """Why a value of one type can never be taken, or may not always be, where another is wanted; None where it can.

    A null itself is allowed: where one is not wanted it is no_data when the step is to run. A null further in is not:
    there it would be found only by the tool.
    """
    if isinstance(found, AnyType) or isinstance(wanted, AnyType):
        return None
    if isinstance(found, Null) or (at and found.nullable):
        if wanted.nullable:
            return None if isinstance(found, Null) else misfit(replace(found, nullable=False), wanted, at)
        what = "null" if isinstance(found, Null) else f"{describe(found)} or null"
        return f"{at and at + ': '}found {what}, expected {describe(wanted)}"
    unlike = f"{at and at + ': '}found {describe(found)}, expected {describe(wanted)}"
    match found, wanted:
        case Boolean(), Boolean():
            return None
        case Number(), Number():
            return unlike if wanted.whole and not found.whole else None
        case Text(), Text():
            if found.choices and wanted.choices and not set(found.choices) & set(wanted.choices):
                near = nearest(found.choices[0], wanted.choices)
                return unlike + (f"; nearest: {', '.join(map(repr, near))}" if near else "")
            return None
        case ListType(), ListType():
            return misfit(found.element, wanted.element, f"{at}[]")
        case ObjectType(), ObjectType():
            return _object_misfit(found, wanted, at)
    return unlike


def _object_misfit(found: ObjectType, wanted: ObjectType, at: str) -> str | None:
    for name, inner in found.fields.items():
        expected = wanted.fields.get(name, wanted.rest)
        if expected is None:
            return f"{at and at + ': '}{wanted.missing(name)}"
        if problem := misfit(inner, expected, f"{at}.{name}" if at else name):
            return problem
    absent = sorted(wanted.required - found.fields.keys())
    if absent and found.rest is None:
        return f"{at and at + ': '}found {describe(found)}, expected one with {', '.join(absent)}"
    return None
