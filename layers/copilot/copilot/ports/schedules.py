"""Schedules and their timers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from copilot.domain import Firing, Keep, LedgerEntry, Permission, Schedule, Timer


class Scheduler(Protocol):
    """Fires a Schedule's recurrences. Timers are by name; a Schedule has one for each action, until one that fires once
    has fired.
    """

    def timers(self, schedule_id: str) -> Mapping[str, Timer]:
        """What is held for a Schedule now, by action."""

    def permissions(self, schedule_id: str, actions: Iterable[str]) -> Sequence[Permission]:
        """What `put` and `remove` of these timers need from IAM."""

    def put(self, schedule_id: str, action: str, timer: Timer) -> None:
        """Make the timer, or make it as given. Raises PermissionDenied, RetryableError, FatalError."""

    def remove(self, schedule_id: str, action: str) -> None:
        """Remove the timer; one that is gone is success. Raises as `put` does."""


class Schedules(Protocol):
    """What is kept of the tenant's Schedules. Reads are consistent; every method raises RetryableError."""

    def schedules(self) -> list[Schedule]:
        """All of them, the oldest first; those that happened once among them until they are cleaned up."""

    def schedule(self, schedule_id: str) -> Schedule | None: ...

    def firings(self, schedule_id: str, limit: int = 50) -> list[Firing]:
        """The last firings, newest first."""

    def keeps(self) -> list[Keep]:
        """Exceptions, ended ones among them until they are cleaned up."""

    def effects(self, run_id: str) -> list[LedgerEntry]:
        """What a Run did, a firing's or any other."""

    def writers(self, tool: str, since: datetime, until: datetime) -> list[str]:
        """The ids of all Runs that wrote by this tool (its name, of any version) in that time, from the journal."""

    def permissions(self) -> Sequence[Permission]:
        """What the four methods below need from IAM."""

    def put(self, schedule: Schedule) -> None: ...

    def remove(self, schedule_id: str) -> None: ...

    def put_keep(self, keep: Keep) -> None: ...

    def remove_keep(self, environment: str) -> None: ...

    def pause(self, schedule_id: str, because: str, at: datetime) -> Schedule | None:
        """Pause it for that reason, with the function's own right. Returns it as it is then; None where somebody else
        paused, changed or deleted it meanwhile.
        """

    def record_firing(self, firing: Firing) -> Firing:
        """Keep it, once for its schedule, action and time. Returns the one that is kept: this one, or the first."""
