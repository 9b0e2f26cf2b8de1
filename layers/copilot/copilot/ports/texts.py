"""Texts that are kept in versions."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class KeptText(NamedTuple):
    """One version of it; `written_at` has UTC as its zone."""

    version: int
    text: str
    written_at: datetime


class VersionedText(Protocol):
    """A text that is kept elsewhere and remembers its versions. Both methods raise RetryableError, PermissionDenied."""

    def current(self) -> KeptText:
        """Raises ToolInputError as well, where there is none."""

    def version(self, number: int) -> KeptText | None:
        """An earlier one; None where it is not there, or not any more."""
