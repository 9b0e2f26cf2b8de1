"""Conversations on the table: who is at work in each, who waits, what was said, what it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from copilot.adapters.dynamodb.rows import Row, focus_key, lock_key, ttl, unpack
from copilot.adapters.dynamodb.runs import run_in
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Focus, Retention, Run, Turn
from copilot.errors import Conflict, NotFound


class Conversations:
    """ports.Conversations."""

    _table: Table
    _kept: Table
    _retention: Callable[[], Retention]
    _now: Callable[[], datetime] | None

    def take_lock(self, run: Run, now: datetime, until: datetime) -> bool:
        held = {"run_id": {"S": run.run_id}, "until": {"N": str(until.timestamp())}}
        row = lock_key(run.tenant, run.conversation) | held | ttl(until + timedelta(days=1))
        values = {":run": {"S": run.run_id}, ":now": {"N": str(now.timestamp())}}
        condition = f"{NEW} OR run_id = :run OR #until < :now"
        try:
            self._table.call(
                "put_item",
                Item=row,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ExpressionAttributeNames={"#until": "until"},
            )
        except Conflict:
            return False
        return True

    def release_lock(self, run: Run) -> None:
        with suppress(Conflict):  # another run holds it, or nobody does
            self._table.call(
                "delete_item",
                Key=lock_key(run.tenant, run.conversation),
                ConditionExpression="run_id = :run",
                ExpressionAttributeValues={":run": {"S": run.run_id}},
            )

    def turns(self, tenant: str, conversation: str, limit: int = 50) -> list[Turn]:
        found = self._conversation(tenant, conversation, "turn#", newest_first=True, limit=limit)
        return [unpack(row["body"], Turn) for row in reversed(found)]

    def next_queued(self, tenant: str, conversation: str) -> Run | None:
        for row in self._conversation(tenant, conversation, "queued#", newest_first=False, limit=10):
            with suppress(NotFound):  # it is past its life, or deleted, and nobody waits for it
                return run_in(self._kept, tenant, row["run_id"]["S"])
        return None

    def focus(self, tenant: str, conversation: str) -> Focus:
        row = self._kept.get(focus_key(tenant, conversation))
        # One without a revision is of an earlier version, of another shape, and forgotten.
        focus = unpack(row["body"], Focus) if row and "rev" in row else Focus()
        return focus.since_then(self._retention().said_since(self._now())) if self._now and row else focus

    def _conversation(
        self, tenant: str, conversation: str, prefix: str, *, newest_first: bool, limit: int
    ) -> list[Row]:
        values = {":pk": {"S": f"TURN#{tenant}#{conversation}"}, ":prefix": {"S": prefix}}
        found = self._kept.page(
            "pk = :pk AND begins_with(sk, :prefix)", values, ScanIndexForward=not newest_first, Limit=limit
        )
        rows: list[Row] = found["Items"]
        return rows
