"""What every Deployments promises; the one in memory and the one on DynamoDB must not differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import boto3
import pytest
from deployment_facts import AT, deployment, fact
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_deployments import MemoryDeployments
from moto import mock_aws
from tables import make_table

from copilot.adapters.dynamodb import deployments as dynamodb
from copilot.adapters.dynamodb.deployments import DynamoDeployments
from copilot.domain.deployments import merged
from copilot.errors import RetryableError
from copilot.ports import Deployments

DAY = timedelta(days=1)
STAGES = {"queue": 5.0, "build": 40.0, "deploy": 20.0}
Make = Callable[[], Deployments]


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    patch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "x")
    patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    patch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb")
        make_table(client)
        yield client
    patch.undo()


@pytest.fixture(params=["memory", "dynamodb"])
def make(request: pytest.FixtureRequest, database: Any) -> Make:
    """Makes an empty one each time; the table is shared, so each has a tenant of its own."""
    counted = iter(range(10**6))
    if request.param == "memory":
        return MemoryDeployments
    return lambda: DynamoDeployments("copilot", database, f"{request.node.name}-{next(counted)}")


def test_what_was_recorded_is_read_by_the_time_it_started(make: Make) -> None:
    kept = make()
    early = list(deployment("d1", AT, STAGES))
    late = list(deployment("d2", AT + DAY, STAGES, service="api"))
    kept.record([*late, *early])
    assert kept.between(AT, AT + 2 * DAY) == (merged(early + late), True)
    assert kept.between(AT, AT + DAY).deployments == merged(early), "the end is not part of it"
    assert kept.between(AT, AT + 2 * DAY, "api").deployments == merged(late)
    assert kept.between(AT + timedelta(seconds=1), AT + DAY).deployments == [], "begun before"
    assert kept.between(AT, AT + DAY, "unheard of") == ([], True)
    assert kept.services(AT) == ["api", "web"]
    assert kept.services(AT + 30 * DAY) == []


def test_the_first_day_is_that_of_the_oldest_kept_of_a_service_or_of_all(make: Make) -> None:
    kept = make()
    assert kept.first() is None and kept.first("web") is None
    kept.record([*deployment("d2", AT, STAGES), *deployment("d1", AT - 9 * DAY, STAGES)])
    kept.record(deployment("d3", AT - 40 * DAY, STAGES, service="api"))
    midnight = AT.replace(hour=0, minute=0)
    assert kept.first("web") == midnight - 9 * DAY
    assert kept.first() == midnight - 40 * DAY
    assert kept.first("unheard of") is None


def test_that_it_is_a_rollback_is_kept(make: Make) -> None:
    kept = make()
    kept.record([fact(0, "started", rollback=True), fact(9, "succeeded")])
    (one,) = kept.between(AT, AT + DAY).deployments
    assert one.is_rollback and one.facts == {fact(0, "started", rollback=True), fact(9, "succeeded")}


def test_what_is_told_beside_is_kept(make: Make) -> None:
    kept = make()
    more = {"version": "1.4", "revision": "web:12", "by": "jo", "build": "arn:aws:codebuild:eu-west-1:1:build/web:1"}
    facts = {fact(0, "started", **more), fact(9, "failed", reason="exit status 1", rollback=True), fact(8, "failed")}
    kept.record(facts)
    (one,) = kept.between(AT, AT + DAY).deployments
    assert one.facts == facts


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=st.randoms(use_true_random=False))
def test_any_order_any_repetition_and_any_batches_give_the_same(make: Make, random: Random) -> None:
    facts = [
        *deployment("d1", AT, STAGES),
        *deployment("d2", AT + timedelta(seconds=20), STAGES, "failed"),
        *deployment("d3", AT + timedelta(hours=11, minutes=59, seconds=30), STAGES, service="over midnight"),
    ]
    kept, mixed = make(), facts + random.choices(facts, k=random.randrange(10))
    random.shuffle(mixed)
    while mixed:
        size = random.randint(1, 9)
        kept.record(mixed[:size])
        mixed = mixed[size:]
    assert kept.between(AT, AT + 2 * DAY).deployments == merged(facts)


def test_a_deployment_is_read_whole_however_little_of_it_lies_in_the_time_asked_for(make: Make) -> None:
    kept = make()
    facts = list(deployment("d1", AT, {"queue": 86400.0 * 3, "deploy": 60.0}))
    kept.record(facts)
    assert kept.between(AT, AT + timedelta(minutes=1)).deployments == merged(facts)
    assert kept.between(AT + 2 * DAY, AT + 4 * DAY).deployments == [], "it began before, though most of it is later"


def test_facts_written_at_the_same_time_in_this_process_are_all_kept() -> None:
    facts = [fact(second, "succeeded", "build", part=str(second)) for second in range(40)]
    kept = MemoryDeployments()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(kept.record, [[one] for one in facts]))
    (one,) = kept.between(AT, AT + DAY).deployments
    assert one.facts == frozenset(facts)


def test_a_row_is_written_by_adding_to_it_and_never_from_what_was_read() -> None:
    """So that DynamoDB itself keeps writers from losing each other's facts; moto, in threads, would not."""
    calls: list[dict[str, Any]] = []

    class Recording:
        def update_item(self, **arguments: Any) -> None:
            calls.append(arguments)

    DynamoDeployments("copilot", Recording(), "main").record(deployment("d1", AT, STAGES))
    listing, adding = calls
    assert listing["Key"]["pk"] == {"S": "DEPLOYMENT#main#"}
    assert adding["UpdateExpression"].startswith("ADD facts :facts ")
    assert "ConditionExpression" not in adding, "nothing to fail, nothing to repeat"


def test_tenants_do_not_see_each_other(database: Any) -> None:
    DynamoDeployments("copilot", database, "one").record(deployment("d1", AT, STAGES))
    assert DynamoDeployments("copilot", database, "other").between(AT, AT + DAY).deployments == []
    assert DynamoDeployments("copilot", database, "other").services(AT) == []


def test_what_two_accounts_give_the_same_id_are_two_deployments(make: Make) -> None:
    kept = make()
    here, there = ("111111111111", "222222222222")
    kept.record(
        [fact(0, "started", account=here), fact(5, "failed", account=there), fact(9, "succeeded", account=here)]
    )
    found = [(one.account, one.outcome, len(one.facts)) for one in kept.between(AT, AT + DAY).deployments]
    assert found == [(here, "succeeded", 2), (there, "failed", 1)]


def test_the_region_that_an_event_is_of_is_kept(make: Make) -> None:
    kept = make()
    kept.record([fact(0, "started", region="eu-west-1"), fact(9, "succeeded")])
    assert [one.region for one in kept.between(AT, AT + DAY).deployments] == ["eu-west-1"]


def test_a_row_written_before_accounts_were_kept_is_read(database: Any) -> None:
    kept = DynamoDeployments("copilot", database, "before")
    kept.record([fact(0, "started")])
    old = {"pk": {"S": "DEPLOYMENT#before#web"}, "sk": {"S": "2026-03-02##d1"}}
    row = database.get_item(TableName="copilot", Key=old)["Item"]
    database.delete_item(TableName="copilot", Key=old)
    database.put_item(TableName="copilot", Item=row | {"sk": {"S": "2026-03-02#d1"}})
    (one,) = kept.between(AT, AT + DAY).deployments
    assert (one.id, one.account) == ("d1", "")


def test_of_very_many_the_newest_are_read_and_it_is_said(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb, "ROWS_AT_MOST", 3)
    monkeypatch.setattr(dynamodb, "LEAST_OF_EACH", 1)
    kept = DynamoDeployments("copilot", database, "many")
    for day in range(6):
        kept.record(deployment(f"d{day}", AT + day * DAY, STAGES))
    found, complete = kept.between(AT, AT + 7 * DAY)
    assert ([one.id for one in found], complete) == (["d3", "d4", "d5"], False)


def test_more_than_a_page_is_read(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = DynamoDeployments("copilot", database, "pages")
    for number in range(5):
        kept.record(deployment(f"d{number}", AT + timedelta(minutes=number), STAGES))
    whole = database.query
    monkeypatch.setattr(database, "query", lambda **arguments: whole(**arguments, Limit=2))
    assert len(kept.between(AT, AT + DAY).deployments) == 5


def test_a_row_is_cleaned_up_after_200_days(database: Any) -> None:
    DynamoDeployments("copilot", database, "old").record([fact(0, "started")])
    (row,) = database.query(
        TableName="copilot",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "DEPLOYMENT#old#web"}},
    )["Items"]
    assert row["sk"]["S"] == "2026-03-02##d1"
    midnight = AT.replace(hour=0)
    assert int(row["ttl"]["N"]) == (midnight + 200 * DAY).timestamp()


def test_a_database_that_is_busy_is_said_to_be(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    def busy(**arguments: Any) -> None:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}, "UpdateItem")

    monkeypatch.setattr(database, "update_item", busy)
    with pytest.raises(RetryableError):
        DynamoDeployments("copilot", database, "busy").record([fact(0, "started")])
