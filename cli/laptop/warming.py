"""Processes of the laptop's functions, made ready before anybody waits: the first request finds them at work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from cli.laptop.clients import Clients
from cli.laptop.deploy import CONCURRENCY
from cli.laptop.runtime import WARM
from cli.laptop_file import LaptopFile

FUNCTION = "Function"
"""What the names of the outputs end in that are names of functions."""
FIRST = ("IngestApi", "Plan", "Advance", "ExecuteRead", "Reply", "ExecuteWrite", "CheckStep")
"""What any request needs, in the order in which it comes to them; the others after these."""
AT_ONCE = {"ExecuteRead": min(CONCURRENCY, 4), "ExecuteWrite": min(CONCURRENCY, 4)}
"""How many of a function are at work at the same time, where a request wants the same of several things."""
PATIENCE = 5.0
"""Seconds to wait for all but the first. A process takes half a second of a core, and there may be few of these."""


@contextmanager
def warming(clients: Clients, laptop: LaptopFile, say: Callable[[str], None]) -> Iterator[None]:
    """Functions are made ready while the block runs, a few at a time; what any request needs is when it ends.

    One that does not start is told; the system is up without it, and its requests fail as they would anyway.
    """
    pool = ThreadPoolExecutor(CONCURRENCY)

    def begin(name: str, count: int) -> Future[None]:
        return pool.submit(_make_ready, clients, laptop, name, count)

    try:
        begun = {name: begin(name, 1) for name in in_order(laptop.outputs)}
        more = [begin(name, count) for name, count in AT_ONCE.items() if count > 1]
        yield
        wait(begun[name] for name in FIRST)
        wait([*begun.values(), *more], PATIENCE)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for name, one in begun.items():
        if one.done() and not one.cancelled() and (error := one.exception()):
            say(f"{name} does not start: {error}")


def in_order(outputs: Mapping[str, str]) -> list[str]:
    """The stack's functions by the names of their outputs, those first that a request comes to first."""
    names = [name.removesuffix(FUNCTION) for name in outputs if name.endswith(FUNCTION)]
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _make_ready(clients: Clients, laptop: LaptopFile, name: str, count: int) -> None:
    """So many of a function: each of these calls finds the others busy. Raises what stops them."""
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda _: _call(clients, laptop, name), range(count)))


def _call(clients: Clients, laptop: LaptopFile, name: str) -> None:
    reply = clients("lambda", laptop.account, laptop.region).invoke(
        FunctionName=laptop.outputs[name + FUNCTION], Payload=json.dumps(WARM)
    )
    if "FunctionError" in reply:
        raise RuntimeError(json.load(reply["Payload"]).get("errorMessage", "its log says why"))
