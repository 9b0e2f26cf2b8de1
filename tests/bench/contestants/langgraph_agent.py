"""LangGraph: its prebuilt agent, with a checkpointer in memory for the conversation."""

from __future__ import annotations

from functools import cache
from typing import Any

from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.tools import StructuredTool
from langgraph.checkpoint.memory import InMemorySaver

from bench.contestants.loop import MODEL, MOST_TOKENS, SYSTEM
from bench.functions import functions
from bench.world import World


class LangGraph:
    def __init__(self, world: World, tools: int | None) -> None:
        self._tools = [
            StructuredTool.from_function(
                each.call, name=each.name, description=each.description, args_schema=each.arguments
            )
            for each in functions(world, tools)
        ]
        self._memory = InMemorySaver()
        self._agent = cache(self._made_for)

    def ask(self, request: str, url: str) -> str:
        state = self._agent(url).invoke(
            {"messages": [{"role": "user", "content": request}]},
            {"configurable": {"thread_id": "bench"}, "recursion_limit": 100},
        )
        return str(state["messages"][-1].text)

    def _made_for(self, url: str) -> Any:
        model = ChatAnthropic(model=MODEL, max_tokens=MOST_TOKENS, base_url=url, api_key="none", timeout=900)
        return create_agent(model, self._tools, system_prompt=SYSTEM, checkpointer=self._memory)
