"""ports.Spending on the table: a row for each day and each month, of all together, a person, a channel or a reaction.

Nothing of it grows: a row has two numbers for each kind, and for each cap when it was told that it is nearly reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast, get_args

from copilot.adapters.dynamodb.rows import Row, key, ttl
from copilot.adapters.dynamodb.table import Table
from copilot.domain import Room, Spender, SpendKind, SpendScope, Spent, Sum
from copilot.errors import Conflict

_TOLD = "told#"
_MONTH = timedelta(days=31)


class DynamoSpending:
    """`dynamodb` is a boto3 client; `until` says for how long is kept what is counted now."""

    def __init__(self, table: str, dynamodb: Any, tenant: str, until: Callable[[], datetime]) -> None:
        self._table, self._tenant, self._until = Table(table, dynamodb), tenant, until

    def spent(self, spenders: Sequence[Spender]) -> dict[Spender, Spent]:
        rows = self._table.get_all([self._key(spender) for spender in dict.fromkeys(spenders)])
        return {one.spender: one for one in map(_spent, rows)}

    def add(self, kind: SpendKind, sum: Sum, rooms: Mapping[Spender, Room]) -> None:
        lasts = ttl(self._until() + _MONTH)["ttl"]
        self._table.transact(
            [
                {"Update": {"TableName": self._table.name} | self._adding(kind, sum, *one, lasts)}
                for one in rooms.items()
            ]
        )

    def _adding(self, kind: SpendKind, sum: Sum, spender: Spender, room: Room, lasts: Row) -> Row:
        names = {"#micros": f"{kind}#micros", "#calls": f"{kind}#calls"}
        values: Row = {":micros": {"N": str(sum.micros)}, ":calls": {"N": str(sum.calls)}, ":ttl": lasts}
        conditions = []
        for measure, most in room._asdict().items():
            if most is not None:
                values[f":most_{measure}"] = {"N": str(most)}
                conditions.append(f"(attribute_not_exists(#{measure}) OR #{measure} <= :most_{measure})")
        return {
            "Key": self._key(spender),
            "UpdateExpression": "SET #ttl = :ttl ADD #micros :micros, #calls :calls",
            "ExpressionAttributeNames": {"#ttl": "ttl"} | names,
            "ExpressionAttributeValues": values,
        } | ({"ConditionExpression": " AND ".join(conditions)} if conditions else {})

    def tell_once(self, spender: Spender, cap: str, most: str, run: str) -> bool:
        with suppress(Conflict):
            self._table.call(
                "update_item",
                Key=self._key(spender),
                UpdateExpression="SET #told = :told",
                ConditionExpression="attribute_not_exists(#told) OR NOT begins_with(#told, :most)",
                ExpressionAttributeNames={"#told": f"{_TOLD}{cap}"},
                ExpressionAttributeValues={":told": {"S": f"{most}/{run}"}, ":most": {"S": f"{most}/"}},
            )
            return True
        return False

    def of_period(self, period: str) -> list[Spent]:
        return [_spent(row) for row in self._table.partition(f"SPEND#{self._tenant}#{period}")]

    def _key(self, spender: Spender) -> Row:
        return key(f"SPEND#{self._tenant}#{spender.period}", f"{spender.scope}#{spender.name}")


def _spent(row: Row) -> Spent:
    scope, _, name = row["sk"]["S"].partition("#")
    spender = Spender(row["pk"]["S"].rpartition("#")[2], cast(SpendScope, scope), name)
    sums = {
        kind: Sum(int(row[f"{kind}#micros"]["N"]), int(row[f"{kind}#calls"]["N"]))
        for kind in get_args(SpendKind)
        if f"{kind}#micros" in row
    }
    told = {
        name.removeprefix(_TOLD): value["S"].partition("/") for name, value in row.items() if name.startswith(_TOLD)
    }
    return Spent(spender, sums, {name: (most, run) for name, (most, _, run) in told.items()})
