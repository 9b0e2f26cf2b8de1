"""ports.JournalRows on the table: JOURNAL#tenant#day. Of a row nothing but its end is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import Row, journal_row, key, ttl, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain import JournalEntry, KeptEntry
from copilot.errors import Conflict


class DynamoJournalRows:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant = Table(table, dynamodb), tenant

    def first_day(self, since: date, until: date) -> date | None:
        days = (since + timedelta(days=number) for number in range((until - since).days + 1))
        return next((day for day in days if self._table.page(*self._of(day), Limit=1)["Items"]), None)

    def of_day(self, day: date) -> list[KeptEntry]:
        return [KeptEntry(unpack(row["body"], JournalEntry), _end(row)) for row in self._table.query(*self._of(day))]

    def give_end(self, entries: Sequence[JournalEntry], end: datetime) -> None:
        for entry in entries:
            row = journal_row(self._tenant, entry)
            with suppress(Conflict):  # it is gone
                self._table.call(
                    "update_item",
                    Key=key(row["pk"]["S"], row["sk"]["S"]),
                    UpdateExpression="SET #ttl = :end",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues={":end": ttl(end)["ttl"]},
                )

    def _of(self, day: date) -> tuple[str, dict[str, Any]]:
        return "pk = :pk", {":pk": {"S": f"JOURNAL#{self._tenant}#{day.isoformat()}"}}


def _end(row: Row) -> datetime | None:
    return datetime.fromtimestamp(int(row["ttl"]["N"]), UTC) if "ttl" in row else None
