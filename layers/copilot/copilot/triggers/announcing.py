"""Announce: what a Schedule is about to stop is told to those who own it, a quarter of an hour before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from copilot.config.configuration import Configuration
from copilot.domain import Delivery, occasion_of
from copilot.ports import Clock, DeliveryQueue, Schedules
from copilot.times.recurrence import next_times
from copilot.triggers.sweeping import TICK

TOLD_BEFORE = timedelta(minutes=15)
AHEAD = TOLD_BEFORE + 2 * TICK
"""How far is looked ahead: one look that was lost leaves another which is in time."""
SOONEST = timedelta(seconds=1)
"""What is late waits as well, if shortly: whoever announces needs no right to the other queue."""


@dataclass(frozen=True)
class AnnounceStops:
    """Whose what is stopped is, and whether it still is, is found out when it is told."""

    schedules: Schedules
    queue: DeliveryQueue
    config: Configuration
    clock: Clock

    def __call__(self) -> list[datetime]:
        """The times that come soon at which anything is stopped. Raises RetryableError."""
        if self.config.chat is None:
            return []
        now = self.clock.now()
        going = [one for one in self.schedules.schedules() if "stop" in one.times and not one.paused]
        stops = {at.timestamp(): at for one in going for at in next_times(one.times["stop"], now, 1)}
        soon = [at for _, at in sorted(stops.items()) if at - now <= AHEAD]
        for at in soon:
            told = Delivery(kind="stops", tenant=self.config.tenant, run_id=occasion_of(at))
            self.queue.put([told], after=max(at - TOLD_BEFORE - now, SOONEST))
        return soon
