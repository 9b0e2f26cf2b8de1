"""What a platform signs with, as it is kept elsewhere: read when it is needed, and again when it may have changed."""

from __future__ import annotations

from collections.abc import Callable

KEPT = 300
"""Seconds that it is used without being read again."""
AGAIN = 60
"""Seconds at least between two readings, whatever comes signed otherwise: anybody may send that."""


class SigningSecret:
    """`read` raises CopilotError; `seconds` are since any fixed moment."""

    def __init__(self, read: Callable[[], str], seconds: Callable[[], float]) -> None:
        self._read, self._seconds = read, seconds
        self._secret, self._read_at, self._looked_at = "", float("-inf"), float("-inf")

    def now(self) -> str:
        """Raises what `read` does."""
        if self._seconds() - self._read_at >= KEPT:
            self._fetch()
        return self._secret

    def another(self) -> str | None:
        """The one that has come in its place, if one has and it was not just looked for. Raises what `read` does."""
        if self._seconds() - max(self._read_at, self._looked_at) < AGAIN:
            return None
        before, self._looked_at = self._secret, self._seconds()
        self._fetch()
        return self._secret if self._secret != before else None

    def _fetch(self) -> None:
        secret = self._read()
        self._secret, self._read_at = secret, self._seconds()
