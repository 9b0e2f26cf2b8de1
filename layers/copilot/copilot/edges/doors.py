"""What the doors that anybody may knock at have in common: the bytes that came, what is handed on, what is answered."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

Response = dict[str, Any]


class Letter(NamedTuple):
    """What is handed on. Those of one `group` are taken in order; of the same `digest`, soon after each other, one."""

    body: str
    group: str
    digest: str


class Mail(Protocol):
    """The queue of what came."""

    def __call__(self, letter: Letter) -> None:
        """Raises CopilotError; what came is not in the queue then."""


class Refused(Exception):
    """The answer's status and words. `again` where the same request may be taken later."""

    def __init__(self, status: int, words: str, *, again: bool = False) -> None:
        super().__init__(words)
        self.status, self.again = status, again


def raw_of(event: Mapping[str, Any], most: int) -> bytes:
    """The bytes as they came. Raises Refused where there are more than that, or API Gateway's base64 is none."""
    body = str(event.get("body") or "")
    encoded = event.get("isBase64Encoded") is True
    if len(body) > (most * 4 // 3 + 4 if encoded else most):
        raise Refused(413, "It is too large.")
    try:
        raw = base64.b64decode(body, validate=True) if encoded else body.encode()
    except (binascii.Error, ValueError):
        raise Refused(400, "It is no request as they come here.") from None
    if len(raw) > most:
        raise Refused(413, "It is too large.")
    return raw


def answer(status: int) -> Response:
    return {"statusCode": status, "body": ""}
