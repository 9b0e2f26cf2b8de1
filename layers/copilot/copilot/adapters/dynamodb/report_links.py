"""ports.ReportLinks on the table: a row for each short link, under the hash of its token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import errors_in_words, key, pack, ttl, unpack
from copilot.domain import ReportLink

KEEP = timedelta(days=30)
"""How long after its end a link is known to have been one; then its file is gone as well."""


class DynamoReportLinks:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._db, self._partition = table, dynamodb, f"REPORTLINK#{tenant}"

    def keep(self, hash: str, link: ReportLink) -> None:
        row = key(self._partition, hash) | {"body": pack(link)} | ttl(link.until + KEEP)
        with errors_in_words():
            self._db.put_item(TableName=self._table, Item=row)

    def find(self, hash: str) -> ReportLink | None:
        with errors_in_words():
            found = self._db.get_item(TableName=self._table, Key=key(self._partition, hash), ConsistentRead=True)
        return unpack(found["Item"]["body"], ReportLink) if "Item" in found else None
