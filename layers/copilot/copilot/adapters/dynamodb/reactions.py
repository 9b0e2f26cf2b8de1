"""ports.Reactions on the table: REACTION#tenant (design section 4a)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain.reactions import Reacted
from copilot.errors import Conflict
from copilot.ports import Clock

KEPT = timedelta(days=90)
"""What is kept of a reaction to which nothing came any more goes so long after the last event."""


class DynamoReactions:
    """`dynamodb` is a boto3 client with the function's own rights."""

    def __init__(self, table: str, dynamodb: Any, tenant: str, clock: Clock) -> None:
        self._table, self._partition, self._clock = Table(table, dynamodb), f"REACTION#{tenant}", clock

    def reacted(self, name: str) -> Reacted:
        row = self._table.get(key(self._partition, name))
        return unpack(row["body"], Reacted) if row else Reacted(name=name)

    def change(self, before: Reacted, after: Reacted) -> bool:
        row = {"body": pack(after), "revision": {"N": str(after.revision)}} | ttl(self._clock.now() + KEPT)
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before.revision:
            read = {":read": {"N": str(before.revision)}}
            condition = {"ConditionExpression": "revision = :read", "ExpressionAttributeValues": read}
        try:
            self._table.call("put_item", Item=key(self._partition, after.name) | row, **condition)
        except Conflict:
            return False
        return True
