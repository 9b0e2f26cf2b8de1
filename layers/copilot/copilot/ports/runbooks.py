"""Runbooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain import Permission, SavedRunbook


class Runbooks(Protocol):
    """What is kept of the tenant's Runbooks. Reads are consistent; every method raises RetryableError."""

    def runbooks(self) -> list[SavedRunbook]:
        """Of each name the newest version that is not withdrawn, by name."""

    def versions(self, name: str) -> list[SavedRunbook]:
        """All that were ever kept under this name, withdrawn ones among them, the oldest first."""

    def permissions(self) -> Sequence[Permission]:
        """What the two methods below need from IAM."""

    def put(self, runbook: SavedRunbook) -> None:
        """Keep a version. Raises Conflict where there is one of that number."""

    def set_withdrawn(self, name: str, version: int, withdrawn: bool) -> None:
        """Whether that version is withdrawn. Raises NotFound."""
