"""ports.Schedules on the table: SCHEDULE#tenant, FIRING#tenant#schedule, KEEP#tenant (design section 4a)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from copilot.adapters.dynamodb.rows import Row, errors_in_words, key, pack, partition, query, unpack
from copilot.domain import Firing, JournalEntry, Keep, LedgerEntry, Permission, Schedule
from copilot.errors import Conflict

KEEP_FIRINGS = timedelta(days=90)
KEEP_KEEPS = timedelta(days=1)


class DynamoSchedules:
    """`read` is a boto3 client with the function's own rights; `write` gives one for this call's, if it has any."""

    def __init__(self, table: str, table_arn: str, tenant: str, read: Any, write: Callable[[], Any]) -> None:
        self._table, self._arn, self._tenant, self._db, self._write = table, table_arn, tenant, read, write

    def schedules(self) -> list[Schedule]:
        found = [unpack(row["body"], Schedule) for row in self._query(f"SCHEDULE#{self._tenant}")]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def schedule(self, schedule_id: str) -> Schedule | None:
        with errors_in_words():
            row = self._db.get_item(
                TableName=self._table, Key=key(f"SCHEDULE#{self._tenant}", schedule_id), ConsistentRead=True
            ).get("Item")
        return unpack(row["body"], Schedule) if row else None

    def firings(self, schedule_id: str, limit: int = 50) -> list[Firing]:
        rows = self._query(f"FIRING#{self._tenant}#{schedule_id}", ScanIndexForward=False, Limit=limit)
        return [unpack(row["body"], Firing) for row in islice(rows, limit)]

    def keeps(self) -> list[Keep]:
        return [unpack(row["body"], Keep) for row in self._query(f"KEEP#{self._tenant}")]

    def effects(self, run_id: str) -> list[LedgerEntry]:
        entries = [unpack(row["body"], LedgerEntry) for row in self._query(f"LEDGER#{self._tenant}#{run_id}")]
        return sorted(entries, key=lambda entry: entry.started_at)

    def writers(self, tool: str, since: datetime, until: datetime) -> list[str]:
        first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        rows = [row for day in days for row in self._query(f"JOURNAL#{self._tenant}#{day.isoformat()}")]
        entries = [unpack(row["body"], JournalEntry) for row in rows]
        return list(dict.fromkeys(one.run_id for one in entries if since <= one.at <= until and one.is_write_by(tool)))

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action=action, arn=self._arn) for action in ("dynamodb:PutItem", "dynamodb:DeleteItem")]

    def put(self, schedule: Schedule) -> None:
        row = key(f"SCHEDULE#{self._tenant}", schedule.id) | {"body": pack(schedule)}
        self._put(self._write(), row | (_ttl(schedule.ends_at + KEEP_FIRINGS) if schedule.ends_at else {}))

    def remove(self, schedule_id: str) -> None:
        self._delete(key(f"SCHEDULE#{self._tenant}", schedule_id))

    def put_keep(self, keep: Keep) -> None:
        row = key(f"KEEP#{self._tenant}", keep.environment) | {"body": pack(keep)}
        self._put(self._write(), row | _ttl(keep.until + KEEP_KEEPS))

    def remove_keep(self, environment: str) -> None:
        self._delete(key(f"KEEP#{self._tenant}", environment))

    def record_firing(self, firing: Firing) -> Firing:
        at = firing.scheduled_at.astimezone(UTC).isoformat(timespec="milliseconds")
        of = key(f"FIRING#{self._tenant}#{firing.schedule}", f"{at}#{firing.action}")
        row = of | {"body": pack(firing)} | _ttl(firing.fired_at + KEEP_FIRINGS)
        try:
            self._put(self._db, row, "attribute_not_exists(pk)")
        except Conflict:
            with errors_in_words():
                kept = self._db.get_item(TableName=self._table, Key=of, ConsistentRead=True)["Item"]
            return unpack(kept["body"], Firing)
        return firing

    def _put(self, client: Any, row: Row, condition: str | None = None) -> None:
        with errors_in_words():
            client.put_item(
                TableName=self._table, Item=row, **({"ConditionExpression": condition} if condition else {})
            )

    def _delete(self, of: Row) -> None:
        client = self._write()
        with errors_in_words():
            client.delete_item(TableName=self._table, Key=of)

    def _query(self, pk: str, **more: Any) -> Iterator[Row]:
        return query(self._db, self._table, **partition(pk), **more)


def _ttl(at: datetime) -> Row:
    return {"ttl": {"N": str(int(at.timestamp()))}}
