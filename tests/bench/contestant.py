"""One contestant in a process of its own: `python -m bench.contestant NAME`, a JSON line for each case and report.

Everything is imported, and done once, before time is taken; what was talked about before the
task really is talked about, with a model that answers at once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from pydantic import BaseModel

from bench.case import PAUSE, Case, earlier_question
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


Make = Callable[[World, int | None], Contestant]


class Report(BaseModel):
    """Times are of time.monotonic(), which all processes of a machine share. `busy` is when tools were at work."""

    begun: float
    ended: float
    busy: list[tuple[float, float]]
    answer: str
    stopped: list[str]
    idle: list[str]
    sent: list[tuple[str, str]]


def compete(make: Make, case: Case, url: str, rehearsal: str) -> Report:
    """`url` is of the model that counts, `rehearsal` of one that answers at once."""
    make(World(6), case.tools).ask(case.request, rehearsal)
    world = World(case.environments)
    contestant = make(world, case.tools)
    for number in range(case.turns // 2):
        contestant.ask(earlier_question(number), rehearsal)
    world.busy.clear()
    world.pause = PAUSE
    begun = time.monotonic()
    answer = contestant.ask(case.request, url)
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


def main() -> None:
    """For every line of {"case", "url", "rehearsal"} a Report, or {"error"} where there is none."""
    make = _load(sys.argv[1])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            made = compete(make, Case.model_validate(asked["case"]), asked["url"], asked["rehearsal"])
        except Exception as error:  # whatever it is, it is this contestant's, and the others go on
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
        else:
            print(made.model_dump_json(), flush=True)


def _load(name: str) -> Make:
    module, _, attribute = CONTESTANTS[name].partition(":")
    made: Make = getattr(import_module(module), attribute)
    return made


if __name__ == "__main__":
    main()
