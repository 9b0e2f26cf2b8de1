"""Which Run is at work on what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from copilot.domain.frozen import Frozen
from copilot.domain.targets import ResourceRef

LASTS = timedelta(minutes=15)
"""A lease that nobody renewed is given up: longer than a function may run, and than it is between two waves."""
TOGETHER = 5  # minutes


def lasting(now: datetime) -> datetime:
    """Until when a lease lasts that is had now: as long as LASTS at least, and the same for some minutes, so few of
    the waves of a Run renew any.
    """
    begun = now.replace(minute=now.minute - now.minute % TOGETHER, second=0, microsecond=0)
    return begun + timedelta(minutes=TOGETHER) + LASTS


class Lease(Frozen):
    """That no other Run begins an effect on the target until then. `run_id` is "" where none is at work any more.

    `fence` counts the Runs that had it: one that looked at the target sees by it whether another was at work since.
    """

    target: ResourceRef
    run_id: str
    fence: int
    until: datetime

    def is_anothers(self, run_id: str, now: datetime) -> bool:
        return self.run_id not in {"", run_id} and now < self.until


class Taking(NamedTuple):
    """A lease as it was `seen`, None where there was none, and as it is to be from then on."""

    seen: Lease | None
    lease: Lease

    @classmethod
    def of(cls, target: ResourceRef, seen: Lease | None, run_id: str, until: datetime) -> Taking:
        if seen is None:
            return cls(None, Lease(target=target, run_id=run_id, fence=1, until=until))
        fence = seen.fence if seen.run_id == run_id else seen.fence + 1
        return cls(seen, Lease(target=target, run_id=run_id, fence=fence, until=max(until, seen.until)))


def leased(targets: Iterable[ResourceRef]) -> tuple[ResourceRef, ...]:
    """Those on which Runs keep apart: what is said in a channel, another Run does not undo."""
    return tuple(dict.fromkeys(ref for ref in targets if ref.type != "channel"))
