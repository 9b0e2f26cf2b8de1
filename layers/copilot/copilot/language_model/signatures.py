"""Tools as a model reads them: one typed line each, in place of two JSON schemas.

A parameter or field without a type is text; `a|b` are the texts it may be, /x/ is what they look like; `?` after a
parameter: it may be left out, after a field: it may be null; `...`: there is more that is not shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from copilot.domain import OUR_OWN, SHAPE
from copilot.plans.schema_types import Boolean, ListType, Number, ObjectType, Text, Type
from copilot.tools.by_hand import NEEDED
from copilot.tools.tool import AnyTool

LONGEST = 800
"""Characters of the fields of one type, or of one tool's output; what has more of them is shown with less detail."""
LONGEST_VALUE = 300
"""Characters of the type of a value."""
WRITTEN = 7
"""Fields of an object that a model may write out; what has more of them it hands on as another tool gave it."""
_DETAIL = ((9, 1_000), (2, 1_000), (2, 12), (1, 12), (1, 6))
"""From much to little: how deep fields are shown, and how many of each object."""
_PLAIN = {"string": "", "integer": "int", "boolean": "bool"}
_WORDS = re.compile(r"[a-z]+")
_NAMES = re.compile(r"\b[A-Z]\w*")
_CHOICES = re.compile(r"(\w+)(\??: \[?)(\w(?:[\w -]*\w)?(?:\|\w(?:[\w -]*\w)?)+)")
_SHORT_CHOICES = 20
"""Characters of choices that are written out wherever they occur."""
_SAYS_NOTHING = frozenset("a an the of s its it this these those one only in to by".split())

Schema = Mapping[str, Any]


def signature(tool: AnyTool) -> str:
    """One line: name, parameters with type, bounds, default and meaning, fields of the output, what it is for, and its
    effect unless that is to read. A type that it has more than once is a line before it.
    """
    return signatures((tool,))


def written(found: Type) -> str:
    """The type of a value, as the fields of an output are written."""
    texts = (_written(found, detail) for detail in _DETAIL)
    return next((text for text in texts if len(text) <= LONGEST_VALUE), "...")


def _written(found: Type, detail: tuple[int, int]) -> str:
    depth, most = detail
    match found:
        case Text(choices=()):
            return "text"
        case Text():
            return "|".join(found.choices[:most])
        case Number():
            return "int" if found.whole else "number"
        case Boolean():
            return "bool"
        case ListType():
            return f"[{_written(found.element, detail)}]"
        case ObjectType() if depth:
            there = {name: inner for name, inner in found.fields.items() if name != NEEDED}
            fields = [
                name
                + ("?" if inner.nullable else "")
                + (f": {_written(inner, (depth - 1, most))}" if _said(inner) else "")
                for name, inner in list(there.items())[:most]
            ]
            return "{" + ", ".join([*fields, *(["..."] if len(there) > most else [])]) + "}"
    return "..."


def _said(found: Type) -> bool:
    """Whether its type is written out: that of a plain text is not."""
    return not (isinstance(found, Text) and not found.choices)


def signatures(tools: Sequence[AnyTool]) -> str:
    """A line for each tool, after a line for each type that occurs more than once among them, choices of texts too."""
    types = _types(tools)
    shared = frozenset(types)
    written = {name: _fields(replace(types[name], shared=shared)) for name in sorted(types)}
    lines = [_line(tool, shared) for tool in tools]
    for name, fields in written.items():  # what another type has the same fields as is called by its name as well
        lines = [line.replace(fields, name) for line in lines]
    definitions = {name: f"{name} = {fields}" for name, fields in written.items()}
    choices = _choices([*lines, *definitions.values()], definitions.keys())

    def by_name(line: str) -> str:
        return _CHOICES.sub(lambda found: found[1] + found[2] + choices.get(found[3], found[3]), line)

    lines = [by_name(line) for line in lines]
    definitions = {name: by_name(line) for name, line in definitions.items()}
    definitions |= {name: f"{name} = {texts}" for texts, name in choices.items()}
    named = _named(lines, definitions)
    return "\n".join([*(text for name, text in definitions.items() if name in named), *lines])


def _choices(lines: Sequence[str], taken: Set[str]) -> dict[str, str]:
    """A name for each choice of texts that is long and occurs more than once: that of a field of this type."""
    fields: dict[str, Counter[str]] = {}
    for line in lines:
        for field, between, texts in _CHOICES.findall(line):
            one = field.removesuffix("s") if between.endswith("[") else field
            fields.setdefault(texts, Counter())[one.capitalize()] += 1
    found: dict[str, str] = {}
    for texts, names in sorted(fields.items(), key=lambda one: (-one[1].total(), one[0])):
        name = names.most_common(1)[0][0]
        if names.total() > 1 and len(texts) >= _SHORT_CHOICES and name not in {*taken, *found.values()}:
            found[texts] = name
    return found


def _named(lines: Sequence[str], definitions: Mapping[str, str]) -> set[str]:
    """The types that the lines speak of, and those that these are made of: where room was short, not all there are."""
    found: set[str] = set()
    left = [*lines]
    while left:
        words = {*_NAMES.findall(left.pop())}
        new = (words & definitions.keys()) - found
        found |= new
        left += [definitions[name] for name in new]
    return found


@dataclass(frozen=True)
class _Type:
    """A schema with the types it refers to, the names of those that are not written out, and whether it is given to a
    tool: then its fields have meanings and may be left out.
    """

    schema: Schema
    known: Mapping[str, Schema]
    shared: frozenset[str] = frozenset()
    given: bool = False


@lru_cache(maxsize=2_000)
def _schema(model: type[BaseModel]) -> Schema:
    """Without what only commands by hand need, and what code alone fills in."""
    schema = model.model_json_schema()
    ours = {NEEDED, *(name for name, one in schema.get("properties", {}).items() if OUR_OWN.items() <= one.items())}
    fields = {name: field for name, field in schema.get("properties", {}).items() if name not in ours}
    return {**schema, "properties": fields} if "properties" in schema else schema


def _of(model: type[BaseModel], shared: frozenset[str] = frozenset(), given: bool = False) -> _Type:
    schema = _schema(model)
    return _Type(schema, schema.get("$defs", {}), shared, given)


def _line(tool: AnyTool, shared: frozenset[str]) -> str:
    given, gives = _of(tool.Input, shared, given=True), _of(tool.Output, shared)
    parameters = _fields(given)[1:-1]
    title = gives.schema.get("title", "")
    output = title if title in shared else _fields(gives)
    effect = "" if tool.effect == "read" else f" ({tool.effect})"
    return f"{tool.name}({parameters}) -> {output}  # {tool.summary}{effect}"


def _fields(type: _Type) -> str:
    """The fields of an object, in as much detail as there is room for."""
    texts = (_object(type, detail) for detail in _DETAIL)
    return next((text for text in texts if len(text) <= LONGEST), "{...}")


def _object(type: _Type, detail: tuple[int, int]) -> str:
    depth, most = detail
    if not depth:
        return "{...}"
    fields = {name: field for name, field in type.schema.get("properties", {}).items() if not field.get("of_sources")}
    required = type.schema.get("required", ())
    shown = [
        _field(name, name in required, replace(type, schema=field), (depth - 1, most))
        for name, field in list(fields.items())[:most]
    ]
    return "{" + ", ".join([*shown, *(["..."] if len(fields) > most else [])]) + "}"


def _field(name: str, required: bool, type: _Type, detail: tuple[int, int]) -> str:
    schema, said = type.schema, _typed(type, detail)
    optional = not required if type.given else any(one.get("type") == "null" for one in schema.get("anyOf", ()))
    text = name + ("?" if optional else "") + (f": {said}" if said else "")
    if not type.given:
        return text
    default, meaning = schema.get("default"), schema.get("description", "")
    if default is not None and default != "" and default != []:
        text += f" = {str(default).lower() if isinstance(default, bool) else default}"
    return text + (f" /*{meaning}*/" if _adds(meaning, name) else "")


def _adds(meaning: str, name: str) -> bool:
    """Whether a description says more than the name does."""
    return not set(_WORDS.findall(meaning.lower())) <= {*_WORDS.findall(name.lower()), *_SAYS_NOTHING}


def _typed(type: _Type, detail: tuple[int, int]) -> str:
    """A type in few words; "" for text."""
    schema = type.schema
    if type.given and SHAPE in schema:
        return str(schema[SHAPE])
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return name if name in type.shared else _typed(replace(type, schema=type.known.get(name, {})), detail)
    if choices := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return "|".join(map(str, choices))
    if alternatives := [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]:
        said = [_typed(replace(type, schema=one), detail) for one in alternatives]
        return "|".join(one or "text" for one in said) if len(said) > 1 else said[0]
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"[{_typed(replace(type, schema=schema.get('items', {})), detail) or 'text'}]"
    if kind == "object" and "properties" in schema:
        handed_on = type.given and len(schema["properties"]) > WRITTEN
        return "{...}" if handed_on else _object(type, detail)
    if kind == "string" and schema.get("format") == "date-time":
        return "time"
    return (_PLAIN.get(kind, kind) + _bounds(schema) + _pattern(schema, type.given)).strip()


def _bounds(schema: Schema) -> str:
    """`1..26`; `>0..100` where the end itself is left out."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    first = f">{above}" if above is not None else "" if low is None else f"{low}"
    last = f"<{below}" if below is not None else "" if high is None else f"{high}"
    return f" {first}..{last}" if first or last else ""


def _pattern(schema: Schema, given: bool) -> str:
    """Of a parameter: what it has to look like, as a regular expression between slashes."""
    pattern = schema.get("pattern")
    return f" /{pattern.removeprefix('^').removesuffix('$')}/" if given and pattern else ""


def _types(tools: Sequence[AnyTool]) -> dict[str, _Type]:
    """By name, the objects that are referred to more than once, and mean the same wherever that is."""
    mentions = Counter[str]()
    found: dict[str, _Type] = {}
    ambiguous: set[str] = set()
    for tool in tools:
        given, gives = _of(tool.Input), _of(tool.Output)
        own = {gives.schema.get("title", ""): gives.schema, **gives.known}
        mentions[gives.schema.get("title", "")] += 1
        mentions.update(_references(given.schema.get("properties")))
        for name, schema in [*given.known.items(), *own.items()]:
            known = gives.known if name in own else given.known
            if name not in found:
                found[name] = _Type(schema, known)
                mentions.update(_references(schema.get("properties")))
            elif found[name].schema.get("properties") != schema.get("properties"):
                ambiguous.add(name)
    return {
        name: type
        for name, type in found.items()
        if mentions[name] > 1 and name not in ambiguous and type.schema.get("properties")
    }


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for inner in schema.values():
            yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)
