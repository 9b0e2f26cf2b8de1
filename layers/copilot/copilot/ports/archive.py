"""Where the journal goes, and what its rows are given once they are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from copilot.domain import JournalEntry, KeptEntry


class JournalArchive(Protocol):
    """Objects by number, of a tenant, that nothing changes once they are there. Every method raises RetryableError
    where it is away.
    """

    def last(self, after: int = 0) -> int:
        """The number of the last there is; `after` is one that is there. 0 where none is."""

    def put(self, number: int, day: date, content: bytes) -> bool:
        """False where there is one of that number already: then that stands."""

    def read(self, number: int) -> bytes | None: ...


class JournalRows(Protocol):
    """The journal's rows. One without an end is not archived yet."""

    def first_day(self, since: date, until: date) -> date | None:
        """The first of these days that has any."""

    def of_day(self, day: date) -> list[KeptEntry]:
        """In order."""

    def give_end(self, entries: Sequence[JournalEntry], end: datetime) -> None:
        """Rows that are gone stay gone."""
