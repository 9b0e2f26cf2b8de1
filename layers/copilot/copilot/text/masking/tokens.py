"""Tokens of known issuers in text, wherever they stand: found by how they begin, with no expression for each issuer."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.issuers import Format, Pattern, formats, patterns
from copilot.text.masking.lazily import compiled
from copilot.text.masking.spans import Span
from copilot.text.masking.values import is_random

RUN = r"[A-Za-z0-9_.~%$:/+={}!-]{20,}"
"""What the least token is a part of."""
_CHARACTERS = {
    "U": "[A-Za-z0-9]+",
    "H": "[A-Za-z0-9]+",
    "A": "[A-Za-z0-9]+",
    "W": "[A-Za-z0-9_-]+",
    "D": "[A-Za-z0-9_.=-]+",
    "B": "[A-Za-z0-9+/_=-]+",
    "X": "[A-Za-z0-9_.~%$:=/+-]+",
}
# A token begins where no word goes on. It may follow what escapes a character (\n, \u003d, %3D) or colours a terminal.
_ESCAPED = r"(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|[\[;]\d{1,2}m)\Z"


def tokens(text: str) -> Iterator[Span]:
    """Where in the text tokens are."""
    runs = "\n".join(dict.fromkeys(compiled(RUN).findall(text)))
    for known in formats():
        if known.begins in runs:
            yield from _beginning(text, known)
    for pattern in patterns():
        if any(hint in runs for hint in pattern.hints):
            yield from _matching(text, pattern)


def _beginning(text: str, known: Format) -> Iterator[Span]:
    body, least = compiled(_CHARACTERS[known.characters]), _least(known)
    at = text.find(known.begins)
    while at >= 0:
        begun = end = at + len(known.begins)
        if _may_begin(text, at) and (found := body.match(text, begun)):
            end = begun + len(found[0].rstrip(".:-/%"))
            if end - begun >= least and (not known.ordinary or _is_apart(text, at, end, least)):
                yield Span(at, end)
        at = text.find(known.begins, end)


def _least(known: Format) -> int:
    """How much of it must follow. Tokens are cut off in logs, and formats grow shorter as well as longer."""
    if known.length < 20 or len(known.begins) < 3:
        return known.length
    return min(max(known.length * 3 // 5 if known.ordinary else known.length // 2, 16), 32)


def _is_apart(text: str, at: int, end: int, least: int) -> bool:
    """Whether what begins as names do is random, and no piece of base64. Names of pods end in 15 random letters."""
    before, after = text[at - 1 : at], text[end : end + 1]
    if before in ("+", "_", "-", ".") or after in ("+", "=") or before == after == "/":
        return False
    if not compiled("[0-9]").search(text, at, end):
        return False
    return is_random(text[at:end], max(16, least * 3 // 4) if least > 16 else least)


def _may_begin(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    return (
        not (before.isascii() and before.isalnum()) or compiled(_ESCAPED).search(text[max(at - 6, 0) : at]) is not None
    )


def _matching(text: str, pattern: Pattern) -> Iterator[Span]:
    for found in compiled(pattern.shape).finditer(text):
        start, end = found.span(found.lastindex or 0)
        if not pattern.ordinary or is_random(found[0]):
            yield Span(start, end)
