"""Approvals on the table, and the list of those that wait."""

from __future__ import annotations

from datetime import datetime

from copilot.adapters.dynamodb.rows import Row, approval_key, approval_row, journal_row, pending_key, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Approval, JournalEntry, PendingApproval, place_in_time
from copilot.errors import NotFound
from copilot.ports import PendingPage


class Approvals:
    """ports.Approvals."""

    _table: Table
    _kept: Table

    def approval(self, tenant: str, approval_id: str) -> Approval:
        row = self._kept.get(approval_key(tenant, approval_id))
        if row is None:
            raise NotFound(f"no approval {approval_id}")
        return unpack(row["body"], Approval)

    def keep_token(self, tenant: str, approval_id: str, token: str) -> None:
        values, names = {":token": {"S": token}}, {"#token": "token"}
        self._table.call("update_item", **self._pending(tenant, approval_id, "SET #token = :token", values, names))

    def decide_approval(self, approval: Approval, journal: JournalEntry) -> None:
        row = approval_row(approval, approval.expires_at)  # of which the end stays as it is
        values = {":body": row["body"], ":state": row["state"], ":hashes": row["hashes"]}
        # The hashes too: of what was left out none may be begun.
        change = "SET body = :body, #state = :state, hashes = :hashes"
        update = self._pending(approval.tenant, approval.id, change, values, {})
        waits_no_more = {"TableName": self._table.name, "Key": pending_key(approval.in_brief)}
        self._table.transact(
            [
                {"Update": update | {"TableName": self._table.name}},
                {"Delete": waits_no_more},
                *self._table.puts([journal_row(approval.tenant, journal)], NEW),
            ]
        )

    def pending_approvals(self, tenant: str, now: datetime, after: str = "", limit: int = 50) -> PendingPage:
        expired = f"{place_in_time(now)}\uffff"  # and all that does in this very millisecond
        values = {":pk": {"S": f"PENDING#{tenant}"}, ":from": {"S": max(after, expired)}}
        found = self._table.page("pk = :pk AND sk > :from", values, Limit=limit + 1)
        rows = found["Items"]
        more = len(rows) > limit or "LastEvaluatedKey" in found
        waiting = [unpack(row["body"], PendingApproval) for row in rows[:limit]]
        return PendingPage(waiting, waiting[-1].place if more else None)

    def token(self, tenant: str, approval_id: str) -> str | None:
        kept = self._table.get(approval_key(tenant, approval_id)) or {}
        return kept["token"]["S"] if "token" in kept else None

    def _pending(self, tenant: str, approval_id: str, change: str, values: Row, names: dict[str, str]) -> Row:
        return {
            "Key": approval_key(tenant, approval_id),
            "UpdateExpression": change,
            "ConditionExpression": "#state = :pending",
            "ExpressionAttributeNames": {"#state": "state"} | names,
            "ExpressionAttributeValues": values | {":pending": {"S": "pending"}},
        }
