"""Standing approvals on the table: a partition of their own, which only who decides on approvals writes."""

from __future__ import annotations

from datetime import timedelta

from copilot.adapters.dynamodb.rows import journal_row, key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import JournalEntry, Standing

KEPT = timedelta(days=30)
"""After it has expired."""


class Standings:
    """ports.Standings."""

    _table: Table

    def standings(self, tenant: str) -> list[Standing]:
        kept = [unpack(row["body"], Standing) for row in self._table.partition(f"STANDING#{tenant}")]
        return sorted(kept, key=lambda one: (one.at, one.id))

    def grant(self, tenant: str, standing: Standing, journal: JournalEntry) -> None:
        row = key(f"STANDING#{tenant}", standing.id) | {"body": pack(standing)} | ttl(standing.expires_at + KEPT)
        self._table.transact(self._table.puts([row, journal_row(tenant, journal)], NEW))

    def revoke(self, tenant: str, standing_id: str, journal: JournalEntry) -> None:
        gone = {
            "TableName": self._table.name,
            "Key": key(f"STANDING#{tenant}", standing_id),
            "ConditionExpression": "attribute_exists(pk)",
        }
        self._table.transact([{"Delete": gone}, *self._table.puts([journal_row(tenant, journal)], NEW)])
