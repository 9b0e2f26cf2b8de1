"""ports.Effects on the table: CHANGE#tenant#target says where in the ledger an effect on that target is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.dynamodb.rows import change_partition, ledger_key, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain import LedgerEntry, ResourceRef

READ_AT_ONCE = 10


class DynamoEffects:
    """`dynamodb` is a boto3 client. Every read is consistent. Most often the newest effect is all that is asked for."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant = Table(table, dynamodb), tenant

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        seen: set[tuple[str, str, str]] = set()
        partition = change_partition(self._tenant, target)
        for row in self._table.partition(partition, ScanIndexForward=False, Limit=READ_AT_ONCE):
            run_id, step, item = row["run_id"]["S"], row["step"]["S"], row["item"]["N"]
            # One that failed cleanly and was begun again has two rows here, and one in the ledger.
            if (run_id, step, item) in seen:
                continue
            seen.add((run_id, step, item))
            if kept := self._table.get(ledger_key(self._tenant, run_id, step, int(item))):
                yield unpack(kept["body"], LedgerEntry)
