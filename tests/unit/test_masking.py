"""Secrets do not survive masking; everything else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.masking import MASK, mask, mask_text

SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "xoxb-123456789012-abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
]


@pytest.mark.parametrize("secret", SECRETS)
@given(before=st.text(alphabet="ab :\n", max_size=5), after=st.text(alphabet=" .\n,", max_size=5))
def test_tokens_are_masked_wherever_they_stand(secret: str, before: str, after: str) -> None:
    assert secret not in mask_text(f"{before} {secret}{after}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("DB_PASSWORD=hunter22 HOST=db", f"DB_PASSWORD={MASK} HOST=db"),
        ('{"apiKey": "abcd1234"}', f'{{"apiKey": "{MASK}"}}'),
        ("postgres://app:hunter22@db:5432/x", f"postgres://app:{MASK}@db:5432/x"),
        ("Authorization: Bearer abcdefgh12345", f"Authorization: Bearer {MASK}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", MASK),
    ],
)
def test_shapes(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_values_under_a_secret_name_are_masked_at_any_depth() -> None:
    assert mask({"a": [{"client_secret": "x", "n": 1}]}) == {"a": [{"client_secret": MASK, "n": 1}]}


@pytest.mark.parametrize(
    "text",
    [
        "dev-3: stopped web 2 -> 0",
        "arn:aws:ecs:eu-west-1:123456789012:service/a/b",
        "tokens: 12",
        "token-api: development, running",
        "auth-token-errors: ringing since 9:00",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert mask_text(text) == text
