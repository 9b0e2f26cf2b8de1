"""ports.Effects on the table: CHANGE#tenant#target says where in the ledger an effect on that target is kept.

What was begun on a day, whatever it was on, is in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from copilot.adapters.dynamodb.rows import (
    Row,
    change_partition,
    change_place,
    journal_partition,
    ledger_key,
    run_key,
    unpack,
)
from copilot.adapters.dynamodb.table import Table
from copilot.domain import JournalEntry, LedgerEntry, MadeEffect, ResourceRef, Trigger

READ_AT_ONCE = 10


class _Place(NamedTuple):
    """Where in the ledger an effect is kept, and who had it made."""

    run_id: str
    step: str
    item: int
    person: str


class DynamoEffects:
    """`dynamodb` is a boto3 client. Every read is consistent. Most often the newest effect is all that is asked for."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant = Table(table, dynamodb), tenant

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        rows = self._table.partition(change_partition(self._tenant, target), ScanIndexForward=False, Limit=READ_AT_ONCE)
        return (entry for _, entry in self._kept(map(_place, rows)))

    def made(self, since: datetime, until: datetime, target: ResourceRef | None = None) -> Iterator[MadeEffect]:
        schedules: dict[str, str | None] = {}
        places = self._on(target, since, until) if target else self._begun(since, until)
        for place, entry in self._kept(places):
            if place.run_id not in schedules:
                schedules[place.run_id] = self._schedule(place.run_id)
            schedule = schedules[place.run_id]
            yield MadeEffect(run_id=place.run_id, entry=entry, person=place.person, schedule=schedule)

    def _on(self, target: ResourceRef, since: datetime, until: datetime) -> Iterator[_Place]:
        values = {
            ":pk": {"S": change_partition(self._tenant, target)},
            ":since": {"S": change_place(since)},
            ":until": {"S": change_place(until)},
        }
        between = "pk = :pk AND sk BETWEEN :since AND :until"
        return map(_place, self._table.query(between, values, ScanIndexForward=False, Limit=READ_AT_ONCE))

    def _begun(self, since: datetime, until: datetime) -> Iterator[_Place]:
        """The newest first."""
        for day in _days(since, until):
            for row in self._table.partition(journal_partition(self._tenant, day), ScanIndexForward=False):
                entry = unpack(row["body"], JournalEntry)
                if entry.begun is not None and since <= entry.at < until:
                    yield _Place(entry.run_id, *entry.begun, entry.person)

    def _kept(self, places: Iterable[_Place]) -> Iterator[tuple[_Place, LedgerEntry]]:
        seen: set[tuple[str, str, int]] = set()
        for place in places:
            # One that failed cleanly and was begun again is noted twice, and in the ledger once.
            if place[:3] in seen:
                continue
            seen.add(place[:3])
            if kept := self._table.get(ledger_key(self._tenant, *place[:3])):
                yield place, unpack(kept["body"], LedgerEntry)

    def _schedule(self, run_id: str) -> str | None:
        row = self._table.get(run_key(self._tenant, run_id))
        return unpack(row["trigger"], Trigger).schedule_id if row else None


def _place(row: Row) -> _Place:
    return _Place(row["run_id"]["S"], row["step"]["S"], int(row["item"]["N"]), row["person"]["S"])


def _days(since: datetime, until: datetime) -> Iterator[date]:
    """Those between (UTC), the last first."""
    day, first = until.astimezone(UTC).date(), since.astimezone(UTC).date()
    while day >= first:
        yield day
        day -= timedelta(days=1)
