"""ports.Runbooks on the table: RUNBOOK#tenant, a row for each version (design section 4a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from copilot.adapters.dynamodb.rows import Row, key, pack, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Permission, SavedRunbook
from copilot.errors import NotFound


class DynamoRunbooks:
    """`read` is a boto3 client with the function's own rights; `write` gives one for this call's, if it has any."""

    def __init__(self, table: str, table_arn: str, tenant: str, read: Any, write: Callable[[], Any]) -> None:
        self._table, self._arn, self._partition = Table(table, read), table_arn, f"RUNBOOK#{tenant}"
        self._write = write

    def runbooks(self) -> list[SavedRunbook]:
        kept = [unpack(row["body"], SavedRunbook) for row in self._table.partition(self._partition)]
        newest = {one.runbook.name: one for one in kept if not one.withdrawn}  # versions come in their order
        return sorted(newest.values(), key=lambda one: one.runbook.name)

    def versions(self, name: str) -> list[SavedRunbook]:
        values: Row = {":pk": {"S": self._partition}, ":name": {"S": f"{name}#"}}
        rows = self._table.query("pk = :pk AND begins_with(sk, :name)", values)
        return [unpack(row["body"], SavedRunbook) for row in rows]

    def permissions(self) -> Sequence[Permission]:
        return [Permission(action="dynamodb:PutItem", arn=self._arn)]

    def put(self, runbook: SavedRunbook) -> None:
        self._writing.put(self._row(runbook), NEW)

    def set_withdrawn(self, name: str, version: int, withdrawn: bool) -> None:
        row = self._table.get(self._key(name, version))
        if row is None:
            raise NotFound(f"there is no runbook {name}, version {version}")
        kept = unpack(row["body"], SavedRunbook)
        self._writing.put(self._row(kept.model_copy(update={"withdrawn": withdrawn})), "attribute_exists(pk)")

    def _row(self, one: SavedRunbook) -> Row:
        return self._key(one.runbook.name, one.runbook.version) | {"body": pack(one)}

    def _key(self, name: str, version: int) -> Row:
        return key(self._partition, f"{name}#{version:06}")

    @property
    def _writing(self) -> Table:
        return Table(self._table.name, self._write())
