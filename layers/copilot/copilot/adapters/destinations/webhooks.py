"""A web hook that is signed by the Standard Webhooks scheme (standardwebhooks.com, specification): over id, time and
body, with HMAC-SHA256. The id is the same for whatever is sent again, so that who takes it takes it once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from copilot.adapters.destinations.web import Reply
from copilot.config.destinations import Webhook
from copilot.domain import Letter, digest
from copilot.errors import FatalError, NotReady, PermissionDenied

SIGNS = "whsec_"
FEWEST, MOST = 24, 64
"""Bytes of a secret, as the scheme has them."""
Post = Callable[[str, str, bytes, Mapping[str, str]], Reply]
"""As `web.post`."""


def post_webhook(
    hook: Webhook, destination: str, secret: str, letter: Letter, key: str, now: datetime, send: Post
) -> str:
    """Where it went. Raises as ports.Destinations, and FatalError for a secret that signs nothing."""
    what = f"posting to {destination}"
    body = _body(letter, now)
    headers = {"Content-Type": "application/json", "User-Agent": "devops-copilot"}
    headers |= signed(secret_of(what, secret), id_of(key), now, body)
    _taken(what, destination, send(what, hook.url, body, headers))
    return f"the web hook, {destination}"


def id_of(key: str) -> str:
    return f"msg_{digest(key)[:32]}"


def signed(secret: bytes, id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of the scheme."""
    at = str(int(now.timestamp()))
    signature = hmac.new(secret, b"%s.%s.%s" % (id.encode(), at.encode(), body), hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def secret_of(what: str, secret: str) -> bytes:
    try:
        found = base64.b64decode(secret.removeprefix(SIGNS), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not secret.startswith(SIGNS) or not FEWEST <= len(found) <= MOST:
        raise FatalError(
            f"{what}: its secret is not {SIGNS} and {FEWEST} to {MOST} bytes in base64, and nothing was sent", ours=True
        )
    return found


def _body(letter: Letter, now: datetime) -> bytes:
    data = {**letter.data, "subject": letter.subject, "text": letter.text}
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps({"type": letter.kind, "timestamp": at, "data": data}).encode()


def _taken(what: str, destination: str, reply: Reply) -> None:
    """Raises for whatever does not say that it was taken."""
    status = reply.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise FatalError(f"{what}: it sends elsewhere ({status}), where nothing is sent: correct its `url`", ours=True)
    if status == 410:
        raise FatalError(f"{what}: it is gone for good (410): take {destination} out of the configuration", ours=True)
    if status in {408, 425, 429} or status >= 500:
        # By the scheme that is no taking, and what comes again under the same id is taken once.
        raise NotReady(f"{what}: it takes nothing at the moment ({status})", ours=True)
    if status in {401, 403}:
        raise PermissionDenied(f"{what}: it refused this ({status}); its `secret` may be another's", ours=True)
    raise FatalError(f"{what}: it refused this ({status})", ours=True)
