"""Ours: every use case of the deployed system in one process, the real prompts, the real adapter of Anthropic's SDK."""

from __future__ import annotations

from functools import lru_cache

from distractors import distractors

from bench.slow_tools import slow_tools
from bench.world import World
from copilot.adapters.language_models.anthropic_messages import AnthropicMessages, messages_client
from copilot.adapters.system_clock import SystemClock
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Configuration, Limits, ModelSettings
from copilot.domain import Purpose
from copilot.ports import LanguageModel
from copilot.tools.registry import Registry

UNASKED = Configuration(accounts=(), people=(), limits=Limits(asks_above=1000, most=1000))
"""Nobody is asked, and nothing refused, for how much the task changes at once."""


class Ours:
    """With no number of tools given there are those of the product."""

    def __init__(self, world: World, tools: int | None) -> None:
        self._copilot = InProcess(lambda run, call_id, permissions: world, UNASKED, registry(tools))

    def ask(self, request: str, url: str) -> str:
        self._copilot.model_for = lambda purpose: model(url, purpose)
        return str(self._copilot.run(request)["answer"])


def registry(tools: int | None) -> Registry:
    if tools is None:
        return Registry(slow_tools())
    own = slow_tools()
    return Registry([*own, *distractors(tools - len(own))], entries={})


@lru_cache
def _model(url: str) -> LanguageModel:
    settings = ModelSettings(provider="anthropic", name="claude-scripted", endpoint=url)
    return AnthropicMessages(messages_client(settings, None), settings, settings.name, SystemClock())


def model(url: str, purpose: Purpose) -> LanguageModel | None:
    """One model for all; none to decide first whether there is anything to plan."""
    return None if purpose == "route" else _model(url)
