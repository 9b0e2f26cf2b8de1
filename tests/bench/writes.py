"""What a run writes to DynamoDB: every request and every row of each kind, counted at the client, on moto."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypedDict

import boto3
from moto import mock_aws
from scripted_model import ScriptedModel

from bench.case import TASK, Case, earlier_question
from bench.contestants.ours import UNASKED, model, registry
from bench.script import answer
from bench.world import World
from copilot.adapters.dynamodb.store import DynamoStore
from copilot.bootstrap.in_process import InProcess


class _Access(TypedDict):
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str


ACCESS = _Access(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
ONE_ROW = {"PutItem", "UpdateItem", "DeleteItem"}


@dataclass
class Count:
    """Requests that write, by operation, and the rows they put, change or delete, by kind."""

    requests: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def __call__(self, params: dict[str, Any], model: Any, **more: Any) -> None:
        rows = rows_of(model.name, params)
        if rows:
            self.requests[model.name] += 1
            self.kinds.update(map(kind_of, rows))


@dataclass(frozen=True)
class Writes:
    """`kinds` is how many of the rows are of each kind; empty where that was not looked at."""

    requests: int
    rows: int
    items: int
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """The design's limit, which rows are to stay under."""
        return 12 + 3 * self.items


def rows_of(operation: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The row, or its key, of each that a request writes. A condition on a row that is not written is no write."""
    if operation in ONE_ROW:
        return [params]
    if operation == "TransactWriteItems":
        actions = [pair for action in params["TransactItems"] for pair in action.items()]
        return [write for name, write in actions if name != "ConditionCheck"]
    if operation == "BatchWriteItem":
        return [one for actions in params["RequestItems"].values() for action in actions for one in action.values()]
    return []


def kind_of(write: dict[str, Any]) -> str:
    """The partition's type, and in a run's own partition and of what calls gave which of the rows."""
    row = write.get("Key") or write["Item"]
    kind, place = row["pk"]["S"].partition("#")[0], row["sk"]["S"]
    if kind == "RUN":
        return f"{kind} {place.partition('#')[0]}"
    return f"{kind} preview" if place.endswith("#preview") else str(kind)


def count_writes(case: Case) -> Writes:
    """Of the task's run alone, from the request to the answer, without what was talked about before."""
    world = World(case.environments)
    with mock_aws(), _store() as (store, database), ScriptedModel(answer, None) as server:
        # One worker: moto keeps its tables in this process, and does not guard them.
        copilot = InProcess(
            lambda run, call_id, permissions: world,
            config=UNASKED,
            registry=registry(case.tools),
            store=store,
            workers=1,
            model_for=lambda purpose: model(server.url, purpose),
        )
        for number in range(case.turns // 2):
            copilot.run(earlier_question(number))
        count = Count()
        database.meta.events.register("provide-client-params.dynamodb", count)
        run = copilot.run(TASK)
    if run["outcome"] != "succeeded" or world.stopped != sorted(world.idle):
        raise AssertionError(f"the task was not done: {json.dumps(run)[:400]}")
    items = sum(len(step["items"]) for step in run["steps"])
    return Writes(count.requests.total(), count.kinds.total(), items, dict(sorted(count.kinds.items())))


@contextmanager
def _store() -> Iterator[tuple[DynamoStore, Any]]:
    session = boto3.Session(**ACCESS)
    database, objects = session.client("dynamodb"), session.client("s3")
    database.create_table(
        TableName="copilot",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    objects.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield DynamoStore("copilot", "kept", database, objects), database
