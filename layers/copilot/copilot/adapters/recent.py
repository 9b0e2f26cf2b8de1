"""What a platform said, remembered for a while: who is in a channel, what channels there are, who somebody is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from copilot.ports import Clock

FRESH = timedelta(minutes=5)
T = TypeVar("T")


class Recent:
    """What `look` gave under a key, until it is no longer fresh. What it raised is not remembered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[str, ...], tuple[datetime, Any]] = {}

    def __call__(self, key: tuple[str, ...], look: Callable[[], T]) -> T:
        now = self._clock.now()
        seen = self._known.get(key)
        if seen is not None and now - seen[0] < FRESH:
            return cast(T, seen[1])
        found = look()
        self._known[key] = now, found
        return found
