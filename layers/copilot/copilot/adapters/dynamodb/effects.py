"""ports.Effects on the table: CHANGE#tenant#target says where in the ledger an effect on that target is kept.

So does CHANGE#tenant#day of all effects that were begun on that day (UTC), whatever they were on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import (
    Row,
    change_partition,
    change_place,
    day_of,
    ledger_key,
    run_key,
    unpack,
)
from copilot.adapters.dynamodb.table import Table
from copilot.domain import LedgerEntry, MadeEffect, ResourceRef, Trigger

READ_AT_ONCE = 10
NEWEST_FIRST = {"ScanIndexForward": False, "Limit": READ_AT_ONCE}


class DynamoEffects:
    """`dynamodb` is a boto3 client. Every read is consistent. Most often the newest effect is all that is asked for."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant = Table(table, dynamodb), tenant

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        rows = self._table.partition(change_partition(self._tenant, target), **NEWEST_FIRST)
        return (entry for _, entry in self._kept(rows))

    def made(self, since: datetime, until: datetime, target: ResourceRef | None = None) -> Iterator[MadeEffect]:
        schedules: dict[str, str | None] = {}
        partitions = [target] if target else _days(since, until)
        rows = (row for one in partitions for row in self._between(one, since, until))
        for row, entry in self._kept(rows):
            run_id = row["run_id"]["S"]
            if run_id not in schedules:
                schedules[run_id] = self._schedule(run_id)
            yield MadeEffect(run_id=run_id, entry=entry, person=row["person"]["S"], schedule=schedules[run_id])

    def _between(self, target: ResourceRef, since: datetime, until: datetime) -> Iterator[Row]:
        values = {
            ":pk": {"S": change_partition(self._tenant, target)},
            ":since": {"S": change_place(since)},
            ":until": {"S": change_place(until)},
        }
        return self._table.query("pk = :pk AND sk BETWEEN :since AND :until", values, **NEWEST_FIRST)

    def _kept(self, rows: Iterable[Row]) -> Iterator[tuple[Row, LedgerEntry]]:
        seen: set[tuple[str, str, str]] = set()
        for row in rows:
            run_id, step, item = row["run_id"]["S"], row["step"]["S"], row["item"]["N"]
            # One that failed cleanly and was begun again has two rows here, and one in the ledger.
            if (run_id, step, item) in seen:
                continue
            seen.add((run_id, step, item))
            if kept := self._table.get(ledger_key(self._tenant, run_id, step, int(item))):
                yield row, unpack(kept["body"], LedgerEntry)

    def _schedule(self, run_id: str) -> str | None:
        row = self._table.get(run_key(self._tenant, run_id))
        return unpack(row["trigger"], Trigger).schedule_id if row else None


def _days(since: datetime, until: datetime) -> Iterator[ResourceRef]:
    """Those between, the last first."""
    day, first = until.astimezone(UTC), since.astimezone(UTC).date()
    while day.date() >= first:
        yield day_of(day)
        day -= timedelta(days=1)
