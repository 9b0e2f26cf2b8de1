"""That a request is Discord's, for this app: docs.discord.com, developers/interactions/overview.

Ed25519 over the time as it was sent and the bytes as they came. Discord sends forged ones on purpose, before it takes
an address and from then on, and takes the address away where one is let in.
"""

from __future__ import annotations

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from copilot.edges.chat.freshness import is_timestamp

_KEY = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def is_signed(public_key: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Whether this one signature is of the bytes that came; the key and the signature in hex. Nothing is, without a
    key.
    """
    key = public_key.strip().lower()
    if not (_KEY.fullmatch(key) and is_timestamp(timestamp) and _SIGNATURE.fullmatch(signature.lower())):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), timestamp.encode() + body
        )
    except (InvalidSignature, ValueError):  # ValueError: no point of the curve
        return False
    return True
