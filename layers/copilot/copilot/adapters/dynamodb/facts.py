"""ports.Facts on the table: FACT#tenant#scope, a row for each name with what it was before (design section 4a).

What was forgotten, or has ended, goes by itself some time later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import Row, key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import FactName, KeptFact, Permission

KEEP_ENDED = timedelta(days=30)


class DynamoFacts:
    """`read` is a boto3 client with the function's own rights; `write` gives one for this call's, if it has any."""

    def __init__(self, table: str, table_arn: str, tenant: str, read: Any, write: Callable[[], Any]) -> None:
        self._table, self._arn, self._tenant, self._write = Table(table, read), table_arn, tenant, write

    def facts(self, scope: str) -> list[KeptFact]:
        return [unpack(row["body"], KeptFact) for row in self._table.partition(self._partition(scope))]

    def fact(self, scope: str, name: FactName) -> KeptFact | None:
        row = self._table.get(self._key(scope, name))
        return None if row is None else unpack(row["body"], KeptFact)

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action="dynamodb:PutItem", arn=self._arn)]

    def put(self, kept: KeptFact) -> None:
        row = self._key(kept.scope, kept.name) | {"body": pack(kept), "rev": {"N": str(kept.rev)}}
        ends = kept.changed_at if kept.now is None else kept.now.until
        row |= ttl(ends + KEEP_ENDED) if ends else {}
        if kept.rev == 1:
            self._writing.put(row, NEW)
            return
        before: Row = {":rev": {"N": str(kept.rev - 1)}}
        self._writing.call("put_item", Item=row, ConditionExpression="rev = :rev", ExpressionAttributeValues=before)

    def _partition(self, scope: str) -> str:
        return f"FACT#{self._tenant}#{scope}"

    def _key(self, scope: str, name: FactName) -> Row:
        return key(self._partition(scope), f"{name.subject}#{name.attribute}")

    @property
    def _writing(self) -> Table:
        return Table(self._table.name, self._write())
