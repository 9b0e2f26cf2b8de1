"""Whether a request may have been sent just now, by the time that it says it was."""

from __future__ import annotations

import re

SKEW = 300
"""Seconds that the time of a request may be off, either way."""
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def is_timestamp(text: str) -> bool:
    return _TIMESTAMP.fullmatch(text) is not None


def is_fresh(timestamp: str, now: float) -> bool:
    """Whether a request of that time may be one sent `now`, both in seconds since 1970."""
    return is_timestamp(timestamp) and abs(now - int(timestamp)) <= SKEW
