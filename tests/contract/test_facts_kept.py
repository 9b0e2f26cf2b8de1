"""What is kept of facts, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import simulated
from tables import make_table

from copilot.adapters.dynamodb.facts import DynamoFacts
from copilot.adapters.memory_facts import MemoryFacts
from copilot.domain import EVERYBODY, Fact, FactName, KeptFact, Permission, Person, scope_of
from copilot.domain.facts import MOST_BEFORE
from copilot.errors import Conflict
from copilot.ports import Facts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:eu-west-1:222222222222:table/copilot"
ANA, BEN = Person(id="ana", name="Ana", roles=("reader",)), Person(id="ben", name="Ben")


def fact(value: str = "storefront", word: str = "checkout", **more: Any) -> Fact:
    given: dict[str, Any] = {"kind": "alias", "subject": word, "attribute": "means", "value": value, "run": "r1"}
    return Fact.model_validate(given | {"author": ANA, "at": NOW} | more)


def first(scope: str = scope_of("ana"), **more: Any) -> KeptFact:
    return KeptFact.first(scope, fact(**more))


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Facts]:
    if request.param == "memory":
        yield MemoryFacts()
        return
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        yield DynamoFacts("copilot", TABLE, "main", database, lambda: database)


def test_each_scope_has_its_own_by_name(kept: Facts) -> None:
    mine, other, bens, everybodys = first(), first(word="shop"), first(scope_of("ben")), first(EVERYBODY)
    for one in (other, mine, bens, everybodys):
        kept.put(one)
    assert kept.facts(scope_of("ana")) == [mine, other]
    assert kept.facts(scope_of("ben")) == [bens] and kept.facts(EVERYBODY) == [everybodys]
    assert kept.facts(scope_of("an")) == kept.facts(scope_of("ana2")) == []
    assert kept.fact(scope_of("ana"), mine.name) == mine
    assert kept.fact(scope_of("ana"), FactName(subject="check", attribute="means")) is None


def test_a_correction_takes_the_place_of_what_was_so_and_only_of_the_revision_it_saw(kept: Facts) -> None:
    kept.put(first())
    with pytest.raises(Conflict):
        kept.put(first(value="basket"))
    second = first().superseded(fact("basket"), NOW + timedelta(hours=1))
    kept.put(second)
    with pytest.raises(Conflict):
        kept.put(first().superseded(fact("books"), NOW))
    with pytest.raises(Conflict):
        kept.put(second.model_copy(update={"rev": 4}))
    (there,) = kept.facts(scope_of("ana"))
    assert there == second and there.now is not None and there.now.value == "basket"
    assert [(one.value, one.ended) for one in there.before] == [("storefront", "superseded")]


def test_of_many_at_once_one_is_kept(kept: Facts) -> None:
    kept.put(first())

    def tries(number: int) -> bool:
        try:
            kept.put(first().superseded(fact(f"e{number}"), NOW))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(tries, range(8))) == 1
    (there,) = kept.facts(scope_of("ana"))
    assert there.rev == 2


def test_what_is_forgotten_has_no_value_left_anywhere_in_its_row(kept: Facts) -> None:
    one = first(value="secret-plan")
    kept.put(one)
    kept.put(corrected := one.superseded(fact("other-plan"), NOW))
    kept.put(corrected.superseded(None, NOW + timedelta(hours=2)))
    (there,) = kept.facts(scope_of("ana"))
    assert there.now is None and there.current(NOW) is None
    assert [one.ended for one in there.before] == ["forgotten", "forgotten"]
    assert "plan" not in there.model_dump_json()
    kept.put(there.superseded(fact("again"), NOW + timedelta(hours=3)))
    (there,) = kept.facts(scope_of("ana"))
    assert there.now is not None and there.now.value == "again" and "plan" not in there.model_dump_json()


def test_history_is_bounded() -> None:
    there = first()
    for number in range(3 * MOST_BEFORE):
        there = there.superseded(fact(f"e{number}"), NOW)
    assert len(there.before) == MOST_BEFORE and there.before[0].value == f"e{3 * MOST_BEFORE - 2}"


def test_what_ended_or_was_forgotten_goes_by_itself_and_nothing_else() -> None:
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        table = DynamoFacts("copilot", TABLE, "main", database, lambda: database)
        table.put(first())
        table.put(first(word="shop", until=NOW + timedelta(days=1)))
        table.put(gone := first(word="till"))
        table.put(gone.superseded(None, NOW))
        rows = {row["sk"]["S"]: row for row in database.scan(TableName="copilot")["Items"]}
    assert {row["pk"]["S"] for row in rows.values()} == {"FACT#main#person:ana"}
    ends = {name: int(row["ttl"]["N"]) for name, row in rows.items() if "ttl" in row}
    month = int((NOW + timedelta(days=30)).timestamp())
    assert ends == {"shop#means": month + 86400, "till#means": month}


def test_one_that_has_ended_is_not_so_any_more() -> None:
    one = first(until=NOW + timedelta(hours=1))
    assert one.current(NOW) == one.now and one.current(NOW + timedelta(hours=1)) is None


def test_what_a_change_needs_is_one_action_on_the_table() -> None:
    table = DynamoFacts("copilot", TABLE, "main", None, lambda: None)
    assert table.permissions() == [Permission(action="dynamodb:PutItem", arn=TABLE)]
