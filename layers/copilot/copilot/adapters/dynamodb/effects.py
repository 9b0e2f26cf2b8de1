"""ports.Effects on the table: CHANGE#tenant#target says where in the ledger an effect on that target is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.dynamodb.rows import Row, change_partition, errors_in_words, ledger_key, unpack
from copilot.domain import LedgerEntry, ResourceRef

READ_AT_ONCE = 10


class DynamoEffects:
    """`dynamodb` is a boto3 client. Every read is consistent. Most often the newest effect is all that is asked for."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._db, self._tenant = table, dynamodb, tenant

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        seen: set[tuple[str, str, str]] = set()
        for row in self._changes(change_partition(self._tenant, target)):
            run_id, step, item = row["run_id"]["S"], row["step"]["S"], row["item"]["N"]
            # One that failed cleanly and was begun again has two rows here, and one in the ledger.
            if (run_id, step, item) in seen:
                continue
            seen.add((run_id, step, item))
            of = ledger_key(self._tenant, run_id, step, int(item))
            with errors_in_words():
                kept = self._db.get_item(TableName=self._table, Key=of, ConsistentRead=True).get("Item")
            if kept:
                yield unpack(kept["body"], LedgerEntry)

    def _changes(self, partition: str) -> Iterator[Row]:
        more: Row = {}
        while True:
            with errors_in_words():
                page = self._db.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues={":pk": {"S": partition}},
                    ScanIndexForward=False,
                    ConsistentRead=True,
                    Limit=READ_AT_ONCE,
                    **more,
                )
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
