"""Which valid names look most like one that is not valid: what a person, or a model, may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

CLOSE_ENOUGH = 0.5
LISTED = 8


def nearest(said: str, valid: Iterable[str], most: int = 1, close_enough: float = CLOSE_ENOUGH) -> list[str]:
    """Up to so many valid names, the likest first; none where nothing is like it."""
    return get_close_matches(said, list(valid), n=most, cutoff=close_enough)


def there_are(said: str, valid: Iterable[str]) -> str:
    """`; nearest: x`; where nothing is near, `; there are a, b, c`; and "" where there is nothing at all."""
    names = list(valid)
    if near := nearest(said, names):
        return f"; nearest: {near[0]}"
    more = ", …" if len(names) > LISTED else ""
    return f"; there are {', '.join(names[:LISTED])}{more}" if names else ""


def squashed(text: str) -> str:
    """A name without what people leave out of it, or write in another way."""
    return re.sub(r"[\W_]+", "", text.casefold())
