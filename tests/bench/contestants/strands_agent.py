"""Strands Agents, as it comes: its own conversation manager and its concurrent tool executor."""

from __future__ import annotations

from functools import cache
from typing import Any

from strands import Agent, tool
from strands.models.anthropic import AnthropicModel

from bench.contestants.loop import MODEL, MOST_TOKENS, SYSTEM
from bench.functions import functions
from bench.world import World


class Strands:
    def __init__(self, world: World, tools: int | None) -> None:
        made = [
            tool(name=each.name, description=each.description, inputSchema={"json": each.schema})(each.call)
            for each in functions(world, tools)
        ]
        self._agent = Agent(tools=made, system_prompt=SYSTEM, callback_handler=None)
        self._model = cache(_model)

    def ask(self, request: str, url: str) -> str:
        self._agent.model = self._model(url)
        return str(self._agent(request)).strip()


def _model(url: str) -> Any:
    arguments = {"api_key": "none", "base_url": url, "timeout": 900}
    return AnthropicModel(client_args=arguments, model_id=MODEL, max_tokens=MOST_TOKENS)
