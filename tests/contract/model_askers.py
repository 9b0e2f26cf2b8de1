"""Both model adapters on scripted servers, with a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scripted_model import Asked, Reply, Script, ScriptedModel, in_order

from copilot.adapters.language_models.anthropic_messages import AnthropicMessages, messages_client
from copilot.adapters.language_models.openai_compatible import OpenAiCompatible, completions_client
from copilot.config.configuration import ModelSettings
from copilot.domain import Completion, Prompt
from copilot.ports import LanguageModel

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"say": {"type": "string"}}}
PLAN = {"say": "Drei Umgebungen für dich."}
PROMPT = Prompt(system="You plan. " * 400, user="the-words-of-the-person", answer_schema=SCHEMA, max_tokens=200)
KEY = "sk-very-secret-0123456789"
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROVIDERS = ("anthropic", "bedrock", "openai_compatible")


class Time:
    """A clock that moves when somebody sleeps, and by `step` seconds whenever it is looked at."""

    def __init__(self, step: float = 0) -> None:
        self.time, self.step, self.pauses = BEGAN, step, list[float]()

    def now(self) -> datetime:
        self.time += timedelta(seconds=self.step)
        return self.time

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += timedelta(seconds=seconds)


class Asker:
    """One provider's adapter on a scripted server."""

    def __init__(self, provider: str) -> None:
        self.provider, self.time = provider, Time()
        self.server: ScriptedModel | None = None
        self.changes: dict[str, Any] = {}

    def settings(self, endpoint: str) -> ModelSettings:
        return ModelSettings.model_validate(
            {"provider": self.provider, "name": "m-1", "endpoint": endpoint, "region": "eu-west-1"} | self.changes
        )

    def model(self, endpoint: str) -> LanguageModel:
        settings = self.settings(endpoint)
        if self.provider == "openai_compatible":
            return OpenAiCompatible(completions_client(settings, KEY), settings, "m-1", self.time, self.time.sleep)
        return AnthropicMessages(messages_client(settings, KEY), settings, "m-1", self.time, self.time.sleep)

    def serve(self, script: Script, **options: Any) -> ScriptedModel:
        self.server = server = ScriptedModel(script, latency=None, **options)
        return server

    def complete(self, *replies: Reply | Script, prompt: Prompt = PROMPT) -> Completion:
        with self.serve(in_order(*replies)) as server:
            return self.model(server.url).complete(prompt)

    @property
    def asked(self) -> list[Asked]:
        assert self.server
        return self.server.asked


def failing(asker: Asker, kind: type[Exception], *replies: Reply | Script) -> str:
    """The error's words, after looking that there is nothing in them or behind them that must not be seen."""
    with pytest.raises(kind) as caught:
        asker.complete(*replies)
    words = str(caught.value)
    assert "m-1 at 127.0.0.1" in words and KEY not in words and PROMPT.user not in words
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return words
