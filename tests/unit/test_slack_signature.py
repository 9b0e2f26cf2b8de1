"""That a request is Slack's: by the example in Slack's documentation, and as Slack's own verifier sees it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier

from copilot.edges.chat.freshness import SKEW, is_fresh
from copilot.edges.chat.slack.signature import is_signed

SECRET, TIMESTAMP = "8f742231b10e8888abcd99yyyzzz85a5", "1531420618"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


class At(Clock):
    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


def by_slack(secret: str, now: float = float(TIMESTAMP)) -> SignatureVerifier:
    return SignatureVerifier(secret, At(now))


def test_the_example_of_the_documentation_is_signed() -> None:
    assert is_signed(SECRET, TIMESTAMP, BODY, SIGNATURE)


@given(st.text(min_size=1).filter(str.strip), st.text(), st.integers(0, 10**11))
def test_what_slacks_own_code_signs_is_signed(secret: str, body: str, time: int) -> None:
    signature = by_slack(secret).generate_signature(timestamp=str(time), body=body)
    assert signature is not None and is_signed(secret, str(time), body.encode(), signature)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_with_any_byte_changed_it_is_not(at: int, by: int) -> None:
    body = BODY[:at] + bytes([BODY[at] ^ by]) + BODY[at + 1 :]
    assert not is_signed(SECRET, TIMESTAMP, body, SIGNATURE)
    if by < 128:  # of bytes that are no UTF-8 Slack's own code fails
        assert not by_slack(SECRET).is_valid(body, TIMESTAMP, SIGNATURE)


@given(st.integers(0, len(SIGNATURE) - 1), st.characters())
def test_with_any_character_of_the_signature_changed_it_is_not(at: int, by: str) -> None:
    signature = SIGNATURE[:at] + by + SIGNATURE[at + 1 :]
    assert is_signed(SECRET, TIMESTAMP, BODY, signature) == (signature == SIGNATURE)


@given(st.text(), st.text(), st.binary(), st.text())
def test_nothing_raises(secret: str, timestamp: str, body: bytes, signature: str) -> None:
    assert not is_signed(secret.encode("utf-8", "replace").decode(), timestamp, body, signature)
    is_fresh(timestamp, 0)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v0=",
        SIGNATURE.upper(),
        SIGNATURE.removeprefix("v0="),
        SIGNATURE.replace("v0", "v1"),
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE + "\n",
        f"{SIGNATURE},{SIGNATURE}",
        f"v0={'0' * 64},{SIGNATURE}",
        f" {SIGNATURE}",
    ],
)
def test_one_signature_written_as_slack_does_and_nothing_else_is_taken(signature: str) -> None:
    assert not is_signed(SECRET, TIMESTAMP, BODY, signature)


@pytest.mark.parametrize("secret", ["", " \n"])
def test_nothing_is_signed_with_no_secret(secret: str) -> None:
    signed = b"v0:%s:%s" % (TIMESTAMP.encode(), BODY)
    forged = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert not is_signed(secret, TIMESTAMP, BODY, f"v0={forged}")


@pytest.mark.parametrize("off", [0, 1, SKEW, -SKEW])
def test_within_five_minutes_it_is_fresh(off: int) -> None:
    assert is_fresh(TIMESTAMP, int(TIMESTAMP) + off)


@pytest.mark.parametrize("off", [SKEW + 1, -SKEW - 1, 86_400, -86_400])
def test_beyond_it_is_not(off: int) -> None:
    now = int(TIMESTAMP) + off
    assert not is_fresh(TIMESTAMP, now)
    assert not by_slack(SECRET, now).is_valid(BODY, TIMESTAMP, SIGNATURE)


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "now",
        "1e9",
        "1531420618.0",
        "-1531420618",
        "+1531420618",
        " 1531420618",
        "1531420618\n",
        "1_531_420_618",
        "9" * 5000,
        "١٥٣١٤٢٠٦١٨",
        "0x5b479d0a",
        "1531420618,1531420618",
        "nan",
        "inf",
    ],
)
def test_a_time_that_is_no_plain_number_is_neither_fresh_nor_signed(timestamp: str) -> None:
    assert not is_fresh(timestamp, float(TIMESTAMP))
    assert not is_signed(SECRET, timestamp, BODY, SIGNATURE)
