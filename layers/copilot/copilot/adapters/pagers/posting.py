"""What a service that pages is handed, and what it says to that. Its key stands in no error, and so nothing of what it
says of a refusal, which may hold it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from copilot.adapters.destinations.web import Reply
from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError

Post = Callable[[str, str, bytes, Mapping[str, str]], Reply]


def hand(service: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str], post: Post) -> None:
    """As JSON. Raises as ports.Pagers says; `service` is what people call it."""
    given = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "devops-copilot"}
    status = post(f"telling {service}", url, json.dumps(body).encode(), {**given, **headers}).status
    if not 200 <= status < 300:
        raise _refused(service, status)


def _refused(service: str, status: int) -> CopilotError:
    said = f"{service} answered with {status}"
    if status in {408, 429} or status >= 500:
        return RetryableError(f"{said}: it takes nothing at the moment", ours=True)
    if status in {401, 402, 403}:
        return PermissionDenied(f"{said}: its key is not good, or no longer", ours=True)
    if status == 404:
        return NotFound(f"{said}: the configured `endpoint` is not one of its API", ours=True)
    if status < 400:
        return FatalError(f"{said}, another address, where nothing is sent: correct its `endpoint`", ours=True)
    return FatalError(f"{said}: it refuses what was sent, or the key it was sent with", ours=True)
