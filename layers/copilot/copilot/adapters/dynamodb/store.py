"""ports.Store on one DynamoDB table, with outputs over 4 KB in S3."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from copilot.adapters.dynamodb.approvals import Approvals
from copilot.adapters.dynamodb.conversations import Conversations
from copilot.adapters.dynamodb.freezes import Freezes
from copilot.adapters.dynamodb.leases import Leases
from copilot.adapters.dynamodb.ledger import Ledger
from copilot.adapters.dynamodb.limits import Limits
from copilot.adapters.dynamodb.results import Results
from copilot.adapters.dynamodb.rows import unpack
from copilot.adapters.dynamodb.runs import Runs
from copilot.adapters.dynamodb.standings import Standings
from copilot.adapters.dynamodb.table import Table
from copilot.domain import JournalEntry, Retention


class DynamoStore(Runs, Results, Ledger, Leases, Approvals, Freezes, Limits, Standings, Conversations):
    """`dynamodb` and `s3` are boto3 clients. Every read is consistent. What is past its life by `now`, and not cleaned
    up yet, reads as not there; what conditions of writes go by is read as it is.
    """

    def __init__(
        self,
        table: str,
        bucket: str,
        dynamodb: Any,
        s3: Any,
        retention: Callable[[], Retention] = Retention,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._table, self._kept = Table(table, dynamodb), Table(table, dynamodb, now=now)
        self._bucket, self._s3, self._retention, self._now = bucket, s3, retention, now

    def journal(self, tenant: str, day: str, since: datetime | None = None) -> list[JournalEntry]:
        values = {":pk": {"S": f"JOURNAL#{tenant}#{day}"}}
        condition = "pk = :pk"
        if since is not None:
            condition += " AND sk >= :since"
            values[":since"] = {"S": since.astimezone(UTC).isoformat()}
        return [unpack(row["body"], JournalEntry) for row in self._table.query(condition, values)]
