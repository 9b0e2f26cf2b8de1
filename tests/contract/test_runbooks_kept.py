"""What is kept of runbooks, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_accounts import simulated
from tables import make_table

from copilot.adapters.dynamodb.runbooks import DynamoRunbooks
from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.domain import Permission, Person, Runbook, SavedRunbook
from copilot.errors import Conflict, NotFound
from copilot.ports import Runbooks

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:eu-west-1:222222222222:table/copilot"
ANA = Person(id="ana", name="Ana", roles=("operator",))


def saved(name: str = "evening-stop", version: int = 1, **more: Any) -> SavedRunbook:
    steps = [{"id": "envs", "tool": "list_environments", "arguments": {"note": "x" * 6000}}]
    given = {"name": name, "version": version, "steps": steps, "answer": {"text": "{envs.summary}"}}
    return SavedRunbook(runbook=Runbook.model_validate(given), by=ANA, at=NOW, **more)


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Runbooks]:
    if request.param == "memory":
        yield MemoryRunbooks()
        return
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        yield DynamoRunbooks("copilot", TABLE, "main", database, lambda: database)


def test_the_newest_version_of_each_is_listed_by_name_and_all_of_one_in_their_order(kept: Runbooks) -> None:
    old, new, other = saved(version=9), saved(version=10), saved("morning")
    for one in (other, new, old, saved("evening", 3)):
        kept.put(one)
    assert kept.runbooks() == [saved("evening", 3), new, other]
    assert kept.versions("evening-stop") == [old, new]
    assert kept.versions("even") == []


def test_a_version_is_kept_once_and_stays_as_it_is(kept: Runbooks) -> None:
    kept.put(saved())
    with pytest.raises(Conflict):
        kept.put(saved().model_copy(update={"at": NOW.replace(hour=10)}))
    assert kept.versions("evening-stop") == [saved()]


def test_what_is_withdrawn_is_listed_no_more_and_is_there_again_when_it_is_put_back(kept: Runbooks) -> None:
    for version in (1, 2):
        kept.put(saved(version=version))
    kept.set_withdrawn("evening-stop", 2, True)
    assert kept.runbooks() == [saved()]
    assert [one.withdrawn for one in kept.versions("evening-stop")] == [False, True]
    kept.set_withdrawn("evening-stop", 1, True)
    assert kept.runbooks() == []
    kept.set_withdrawn("evening-stop", 2, False)
    assert kept.runbooks() == [saved(version=2)]
    with pytest.raises(NotFound):
        kept.set_withdrawn("evening-stop", 3, True)


def test_what_a_change_needs_is_one_action_on_the_table() -> None:
    table = DynamoRunbooks("copilot", TABLE, "main", None, lambda: None)
    assert table.permissions() == [Permission(action="dynamodb:PutItem", arn=TABLE)]
