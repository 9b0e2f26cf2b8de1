"""The journal to its archive, in order and complete; only what is there is given an end in the table.

A day is archived once it is over, a while later for who writes late; what is written for it after that is another
part. Whoever finds an object that is the last one first sees to it that all its rows have their end: so the rows of
every earlier object have theirs, and a row without one is archived nowhere. That holds whichever call is the last that
is made, and with two at work at once, since only one object is of a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from copilot.domain import ArchivedPart, JournalEntry, PartHead, Retention, part_after, part_in
from copilot.errors import Conflict, FatalError
from copilot.ports import Clock, JournalArchive, JournalRows

LATE = timedelta(hours=2)
"""A day is over so long after its end: no function works for longer than a quarter of an hour."""
LOOKED_AT_AGAIN = 3
"""Days that are looked at for what came later still."""
MOST = 20_000
"""Entries in an object: some tens of megabytes."""
PAGE, PAGE_ENTRIES = 40, 20_000
"""Objects that are looked at in one answer, and entries in them after which no other is: an API answers within 30 s."""


@dataclass(frozen=True)
class ArchiveJournal:
    """Of a tenant. Returns the heads of what was archived. Raises FatalError where the archive and the table differ:
    then nothing more is archived, and nothing more gets an end, until a person has looked. Raises Conflict where
    another is at work, which will do it; RetryableError where the table or the archive is away.
    """

    rows: JournalRows
    archive: JournalArchive
    retention: Retention
    tenant: str
    clock: Clock

    def __call__(self) -> list[PartHead]:
        last = self._settled(self.archive.last())
        archived: list[PartHead] = []
        for day in self._days(last):
            for entries in self._waiting(day, last):
                part = part_after(last, self.tenant, day, entries)
                if not self.archive.put(part.head.number, day, part.content):
                    raise Conflict("another is archiving the journal")
                last = self._settled(part.head.number)
                archived.append(part.head)
        return archived

    def _days(self, last: PartHead | None) -> Iterator[date]:
        """Those that are over, from the first that may have what is not archived."""
        until = (self.clock.now().astimezone(UTC) - LATE).date() - timedelta(days=1)
        if last is None:
            first = self.rows.first_day(until - timedelta(days=self.retention.evidence), until)
        else:
            first = last.reached - timedelta(days=LOOKED_AT_AGAIN)
        day = first
        while day is not None and day <= until:
            yield day
            day += timedelta(days=1)

    def _waiting(self, day: date, last: PartHead | None) -> list[Sequence[JournalEntry]]:
        """What of a day is not archived, in as many objects as it takes; of a new day one at least."""
        entries = [one.entry for one in self.rows.of_day(day) if one.end is None]
        parts: list[Sequence[JournalEntry]] = [entries[at : at + MOST] for at in range(0, len(entries), MOST)]
        is_new = last is None or day > last.reached
        return parts or ([()] if is_new else [])

    def _settled(self, number: int) -> PartHead | None:
        """The head of the object of that number, read back; all its rows have their end from then on."""
        if not number:
            return None
        part = self._read(number)
        kept = {one.place: one for one in self.rows.of_day(part.head.day)}
        end = self.retention.evidence_until(datetime.combine(part.head.day, time(), UTC) + timedelta(days=1))
        there = [(entry, kept[entry.at, entry.id]) for entry in part.entries if (entry.at, entry.id) in kept]
        if end > self.clock.now() and len(there) < len(part.entries):
            raise FatalError(f"object {number} of the archive has entries that the table has no more")
        if other := next((entry for entry, one in there if entry != one.entry), None):
            raise FatalError(f"object {number} of the archive says of {other.id} something else than the table")
        self.rows.give_end([entry for entry, one in there if one.end is None], end)
        return part.head

    def _read(self, number: int) -> ArchivedPart:
        content = self.archive.read(number)
        if content is None:
            raise FatalError(f"object {number} of the archive is not there")
        try:
            part = part_in(content)
        except ValueError as error:
            raise FatalError(f"object {number} of the archive cannot be read: {error}") from error
        if problem := next(part.faults, ""):
            raise FatalError(f"object {number} of the archive {problem}")
        return part


@dataclass(frozen=True)
class Looked:
    """`parts` are the heads of the objects that were looked at, `faults` what is wrong with them, `next` the number to
    look on from, None at the end. Then `waiting` are the entries that are not archived yet, by day.
    """

    parts: list[PartHead]
    faults: list[str]
    next: int | None
    waiting: dict[date, int]


@dataclass(frozen=True)
class LookAtArchive:
    """Whether it is whole, in order and chained, and says what the table does; a page at a time."""

    rows: JournalRows
    archive: JournalArchive
    retention: Retention
    clock: Clock

    def __call__(self, number: int = 1) -> Looked:
        last = self.archive.last()
        parts: list[PartHead] = []
        faults: list[str] = []
        previous = "" if number == 1 else self._digest_of(number - 1)
        upto, entries = number - 1, 0
        while upto < min(last, number + PAGE - 1) and entries < PAGE_ENTRIES:
            upto += 1
            part, problems = self._look(upto, previous)
            faults += [f"object {upto} {problem}" for problem in problems]
            parts += [part.head] if part else []
            entries += len(part.entries) if part else 0
            previous = part.head.digest if part else None
        more = upto + 1 if upto < last else None
        return Looked(parts, faults, more, {} if more else self._waiting(parts))

    def _look(self, number: int, previous: str | None) -> tuple[ArchivedPart | None, list[str]]:
        content = self.archive.read(number)
        if content is None:
            return None, ["is missing"]
        try:
            part = part_in(content)
        except ValueError as error:
            return None, [f"cannot be read: {error}"]
        problems = list(part.faults)
        if part.head.number != number:
            problems.append(f"was archived as object {part.head.number}")
        if previous is not None and not part.follows(previous):
            problems.append("does not follow the one before it")
        problems += self._otherwise(part)
        return part, problems

    def _otherwise(self, part: ArchivedPart) -> Iterator[str]:
        """Where the table has an entry of the same place that says something else."""
        kept = {one.place: one.entry for one in self.rows.of_day(part.head.day)}
        for entry in part.entries:
            if kept.get((entry.at, entry.id), entry) != entry:
                yield f"says of {entry.id} something else than the table"

    def _digest_of(self, number: int) -> str | None:
        content = self.archive.read(number)
        try:
            return part_in(content).head.digest if content else None
        except ValueError:
            return None

    def _waiting(self, parts: Sequence[PartHead]) -> dict[date, int]:
        today = self.clock.now().astimezone(UTC).date()
        first = max(part.reached for part in parts) - timedelta(days=LOOKED_AT_AGAIN) if parts else None
        first = first or self.rows.first_day(today - timedelta(days=self.retention.evidence), today)
        if first is None:
            return {}
        days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
        found = {day: sum(one.end is None for one in self.rows.of_day(day)) for day in days}
        return {day: number for day, number in found.items() if number}
