"""ports.Deployments on the table: a row for each deployment and day, holding the set of what was reported of it then.

Facts are added to a set, which is one atomic write whatever else is written at the time, gives the same in any order,
and needs no reading first. The day of a fact is in the key because facts come out of order, so that nobody who writes
one knows when the deployment began; a deployment that goes over midnight is two rows until it is read. The account it
was reported from is in the key as well, so that no account can add to what another reports.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from copilot.adapters.dynamodb.rows import Row, key, ttl
from copilot.adapters.dynamodb.table import Table
from copilot.domain.deployments import LONGEST, DeploymentFact, History, merged
from copilot.errors import Conflict

KEEP = timedelta(days=200)
ROWS_AT_MOST = 10_000
"""Of all services together, for one answer."""
LEAST_OF_EACH = 100
BESIDE = ("version", "revision", "by", "reason", "build", "region")
EVER = datetime(2000, 1, 1, tzinfo=UTC)


class DynamoDeployments:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._tenant = Table(table, dynamodb), tenant
        self._listed: set[tuple[str, str]] = set()
        self._guard = Lock()

    def record(self, facts: Iterable[DeploymentFact]) -> None:
        rows: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
        for fact in facts:
            rows[fact.service, fact.at.date().isoformat(), fact.account, fact.deployment].add(_packed(fact))
        # A service is listed before anything of it is kept: what is kept can then always be found.
        for service, day in sorted({(service, day) for service, day, _, _ in rows}):
            self._list(service, day)
        for (service, day, account, id), packed in rows.items():
            self._update(
                key(self._partition(service), f"{day}#{account}#{id}"),
                "ADD facts :facts SET #ttl = :ttl",
                {"#ttl": "ttl"},
                {":facts": {"SS": sorted(packed)}, ":ttl": _expiry(day)},
            )

    def services(self, since: datetime) -> list[str]:
        return list(self._services(since))

    def between(self, since: datetime, until: datetime, service: str | None = None) -> History:
        services = [service] if service is not None else list(self._services(since))
        limit = max(LEAST_OF_EACH, ROWS_AT_MOST // max(1, len(services)))
        found: list[DeploymentFact] = []
        complete = True
        for name in services:
            for number, row in enumerate(self._rows(name, since - LONGEST, until + LONGEST)):
                if number == limit:
                    complete = False
                    break
                account, _, id = row["sk"]["S"].partition("#")[2].rpartition("#")
                found += [_unpacked(name, account, id, packed) for packed in row["facts"]["SS"]]
        return History([one for one in merged(found) if since <= one.started_at < until], complete)

    def first(self, service: str | None = None) -> datetime | None:
        names = [service] if service is not None else list(self._services(EVER))
        days = [row["sk"]["S"].partition("#")[0] for name in names if (row := self._oldest(name))]
        return datetime.fromisoformat(f"{min(days)}T00:00:00+00:00") if days else None

    def _oldest(self, service: str) -> Row | None:
        """A row of the service's first day."""
        return next(self._table.partition(self._partition(service), Limit=1), None)

    def _rows(self, service: str, since: datetime, until: datetime) -> Iterator[Row]:
        """Newest first, a page at a time."""
        values = {
            ":pk": {"S": self._partition(service)},
            ":first": {"S": f"{since.date().isoformat()}#"},
            ":last": {"S": f"{until.date().isoformat()}#\uffff"},
        }
        return self._table.query("pk = :pk AND sk BETWEEN :first AND :last", values, ScanIndexForward=False)

    def _services(self, since: datetime) -> Iterator[str]:
        first = (since - LONGEST).date().isoformat()
        for row in self._table.partition(self._partition("")):
            if row["last"]["S"] >= first:
                yield row["sk"]["S"]

    def _list(self, service: str, day: str) -> None:
        """Keep the last day on which a service was heard of."""
        with self._guard:
            if (service, day) in self._listed:
                return
        with suppress(Conflict):  # a later day is kept, or this one
            self._update(
                key(self._partition(""), service),
                "SET #last = :day, #ttl = :ttl",
                {"#last": "last", "#ttl": "ttl"},
                {":day": {"S": day}, ":ttl": _expiry(day)},
                ConditionExpression="attribute_not_exists(pk) OR #last < :day",
            )
        with self._guard:
            self._listed.add((service, day))

    def _partition(self, service: str) -> str:
        return f"DEPLOYMENT#{self._tenant}#{service}"

    def _update(self, of: Row, expression: str, names: dict[str, str], values: Row, **more: Any) -> None:
        self._table.call(
            "update_item",
            Key=of,
            UpdateExpression=expression,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            **more,
        )


def _packed(fact: DeploymentFact) -> str:
    told = [fact.at.isoformat(), fact.status, fact.stage, fact.part, fact.environment, fact.source]
    # Only where it says something: the text of a fact that was kept before stays the same, and so does the set.
    beside = {name: value for name in BESIDE if (value := getattr(fact, name))}
    more = [fact.rollback, beside] if beside else [fact.rollback] if fact.rollback else []
    return json.dumps([*told, *more])


def _unpacked(service: str, account: str, id: str, packed: str) -> DeploymentFact:
    at, status, stage, part, environment, source, *more = json.loads(packed)
    beside = more.pop() if more and isinstance(more[-1], dict) else {}
    return DeploymentFact(
        service=service,
        deployment=id,
        account=account,
        environment=environment,
        source=source,
        stage=stage,
        part=part,
        status=status,
        at=datetime.fromisoformat(at),
        rollback=any(more),
        **beside,
    )


def _expiry(day: str) -> Row:
    value: Row = ttl(datetime.fromisoformat(f"{day}T00:00:00+00:00") + KEEP)["ttl"]
    return value
