"""The table, as everything that is kept on it reads and writes it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.dynamodb.rows import Row, errors_in_words, is_in_the_way

TRIES = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.025, 0.8  # seconds

NEW = "attribute_not_exists(pk)"
"""The condition of a row that must not be there yet."""


def pause(tries: int) -> None:
    """Waits, after so many tries, some of a time that doubles: those that were in each other's way come back apart."""
    time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**tries)))


class Table:
    """`dynamodb` is a boto3 client. Every read is consistent. Every method raises as `errors_in_words` does.

    A write that a transaction on the same rows was in the way of, so that nothing of it was done, is tried again, TRIES
    times in all, with a `pause` between. Where it is given what time it is, a row past its life is not read.
    """

    def __init__(
        self,
        name: str,
        dynamodb: Any,
        pause: Callable[[int], None] = pause,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.name, self._db, self._pause, self._now = name, dynamodb, pause, now

    def call(self, operation: str, **arguments: Any) -> Any:
        return self._tried(lambda: getattr(self._db, operation)(TableName=self.name, **arguments))

    def get(self, of: Row) -> Row | None:
        row: Row | None = self.call("get_item", Key=of, ConsistentRead=True).get("Item")
        return next(self._living([row]), None) if row else None

    def get_all(self, keys: list[Row]) -> Iterator[Row]:
        """Those of the rows that are there."""
        for start in range(0, len(keys), 100):
            asked: Row = {self.name: {"Keys": keys[start : start + 100], "ConsistentRead": True}}
            while asked:
                with errors_in_words():
                    answer = self._db.batch_get_item(RequestItems=asked)
                yield from self._living(answer["Responses"].get(self.name, []))
                asked = answer.get("UnprocessedKeys") or {}

    def page(self, condition: str, values: Row, **more: Any) -> Row:
        """What one query gives: Items, and LastEvaluatedKey where there may be more."""
        found: Row = self.call(
            "query",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            **more,
        )
        return found | {"Items": list(self._living(found["Items"]))}

    def query(self, condition: str, values: Row, **more: Any) -> Iterator[Row]:
        """All rows that a query gives, a page at a time."""
        start: Row = {}
        while True:
            page = self.page(condition, values, **more, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def partition(self, pk: str, **more: Any) -> Iterator[Row]:
        """The rows of a whole partition, a page at a time."""
        return self.query("pk = :pk", {":pk": {"S": pk}}, **more)

    def put(self, row: Row, condition: str | None = None) -> None:
        self.call("put_item", Item=row, **({"ConditionExpression": condition} if condition else {}))

    def delete(self, of: Row) -> None:
        self.call("delete_item", Key=of)

    def transact(self, writes: list[Row]) -> None:
        self._tried(lambda: self._db.transact_write_items(TransactItems=writes))

    def puts(self, rows: Iterable[Row], condition: str | None = None) -> list[Row]:
        """The puts of rows, each under the condition, as writes of a transaction."""
        more = {"ConditionExpression": condition} if condition else {}
        return [{"Put": {"TableName": self.name, "Item": row} | more} for row in rows]

    def _living(self, rows: Iterable[Row]) -> Iterator[Row]:
        """DynamoDB takes up to two days to remove what is past its life (Developer Guide, "How it works: TTL")."""
        now = self._now().timestamp() if self._now else 0
        return (row for row in rows if "ttl" not in row or int(row["ttl"]["N"]) > now)

    def _tried(self, call: Callable[[], Any]) -> Any:
        with errors_in_words():
            for tries in range(1, TRIES):
                try:
                    return call()
                except ClientError as error:
                    if not is_in_the_way(error):
                        raise
                self._pause(tries)
            return call()
