"""Numbers of things and lists of words, as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence

NAMED_AT_MOST = 5


def count(number: int, noun: str) -> str:
    """`1 service`, `2 services`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def listed(words: Sequence[str]) -> str:
    """Some words in a line, the first few of them where there are many."""
    rest = len(words) - NAMED_AT_MOST
    return ", ".join(words) if rest <= 1 else f"{', '.join(words[:NAMED_AT_MOST])} and {rest} more"


def first_line(text: str) -> str:
    """The first line of a text, to stand alone: what it announces does not follow."""
    return text.partition("\n")[0].removesuffix(":")


def shortened(text: str, most: int) -> str:
    """At most so many characters of a text; one that is cut ends in an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}\u2026"
