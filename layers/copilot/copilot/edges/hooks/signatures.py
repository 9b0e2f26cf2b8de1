"""That a web hook is of the host it says it is of. Of the standard library alone.

GitHub (docs.github.com, "Validating webhook deliveries"): HMAC-SHA256 of the body, with no time in it. GitLab
(docs.gitlab.com, "Webhooks", signing token): the Standard Webhooks scheme, over id, time and body; or, as it always
was, a token in clear, which proves no more than that its sender knows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

SKEW = 300
"""Seconds that the time of a signature may be off, either way."""
SIGNS = "whsec_"
"""What a signing token of GitLab's begins with; any other secret of GitLab's is a token in clear."""
SHORTEST = 16
"""Characters of a token in clear: anybody may try some."""
_MOST_SIGNATURES = 5
_GITHUB = re.compile(r"sha256=[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{1,12}")

Headers = Mapping[str, str]


def is_of_github(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    """Whether the body, as its bytes came, is signed with this secret. Nothing is with an empty one."""
    signature = headers.get("x-hub-signature-256", "")
    if not secret.strip() or not _GITHUB.fullmatch(signature):
        return False
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={signed}", signature)


def is_of_gitlab(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    """Whether it is signed with this secret and just now; where the secret is none to sign with, whether it is the
    token that came along.
    """
    if not secret.startswith(SIGNS):
        token = headers.get("x-gitlab-token", "")
        return len(secret) >= SHORTEST and hmac.compare_digest(secret.encode(), token.encode())
    id, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    try:
        key = base64.b64decode(secret.removeprefix(SIGNS), validate=True)
    except (binascii.Error, ValueError):
        return False
    if not key or not id or not _TIME.fullmatch(time) or abs(now - int(time)) > SKEW:
        return False
    signed = hmac.new(key, b"%s.%s.%s" % (id.encode(), time.encode(), body), hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(signed).decode()}".encode()
    # Several stand there while a key is being replaced.
    signatures = headers.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]
    return any([hmac.compare_digest(wanted, one.encode()) for one in signatures])
