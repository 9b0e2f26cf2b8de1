"""ports.Deliveries on the table: what was shown of each run, and the threads in which the copilot speaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain import AnswerTo, Delivered
from copilot.ports import Clock

KEEP = timedelta(days=90)
"""How long it is known what was shown, and that a thread is the copilot's."""


class DynamoDeliveries:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str, clock: Clock) -> None:
        self._table, self._tenant, self._clock = Table(table, dynamodb), tenant, clock

    def of_run(self, run_id: str) -> list[Delivered]:
        return [unpack(row["body"], Delivered) for row in self._table.partition(f"DELIVERY#{self._tenant}#{run_id}")]

    def note(self, delivered: Delivered) -> None:
        row = key(f"DELIVERY#{self._tenant}#{delivered.run_id}", delivered.key)
        self._table.put(row | {"body": pack(delivered)} | ttl(delivered.at + KEEP))

    def own_thread(self, where: AnswerTo) -> bool:
        return where.thread is not None and self._table.get(self._thread(where)) is not None

    def note_thread(self, where: AnswerTo) -> None:
        self._table.put(self._thread(where) | ttl(self._clock.now() + KEEP))

    def threads(self, where: AnswerTo, most: int) -> list[AnswerTo]:
        of_place = self._thread(where.model_copy(update={"thread": ""}))
        values = {":pk": of_place["pk"], ":place": of_place["sk"]}
        found = self._table.page("pk = :pk AND begins_with(sk, :place)", values, ScanIndexForward=False, Limit=most)
        names = [row["sk"]["S"].removeprefix(of_place["sk"]["S"]) for row in found["Items"]]
        return [where.model_copy(update={"thread": name}) for name in names]

    def _thread(self, where: AnswerTo) -> dict[str, Any]:
        return key(f"THREAD#{self._tenant}", f"{where.platform}:{where.workspace}/{where.place}/{where.thread}")
