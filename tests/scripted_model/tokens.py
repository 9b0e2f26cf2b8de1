"""A tokenizer that needs no vocabulary: deterministic, and near enough to count by."""

from __future__ import annotations

import re
from collections.abc import Callable

PIECE = re.compile(r"[^\W\d_]{1,7}|\d{1,3}|[^\w\s]|_|\n+")


def count_tokens(text: str) -> int:
    """Words in pieces of up to seven letters, numbers of up to three digits, every mark and every run of new lines."""
    return len(PIECE.findall(text))


def first_tokens(text: str, most: int, count: Callable[[str], int]) -> str:
    """The longest beginning of a text that has at most so many tokens."""
    if count(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= most else (low, middle - 1)
    return text[:low]
