"""A service that pages, over HTTP. Its key goes to its own address alone, along with no redirect, and into no error."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from copilot.config.configuration import LOOPBACK
from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError

SECONDS = 10
LARGEST_REPLY = 100_000
_WAITS_AT_MOST = 900


class _NowhereElse(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def post(service: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Hand it this as JSON. What it says of a refusal is not repeated: it may hold the key. Raises as ports.Pagers says;
    `service` is what people call it.
    """
    local = urlsplit(url).hostname in LOOPBACK  # where no proxy leads
    opener = build_opener(_NowhereElse, *([ProxyHandler({})] if local else []))
    given = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    try:
        with opener.open(Request(url, json.dumps(body).encode(), given, method="POST"), timeout=SECONDS) as reply:
            reply.read(LARGEST_REPLY)
    except HTTPError as error:
        with error:
            raise _refused(service, error.code, error.headers.get("Retry-After") or "") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise RetryableError(f"{service} did not answer", ours=True) from None


def _refused(service: str, status: int, after: str) -> CopilotError:
    said = f"{service} answered with {status}"
    if status == 429 or status >= 500:
        seconds = min(int(after), _WAITS_AT_MOST) if after.isdecimal() else None
        return RetryableError(said, ours=True, seconds=seconds)
    if status in {401, 402, 403}:
        return PermissionDenied(f"{said}: its key is not good, or no longer", ours=True)
    if status == 404:
        return NotFound(f"{said}: the configured endpoint is not one of its API", ours=True)
    if status < 400:
        return FatalError(f"{said}, a redirect, which is not followed", ours=True)
    return FatalError(f"{said}: it refuses what was sent, or the key it was sent with", ours=True)
