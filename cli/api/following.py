"""Looking at a run until it rests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cli.api.client import Client
from cli.api.views import RunView, read

EVERY = 0.2
"""Seconds between two looks at a run that may rest at any moment: what its end is seen late by, at most."""
LONGEST = 30.0
"""Seconds at most without a look, however long the run says that nothing will happen."""


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
    while True:
        document = client.run(run_id)
        run = read(RunView, document)
        see(run)
        if run.status == "answered" or (run.waits_for_approval and not to_the_end):
            return run, document
        sleep(min(max(run.still_for or 0, EVERY), LONGEST))
