"""Leases on the table: a row for each target, changed only by who knows how it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from copilot.adapters.dynamodb.rows import Row, lease_key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Lease, ResourceRef, Taking
from copilot.errors import Conflict

KEPT = timedelta(days=30)
"""After its end, for the fence. By then nobody goes by a look that was before."""


class Leases:
    """ports.Leases."""

    _table: Table

    def leases(self, tenant: str, targets: Sequence[ResourceRef]) -> dict[ResourceRef, Lease]:
        rows = self._table.get_all([lease_key(tenant, target) for target in dict.fromkeys(targets)])
        found = [unpack(row["body"], Lease) for row in rows]
        return {lease.target: lease for lease in found}

    def renew_leases(self, tenant: str, run_id: str, targets: Sequence[ResourceRef], until: datetime) -> None:
        for lease in self._of(tenant, run_id, targets):
            if lease.until < until:
                self._change(tenant, Taking(lease, lease.model_copy(update={"until": until})))

    def free_leases(self, tenant: str, run_id: str, targets: Sequence[ResourceRef]) -> None:
        for lease in self._of(tenant, run_id, targets):
            self._change(tenant, Taking(lease, lease.model_copy(update={"run_id": ""})))

    def _of(self, tenant: str, run_id: str, targets: Sequence[ResourceRef]) -> Iterable[Lease]:
        return [lease for lease in self.leases(tenant, targets).values() if lease.run_id == run_id]

    def _change(self, tenant: str, taking: Taking) -> None:
        """Nothing where it has changed meanwhile: then whoever did so has it, or has renewed it."""
        (write,) = takings(self._table, tenant, [taking])
        with suppress(Conflict):
            self._table.call("put_item", **{name: value for name, value in write["Put"].items() if name != "TableName"})


def takings(table: Table, tenant: str, leases: Iterable[Taking]) -> list[Row]:
    """As writes of a transaction, each on the condition that the lease is as it was seen."""
    return [_write(table, tenant, one) for one in leases]


def _write(table: Table, tenant: str, taking: Taking) -> Row:
    seen, lease = taking
    row = lease_key(tenant, lease.target) | {"body": pack(lease)} | ttl(lease.until + KEPT)
    put: Row = {"TableName": table.name, "Item": row, "ConditionExpression": NEW}
    if seen is not None:
        values = {":seen": pack(seen)}
        put |= {"ConditionExpression": "body = :seen", "ExpressionAttributeValues": values}
    return {"Put": put}
