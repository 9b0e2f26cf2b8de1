"""The journal as it is archived: an object for each part of a day, JSON lines under a head that says what they are.

Each object has a number, one more than the one before it, and the digest of that: what is taken out, put in between or
changed is seen by who reads them in order. What has been archived last of all nothing comes after: that the bucket
keeps every version of an object is what stands for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from copilot.domain.frozen import Frozen
from copilot.domain.journal import JournalEntry

FIRST = ""
"""What stands for the digest before that of the first object."""


class PartHead(Frozen):
    """The first line of an object. `entries` is how many lines follow, `reached` the latest day of which there was an
    object by then. A day has another part where something was written for it after it was archived.
    """

    number: Annotated[int, Field(ge=1)]
    tenant: str
    day: date
    reached: date
    entries: Annotated[int, Field(ge=0)]
    previous: str
    digest: str = ""


class KeptEntry(NamedTuple):
    """An entry as the table has it, with the end that its row has been given."""

    entry: JournalEntry
    end: datetime | None

    @property
    def place(self) -> tuple[datetime, str]:
        return self.entry.at, self.entry.id


class ArchivedPart(NamedTuple):
    head: PartHead
    entries: tuple[JournalEntry, ...]

    @property
    def content(self) -> bytes:
        return "\n".join([self.head.model_dump_json(), *_lines(self.entries), ""]).encode()

    @property
    def faults(self) -> Iterator[str]:
        """What is wrong with it by itself."""
        if self.head.entries != len(self.entries):
            yield f"holds {len(self.entries)} entries, where it says {self.head.entries}"
        if self.head.digest != _digest(self.head, self.entries):
            yield "is not what it was when it was archived: its digest is another"
        if list(self.entries) != in_order(self.entries):
            yield "is out of order"
        if any(entry.at.date() != self.head.day for entry in self.entries):
            yield f"has entries of other days than {self.head.day}"

    def follows(self, previous: str) -> bool:
        """Whether it was archived right after the object of this digest."""
        return self.head.previous == previous


def part_after(before: PartHead | None, tenant: str, day: date, entries: Sequence[JournalEntry]) -> ArchivedPart:
    """The next one, of these entries of a day."""
    head = PartHead(
        number=before.number + 1 if before else 1,
        tenant=tenant,
        day=day,
        reached=max(day, before.reached) if before else day,
        entries=len(entries),
        previous=before.digest if before else FIRST,
    )
    kept = tuple(in_order(entries))
    return ArchivedPart(head.model_copy(update={"digest": _digest(head, kept)}), kept)


def part_in(content: bytes) -> ArchivedPart:
    """Raises ValueError where it is no such object."""
    try:
        first, *rest = content.decode().removesuffix("\n").split("\n")
        return ArchivedPart(
            PartHead.model_validate_json(first), tuple(JournalEntry.model_validate_json(line) for line in rest)
        )
    except (ValidationError, UnicodeDecodeError):
        raise ValueError("it is no part of the journal, or not whole") from None


def in_order(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    return sorted(entries, key=lambda entry: (entry.at.isoformat(), entry.id))


def missing(days: Iterable[date], since: date, until: date) -> list[date]:
    """Those from one to the other, both included, that are not among the `days`."""
    there = set(days)
    every = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return [day for day in every if day not in there]


def _digest(head: PartHead, entries: Sequence[JournalEntry]) -> str:
    told = head.model_dump_json(exclude={"digest"})
    return sha256("\n".join([told, *_lines(entries)]).encode()).hexdigest()


def _lines(entries: Iterable[JournalEntry]) -> Iterator[str]:
    """In ASCII, so that nothing in an entry ends a line."""
    return (json.dumps(entry.model_dump(mode="json"), separators=(",", ":")) for entry in entries)
