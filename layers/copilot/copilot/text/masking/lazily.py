"""Patterns compiled when they are first needed: masking is in nearly every handler, and most texts need few of them."""

from __future__ import annotations

import re
from functools import cache


@cache
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)
