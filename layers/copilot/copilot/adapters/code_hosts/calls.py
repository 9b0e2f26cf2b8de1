"""A code host over HTTP. Its token goes to its own API alone, along with no redirect, and into no error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from copilot.adapters.quiet import keep_quiet
from copilot.config.places import LOOPBACK
from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError

SECONDS = 10
LARGEST_REPLY = 5_000_000
LOOKED_THROUGH = 50_000_000
"""In bytes, of a log: what comes after is not looked at, and so none of it is shown."""
_WAITS_AT_MOST = 900

keep_quiet("httpx", "httpcore")


class Calls:
    """`host` is what people call it; everything raises as ports.CodeHosts says, naming what was being done."""

    def __init__(self, host: str, base: str, headers: Mapping[str, str]) -> None:
        self._host, self._base, self._headers = host, base.rstrip("/"), headers

    def get(self, what: str, path: str) -> Any:
        return self._json(what, "GET", path)

    def post(self, what: str, path: str, body: Mapping[str, Any]) -> Any:
        return self._json(what, "POST", path, json=dict(body))

    def tail(self, what: str, path: str, most: int) -> bytes:
        """The last bytes of a text, at most so many. It may lie elsewhere, where the host says: there without a token.

        Raises FatalError where it is too long to be looked through.
        """
        with self._opened(what, "GET", path) as reply:
            if reply.status_code in {301, 302, 303, 307, 308}:
                elsewhere = reply.headers.get("location", "")
            else:
                return self._end_of(what, reply, most)
        if not self._is_safe(elsewhere):
            raise FatalError(f"{what}: {self._host} says it is at an address that is not https", ours=True)
        with self._sent(what, "GET", elsewhere, {}) as reply:
            self._checked(what, reply)
            return self._end_of(what, reply, most)

    def _end_of(self, what: str, reply: httpx.Response, most: int) -> bytes:
        end, seen = b"", 0
        for chunk in reply.iter_bytes(65_536):
            seen += len(chunk)
            if seen > LOOKED_THROUGH:
                raise FatalError(f"{what}: it has more than {LOOKED_THROUGH:,} bytes, and was not read", ours=True)
            end = (end + chunk)[-most:]
        return end

    def _json(self, what: str, method: str, path: str, **more: Any) -> Any:
        with self._opened(what, method, path, **more) as reply:
            if reply.status_code >= 300:
                raise NotFound(
                    f"{what}: {self._host} has it under another name now; correct the configuration", ours=True
                )
            body = b""
            for chunk in reply.iter_bytes():
                body += chunk
                if len(body) > LARGEST_REPLY:
                    raise FatalError(f"{what}: {self._host} answered with too much", ours=True)
        try:
            return httpx.Response(200, content=body).json()
        except ValueError:
            raise RetryableError(f"{what}: {self._host} did not answer in JSON", ours=True) from None

    @contextmanager
    def _opened(self, what: str, method: str, path: str, **more: Any) -> Iterator[httpx.Response]:
        with self._sent(what, method, f"{self._base}{path}", self._headers, **more) as reply:
            self._checked(what, reply)
            yield reply

    @contextmanager
    def _sent(
        self, what: str, method: str, url: str, headers: Mapping[str, str], **more: Any
    ) -> Iterator[httpx.Response]:
        local = urlsplit(url).hostname in LOOPBACK
        try:
            with (
                httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=not local) as client,
                client.stream(method, url, headers=dict(headers), **more) as reply,
            ):
                yield reply
        except CopilotError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise RetryableError(f"{what}: {self._host} did not answer", ours=True) from None

    def _checked(self, what: str, reply: httpx.Response) -> None:
        status, said = reply.status_code, f"{self._host} answered with {reply.status_code}"
        if status < 400:
            return
        if status == 404 or status == 410:
            raise NotFound(f"{what}: {self._host} has none of it, or not for this token", ours=True)
        limited = reply.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in reply.headers
        if status == 429 or status >= 500 or (status == 403 and limited):
            raise RetryableError(f"{what}: {said}", ours=True, seconds=_seconds(reply.headers.get("retry-after", "")))
        if status in {401, 403}:
            raise PermissionDenied(f"{what}: {said}; the token may not, or is no longer good", ours=True)
        raise FatalError(f"{what}: {said}", ours=True)

    def _is_safe(self, url: str) -> bool:
        parts = urlsplit(url)
        own = urlsplit(self._base)
        is_own = own.hostname in LOOPBACK and parts[:2] == own[:2]
        return "@" not in parts.netloc and bool(parts.hostname) and (parts.scheme == "https" or is_own)


def _seconds(said: str) -> int | None:
    return min(int(said), _WAITS_AT_MOST) if said.isdecimal() else None
