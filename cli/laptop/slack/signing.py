"""Slack's request signature, written from its documentation alone so that what checks it is checked by another hand.

docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac


def signed(secret: str, timestamp: int | str, body: bytes) -> dict[str, str]:
    """The two headers that Slack sends with a body. `timestamp` is in Unix seconds."""
    text = b"v0:" + str(timestamp).encode() + b":" + body
    digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}
