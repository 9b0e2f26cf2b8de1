"""What is kept of learned plans, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import simulated
from tables import make_table

from copilot.adapters.dynamodb.learned import DynamoLearned
from copilot.adapters.memory_learned import MemoryLearned
from copilot.domain import LearnedFrom, LearnedPlan, LearnedShape, LearnedSlot, Plan
from copilot.domain.learned import MOST_OF_A_SHAPE
from copilot.errors import Conflict
from copilot.ports import Learned

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def plan(run: str = "r1", value: str = "storefront", **more: Any) -> LearnedPlan:
    slots = (LearnedSlot(of="environment", value=value, ways=(value,), **more),)
    of = LearnedFrom(shape="s", words="look at <environment>", slots=slots, under="u", run=run, at=NOW)
    return LearnedPlan(of=of, plan=Plan(goal="x", say="y"))


def shape(person: str = "ana", shape: str = "s", *plans: LearnedPlan) -> LearnedShape:
    return LearnedShape(person=person, shape=shape, plans=plans or (plan(),), used_at=NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Learned]:
    if request.param == "memory":
        yield MemoryLearned()
        return
    with simulated() as cloud:
        yield DynamoLearned("copilot", table(cloud), "main")


def table(cloud: Any) -> Any:
    database = cloud.client("dynamodb")
    make_table(database)
    return database


def test_each_person_has_their_own_by_shape(kept: Learned) -> None:
    mine, other, bens = shape(), shape("ana", "t"), shape("ben")
    for one in (other, mine, bens):
        kept.put(one)
    assert kept.all("ana") == [mine, other] and kept.all("ben") == [bens]
    assert kept.of_shape("ana", "s") == mine and kept.of_shape("ben", "s") == bens
    assert kept.of_shape("ben", "t") is None and kept.all("an") == kept.all("ana2") == []


def test_of_two_at_once_one_is_kept(kept: Learned) -> None:
    kept.put(shape())
    with pytest.raises(Conflict):
        kept.put(shape())
    kept.put(shape().used(NOW + timedelta(days=1)))
    with pytest.raises(Conflict):
        kept.put(shape().used(NOW + timedelta(days=2)))
    there = kept.of_shape("ana", "s")
    assert there is not None and there.used_at == NOW + timedelta(days=1)


def test_it_goes_with_its_last_plan_and_may_come_again(kept: Learned) -> None:
    kept.put(shape())
    both = shape().with_plan(plan("r2", "basket"))
    kept.put(both)
    kept.put(both.without("r1"))
    there = kept.of_shape("ana", "s")
    assert there is not None and [one.of.run for one in there.plans] == ["r2"]
    kept.put(there.without("r2"))
    assert kept.of_shape("ana", "s") is None and kept.all("ana") == []
    kept.put(shape())
    kept.drop("ana", "s")
    kept.drop("ana", "s")
    assert kept.of_shape("ana", "s") is None


def test_it_goes_by_itself_when_it_is_not_used() -> None:
    with simulated() as cloud:
        database = table(cloud)
        kept = DynamoLearned("copilot", database, "main")
        kept.put(shape())
        (row,) = database.scan(TableName="copilot")["Items"]
        assert row["pk"]["S"] == "LEARNED#main#ana"
        assert int(row["ttl"]["N"]) == (NOW + timedelta(days=60)).timestamp()
        assert DynamoLearned("copilot", database, "other").all("ana") == []


def test_of_a_shape_the_last_plans_are_kept_one_for_the_same_words() -> None:
    there = shape()
    for at in range(9):
        there = there.with_plan(plan(f"n{at}", f"env{at}"))
    assert len(there.plans) == MOST_OF_A_SHAPE and there.plans[0].of.run == "n8"
    again = there.with_plan(plan("again", "env8"))
    assert [one.of.run for one in again.plans[:2]] == ["again", "n7"]
    lifted = again.with_plan(plan("lifted", "env8", lifted=True)).with_plan(plan("more", "env3", lifted=True))
    assert [one.of.run for one in lifted.plans[:2]] == ["more", "again"], "of what others may stand for there is one"
