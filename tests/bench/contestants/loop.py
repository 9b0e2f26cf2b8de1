"""The plain loop over Anthropic's SDK: ask, run what it calls side by side, give it the results, until it answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import anthropic
from anthropic.types import ToolParam

from bench.functions import Function, functions
from bench.world import World

SYSTEM = "You look after environments. Do what is asked with the tools, look whether it worked, and answer briefly."
MODEL = "claude-scripted"
MOST_TOKENS = 64_000
AT_ONCE = 20  # as many as our Map runs


@cache
def client(url: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="none", base_url=url, timeout=900)


class Loop:
    """Sends everything again every time, as the API wants it."""

    more: dict[str, Any] = {}

    def __init__(self, world: World, tools: int | None) -> None:
        self._functions: dict[str, Function] = {each.name: each for each in functions(world, tools)}
        self._tools: list[ToolParam] = [
            {"name": each.name, "description": each.description, "input_schema": each.schema}
            for each in self._functions.values()
        ]
        self._messages: list[Any] = []

    def ask(self, request: str, url: str) -> str:
        self._messages.append({"role": "user", "content": request})
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while True:
                reply = client(url).messages.create(
                    model=MODEL,
                    max_tokens=MOST_TOKENS,
                    system=SYSTEM,
                    tools=self._tools,
                    messages=self._messages,
                    **self.more,
                )
                self._messages.append({"role": "assistant", "content": reply.content})
                wanted = [block for block in reply.content if block.type == "tool_use"]
                if not wanted:
                    return "".join(block.text for block in reply.content if block.type == "text")
                self._messages.append({"role": "user", "content": list(pool.map(self._result, wanted))})

    def _result(self, wanted: Any) -> dict[str, Any]:
        content = self._functions[wanted.name].call(**wanted.input)
        return {"type": "tool_result", "tool_use_id": wanted.id, "content": content}


class CachedLoop(Loop):
    """The same with the provider's prompt cache on."""

    more = {"cache_control": {"type": "ephemeral"}}
