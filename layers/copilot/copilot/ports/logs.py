"""What services and functions log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from copilot.domain import LogCost, LogLines, LogQuery, LogSource, LogSources, Resource


class Logs(Protocol):
    """How a search is made, and at which price, is the adapter's: it says what it costs before."""

    def sources(self, resources: Sequence[Resource], environment: str | None = None) -> LogSources:
        """Where the services among these log; of an environment, its functions as well, in every region of the
        accounts that it is in.

        Raises PermissionDenied where nowhere any log may be read.
        """

    def cost(self, sources: Sequence[LogSource], since: datetime, until: datetime) -> LogCost:
        """What one search of these costs. Raises PermissionDenied, RetryableError, FatalError."""

    def search(
        self, sources: Sequence[LogSource], query: LogQuery, cost: LogCost, within: float | None = None
    ) -> LogLines:
        """What it finds, with the cost that was said for this time; at most so many seconds are waited for it.

        Raises PermissionDenied, RetryableError, FatalError where nothing could be looked at.
        """
