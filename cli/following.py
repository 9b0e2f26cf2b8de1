"""Looking at a run until it rests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cli.client import Client
from cli.views import RunView, read

QUICK, SLOW, GROWTH = 0.25, 3.0, 1.3
"""Seconds between two looks: quick after every change, then slower and slower."""


def follow(
    client: Client,
    run_id: str,
    see: Callable[[RunView], None],
    *,
    to_the_end: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[RunView, dict[str, Any]]:
    """The run once it is answered or waits for a person: as a view, and as the document the copilot sent.

    With `to_the_end` a wait for a person is not enough: what it waits for is about to be withdrawn. `see` gets every
    view. Raises what Client.run raises.
    """
    pause, last = QUICK, None
    while True:
        document = client.run(run_id)
        run = read(RunView, document)
        see(run)
        if run.status == "answered" or (run.waits_for_approval and not to_the_end):
            return run, document
        pause = QUICK if document != last else min(pause * GROWTH, SLOW)
        last = document
        sleep(pause)
