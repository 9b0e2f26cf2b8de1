"""ports.Schedules on the table: SCHEDULE#tenant, FIRING#tenant#schedule, KEEP#tenant (design section 4a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from copilot.adapters.dynamodb.rows import key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Firing, JournalEntry, Keep, LedgerEntry, Permission, Schedule
from copilot.errors import Conflict

KEEP_FIRINGS = timedelta(days=90)
KEEP_KEEPS = timedelta(days=1)


class DynamoSchedules:
    """`read` is a boto3 client with the function's own rights; `write` gives one for this call's, if it has any."""

    def __init__(self, table: str, table_arn: str, tenant: str, read: Any, write: Callable[[], Any]) -> None:
        self._table, self._arn, self._tenant = Table(table, read), table_arn, tenant
        self._write = write

    def schedules(self) -> list[Schedule]:
        found = [unpack(row["body"], Schedule) for row in self._table.partition(f"SCHEDULE#{self._tenant}")]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def schedule(self, schedule_id: str) -> Schedule | None:
        row = self._table.get(key(f"SCHEDULE#{self._tenant}", schedule_id))
        return unpack(row["body"], Schedule) if row else None

    def firings(self, schedule_id: str, limit: int = 50) -> list[Firing]:
        rows = self._table.partition(f"FIRING#{self._tenant}#{schedule_id}", ScanIndexForward=False, Limit=limit)
        return [unpack(row["body"], Firing) for row in islice(rows, limit)]

    def keeps(self) -> list[Keep]:
        return [unpack(row["body"], Keep) for row in self._table.partition(f"KEEP#{self._tenant}")]

    def effects(self, run_id: str) -> list[LedgerEntry]:
        entries = [unpack(row["body"], LedgerEntry) for row in self._table.partition(f"LEDGER#{self._tenant}#{run_id}")]
        return sorted(entries, key=lambda entry: entry.started_at)

    def writers(self, tool: str, since: datetime, until: datetime) -> list[str]:
        first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        rows = [row for day in days for row in self._table.partition(f"JOURNAL#{self._tenant}#{day.isoformat()}")]
        entries = [unpack(row["body"], JournalEntry) for row in rows]
        return list(dict.fromkeys(one.run_id for one in entries if since <= one.at <= until and one.is_write_by(tool)))

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action=action, arn=self._arn) for action in ("dynamodb:PutItem", "dynamodb:DeleteItem")]

    def put(self, schedule: Schedule) -> None:
        row = key(f"SCHEDULE#{self._tenant}", schedule.id) | {"body": pack(schedule)}
        self._writing.put(row | (ttl(schedule.ends_at + KEEP_FIRINGS) if schedule.ends_at else {}))

    def pause(self, schedule_id: str, because: str, at: datetime) -> Schedule | None:
        of = key(f"SCHEDULE#{self._tenant}", schedule_id)
        row = self._table.get(of)
        schedule = unpack(row["body"], Schedule) if row else None
        if row is None or schedule is None or schedule.paused:
            return schedule if schedule is not None and schedule.paused_because else None
        paused = schedule.model_copy(update={"paused": True, "paused_because": because, "paused_at": at})
        # As it was read: what somebody changed meanwhile is not undone.
        as_read = {"ConditionExpression": "body = :read", "ExpressionAttributeValues": {":read": row["body"]}}
        try:
            self._table.call("put_item", Item=row | {"body": pack(paused)}, **as_read)
        except Conflict:
            return None
        return paused

    def remove(self, schedule_id: str) -> None:
        self._writing.delete(key(f"SCHEDULE#{self._tenant}", schedule_id))

    def put_keep(self, keep: Keep) -> None:
        row = key(f"KEEP#{self._tenant}", keep.environment) | {"body": pack(keep)}
        self._writing.put(row | ttl(keep.until + KEEP_KEEPS))

    def remove_keep(self, environment: str) -> None:
        self._writing.delete(key(f"KEEP#{self._tenant}", environment))

    def record_firing(self, firing: Firing) -> Firing:
        at = firing.scheduled_at.astimezone(UTC).isoformat(timespec="milliseconds")
        of = key(f"FIRING#{self._tenant}#{firing.schedule}", f"{at}#{firing.action}")
        row = of | {"body": pack(firing)} | ttl(firing.fired_at + KEEP_FIRINGS)
        try:
            self._table.put(row, NEW)
        except Conflict:
            kept = self._table.get(of)
            if kept is not None:
                return unpack(kept["body"], Firing)
            raise
        return firing

    @property
    def _writing(self) -> Table:
        return Table(self._table.name, self._write())
