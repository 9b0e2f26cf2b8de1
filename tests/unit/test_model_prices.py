"""What a call of a model cost."""

from __future__ import annotations

import pytest

from copilot.domain import TokenUsage
from copilot.language_model.prices import dollars, model_prices

MILLION = 1_000_000


@pytest.mark.parametrize(
    "name",
    [
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
        "claude-haiku-4-5-latest",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        "arn:aws:bedrock:eu-west-1:000000000000:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic/claude-haiku-4.5",
        "claude-haiku-4-5@20251001",
    ],
)
def test_one_model_has_one_price_under_all_its_names(name: str) -> None:
    assert dollars(name, TokenUsage(input=MILLION)) == 1.0


def test_every_kind_of_token_has_its_own_price() -> None:
    price = model_prices().models["claude-sonnet-5-5"]
    kinds = {
        "input": price.input,
        "cache_written": price.cache_write,
        "cached": price.cache_read,
        "output": price.output,
    }
    assert len(set(kinds.values())) == 4
    for kind, each in kinds.items():
        assert dollars("claude-sonnet-5-5", TokenUsage(**{kind: MILLION})) == pytest.approx(each)
    together = dollars("claude-sonnet-5-5", TokenUsage(**dict.fromkeys(kinds, MILLION)))
    assert together == pytest.approx(sum(kinds.values()))


@pytest.mark.parametrize(
    "name", ["qwen2.5", "claude-opus-9", "claude-opus", "/models/qwen.gguf", "", "claude-haiku-4-50", "claude-haiku-4"]
)
def test_what_is_not_listed_has_no_price(name: str) -> None:
    assert dollars(name, TokenUsage(input=MILLION)) is None


def test_a_cached_token_is_cheaper_and_one_put_out_dearer_for_every_model() -> None:
    for name, price in model_prices().models.items():
        assert price.cache_read < price.input < price.cache_write < price.output, name
