"""How names are compared."""

from __future__ import annotations

import re


def squashed(text: str) -> str:
    """A name without what people leave out of it, or write in another way."""
    return re.sub(r"[\W_]+", "", text.casefold())
