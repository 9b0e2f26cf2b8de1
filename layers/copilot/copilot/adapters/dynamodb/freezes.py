"""What is frozen, on the table: a partition of its own, which every write reads before it begins."""

from __future__ import annotations

from copilot.adapters.dynamodb.rows import freeze_key, freeze_row, journal_row, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Freeze, JournalEntry, Scope


class Freezes:
    """ports.Freezes."""

    _table: Table

    def freezes(self, tenant: str) -> list[Freeze]:
        kept = [unpack(row["body"], Freeze) for row in self._table.partition(f"FREEZE#{tenant}")]
        return sorted(kept, key=lambda freeze: freeze.at)

    def freeze(self, tenant: str, freeze: Freeze, journal: JournalEntry) -> None:
        rows = [freeze_row(tenant, freeze), journal_row(tenant, journal)]
        self._table.transact(self._table.puts(rows, NEW))

    def thaw(self, tenant: str, scope: Scope, journal: JournalEntry) -> None:
        there = {"ConditionExpression": "attribute_exists(pk)"}
        gone = {"TableName": self._table.name, "Key": freeze_key(tenant, scope)} | there
        self._table.transact([{"Delete": gone}, *self._table.puts([journal_row(tenant, journal)], NEW)])
