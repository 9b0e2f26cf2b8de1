"""What is kept of watches, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import simulated
from tables import make_table

from copilot.adapters.dynamodb.watches import DynamoWatches
from copilot.adapters.memory_watches import MemoryWatches
from copilot.domain import About, AnswerTo, Permission, Watch
from copilot.ports import Watches

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:eu-west-1:222222222222:table/copilot"
STATUS = About(shows="status", kind="development")


def watch(id: str = "w000000001", minutes: int = 0) -> Watch:
    given: dict[str, Any] = {
        "tool": "cluster_health@1",
        "arguments": {"environment_id": "x" * 6000},
        "what": "x is ill",
    }
    where = AnswerTo(platform="slack", workspace="T1", place="C1", thread="1.2")
    times = {"made_at": NOW + timedelta(minutes=minutes), "until": NOW + timedelta(days=1)}
    return Watch.model_validate({"id": id, "owner": "ana", "condition": "!healthy", "where": where, **given, **times})


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Watches]:
    if request.param == "memory":
        yield MemoryWatches()
        return
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        yield DynamoWatches("copilot", TABLE, "main", database, lambda: database)


def test_the_oldest_is_first_and_one_that_is_gone_is_gone(kept: Watches) -> None:
    old, new = watch("w000000002"), watch("w000000001", 5)
    for one in (new, old):
        kept.put(one)
    assert kept.watches() == [old, new]
    assert kept.watch(new.id) == new
    assert kept.change(new, now := new.was_told())
    assert not kept.remove(new) and kept.watch(new.id) == now
    assert kept.remove(now) and kept.remove(now)
    assert kept.watch(new.id) is None and kept.watches() == [old]


def test_it_is_changed_from_what_was_read_and_from_nothing_else(kept: Watches) -> None:
    before = watch()
    kept.put(before)
    seen = before.saw(True, "it is so", STATUS, NOW)
    other = before.saw(False, "", STATUS, NOW)
    assert kept.change(before, seen)
    assert not kept.change(before, other) and not kept.change(before, None)
    assert kept.watch(before.id) == seen
    told = seen.was_told()
    assert kept.change(seen, told) and not kept.change(seen, None)
    assert kept.change(told, None) and kept.watches() == []
    assert not kept.change(told, told.was_told()), "one that was stopped does not come back"


def test_what_changing_them_needs_is_named() -> None:
    kept = DynamoWatches("copilot", TABLE, "main", None, lambda: None)
    assert [*kept.permissions()] == [
        Permission(action=f"dynamodb:{verb}Item", arn=TABLE) for verb in ("Put", "Delete")
    ]  # fmt: skip
