"""ports.Watches on the table: WATCH#tenant (design section 4a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import Row, key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain import Permission, Watch
from copilot.errors import Conflict

KEEP_WATCHES = timedelta(days=2)
"""One that nobody looked at any more is cleaned up so long after its end."""
AS_READ = "revision = :read"


class DynamoWatches:
    """`read` is a boto3 client with the function's own rights; `write` gives one for this call's, if it has any."""

    def __init__(self, table: str, table_arn: str, tenant: str, read: Any, write: Callable[[], Any]) -> None:
        self._table, self._arn, self._partition = Table(table, read), table_arn, f"WATCH#{tenant}"
        self._write = write

    def watches(self) -> list[Watch]:
        found = [unpack(row["body"], Watch) for row in self._table.partition(self._partition)]
        return sorted(found, key=lambda one: (one.made_at, one.id))

    def watch(self, watch_id: str) -> Watch | None:
        row = self._table.get(key(self._partition, watch_id))
        return unpack(row["body"], Watch) if row else None

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action=action, arn=self._arn) for action in ("dynamodb:PutItem", "dynamodb:DeleteItem")]

    def put(self, watch: Watch) -> None:
        self._writing.put(self._row(watch))

    def remove(self, watch: Watch) -> bool:
        condition = {**_as_read(watch), "ConditionExpression": f"attribute_not_exists(pk) OR {AS_READ}"}
        return _done(lambda: self._writing.call("delete_item", Key=key(self._partition, watch.id), **condition))

    def change(self, before: Watch, after: Watch | None) -> bool:
        as_read = {"ConditionExpression": AS_READ, **_as_read(before)}
        if after is None:
            return _done(lambda: self._table.call("delete_item", Key=key(self._partition, before.id), **as_read))
        return _done(lambda: self._table.call("put_item", Item=self._row(after), **as_read))

    def _row(self, watch: Watch) -> Row:
        row = {"body": pack(watch), "revision": {"N": str(watch.revision)}}
        return key(self._partition, watch.id) | row | ttl(watch.until + KEEP_WATCHES)

    @property
    def _writing(self) -> Table:
        return Table(self._table.name, self._write())


def _as_read(watch: Watch) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {":read": {"N": str(watch.revision)}}}


def _done(change: Callable[[], Any]) -> bool:
    """Whether it was made, and not refused because it is otherwise by now."""
    try:
        change()
    except Conflict:
        return False
    return True
