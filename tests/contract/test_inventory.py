"""What every Inventory promises; the one in memory and the one on DynamoDB and S3 must not differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from inventory_cases import HERE, NOW, THERE, after, seen, sweep
from moto import mock_aws
from tables import make_table

from copilot.adapters.dynamodb.inventory import AT_ONCE, DynamoInventory
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.domain.inventory import NOTHING_KNOWN, Known, KnownEnvironment, KnownPlace, Place, Tally
from copilot.errors import Conflict, RetryableError
from copilot.ports import Inventory

SHOP = Known(environments=(KnownEnvironment(name="shop-1", kind="staging", seen_at=NOW),), services=("web",))


class Counted:
    """A boto3 client that notes what it is asked for."""

    def __init__(self, client: Any) -> None:
        self._client, self.calls = client, list[str]()

    def __getattr__(self, operation: str) -> Any:
        def call(**given: Any) -> Any:
            self.calls.append(operation)
            return getattr(self._client, operation)(**given)

        return call


class Aws:
    """A table and a bucket, and an Inventory over them for each process."""

    def __init__(self) -> None:
        self.database, self.objects = Counted(boto3.client("dynamodb")), Counted(boto3.client("s3"))
        make_table(self.database)
        self.objects.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    def inventory(self, tenant: str = "main") -> DynamoInventory:
        return DynamoInventory("copilot", "kept", self.database, self.objects, tenant)

    def done(self) -> list[str]:
        """What was asked for since this was last asked."""
        done = self.database.calls + self.objects.calls
        self.database.calls, self.objects.calls = [], []
        return done


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        made = Aws()
        made.done()
        yield made


@pytest.fixture(params=["memory", "dynamodb"])
def inventory(request: pytest.FixtureRequest) -> Inventory:
    return MemoryInventory() if request.param == "memory" else request.getfixturevalue("aws").inventory()


def test_nothing_is_known_before_anything_is_published(inventory: Inventory) -> None:
    assert inventory.known() == NOTHING_KNOWN
    assert (inventory.sweeps(), inventory.last(HERE), inventory.seen()) == ([], None, [])


def test_what_is_published_last_is_known(inventory: Inventory) -> None:
    inventory.publish(lambda: SHOP)
    assert inventory.known() == SHOP
    more = SHOP.model_copy(update={"resources": ("orders",)})
    inventory.publish(lambda: more)
    assert inventory.known() == more


def test_a_sweep_is_kept_with_what_it_saw(inventory: Inventory) -> None:
    inventory.note(sweep(), None, [seen("shop-1"), seen("shop-2")], [])
    inventory.note(sweep(THERE), None, [seen("shop-1", THERE)], [])
    assert sorted(inventory.sweeps(), key=lambda one: one.place.account) == [sweep(), sweep(THERE)]
    assert inventory.last(THERE) == sweep(THERE)
    assert [one.environment for one in inventory.seen(HERE)] == ["shop-1", "shop-2"]
    assert len(inventory.seen()) == 3


def test_what_is_gone_is_not_kept(inventory: Inventory) -> None:
    inventory.note(sweep(), None, [seen("shop-1"), seen("shop-2")], [])
    inventory.note(sweep(at=after(1)), sweep(), [], [seen("shop-1")])
    assert inventory.seen() == [seen("shop-2")]


@pytest.mark.parametrize("before", [None, sweep(at=after(-5)), sweep(at=after(5))])
def test_what_was_seen_against_another_last_sweep_changes_nothing(inventory: Inventory, before: Any) -> None:
    inventory.note(sweep(), None, [seen("shop-1")], [])
    with pytest.raises(Conflict):
        inventory.note(sweep(at=after(1)), before, [seen("shop-2")], [seen("shop-1")])
    assert (inventory.seen(), inventory.last(HERE)) == ([seen("shop-1")], sweep())


def test_a_place_of_very_many_environments_is_noted_whole(inventory: Inventory) -> None:
    many = [seen(f"shop-{number:04}") for number in range(2 * AT_ONCE + 7)]
    inventory.note(sweep(), None, many, [])
    assert inventory.seen(HERE) == many
    assert inventory.last(HERE) == sweep()
    again = [one.model_copy(update={"owner": "ann", "seen_at": after(9)}) for one in many]
    inventory.note(sweep(at=after(9)), sweep(), again, [])
    assert inventory.seen(HERE) == again


def test_a_place_is_forgotten_alone(inventory: Inventory) -> None:
    for place in (HERE, THERE):
        inventory.note(sweep(place), None, [seen("shop-1", place)], [])
    inventory.forget(HERE)
    assert (inventory.sweeps(), inventory.seen()) == ([sweep(THERE)], [seen("shop-1", THERE)])


def test_hearing_costs_one_read_and_no_query(aws: Aws) -> None:
    aws.inventory().publish(lambda: SHOP)
    reader = aws.inventory()
    assert reader.known() == SHOP
    aws.done()
    first, second = reader.known(), reader.known()
    assert first is second
    assert aws.done() == ["get_object", "get_object"]
    changed = SHOP.model_copy(update={"services": ("api", "web")})
    aws.inventory().publish(lambda: changed)
    assert reader.known() == changed


def test_what_is_known_already_is_not_written_again(aws: Aws) -> None:
    aws.inventory().publish(lambda: SHOP)
    aws.done()
    aws.inventory().publish(lambda: SHOP)
    assert aws.done() == ["get_object"]


def test_what_another_published_meanwhile_is_not_overwritten_but_made_anew(aws: Aws) -> None:
    both = SHOP.model_copy(update={"resources": ("orders",)})
    made: list[Known] = []

    def make() -> Known:
        if not made:
            aws.inventory().publish(lambda: Known(resources=("orders",)))
        made.append(SHOP if not made else both)
        return made[-1]

    aws.inventory().publish(make)
    assert (aws.inventory().known(), len(made)) == (both, 2)


def test_one_tenants_is_not_anothers(aws: Aws) -> None:
    aws.inventory().publish(lambda: SHOP)
    aws.inventory().note(sweep(), None, [seen("shop-1")], [])
    other = aws.inventory("other")
    assert (other.known(), other.seen(), other.sweeps()) == (NOTHING_KNOWN, [], [])


def test_a_sweep_that_found_nothing_other_is_one_row(aws: Aws) -> None:
    aws.inventory().note(sweep(), None, [seen("shop-1")], [])
    aws.done()
    aws.inventory().note(sweep(at=after(1)), sweep(), [], [])
    assert aws.done() == ["put_item"]


def test_a_thousand_environments_and_thousands_of_services_are_one_object_of_moderate_size(aws: Aws) -> None:
    environments = tuple(
        KnownEnvironment(
            name=f"team-{number:04}-staging",
            kind="staging",
            owner=f"team-{number:04}",
            seen_at=NOW,
            as_of=NOW,
            tallies={"ecs-service": Tally(5, 0), "rds-instance": Tally(0, 1)},
            accounts=(f"team-{number % 100} ({number % 100:012})",),
            regions=("eu-west-1", "us-east-1"),
        )
        for number in range(1000)
    )
    places = tuple(
        KnownPlace(place=Place(account=f"{number:012}", region=region), account=f"team-{number}", swept_at=NOW)
        for number in range(100)
        for region in ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2")
    )
    names = tuple(f"payments-service-{number:05}" for number in range(5000))
    known = Known(environments=environments, services=names, resources=names, seen_at=NOW, places=places)
    aws.inventory().publish(lambda: known)
    assert aws.inventory().known() == known
    stored = boto3.client("s3").get_object(Bucket="kept", Key="inventory/main/names")["ContentLength"]
    assert stored < 100_000


def test_a_sweep_that_was_noted_by_half_has_read_nothing(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory, written = aws.inventory(), list[Any]()

    def cut_short(*given: Any) -> None:
        if written:
            raise RetryableError("gone")
        written.append(given)
        DynamoInventory._write(inventory, *given)

    monkeypatch.setattr(inventory, "_write", cut_short)
    with pytest.raises(RetryableError):
        inventory.note(sweep(), None, [seen(f"shop-{number}") for number in range(AT_ONCE + 1)], [])
    last = inventory.last(HERE)
    assert last is not None and (last.read_at, last.unread) == ({}, ("ecs-service", "rds-instance"))
