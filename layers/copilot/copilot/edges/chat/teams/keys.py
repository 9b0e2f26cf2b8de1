"""The keys that the Bot Connector signs with, as it publishes them: each key says for which channels.

learn.microsoft.com, azure/bot-service/rest-api/bot-framework-rest-connector-authentication, step 3.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from copilot.errors import RetryableError

KEPT = 24 * 3600
"""Seconds that they are used without being read again."""
AGAIN = 300
"""Seconds at least between two readings, whatever id of a key comes: anybody may send that."""
AGAIN_AFTER_FAILURE = 10
"""The same where they could not be read."""
LARGEST = 200_000
"""In bytes, of the whole set."""
_MOST, _BITS = 100, 2048


class Key(NamedTuple):
    """With the ids of the channels it may sign for."""

    public: RSAPublicKey
    endorses: frozenset[str]


class SigningKeys:
    """`fetch` gives the set as it is published and raises RetryableError; `seconds` are since any fixed moment."""

    def __init__(self, fetch: Callable[[], bytes], seconds: Callable[[], float]) -> None:
        self._fetch, self._seconds = fetch, seconds
        self._keys: Mapping[str, Key] = {}
        self._read_at = self._look_at = float("-inf")

    def key(self, id: str) -> Key | None:
        """None where there is none of this id, as far as was looked. Raises RetryableError where none was ever read."""
        now = self._seconds()
        is_old = now - self._read_at >= KEPT
        if (is_old or id not in self._keys) and now >= self._look_at:
            self._look_at = now + AGAIN_AFTER_FAILURE
            try:
                self._keys, self._read_at, self._look_at = _keys_in(self._fetch()), now, now + AGAIN
            except RetryableError:
                if id not in self._keys:
                    raise
        if not self._keys:
            raise RetryableError("the keys that Teams' requests are signed with could not be read", ours=True)
        return self._keys.get(id)


def _keys_in(content: bytes) -> Mapping[str, Key]:
    try:
        told = json.loads(content) if len(content) <= LARGEST else {}
        listed = told["keys"][:_MOST]
        found = {id: key for one in listed if (key := _key(one)) is not None and (id := str(one.get("kid") or ""))}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        found = {}
    if not found:
        raise RetryableError("the keys that Teams' requests are signed with are not as they are published", ours=True)
    return found


def _key(told: Any) -> Key | None:
    """None of what is no key that signs, or too weak."""
    if not isinstance(told, dict) or told.get("kty") != "RSA" or told.get("use", "sig") != "sig":
        return None
    try:
        public = RSAAlgorithm.from_jwk({"kty": "RSA", "n": told["n"], "e": told["e"]})
    except (InvalidKeyError, KeyError, ValueError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < _BITS:
        return None
    channels = told.get("endorsements")
    return Key(public, frozenset(map(str, channels)) if isinstance(channels, list) else frozenset())
