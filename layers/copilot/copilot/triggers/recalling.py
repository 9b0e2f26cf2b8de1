"""What there is as it was last swept, for questions that need no fresh read.

Never in place of one where the copilot itself may have changed something since, or where not all was swept yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from copilot.config.configuration import Configuration
from copilot.domain import AsSwept, Known
from copilot.domain.journal import WORKING, changed_until
from copilot.errors import CopilotError
from copilot.ports import Clock, Inventory, Journal, Sweeps
from copilot.triggers.sweeping import SWEPT_WITHIN, TICK, places_of

LATE = 2 * TICK
"""What is older should have been swept since, were anybody expected to ask."""
LOOKED_BACK = timedelta(days=1)
"""For what the copilot changed; what has not been read for longer is named as that."""


class Recall:
    """One for a process: it asks for sweeps no more often than they take."""

    def __init__(
        self,
        inventory: Inventory,
        sweeps: Callable[[], Sweeps],
        journal: Journal,
        configuration: Callable[[], Configuration],
        clock: Clock,
    ) -> None:
        self._inventory, self._sweeps, self._journal = inventory, sweeps, journal
        self._configuration, self._clock = configuration, clock
        self._asked_at: datetime | None = None

    def __call__(self) -> AsSwept | None:
        """None where only a fresh read will do. Raises RetryableError."""
        known, config, now = self._inventory.known(), self._configuration(), self._clock.now()
        if not _is_whole(known, config) or self._has_changed(known, config.tenant, now):
            return None
        at = min((one.swept_at for one in known.places if one.swept_at and not one.closed), default=None)
        if at is None:
            return None
        return AsSwept(known, at, is_read_again=now - at > LATE and self._is_asked_for(now))

    def _has_changed(self, known: Known, tenant: str, now: datetime) -> bool:
        """Whether the copilot changed any of it since it was read, or may have."""
        read = {one.name: one.as_of for one in known.environments if one.as_of}
        since = max(min(read.values(), default=now) - WORKING, now - LOOKED_BACK)
        days = [since.date() + timedelta(days=number) for number in range((now.date() - since.date()).days + 1)]
        entries = [entry for day in days for entry in self._journal.journal(tenant, day.isoformat(), since)]
        return any(name in read and until >= read[name] for name, until in changed_until(entries).items())

    def _is_asked_for(self, now: datetime) -> bool:
        """Whether all of it is to be swept: asked for here, unless it was a short while ago."""
        if self._asked_at is None or now - self._asked_at >= SWEPT_WITHIN:
            try:
                self._sweeps().ask_whose_turn()
            except CopilotError:
                return False
            self._asked_at = now
        return True


def _is_whole(known: Known, config: Configuration) -> bool:
    """Whether every place of the configuration, and no other, was swept, and is kept so that it can be told."""
    swept = {one.place for one in known.places if one.swept_at}
    return swept == places_of(config).keys() and all(one.tallies is not None for one in known.environments)
