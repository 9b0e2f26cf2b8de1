"""The estimate of tokens against a real tokenizer, over the kinds of text that prompts are made of."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import anthropic_tokenizer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.intents import load_intents
from copilot.intents.actions import read_yaml
from copilot.language_model.signatures import signatures
from copilot.plans.schema import plan_schema
from copilot.text.tokens import count_tokens
from copilot.tools.registry import Registry

REGISTRY = Registry()
TOOLS = [REGISTRY.find(name) for name in REGISTRY.names()]
HERE = Path(__file__).parent
RESULTS = [
    {
        "environment_id": f"team-{number}-dev",
        "idle": number % 3 == 0,
        "state": "running",
        "arn": f"arn:aws:ecs:eu-west-1:111122223333:service/team-{number}/api-{number}",
        "reason": f"CPU at most {number * 7 % 50 / 10} % in 6 hours, no database connection",
        "since": f"2026-05-{number % 28 + 1:02}T10:{number:02}:31.{number * 37 % 1000:03}Z",
    }
    for number in range(30)
]
LOGS = [
    {
        "timestamp": f"2026-05-04T1{number % 9}:41:07.{number * 91 % 1000:03}Z",
        "level": "ERROR",
        "request_id": f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}",
        "message": f"connect ECONNREFUSED 10.2.{number}.{number * 3}:5432 after {number * 311} ms",
    }
    for number in range(30)
]
PROMPTS = sorted(
    (file for file in files("copilot").joinpath("language_model/prompts").iterdir() if ".md" in file.name), key=str
)
TEXTS = {
    "rules": "\n".join(file.read_text() for file in PROMPTS),
    "signatures": signatures(TOOLS),
    "plans": "\n".join(json.dumps(intent.plan, separators=(",", ":")) for intent in load_intents().intents),
    "answers": "\n".join(entry["answer"] for entry in read_yaml(HERE / "planner/answers.yaml")),
    "requests": "\n".join(entry["text"] for entry in read_yaml(HERE / "planner/requests.yaml")),
    "schema": json.dumps(plan_schema()),
    "results": json.dumps(RESULTS),
    "results, compact": json.dumps(RESULTS, separators=(",", ":")),
    "logs": "\n".join(json.dumps(line) for line in LOGS),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_estimate_is_near_and_rather_too_high(kind: str) -> None:
    real = anthropic_tokenizer.count_tokens(TEXTS[kind])
    assert real > 200
    assert 0.90 * real <= count_tokens(TEXTS[kind]) <= 1.25 * real


def test_a_short_text_of_every_kind_is_not_underestimated_either() -> None:
    for text in TEXTS.values():
        for line in text.splitlines():
            real = anthropic_tokenizer.count_tokens(line)
            assert count_tokens(line) >= 0.85 * real - 3, line


def test_other_languages_are_at_most_a_third_under() -> None:
    texts = [
        "Bitte stoppe alle ungenutzten Entwicklungsumgebungen und sag dem Plattform-Team Bescheid.",
        "Arrête tous les environnements de développement inutilisés et préviens l'équipe, s'il te plaît.",
        "Останови все неиспользуемые окружения разработки и сообщи команде платформы.",
        "请停止所有空闲的开发环境，并通知平台团队。生产集群今天怎么样？",
    ]
    for text in texts:
        assert count_tokens(text) >= 0.66 * anthropic_tokenizer.count_tokens(text), text


@settings(deadline=None, max_examples=60)
@given(st.text(), st.text())
def test_more_text_is_not_fewer_tokens(one: str, other: str) -> None:
    assert count_tokens("") == 0
    assert count_tokens(one + "\n" + other) >= max(count_tokens(one), count_tokens(other))
