"""What a transaction on the same rows is in the way of is tried again, and ends as it would have without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from tables import make_table
from test_store import effect, entry

from copilot.adapters.dynamodb.ledger import Ledger
from copilot.adapters.dynamodb.table import NEW, TRIES, Table
from copilot.domain.retention import Retention
from copilot.errors import Conflict, RetryableError

ROW = {"pk": {"S": "A"}, "sk": {"S": "-"}}


def cancelled(*codes: str) -> ClientError:
    """As DynamoDB says that a transaction came to nothing: a reason for each of its writes."""
    reasons = [{"Code": code} for code in codes]
    said: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    return ClientError(said, "TransactWriteItems")


CONFLICT = cancelled("None", "TransactionConflict")
SINGLE = ClientError({"Error": {"Code": "TransactionConflictException"}}, "PutItem")


class InTheWay:
    """A client of DynamoDB whose first writes come to nothing for what is given."""

    def __init__(self, client: Any) -> None:
        self._client, self.errors = client, list[ClientError]()

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._client, operation)

    def transact_write_items(self, **given: Any) -> Any:
        return self._unless_in_the_way("transact_write_items", given)

    def put_item(self, **given: Any) -> Any:
        return self._unless_in_the_way("put_item", given)

    def _unless_in_the_way(self, operation: str, given: dict[str, Any]) -> Any:
        if self.errors:
            raise self.errors.pop()
        return getattr(self._client, operation)(**given)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[InTheWay]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        make_table(client)
        yield InTheWay(client)


class LedgerOn(Ledger):
    def __init__(self, table: Table) -> None:
        self._table, self._retention = table, Retention


@pytest.mark.parametrize("times", [1, 4, TRIES - 1])
@pytest.mark.parametrize("error", [CONFLICT, SINGLE])
def test_a_write_is_tried_again_until_nothing_is_in_the_way(database: InTheWay, times: int, error: ClientError) -> None:
    pauses: list[int] = []
    table = Table("copilot", database, pauses.append)
    database.errors = [error] * times
    if error is SINGLE:
        table.put(ROW, NEW)
    else:
        table.transact(table.puts([ROW], NEW))
    assert table.get(ROW) == ROW
    assert pauses == list(range(1, times + 1))


def test_an_effect_is_begun_though_others_were_in_the_way(database: InTheWay) -> None:
    ledger = LedgerOn(Table("copilot", database, lambda tries: None))
    database.errors = [CONFLICT] * (TRIES - 1)
    ledger.start_effect("main", "r1", effect(), None, entry(name="s1"))
    database.errors = [CONFLICT]
    with pytest.raises(Conflict):
        ledger.start_effect("main", "r1", effect(owner="w2"), None, entry(name="s2"))
    assert ledger.effects("main", "r1") == [effect()]


def test_what_stays_in_the_way_passes_by_itself_and_nothing_was_written(database: InTheWay) -> None:
    table = Table("copilot", database, lambda tries: None)
    database.errors = [CONFLICT] * TRIES
    with pytest.raises(RetryableError):
        table.transact(table.puts([ROW], NEW))
    assert table.get(ROW) is None


@pytest.mark.parametrize("other", ["None", "TransactionConflict"])
def test_a_condition_that_does_not_hold_is_not_tried_again(database: InTheWay, other: str) -> None:
    pauses: list[int] = []
    table = Table("copilot", database, pauses.append)
    database.errors = [cancelled("ConditionalCheckFailed", other)]
    with pytest.raises(Conflict):
        table.transact(table.puts([ROW]))
    assert pauses == []
