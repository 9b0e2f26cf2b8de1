"""The key that this Discord signs its interactions with, made of a seed of 32 bytes, in hex."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key_of(seed: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


def public_key_of(seed: str) -> str:
    """In hex, as Discord tells it."""
    return key_of(seed).public_key().public_bytes_raw().hex()
