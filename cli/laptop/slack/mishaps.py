"""What goes wrong on demand: the next calls of a method fail, are slow, or are done and never answered."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any


@dataclass
class Mishap:
    """Of so many calls of one method, or of every one ("*").

    `error` is answered instead of doing it; `status` goes with it, `retry_after` in seconds too. `lost` does it and
    ends the connection without an answer. `seconds` is how long it takes.
    """

    method: str
    times: int = 1
    error: str = ""
    status: int = 200
    retry_after: int | None = None
    lost: bool = False
    seconds: float = 0


class Mishaps:
    def __init__(self) -> None:
        self._waiting: list[Mishap] = []
        self._unknown: set[str] = set()
        self._lock = Lock()

    def add(self, mishap: Mishap) -> None:
        with self._lock:
            self._waiting.append(mishap)

    def forget(self) -> None:
        """Nothing goes wrong from here on."""
        with self._lock:
            self._waiting.clear()
            self._unknown.clear()

    def take_away(self, *methods: str) -> None:
        """These are answered with `unknown_method`."""
        with self._lock:
            self._unknown.update(methods)

    def unknown(self, method: str) -> bool:
        return method in self._unknown

    def next(self, method: str) -> Mishap | None:
        """What befalls this call."""
        with self._lock:
            for mishap in self._waiting:
                if mishap.method in (method, "*"):
                    mishap.times -= 1
                    if mishap.times <= 0:
                        self._waiting.remove(mishap)
                    return mishap
        return None


class Rates:
    """How often something may be done: off until it is set. The figures of Slack's tiers are in `SLACK`."""

    SLACK = {"chat.postMessage": (1, 1.0), "chat.postEphemeral": (1, 1.0), "chat.update": (50, 60.0)}

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._limits: dict[str, tuple[int, float]] = {}
        self._done: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def limit(self, method: str, times: int, seconds: float) -> None:
        """At most so many calls of a method in so many seconds, in each channel."""
        self._limits[method] = (times, seconds)

    def limit_as_slack_does(self) -> None:
        self._limits.update(self.SLACK)

    def wait_for(self, method: str, arguments: dict[str, Any]) -> int | None:
        """After how many whole seconds this call may come again; None where it may be made now, which counts."""
        limit = self._limits.get(method)
        if limit is None:
            return None
        times, seconds = limit
        key = (method, str(arguments.get("channel", "")))
        with self._lock:
            done, now = self._done[key], self._now()
            while done and done[0] <= now - seconds:
                done.popleft()
            if len(done) >= times:
                return max(1, round(done[0] + seconds - now))
            done.append(now)
            return None
