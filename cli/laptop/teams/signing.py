"""Tokens as the Bot Connector signs them, and its keys as they are published.

Written from RFC 7515 and 7518 with the primitives alone, so that what checks it is checked by another hand.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER = "https://api.botframework.com"
LASTS = 3600
BITS = 2048


class SigningKey:
    """Made anew; its id too."""

    def __init__(self, endorsements: tuple[str, ...] = ("msteams",), bits: int = BITS) -> None:
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.id = uuid.uuid4().hex
        self.endorsements = endorsements

    def published(self) -> dict[str, Any]:
        """As one of a JWK Set."""
        numbers = self._private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.id,
            "x5t": self.id,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
            "endorsements": list(self.endorsements),
        }

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        """A token with these claims; `header` is in place of what stands there."""
        head = {"alg": "RS256", "kid": self.id, "x5t": self.id, "typ": "JWT"} | (header or {})
        signed = f"{_text(head)}.{_text(claims)}"
        signature = self._private.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return f"{signed}.{_encoded(signature)}"

    def token(self, app: str, service_url: str, now: float, **other: Any) -> str:
        """One that is good for the app from now on; `other` claims are in place of those, or beside them."""
        claims = {"iss": ISSUER, "aud": app, "serviceurl": service_url, "nbf": int(now), "exp": int(now) + LASTS}
        return self.signed(claims | other)


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8))


def _text(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
