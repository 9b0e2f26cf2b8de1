"""What is kept of reactions, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aws_accounts import simulated
from fakes import FakeClock
from tables import make_table

from copilot.adapters.dynamodb.reactions import DynamoReactions
from copilot.adapters.memory_reactions import MemoryReactions
from copilot.domain.occurrences import Occurrence
from copilot.ports import Reactions

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Reactions]:
    if request.param == "memory":
        yield MemoryReactions()
        return
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        yield DynamoReactions("copilot", database, "main", FakeClock(NOW))


def test_it_is_changed_from_what_was_read_and_from_nothing_else(kept: Reactions) -> None:
    new = kept.reacted("on-alarm")
    assert (new.name, new.revision, new.open) == ("on-alarm", 0, ())
    one = Occurrence(event="e", cause="c", kind="alarm", title="x" * 120, account="1", region="r", at=NOW)
    counted, begins = new.took([one], timedelta(minutes=15), 4, NOW)
    assert len(begins) == 1
    assert kept.change(new, counted) and not kept.change(new, counted)
    assert kept.reacted("on-alarm") == counted and kept.reacted("on-failure").revision == 0
    begun = counted.was_begun("c", "r1")
    assert kept.change(counted, begun) and not kept.change(counted, begun)
    assert kept.reacted("on-alarm").of_key("reaction/on-alarm/c/e") == (begun.open[0], None)
