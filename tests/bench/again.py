"""A request made before, beside the one that a model plans and a known one: in this process, in a world as slow as the
task's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from scripted_model import Asked, Latency, Reply, ScriptedModel, text

from bench.case import PAUSE
from bench.contestants.ours import UNASKED, model, registry
from bench.script import COMPOSED_PLAN, PLAN
from bench.world import World
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.bootstrap.in_process import InProcess

TRIES = 3
KNOWN_REQUEST = "stop idle dev environments and tell #platform"
ASKED = "Wind down every development environment that nobody used for six hours, then tell {} which ones."
EXPLAINED = f"{ASKED} Explain to me why."
CHANNELS = "#platform", "#ops"


@dataclass(frozen=True)
class Again:
    """Of one request: the model's calls, their tokens, and seconds from the request to the answer."""

    calls: int
    input: int
    output: int
    seconds: float


def ask_again() -> Mapping[str, Again]:
    """By how it is planned; each the fastest of a few."""
    with ScriptedModel(_script, Latency()) as server:
        found = [_asked(server) for _ in range(TRIES)]
    return {name: min((one[name] for one in found), key=lambda one: one.seconds) for name in found[0]}


def _asked(server: ScriptedModel) -> dict[str, Again]:
    return {
        "known": _one(server, KNOWN_REQUEST),
        "planned": _one(server, ASKED.format(CHANNELS[0])),
        "again": _one(server, ASKED.format(CHANNELS[1]), ASKED.format(CHANNELS[0])),
        "planned, composed": _one(server, EXPLAINED.format(CHANNELS[0])),
        "again, composed": _one(server, EXPLAINED.format(CHANNELS[1]), EXPLAINED.format(CHANNELS[0])),
    }


def _one(server: ScriptedModel, request: str, before: str = "") -> Again:
    """In a conversation of its own, after the other was made in another."""
    world = World(6)
    copilot = InProcess(
        lambda run, call_id, permissions: world,
        UNASKED,
        registry(None),
        inventory=MemoryInventory(),
        model_for=lambda purpose: model(server.url, purpose),
    )
    if before:
        copilot.run(before, "before")
        world = World(6)
    world.pause = PAUSE
    so_far, begun = len(server.calls), time.monotonic()
    view = copilot.run(request, "now")
    took = time.monotonic() - begun
    if view["outcome"] != "succeeded" or world.stopped != sorted(world.idle):
        raise AssertionError(f"{request!r} was not done: {json.dumps(view)[:400]}")
    tokens = [call.tokens for call in server.calls[so_far:]]
    given = sum(one.input + one.cached + one.cache_written for one in tokens)
    return Again(len(tokens), given, sum(one.output for one in tokens), took)


def _script(asked: Asked) -> Reply:
    if asked.schema is None:
        return text("Nobody used {act[?idle].environment_id}, so they were stopped {#stop[].summary}.")
    plan = json.dumps(COMPOSED_PLAN if "Explain" in asked.last else PLAN, separators=(",", ":"))
    channel = CHANNELS[1] if CHANNELS[1] in asked.last else CHANNELS[0]
    plan = plan.replace(CHANNELS[0], channel)
    return Reply(document=json.loads(plan)) if asked.forced else text(plan)
