"""The keys that Teams' requests are signed with, from where Microsoft publishes them.

Of the standard library alone: the door is imported cold, and asks for them once a day.
"""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

from copilot.errors import RetryableError

SECONDS = 3
"""Teams waits longer for the answer to a message; whoever pressed a button does too."""
LARGEST = 200_000


class _NowhereElse(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class PublishedKeys:
    def __init__(self, url: str) -> None:
        self._url = url
        self.is_local = urlsplit(url).hostname == "127.0.0.1"
        self._opener = build_opener(_NowhereElse, *([ProxyHandler({})] if self.is_local else []))

    def fetch(self) -> bytes:
        """Raises RetryableError."""
        try:
            with self._opener.open(self._url, timeout=SECONDS) as reply:
                return bytes(reply.read(LARGEST + 1))
        except (OSError, http.client.HTTPException, ValueError):
            raise RetryableError("the keys that Teams' requests are signed with could not be read", ours=True) from None
