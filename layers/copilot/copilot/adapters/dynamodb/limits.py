"""How much is changed at once, on the table: a row for each account and hour, changed only by who knows how it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from copilot.adapters.dynamodb.rows import Row, limit_key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Counted, Counting

KEPT = timedelta(days=2)
"""After its hour: a Run that ends later gives back there what it did not begin."""


class Limits:
    """ports.Limits."""

    _table: Table

    def counted(self, tenant: str, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Counted]:
        rows = self._table.get_all([limit_key(tenant, *place) for place in dict.fromkeys(places)])
        found = [unpack(row["body"], Counted) for row in rows]
        return {(one.account, one.hour): one for one in found}


def countings(table: Table, tenant: str, countings: Iterable[Counting]) -> list[Row]:
    """As writes of a transaction, each on the condition that what is counted is as it was seen."""
    return [_write(table, tenant, one) for one in countings]


def _write(table: Table, tenant: str, counting: Counting) -> Row:
    seen, counted = counting.seen, counting.kept
    ends = datetime.fromisoformat(f"{counted.hour}:00").replace(tzinfo=UTC) + timedelta(hours=1)
    own = {"body": pack(counted), "rev": {"N": str(counted.rev)}}
    row = limit_key(tenant, counted.account, counted.hour) | own | ttl(ends + KEPT)
    put: Row = {"TableName": table.name, "Item": row, "ConditionExpression": NEW}
    if seen is not None:
        before = {":before": {"N": str(seen.rev)}}
        put |= {"ConditionExpression": "rev = :before", "ExpressionAttributeValues": before}
    return {"Put": put}
