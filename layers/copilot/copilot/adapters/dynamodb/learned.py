"""ports.Learned on the table: LEARNED#tenant#person, a row for each shape, which goes by itself when it is not used."""

from __future__ import annotations

from typing import Any

from copilot.adapters.dynamodb.rows import Row, key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import LEARNED_LASTS, LearnedShape


class DynamoLearned:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant = Table(table, dynamodb), tenant

    def of_shape(self, person: str, shape: str) -> LearnedShape | None:
        row = self._table.get(self._key(person, shape))
        return None if row is None else unpack(row["body"], LearnedShape)

    def all(self, person: str) -> list[LearnedShape]:
        return [unpack(row["body"], LearnedShape) for row in self._table.partition(self._partition(person))]

    def put(self, kept: LearnedShape) -> None:
        place, before = self._key(kept.person, kept.shape), {":rev": {"N": str(kept.rev - 1)}}
        row = place | {"body": pack(kept), "rev": {"N": str(kept.rev)}} | ttl(kept.used_at + LEARNED_LASTS)
        if kept.rev == 1:
            self._table.put(row, NEW)
            return
        as_it_was: dict[str, Any] = {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": before}
        if kept.plans:
            self._table.call("put_item", Item=row, **as_it_was)
        else:
            self._table.call("delete_item", Key=place, **as_it_was)

    def drop(self, person: str, shape: str) -> None:
        self._table.delete(self._key(person, shape))

    def _partition(self, person: str) -> str:
        return f"LEARNED#{self._tenant}#{person}"

    def _key(self, person: str, shape: str) -> Row:
        return key(self._partition(person), shape)
