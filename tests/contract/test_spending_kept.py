"""What was spent, on the table as in memory: added to all rows or to none, within their rooms, and told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tables import make_table

from copilot.adapters.dynamodb.spending import DynamoSpending
from copilot.adapters.memory_spending import MemorySpending
from copilot.domain import Payer, Retention, Room, Spender, Sum, spenders_of
from copilot.errors import Conflict
from copilot.ports import Spending

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC)
ALL, ANN = Spender("2026-11-30", "tenant"), Spender("2026-11-30", "person", "ann")
MONTH = Spender("2026-11", "channel", "slack/T1/C#1")
FREE = Room()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        database = boto3.client("dynamodb")
        make_table(database)
        yield database


def dynamo(database: Any, tenant: str = "main") -> DynamoSpending:
    return DynamoSpending("copilot", database, tenant, lambda: Retention(runs=50, conversations=20).run_until(NOW))


@pytest.fixture(params=["table", "memory"])
def spending(request: pytest.FixtureRequest, database: Any) -> Spending:
    return dynamo(database) if request.param == "table" else MemorySpending()


def test_what_is_added_is_there_by_kind_and_row(spending: Spending) -> None:
    spending.add("models", Sum(5, 1), {ALL: FREE, ANN: FREE, MONTH: FREE})
    spending.add("models", Sum(-2), {ANN: FREE})
    spending.add("sweeps", Sum(7, 1), {ALL: FREE})
    found = spending.spent([ALL, ANN, MONTH, Spender("2026-11-30", "person", "ben")])
    assert {one: spent.sums for one, spent in found.items()} == {
        ALL: {"models": Sum(5, 1), "sweeps": Sum(7, 1)},
        ANN: {"models": Sum(3, 1)},
        MONTH: {"models": Sum(5, 1)},
    }
    assert {one.spender for one in spending.of_period("2026-11-30")} == {ALL, ANN}
    assert [one.spender for one in spending.of_period("2026-11")] == [MONTH]


@pytest.mark.parametrize("room", [Room(micros=4), Room(calls=0), Room(4, 0), Room(5, 0), Room(4, 1)])
def test_where_one_row_has_no_room_nothing_is_added_to_any(spending: Spending, room: Room) -> None:
    spending.add("models", Sum(5, 1), {ALL: FREE, ANN: FREE})
    with pytest.raises(Conflict):
        spending.add("models", Sum(1, 1), {ALL: FREE, ANN: room})
    assert all(one.sum_of("models") == Sum(5, 1) for one in spending.spent([ALL, ANN]).values())


@pytest.mark.parametrize("room", [Room(micros=5), Room(calls=1), Room(5, 1), FREE])
def test_where_there_is_just_room_it_is_added_everywhere(spending: Spending, room: Room) -> None:
    spending.add("models", Sum(5, 1), {ALL: room, ANN: FREE})
    spending.add("models", Sum(1, 1), {ALL: room, ANN: FREE})
    assert all(one.sum_of("models") == Sum(6, 2) for one in spending.spent([ALL, ANN]).values())


def test_it_is_told_once_for_each_cap_and_its_size(spending: Spending) -> None:
    spending.add("models", Sum(5, 1), {ANN: FREE})
    asked = [("a.b", "10", "r1"), ("a.b", "10", "r2"), ("a.b", "100", "r3"), ("a.c", "10", "r4")]
    assert [spending.tell_once(ANN, *one) for one in asked] == [True, False, True, True]
    assert spending.spent([ANN])[ANN].told == {"a.b": ("100", "r3"), "a.c": ("10", "r4")}


def test_a_row_lasts_as_long_as_requests_do_and_does_not_grow(database: Any) -> None:
    spending = dynamo(database)
    for _ in range(50):
        spending.add("models", Sum(5, 1), {ANN: FREE})
        spending.tell_once(ANN, "a.b", "10", "r1")
    (row,) = database.scan(TableName="copilot")["Items"]
    assert int(row["ttl"]["N"]) == int((NOW + timedelta(days=50 + 31)).timestamp())
    assert row["pk"]["S"] == "SPEND#main#2026-11-30" and set(row) == {
        "pk",
        "sk",
        "ttl",
        "models#micros",
        "models#calls",
        "told#a.b",
    }


def test_what_one_tenant_spends_is_no_other_ones(database: Any) -> None:
    dynamo(database).add("models", Sum(5, 1), {ALL: FREE})
    assert not dynamo(database, "other").spent([ALL]) and not dynamo(database, "other").of_period(ALL.period)


def test_all_that_is_paid_for_counts_in_eight_rows_at_most() -> None:
    payer = Payer(person="ann", channel="c", reaction="r")
    assert len(spenders_of(payer, NOW.date())) == 8 and len(spenders_of(Payer(), NOW.date())) == 2
