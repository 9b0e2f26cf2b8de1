"""Where in an output marked text is. Pure.

Whatever neither our code nor the asker's own words made is untrusted, wherever it is kept and however it is handed on:
it carries a mark. A tool's Output says of its fields which kind of text is in them:

- `Made`: a sentence of our own code. Names from outside stand in it as `quoted` gives them: in « » where they do not
  look like names. It is trusted where there is no «.
- `Untrusted`: text that somebody or something else wrote. Never trusted, but for the reasons of a `Monitor` that are
  in its own few words.
- `People`: who owns a thing, by name or mailbox. Trusted where it looks like that.
- any other text: a name or an id that our code resolved. Trusted where it looks like one.

A field is named by its path, such as environments[].owner. Before there is a value, the schema alone says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from pydantic import JsonValue

from copilot.plans.schema_types import AnyType, ListType, ObjectType, Text, Type
from copilot.text.outside import OPEN, looks_like_a_name, looks_like_people, says_what_monitors_say

ANY = "*"


def marked_paths(value: JsonValue, found: Type) -> tuple[str, ...]:
    """The fields of an output, a value of this type, that hold marked text; "" is all of it."""
    return tuple(dict.fromkeys(_marked(value, found, "")))


def with_marks(found: Type, paths: Collection[str], at: str = "") -> Type:
    """The type of an output of which these fields hold marked text, and no others."""
    found = replace(found, untrusted=at in paths)
    if isinstance(found, ListType):
        return replace(found, element=with_marks(found.element, paths, f"{at}[]"))
    if isinstance(found, ObjectType):
        fields = {name: with_marks(inner, paths, _below(at, name)) for name, inner in found.fields.items()}
        rest = with_marks(found.rest, paths, _below(at, ANY)) if found.rest else None
        return replace(found, fields=fields, rest=rest)
    return found


def trusted_texts(value: JsonValue, found: Type) -> Iterator[str]:
    """Every text in an output that is not marked."""
    if found.untrusted:
        return
    if isinstance(value, str):
        if not _is_marked(value, found):
            yield value
    elif isinstance(value, list):
        for inner in value:
            yield from trusted_texts(inner, found.element if isinstance(found, ListType) else AnyType())
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from trusted_texts(inner, _field(found, name)[1])


def _marked(value: JsonValue, found: Type, at: str) -> Iterator[str]:
    if value is None or value == "" or value == [] or value == {}:
        return
    if found.untrusted:
        if not _is_a_monitors(value, found):
            yield at
    elif isinstance(value, str):
        if _is_marked(value, found):
            yield at
    elif isinstance(value, list):
        yield from _marked_in_list(value, found, at)
    elif isinstance(value, dict):
        yield from _marked_in_object(value, found, at)


def _marked_in_list(value: list[JsonValue], found: Type, at: str) -> Iterator[str]:
    for inner in value:
        if isinstance(found, ListType):
            yield from _marked(inner, found.element, f"{at}[]")
        else:
            yield from (at for _ in _marked(inner, AnyType(), at))


def _marked_in_object(value: dict[str, JsonValue], found: Type, at: str) -> Iterator[str]:
    for name, inner in value.items():
        path, type = _field(found, name)
        below = at if isinstance(found, AnyType) else _below(at, path)
        if path == ANY and not looks_like_a_name(name):
            yield below
        yield from _marked(inner, type, below)


def _field(found: Type, name: str) -> tuple[str, Type]:
    """The path and the type of a field; what lies under a free key is any value."""
    if isinstance(found, ObjectType):
        if name in found.fields:
            return name, found.fields[name]
        return ANY, found.rest or AnyType()
    return ANY, AnyType()


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _is_a_monitors(value: JsonValue, found: Type) -> bool:
    """Whether it is made of reasons that nobody else can have said anything in."""
    if isinstance(found, ListType) and isinstance(value, list):
        return all(_is_a_monitors(inner, found.element) for inner in value)
    return isinstance(found, Text) and found.monitor and isinstance(value, str) and says_what_monitors_say(value)


def _is_marked(text: str, found: Type) -> bool:
    if isinstance(found, Text) and found.choices:
        return text not in found.choices
    if isinstance(found, Text) and found.made:
        return OPEN in text
    if isinstance(found, Text) and found.people:
        return bool(text) and not looks_like_people(text)
    return bool(text) and not looks_like_a_name(text)
