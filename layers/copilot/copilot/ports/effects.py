"""What earlier writes changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from copilot.domain import LedgerEntry, MadeEffect, ResourceRef


class Effects(Protocol):
    """The ledger by what was changed and when, over all Runs. Each effect is read when it is asked for, and one that
    has not ended, or not in a known way, is among them. Raises RetryableError.
    """

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        """The effects that were begun on it, the newest first."""


class History(Effects, Protocol):
    """The same by when they were begun."""

    def made(self, since: datetime, until: datetime, target: ResourceRef | None = None) -> Iterator[MadeEffect]:
        """Those that were begun from then up to then, the newest first: on this target, or of all there are."""
