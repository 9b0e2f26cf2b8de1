"""ports.Inventory: sweeps and what they saw in one partition of the table, names as one object in S3.

INVENTORY#tenant holds `place#ACCOUNT#REGION`, the last sweep of a Place, and `seen#ACCOUNT#REGION#ENVIRONMENT`, what it
has of one environment. Everything that is noted of a sweep is written under the condition that the one before it is
still the last, so that an older sweep overwrites nothing of a newer.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from copilot.adapters.dynamodb.rows import Row, errors_in_words, key, pack, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import place_in_time
from copilot.domain.inventory import NOTHING_KNOWN, Known, Place, Seen, Sweep
from copilot.errors import Conflict

AT_ONCE = 99
"""Rows in a transaction, beside that of the sweep."""
TRIES = 5
NOT_THERE = frozenset({"NoSuchKey", "AccessDenied"})
"""The second where whoever reads may not list what is in the bucket."""
LATER_THAN_ANOTHER = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class _Published(NamedTuple):
    version: str
    known: Known


NOT_PUBLISHED = _Published("", NOTHING_KNOWN)


class DynamoInventory:
    """`dynamodb` and `s3` are boto3 clients."""

    def __init__(self, table: str, bucket: str, dynamodb: Any, s3: Any, tenant: str) -> None:
        self._table, self._bucket, self._s3 = Table(table, dynamodb), bucket, s3
        self._partition, self._name = f"INVENTORY#{tenant}", f"inventory/{tenant}/names"
        self._read = NOT_PUBLISHED

    def known(self) -> Known:
        return self._published().known

    def publish(self, make: Callable[[], Known]) -> None:
        for _ in range(TRIES):
            published, known = self._published(), make()
            if known == published.known:
                return
            condition = {"IfMatch": published.version} if published.version else {"IfNoneMatch": "*"}
            body = zlib.compress(known.model_dump_json().encode())
            with errors_in_words():
                try:
                    self._s3.put_object(Bucket=self._bucket, Key=self._name, Body=body, **condition)
                    return
                except ClientError as error:
                    if error.response["Error"]["Code"] not in LATER_THAN_ANOTHER:
                        raise
        raise Conflict("others published what is known each time")

    def _published(self) -> _Published:
        held = self._read
        condition = {"IfNoneMatch": held.version} if held.version else {}
        with errors_in_words():
            try:
                found = self._s3.get_object(Bucket=self._bucket, Key=self._name, **condition)
                text = zlib.decompress(found["Body"].read())
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 304:
                    return held
                if error.response["Error"]["Code"] not in NOT_THERE:
                    raise
                return NOT_PUBLISHED
        self._read = _Published(found["ETag"], Known.model_validate_json(text))
        return self._read

    def sweeps(self) -> list[Sweep]:
        return [unpack(row["body"], Sweep) for row in self._rows("place#")]

    def last(self, place: Place) -> Sweep | None:
        row = self._table.get(self._key_of(place))
        return unpack(row["body"], Sweep) if row else None

    def seen(self, place: Place | None = None) -> list[Seen]:
        where = f"{place.account}#{place.region}#" if place else ""
        return [unpack(row["body"], Seen) for row in self._rows(f"seen#{where}")]

    def note(self, sweep: Sweep, before: Sweep | None, changed: Sequence[Seen], gone: Sequence[Seen]) -> None:
        writes = self._table.puts(self._seen_key(one) | {"body": pack(one)} for one in changed)
        writes += [{"Delete": {"TableName": self._table.name, "Key": self._seen_key(one)}} for one in gone]
        last = before
        while len(writes) > AT_ONCE:  # until all of it is written, nothing was read
            begun = sweep.model_copy(
                update={"read_at": before.read_at if before else {}, "unread": tuple(sweep.read_at)}
            )
            self._write(begun, last, writes[:AT_ONCE])
            writes, last = writes[AT_ONCE:], begun
        self._write(sweep, last, writes)

    def forget(self, place: Place) -> None:
        for row in [*self._rows(f"seen#{place.account}#{place.region}#"), self._key_of(place)]:
            self._table.delete({"pk": row["pk"], "sk": row["sk"]})

    def _write(self, sweep: Sweep, before: Sweep | None, writes: list[Row]) -> None:
        """With the sweep's own row, which alone is half the price of a transaction."""
        row = self._key_of(sweep.place) | {"body": pack(sweep), "at": {"S": place_in_time(sweep.at)}}
        put: Row = {"Item": row, "ConditionExpression": NEW if before is None else "#at = :before"}
        if before is not None:
            put["ExpressionAttributeNames"] = {"#at": "at"}
            put["ExpressionAttributeValues"] = {":before": {"S": place_in_time(before.at)}}
        if writes:
            self._table.transact([{"Put": put | {"TableName": self._table.name}}, *writes])
        else:
            self._table.call("put_item", **put)

    def _key_of(self, place: Place) -> Row:
        return key(self._partition, f"place#{place.account}#{place.region}")

    def _seen_key(self, seen: Seen) -> Row:
        return key(self._partition, f"seen#{seen.place.account}#{seen.place.region}#{seen.environment}")

    def _rows(self, prefix: str) -> Iterator[Row]:
        values = {":pk": {"S": self._partition}, ":prefix": {"S": prefix}}
        return self._table.query("pk = :pk AND begins_with(sk, :prefix)", values)
