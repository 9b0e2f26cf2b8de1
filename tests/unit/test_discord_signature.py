"""What Discord signs is known by what another implementation makes of the same key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.edges.chat.discord.signature import is_signed

TIME, BODY = "1772442000", '{"type":1,"name":"café"}'.encode()
# Made by PyNaCl 1.6.2 (libsodium), of the seeds 00 01 … 1f and 00 … 00 07.
PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
SIGNATURE = (
    "05f06c7ff3e3980da5ecd9b4c125945b8e7dd50beef128c2fadf12cfd0eed3eb"
    "a6e624f6a58d1aacc3e00e1249716afcb6e2cae400732beab7597a36731d5303"
)
OTHER_PUBLIC = "3ee2a8a7283cb2fd728943daa127ef09e483071a8b4bc699ba4522f09b14cfde"
OF_NOTHING = (
    "f81f22f06ef3a9e2041826605697421ac57b2ca52a767fc34950ea6ba0350908"
    "2abc63f0389eeb6097b2a600a6aafba1d064395710a12fc3ea6fdf2043c79902"
)


def test_what_libsodium_signed_is_signed() -> None:
    assert is_signed(PUBLIC, TIME, BODY, SIGNATURE) and is_signed(PUBLIC.upper(), TIME, BODY, SIGNATURE.upper())
    assert is_signed(OTHER_PUBLIC, TIME, b"", OF_NOTHING)


def test_of_another_key_time_or_body_it_is_not() -> None:
    assert not is_signed(OTHER_PUBLIC, TIME, BODY, SIGNATURE)
    assert not is_signed(PUBLIC, "1772442001", BODY, SIGNATURE)
    assert not is_signed(PUBLIC, "177244200", b"0" + BODY, "00" + SIGNATURE[2:])
    assert not is_signed(PUBLIC, TIME, BODY + b" ", SIGNATURE)


def test_the_time_and_the_body_do_not_run_into_each_other_unseen() -> None:
    """The bytes are the same, whatever is cut where: only a time that is a number is taken, and it must be fresh."""
    assert is_signed(PUBLIC, TIME, BODY, SIGNATURE)
    assert not is_signed(PUBLIC, TIME + BODY.decode(), b"", SIGNATURE)


@pytest.mark.parametrize("key", ["", " ", "0" * 63, "g" * 64, PUBLIC + "00", "ff" * 32])
def test_with_no_key_nothing_is(key: str) -> None:
    assert not is_signed(key, TIME, BODY, SIGNATURE)


@pytest.mark.parametrize("signature", ["", "0" * 128, SIGNATURE[:-2], SIGNATURE + "00", "x" * 128, SIGNATURE + " "])
def test_no_other_signature_is_one(signature: str) -> None:
    assert not is_signed(PUBLIC, TIME, BODY, signature)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(BODY) * 8 + 511))
def test_no_bit_may_be_another(bit: int) -> None:
    signature, body = bytearray(bytes.fromhex(SIGNATURE)), bytearray(BODY)
    into, at = (body, bit) if bit < len(BODY) * 8 else (signature, bit - len(BODY) * 8)
    into[at // 8] ^= 1 << at % 8
    assert not is_signed(PUBLIC, TIME, bytes(body), signature.hex())
