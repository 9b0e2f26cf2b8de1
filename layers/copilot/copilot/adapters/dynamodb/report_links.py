"""ports.ReportLinks on the table: a row for each short link, under the hash of its token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain import ReportLink

KEEP = timedelta(days=30)
"""How long after its end a link is known to have been one; then its file is gone as well."""


class DynamoReportLinks:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._partition = Table(table, dynamodb), f"REPORTLINK#{tenant}"

    def keep(self, hash: str, link: ReportLink) -> None:
        self._table.put(key(self._partition, hash) | {"body": pack(link)} | ttl(link.until + KEEP))

    def find(self, hash: str) -> ReportLink | None:
        found = self._table.get(key(self._partition, hash))
        return unpack(found["body"], ReportLink) if found else None
