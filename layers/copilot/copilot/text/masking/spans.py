"""Parts of a text to be hidden, and how they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from copilot.text.masking.lazily import compiled
from copilot.text.masking.values import MASK


class Span(NamedTuple):
    """From where to where. `quote` is put on both sides of the mask, where a bare number in JSON was hidden."""

    start: int
    end: int
    quote: str = ""


def hidden(text: str, spans: Iterable[Span]) -> str:
    """The text with a mask for each of these parts, one for those that meet. No escape of a character is cut in two."""
    pieces: list[str] = []
    done = 0
    for start, end, quote in sorted(spans):
        start, end = max(_after_escape(text, start), done), _before_escape(text, start, end)
        if start >= end:
            continue
        if start > done or not pieces:
            pieces += [text[done:start], quote + MASK + quote]
        done = end
    return "".join([*pieces, text[done:]])


def _after_escape(text: str, start: int) -> int:
    """Behind the escape that the part begins in the midst of: after the n of \\n."""
    if text[start - 1 : start] != "\\" or _backslashes(text, start) % 2 == 0:
        return start
    if compiled("u[0-9a-fA-F]{4}").match(text, start):
        return start + 5
    return start + 1 if text[start : start + 1] in tuple("nrtbf") else start


def _before_escape(text: str, start: int, end: int) -> int:
    """Before the backslash that belongs to what follows the part."""
    count = _backslashes(text, end)
    return max(end - count, start) if count and text[end : end + 1] in tuple("\"'`") else end


def _backslashes(text: str, end: int) -> int:
    """How many of them end there."""
    start = end
    while start and text[start - 1] == "\\":
        start -= 1
    return end - start
