"""ports.KeptOf on the table and its bucket."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from copilot.adapters.dynamodb.rows import (
    Row,
    errors_in_words,
    focus_key,
    journal_row,
    key,
    pack,
    run_key,
    unpack,
)
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import Focus, JournalEntry, ListedRun, Trigger, Turn, Whose, scope_of
from copilot.errors import Conflict, RetryableError

TRIED = 5


class DynamoKeptOf:
    """`dynamodb` and `s3` are boto3 clients."""

    def __init__(self, table: str, bucket: str, dynamodb: Any, s3: Any, tenant: str) -> None:
        self._table, self._bucket, self._s3, self._tenant = Table(table, dynamodb), bucket, s3, tenant

    def listed(self, whose: Whose) -> list[ListedRun]:
        name, value = ("person", whose.person) if whose.person else ("conversation", whose.conversation)
        found = self._table.query(
            "pk = :pk",
            {":pk": {"S": f"RUNS#{self._tenant}"}, ":of": {"S": value}},
            # A row of an earlier version does not say whose it is: its Run does.
            FilterExpression="#name = :of OR attribute_not_exists(#name)",
            ExpressionAttributeNames={"#name": name},
        )
        runs = [run for row in found if (run := self._run(row)) is not None]
        return [run for run in runs if (run.person if whose.person else run.conversation) == value]

    def turns(self, conversation: str) -> list[Turn]:
        said = self._said(conversation)
        return [unpack(row["body"], Turn) for row in said if row["sk"]["S"].startswith("turn#")]

    def delete_turns(self, conversation: str, run_ids: Collection[str] | None) -> None:
        for row in self._said(conversation):
            if run_ids is None or row["sk"]["S"].split("#")[2] in run_ids:
                self._delete(row)

    def delete_focus(self, conversation: str, person: str | None) -> None:
        at = focus_key(self._tenant, conversation)
        if person is None:
            self._table.delete(at)
            return
        for _ in range(TRIED):
            row = self._table.get(at)
            if row is None:
                return
            if "rev" not in row:  # of an earlier version, and read by none
                self._table.delete(at)
                return
            with suppress(Conflict):  # another was answered in it meanwhile
                self._take_out(row, person)
                return
        raise RetryableError("others are being answered in a conversation all the while; ask again")

    def delete_run(self, run: ListedRun) -> None:
        self._delete_objects(f"results/{self._tenant}/{run.run_id}/")
        for kind in ("RESULT", "MODEL", "DELIVERY"):
            self._delete_all(f"{kind}#{self._tenant}#{run.run_id}")
        self._delete_all(f"RUN#{self._tenant}#{run.run_id}")
        self._table.delete(key(f"RUNS#{self._tenant}", run.place))

    def facts(self, person: str) -> int:
        return self._count(self._facts(person))

    def learned(self, person: str) -> int:
        return self._count(self._learned(person))

    def delete_remembered(self, person: str) -> None:
        self._delete_all(self._facts(person))
        self._delete_all(self._learned(person))

    def note(self, entry: JournalEntry) -> None:
        with suppress(Conflict):  # it stands there already
            self._table.put(journal_row(self._tenant, entry), NEW)

    def _take_out(self, row: Row, person: str) -> None:
        """Raises Conflict where the Focus is another by now."""
        focus = unpack(row["body"], Focus)
        if (left := focus.without(person)) == focus:
            return
        left = left.model_copy(update={"rev": focus.rev + 1})
        self._table.call(
            "put_item",
            Item=row | {"body": pack(left), "rev": {"N": str(left.rev)}},
            ConditionExpression="rev = :before",
            ExpressionAttributeValues={":before": row["rev"]},
        )

    def _facts(self, person: str) -> str:
        return f"FACT#{self._tenant}#{scope_of(person)}"

    def _learned(self, person: str) -> str:
        return f"LEARNED#{self._tenant}#{person}"

    def _count(self, partition: str) -> int:
        return sum(1 for _ in self._table.partition(partition))

    def _said(self, conversation: str) -> Iterator[Row]:
        return self._table.partition(f"TURN#{self._tenant}#{conversation}")

    def _run(self, row: Row) -> ListedRun | None:
        """None where nothing says whose it was."""
        run_id, place = row["run_id"]["S"], row["sk"]["S"]
        if "person" in row:
            return ListedRun(run_id, row["person"]["S"], row["conversation"]["S"], place)
        kept = self._table.get(run_key(self._tenant, run_id))
        if kept is None:
            return None
        trigger = unpack(kept["trigger"], Trigger)
        return ListedRun(run_id, trigger.person.id, trigger.conversation, place)

    def _delete_all(self, partition: str) -> None:
        for row in list(self._table.partition(partition)):
            self._delete(row)

    def _delete(self, row: Row) -> None:
        self._table.delete({"pk": row["pk"], "sk": row["sk"]})

    def _delete_objects(self, prefix: str) -> None:
        while True:
            with errors_in_words():
                listed = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix)
                for one in listed.get("Contents", []):
                    self._s3.delete_object(Bucket=self._bucket, Key=one["Key"])
            if not listed.get("IsTruncated"):
                return
