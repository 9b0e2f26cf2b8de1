"""JSON values and texts made to fit into so many tokens, saying what was left out."""

from __future__ import annotations

import json
from typing import NamedTuple

from pydantic import JsonValue

from copilot.text.tokens import count_tokens

CUT = "\u2026 cut"
_MOST_PER_TOKEN = 16
_ALL = 10**9
_BOTH_ENDS = 12
"""Tokens of which a beginning and an end can be told."""


class _Shape(NamedTuple):
    """How much is kept: characters of a text, elements of a list; fields with longer texts than `whole` go."""

    characters: int
    elements: int = _ALL
    whole: int = _ALL


_SHAPES = (
    *(_Shape(_ALL), _Shape(2_000), _Shape(600), _Shape(300)),
    # What tells the elements apart, and is decided by, is short: sooner than an element the long fields of all go.
    *(_Shape(200, whole=600), _Shape(120, whole=300), _Shape(80, whole=120)),
    *(_Shape(60, whole=60), _Shape(40, whole=40)),
    *(_Shape(60, elements, 60) for elements in (60, 40, 25, 15, 10, 6, 3, 1)),
)


def bounded(value: JsonValue, tokens: int) -> JsonValue:
    """The value, or as much of it as fits: texts shorter, then without long fields, then lists shorter, then without
    large fields; it says what was cut.
    """
    for shape in _SHAPES:
        shorter = _shortened(value, shape)
        if count_tokens(as_json(shorter)) <= tokens:
            return shorter
    return _smallest_fields(shorter, tokens) if isinstance(shorter, dict) else CUT


def _smallest_fields(value: dict[str, JsonValue], tokens: int) -> JsonValue:
    """As many of an object's fields as fit, the small ones first: what they sum up is rather said by them."""
    kept: set[str] = set()
    names = [name for name in value if name != CUT]
    for name in sorted(names, key=lambda name: (count_tokens(as_json(value[name])), name)):
        if count_tokens(as_json(_without(value, kept | {name}))) <= tokens:
            kept.add(name)
    return _without(value, kept) if kept else CUT


def _without(value: dict[str, JsonValue], kept: set[str]) -> dict[str, JsonValue]:
    gone = value.get(CUT, [])
    cut: JsonValue = [*(gone if isinstance(gone, list) else []), *(n for n in value if n not in kept and n != CUT)]
    return {name: inner for name, inner in value.items() if name in kept} | {CUT: cut}


def bounded_text(text: str, tokens: int) -> str:
    """The beginning of the text."""
    # Nothing but blanks has more characters to a token.
    most = _MOST_PER_TOKEN * (tokens + 1)
    if len(text) <= most and count_tokens(text) <= tokens:
        return text
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(text[:middle]) < tokens else (low, middle - 1)
    return text[:low] + CUT


def bounded_ends(text: str, tokens: int) -> str:
    """The beginning of the text and its end, of which there is more: what counts in an answer is mostly said last."""
    most = _MOST_PER_TOKEN * (tokens + 1)
    if len(text) <= most and count_tokens(text) <= tokens:
        return text
    if (left := tokens - count_tokens(CUT) - 1) < _BOTH_ENDS:
        return bounded_text(text, tokens)
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(text[len(text) - middle :]) <= left * 2 // 3 else (low, middle - 1)
    end = text[len(text) - low :]
    return f"{bounded_text(text, left - count_tokens(end))} {end.lstrip()}"


def as_json(value: JsonValue) -> str:
    """Compact JSON on one line, whatever the texts in it hold: every kind of line break is escaped, and so is what
    cannot be seen.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _shortened(value: JsonValue, shape: _Shape, gone: set[str] | None = None) -> JsonValue:
    """`gone` takes the names of fields that are left out, for who says it of all elements at once."""
    if isinstance(value, str):
        return value if len(value) <= shape.characters else value[: shape.characters] + CUT
    if isinstance(value, list):
        missing: set[str] = set()
        kept = [_shortened(one, shape, missing) for one in value[: shape.elements]]
        notes: list[JsonValue] = [f"{CUT} of each: {', '.join(sorted(missing))}"] if missing else []
        more = len(value) - shape.elements
        return [*kept, *notes, *([f"{CUT}: {more} more"] if more > 0 else [])]
    if isinstance(value, dict):
        long = {key for key, one in value.items() if isinstance(one, str) and len(one) > shape.whole}
        fields = {key: _shortened(one, shape) for key, one in value.items() if key not in long}
        if gone is not None:
            gone |= long
        elif long:
            cut: list[JsonValue] = list(sorted(long))
            fields[CUT] = cut
        return fields
    return value
