"""The tool runner of Anthropic's SDK. Its threads, which a provider keeps, are off: they save traffic and no tokens."""

from __future__ import annotations

from typing import Any

from anthropic import beta_tool

from bench.contestants.loop import MODEL, MOST_TOKENS, SYSTEM, client
from bench.functions import functions
from bench.world import World


class ToolRunner:
    def __init__(self, world: World, tools: int | None) -> None:
        self._tools = [
            beta_tool(each.call, name=each.name, description=each.description, input_schema=each.schema)
            for each in functions(world, tools)
        ]
        self._messages: list[Any] = []

    def ask(self, request: str, url: str) -> str:
        self._messages.append({"role": "user", "content": request})
        runner = client(url).beta.messages.tool_runner(
            model=MODEL,
            max_tokens=MOST_TOKENS,
            system=SYSTEM,
            tools=self._tools,
            messages=list(self._messages),
            thread=False,
        )
        for reply in runner:
            self._messages.append({"role": "assistant", "content": reply.content})
            results = runner.generate_tool_call_response()
            if results is not None:
                self._messages.append(results)
        return "".join(block.text for block in reply.content if block.type == "text")
