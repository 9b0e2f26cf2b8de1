"""The effect ledger on the table, and whom each target was last changed by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from botocore.exceptions import ClientError

from copilot.adapters.dynamodb.leases import takings
from copilot.adapters.dynamodb.rows import (
    Row,
    approval_key,
    change_row,
    journal_row,
    ledger_key,
    ledger_row,
    run_key,
    unpack,
)
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import JournalEntry, LedgerEntry, Retention, Taking
from copilot.errors import Conflict, NotAllowed, NotReady
from copilot.ports import TAKEN


class Ledger:
    """ports.Ledger."""

    _table: Table
    _retention: Callable[[], Retention]

    def start_effect(
        self,
        tenant: str,
        run_id: str,
        entry: LedgerEntry,
        call_hash: str | None,
        journal: JournalEntry,
        leases: Sequence[Taking] = (),
    ) -> None:
        until = self._retention().evidence_until(entry.started_at)
        (begun,) = self._table.puts([ledger_row(tenant, run_id, entry, until)], f"{NEW} OR #state = :clean")
        begun["Put"] |= {
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":clean": {"S": "failed_clean"}},
        }
        wanted = {
            "Key": run_key(tenant, run_id),
            "TableName": self._table.name,
            "ConditionExpression": "attribute_not_exists(cancelled_by) AND attribute_not_exists(outcome)",
        }
        writes = [begun, *self._table.puts([journal_row(tenant, journal)], NEW), {"ConditionCheck": wanted}]
        if entry.approval_id is not None:
            check = {
                "Key": approval_key(tenant, entry.approval_id),
                "TableName": self._table.name,
                "ConditionExpression": "#state = :approved AND contains(hashes, :hash)",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {":approved": {"S": "approved"}, ":hash": {"S": call_hash or ""}},
            }
            writes.append({"ConditionCheck": check})
        targets = dict.fromkeys(target.ref for target in entry.prior.targets)
        changes = self._table.puts(
            change_row(tenant, target, run_id, entry, journal.person, until) for target in targets
        )
        taken = takings(self._table, tenant, leases)
        try:
            self._table.transact([*writes, *changes, *taken])
        except Conflict as conflict:
            if _failed(conflict, 2):
                raise NotAllowed(f"run {run_id} was cancelled or answered meanwhile") from conflict
            if entry.approval_id is not None and _failed(conflict, 3):
                raise NotAllowed(f"approval {entry.approval_id} does not stand for this call") from conflict
            if not _failed(conflict, 0) and _failed_from(conflict, len(writes) + len(changes)):
                raise NotReady(TAKEN, ours=True) from conflict
            raise

    def take_over_effect(
        self, tenant: str, run_id: str, entry: LedgerEntry, dead_owner: str, leases: Sequence[Taking] = ()
    ) -> None:
        taken = takings(self._table, tenant, leases)
        try:
            self._table.transact([self._owned(tenant, run_id, entry, dead_owner), *taken])
        except Conflict as conflict:
            if not _failed(conflict, 0) and _failed_from(conflict, 1):
                raise NotReady(TAKEN, ours=True) from conflict
            raise

    def finish_effect(self, tenant: str, run_id: str, entry: LedgerEntry, journal: JournalEntry) -> None:
        evidence = self._table.puts([journal_row(tenant, journal)], NEW)
        self._table.transact([self._owned(tenant, run_id, entry, entry.owner), *evidence])

    def effect(self, tenant: str, run_id: str, step: str, item: int) -> LedgerEntry | None:
        row = self._table.get(ledger_key(tenant, run_id, step, item))
        return unpack(row["body"], LedgerEntry) if row else None

    def effects(self, tenant: str, run_id: str) -> list[LedgerEntry]:
        entries = [unpack(row["body"], LedgerEntry) for row in self._table.partition(f"LEDGER#{tenant}#{run_id}")]
        return sorted(entries, key=lambda entry: entry.started_at)

    def _owned(self, tenant: str, run_id: str, entry: LedgerEntry, owner: str) -> Row:
        row = ledger_row(tenant, run_id, entry, entry.started_at)  # of which the end stays as it is
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": ledger_key(tenant, run_id, entry.step, entry.item),
                "UpdateExpression": "SET body = :body, #state = :state, #owner = :new",
                "ConditionExpression": "#owner = :owner AND #state = :started",
                "ExpressionAttributeNames": {"#state": "state", "#owner": "owner"},
                "ExpressionAttributeValues": {
                    ":body": row["body"],
                    ":state": row["state"],
                    ":new": row["owner"],
                    ":owner": {"S": owner},
                    ":started": {"S": "started"},
                },
            }
        }


def _failed_from(conflict: Conflict, first: int) -> bool:
    """Whether it was that of a write from this place on."""
    return any(_failed(conflict, index) for index in range(first, 100))


def _failed(conflict: Conflict, index: int) -> bool:
    """Whether it was the condition of the write at this place in the transaction that failed."""
    cause = conflict.__cause__
    reasons = cause.response.get("CancellationReasons", []) if isinstance(cause, ClientError) else []
    return len(reasons) > index and reasons[index].get("Code") == "ConditionalCheckFailed"
