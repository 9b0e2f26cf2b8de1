"""What earlier writes changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from copilot.domain import LedgerEntry, ResourceRef


class Effects(Protocol):
    """The ledger by what was changed, over all Runs."""

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        """The effects that were begun on it, the newest first, each read when it is asked for. Raises RetryableError.

        One that has not ended, or not in a known way, is among them.
        """
