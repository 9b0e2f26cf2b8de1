"""ports.ChatLinks on the table: a row for each user of a platform, and one for each code, under its hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from copilot.adapters.dynamodb.rows import Row, journal_row, key, pack, ttl, unpack
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import ChatLink, ChatUser, JournalEntry, LinkCode, PlatformName
from copilot.errors import Conflict, NotFound

KEPT = timedelta(days=30)
"""How long after it has lapsed a link can be renewed."""
_TRIES = "tries#"  # no hash begins so
_OF_THE_PERSON = "whose = :whose"


class DynamoChatLinks:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant, self._codes = Table(table, dynamodb), tenant, f"LINKCODE#{tenant}"

    def link(self, user: ChatUser) -> ChatLink | None:
        row = self._table.get(self._link_key(user))
        return unpack(row["body"], ChatLink) if row else None

    def links(self) -> Sequence[ChatLink]:
        rows = (row for name in get_args(PlatformName) for row in self._table.partition(f"LINK#{self._tenant}#{name}"))
        return [unpack(row["body"], ChatLink) for row in rows]

    def links_of(self, person: str) -> Sequence[ChatLink]:
        return [link for link in self.links() if link.person == person]

    def code(self, code_hash: str) -> LinkCode | None:
        row = self._table.get(key(self._codes, code_hash))
        return unpack(row["body"], LinkCode) if row else None

    def open_codes(self, person: str, now: datetime) -> int:
        return sum(code.person == person and code.until > now for code in self._all_codes())

    def put_code(self, code_hash: str, code: LinkCode) -> None:
        row = key(self._codes, code_hash) | {"body": pack(code), "good_until": _moment(code.until)}
        self._table.put(row | ttl(code.until), NEW)

    def count_try(self, user: ChatUser, now: datetime, until: datetime) -> int:
        while True:
            try:
                return self._counted_on(user, now)
            except Conflict:  # none were counted yet, or long ago
                row = self._tries_key(user) | {"tries": {"N": "1"}, "good_until": _moment(until)} | ttl(until)
                try:
                    self._put_unless_counting(row, now)
                except Conflict:  # another was first
                    continue
                return 1

    def take_code(self, code_hash: str, link: ChatLink, journal: JournalEntry) -> ChatLink:
        now = _moment(link.made_at)
        taken = {
            "Key": key(self._codes, code_hash),
            "ConditionExpression": "good_until > :now",
            "ExpressionAttributeValues": {":now": now},
        }
        put = {
            "Item": self._row(link) | {"code_hash": {"S": code_hash}},
            "ConditionExpression": f"attribute_not_exists(pk) OR {_OF_THE_PERSON} OR good_until <= :now",
            "ExpressionAttributeValues": {":now": now, ":whose": {"S": link.person}},
        }
        of = {"TableName": self._table.name}
        evidence = self._table.puts([journal_row(self._tenant, journal)], NEW)
        try:
            self._table.transact([{"Delete": of | taken}, {"Put": of | put}, *evidence])
        except Conflict:
            return self._as_taken_before(code_hash, link)
        return link

    def spoil(self, code_hash: str) -> None:
        self._table.delete(key(self._codes, code_hash))

    def renew(self, link: ChatLink, journal: JournalEntry) -> None:
        renewed = {
            "UpdateExpression": "SET body = :body, good_until = :until, #ttl = :ttl",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
        }
        row = self._row(link)
        values = {":body": row["body"], ":until": row["good_until"], ":ttl": row["ttl"]}
        self._changed(link, {"Update": renewed}, values, journal)

    def note_told(self, link: ChatLink) -> bool:
        try:
            self._table.call(
                "update_item",
                Key=self._link_key(link.user),
                UpdateExpression="SET told_of = :until",
                ConditionExpression="good_until = :until AND (attribute_not_exists(told_of) OR told_of <> :until)",
                ExpressionAttributeValues={":until": _moment(link.until)},
            )
        except Conflict:
            return False
        return True

    def unlink(self, link: ChatLink, journal: JournalEntry) -> None:
        self._changed(link, {"Delete": {}}, {}, journal)

    def _changed(self, link: ChatLink, what: Row, values: Row, journal: JournalEntry) -> None:
        ((action, more),) = what.items()
        change = more | {
            "TableName": self._table.name,
            "Key": self._link_key(link.user),
            "ConditionExpression": _OF_THE_PERSON,
            "ExpressionAttributeValues": values | {":whose": {"S": link.person}},
        }
        try:
            self._table.transact([{action: change}, *self._table.puts([journal_row(self._tenant, journal)], NEW)])
        except Conflict as error:
            raise NotFound(f"{link.user.address} is not linked to {link.person} any more") from error

    def _as_taken_before(self, code_hash: str, link: ChatLink) -> ChatLink:
        row = self._table.get(self._link_key(link.user))
        if row is not None and row.get("code_hash") == {"S": code_hash}:
            return unpack(row["body"], ChatLink)
        code = self.code(code_hash)
        if row is not None and code is not None and code.until > link.made_at:
            raise Conflict(f"{link.user.address} is linked to another person")
        raise NotFound("that code is not good, or not any more")

    def _counted_on(self, user: ChatUser, now: datetime) -> int:
        counted = self._table.call(
            "update_item",
            Key=self._tries_key(user),
            UpdateExpression="ADD tries :one",
            ConditionExpression="good_until > :now",
            ExpressionAttributeValues={":one": {"N": "1"}, ":now": _moment(now)},
            ReturnValues="UPDATED_NEW",
        )
        return int(counted["Attributes"]["tries"]["N"])

    def _put_unless_counting(self, row: Row, now: datetime) -> None:
        self._table.call(
            "put_item",
            Item=row,
            ConditionExpression="attribute_not_exists(pk) OR good_until <= :now",
            ExpressionAttributeValues={":now": _moment(now)},
        )

    def _all_codes(self) -> Iterator[LinkCode]:
        for row in self._table.partition(self._codes):
            if "body" in row:  # a count of tries has none
                yield unpack(row["body"], LinkCode)

    def _row(self, link: ChatLink) -> Row:
        conditions = {"whose": {"S": link.person}, "good_until": _moment(link.until)}
        return self._link_key(link.user) | {"body": pack(link)} | conditions | ttl(link.until + KEPT)

    def _link_key(self, user: ChatUser) -> Row:
        return key(f"LINK#{self._tenant}#{user.platform}", f"{user.workspace}/{user.user}")

    def _tries_key(self, user: ChatUser) -> Row:
        return key(self._codes, f"{_TRIES}{user.address}")


def _moment(at: datetime) -> Row:
    return {"N": str(at.timestamp())}
