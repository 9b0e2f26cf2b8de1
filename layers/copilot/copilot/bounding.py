"""JSON values and texts made to fit into so many tokens, saying what was left out."""

from __future__ import annotations

import json

from pydantic import JsonValue

from copilot.tokens import count_tokens

CUT = "\u2026 cut"
_MOST_PER_TOKEN = 16
_STEPS = ((60, 2_000), (40, 600), (25, 300), (15, 200), (10, 120), (6, 80), (3, 60), (1, 40))
"""From much to little: elements of a list and characters of a text that are kept."""


def bounded(value: JsonValue, tokens: int) -> JsonValue:
    """The value, or as much of it as fits: lists and texts shorter, each saying that it was cut."""
    for elements, characters in ((10**9, 10**9), *_STEPS):
        shorter = _shortened(value, elements, characters)
        if count_tokens(as_json(shorter)) <= tokens:
            return shorter
    return CUT


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


def as_json(value: JsonValue) -> str:
    """Compact JSON on one line, whatever the texts in it hold: every kind of line break is escaped, and so is what
    cannot be seen.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _shortened(value: JsonValue, elements: int, characters: int) -> JsonValue:
    if isinstance(value, str):
        return value if len(value) <= characters else value[:characters] + CUT
    if isinstance(value, list):
        kept = [_shortened(one, elements, characters) for one in value[:elements]]
        return [*kept, f"{CUT}: {len(value) - elements} more"] if len(value) > elements else kept
    if isinstance(value, dict):
        return {key: _shortened(one, elements, characters) for key, one in value.items()}
    return value
