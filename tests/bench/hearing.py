"""What hearing a request costs, without a model, by how many environments are known."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from heard_requests import utterances
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.domain import Known, KnownEnvironment

KNOWN_ENVIRONMENTS = (12, 1000)
TRIES = 3


class Hearing(NamedTuple):
    """Milliseconds of CPU for a request: the middle one, that of 95 in 100, and the slowest; of how many."""

    p50: float
    p95: float
    slowest: float
    requests: int


def hear_all() -> Mapping[int, Hearing]:
    """By number of environments known: each request of the independent author, the fastest of a few tries."""
    return {number: _heard(number) for number in KNOWN_ENVIRONMENTS}


def _heard(number: int) -> Hearing:
    more = tuple(
        KnownEnvironment(name=f"squad-{at}-{'abcdefgh'[at % 8]}", kind="development", seen_at=PRESENT.now)
        for at in range(number - len(KNOWN.environments))
    )
    known = KNOWN.model_copy(update={"environments": (*KNOWN.environments, *more)})
    texts = [one["text"] for one in utterances()]
    took = sorted(min(_seconds(text, known) for _ in range(TRIES)) * 1000 for text in texts)
    return Hearing(took[len(took) // 2], took[len(took) * 95 // 100], took[-1], len(took))


def _seconds(text: str, known: Known) -> float:
    begun = time.process_time()
    next(INTENTS.frames(text, PRESENT, known), None)
    return time.process_time() - begun
