"""Whether words stand in a text: whatever the case of their letters, with * for any letters between."""

from __future__ import annotations

from collections.abc import Sequence

ANY = "*"


def pieces(word: str) -> list[str]:
    """What stands between the stars."""
    return [piece for piece in word.casefold().split(ANY) if piece]


def stands_in(word: str, text: str) -> bool:
    """`text` is folded. Not by a regular expression: what a person asks for could make one that never ends."""
    at = 0
    for piece in pieces(word):
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def is_found(words: Sequence[str], any_of: Sequence[str], text: str) -> bool:
    """Whether each of the words stands in it, and one of `any_of` where there are any."""
    folded = text.casefold()
    return all(stands_in(word, folded) for word in words) and (
        not any_of or any(stands_in(word, folded) for word in any_of)
    )
