"""What is handed out with an interaction and is good for a short while: trigger ids and response URLs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

TRIGGER_SECONDS = 3
RESPONSE_SECONDS = 30 * 60
RESPONSES = 5


class Refusal(Exception):
    """`ok: false` with this error; `more` stands beside it in the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass
class Trigger:
    user: str
    until: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an answer to an interaction goes: the message it was on, if it was on one, and who acted."""

    channel: str
    user: str
    ts: str | None
    thread_ts: str | None
    until: float
    left: int = RESPONSES


class Handed:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}
        self._lock = Lock()

    def trigger(self, user: str) -> str:
        """A new trigger id."""
        id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[id] = Trigger(user, self._now() + TRIGGER_SECONDS)
        return id

    def exchange(self, id: str) -> str:
        """Whose trigger it was. Good once. Raises Refusal."""
        with self._lock:
            trigger = self._triggers.get(id)
            if trigger is None:
                raise Refusal("invalid_trigger_id")
            if trigger.used:
                raise Refusal("exchanged_trigger_id")
            if self._now() > trigger.until:
                raise Refusal("expired_trigger_id")
            trigger.used = True
            return trigger.user

    def response(self, channel: str, user: str, ts: str | None, thread_ts: str | None) -> str:
        """The last part of a new response URL."""
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._responses[key] = ResponseUrl(channel, user, ts, thread_ts, self._now() + RESPONSE_SECONDS)
        return key

    def use(self, key: str) -> ResponseUrl:
        """One use of it. Raises Refusal."""
        with self._lock:
            response = self._responses.get(key)
            if response is None:
                raise Refusal("invalid_url")
            if self._now() > response.until:
                raise Refusal("expired_url")
            if response.left <= 0:
                raise Refusal("used_url")
            response.left -= 1
            return response
