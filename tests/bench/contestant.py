"""One contestant in a process of its own: `python -m bench.contestant NAME '{"case": ..., "url": ..., "rehearsal": ...}'`.

Prints a Report as JSON. Everything is imported, and done once, before time is taken; what was talked about before the
task really is talked about, with a model that answers at once.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Protocol

from pydantic import BaseModel

from bench.case import PAUSE, TASK, Case, earlier_question
from bench.world import World

CONTESTANTS = {
    "ours": "bench.contestants.ours:Ours",
    "loop": "bench.contestants.loop:Loop",
    "cached_loop": "bench.contestants.loop:CachedLoop",
    "tool_runner": "bench.contestants.tool_runner:ToolRunner",
    "langgraph": "bench.contestants.langgraph_agent:LangGraph",
    "strands": "bench.contestants.strands_agent:Strands",
}


class Contestant(Protocol):
    """Made with a World and how many tools there are in all; keeps one conversation."""

    def ask(self, request: str, url: str) -> str:
        """The answer to one request more, with the model at this URL."""


class Report(BaseModel):
    """Times are of time.monotonic(), which all processes of a machine share. `busy` is when tools were at work."""

    begun: float
    ended: float
    busy: list[tuple[float, float]]
    answer: str
    stopped: list[str]
    idle: list[str]
    sent: list[tuple[str, str]]


def compete(name: str, case: Case, url: str, rehearsal: str) -> Report:
    """`url` is of the model that counts, `rehearsal` of one that answers at once."""
    module, _, attribute = CONTESTANTS[name].partition(":")
    make = getattr(import_module(module), attribute)
    make(World(6), case.tools).ask(TASK, rehearsal)
    world = World(case.environments)
    contestant: Contestant = make(world, case.tools)
    for number in range(case.turns // 2):
        contestant.ask(earlier_question(number), rehearsal)
    world.busy.clear()
    world.pause = PAUSE if case.delays else 0
    begun = time.monotonic()
    answer = contestant.ask(TASK, url)
    ended = time.monotonic()
    return Report(
        begun=begun,
        ended=ended,
        busy=world.busy,
        answer=answer,
        stopped=world.stopped,
        idle=world.idle,
        sent=world.sent,
    )


if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    made = compete(sys.argv[1], Case.model_validate(asked["case"]), asked["url"], asked["rehearsal"])
    print(made.model_dump_json())
