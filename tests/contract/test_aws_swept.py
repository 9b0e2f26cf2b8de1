"""A sweep of AWS: what it reads, what could not be read, and what it costs in calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest
from aws_accounts import (
    DEV,
    FAR,
    PROD,
    REGION,
    Cloud,
    account,
    add_database,
    add_instance,
    add_service,
    simulated,
    tagged,
)
from fakes_platform import FakeSweeps
from tables import make_table

from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.adapters.dynamodb.spending import DynamoSpending
from copilot.adapters.in_memory import MemoryStore
from copilot.config.configuration import Configuration
from copilot.domain import Payer, Place, Sweep
from copilot.spending.paying import Paying
from copilot.triggers.sweeping import AskForSweeps, Publish, SweepPlace

HERE = Place(account=DEV, region=REGION)
CONFIG = Configuration(accounts=(account(), account(PROD, "prod", regions=(REGION, FAR))), people=())


class Sweeping:
    """The use cases over AWS's own adapters, as the function has them."""

    def __init__(self, cloud: Cloud) -> None:
        own = cloud.factory().own
        make_table(own("dynamodb", REGION))
        own("s3", REGION).create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.cloud, self.asked = cloud, FakeSweeps()
        self.inventory = DynamoInventory("copilot", "kept", own("dynamodb", REGION), own("s3", REGION), "main")
        self.spending = DynamoSpending("copilot", own("dynamodb", REGION), "main", cloud.clock.now)
        self.publish = Publish(self.inventory, CONFIG, cloud.platform().types)

    def sweep(self, place: Place = HERE) -> Sweep:
        self.cloud.clock.at += timedelta(minutes=15)
        parts = (lambda config: self.cloud.platform(*config.accounts), self.publish, CONFIG, self.cloud.clock)
        clock = self.cloud.clock
        purse = Paying(lambda: self.spending, CONFIG.caps, UTC, clock, Payer(run="sweep"))
        sweep = SweepPlace(self.inventory, self.asked, *parts, purse)
        found = sweep(place, clock.at)
        assert found is not None
        return found

    def look(self) -> list[Place]:
        return AskForSweeps(
            self.inventory, self.asked, MemoryStore(), self.publish, CONFIG, self.cloud.clock
        )()  # fmt: skip

    def calls(self) -> dict[str, int]:
        """What was called since this was last asked."""
        counted = Counter(name for name, _ in self.cloud.requests)
        self.cloud.requests.clear()
        return dict(counted)


@pytest.fixture
def sweeping() -> Iterator[Sweeping]:
    with simulated() as cloud:
        for number in range(3):
            environment = f"dev-{number}"
            for service in range(5):
                add_service(cloud.client("ecs"), environment, f"web-{number}-{service}", tagged(environment))
            add_instance(cloud.client("ec2"), tagged(environment, Name=f"batch-{number}"))
            add_database(cloud.client("rds"), f"orders-{number}", tagged(environment))
        made = Sweeping(cloud)
        made.calls()
        yield made


def test_names_of_one_account_and_region_alone(sweeping: Sweeping) -> None:
    add_service(sweeping.cloud.client("ecs", PROD), "live", "api", tagged("live", "prod"))
    sweeping.sweep()
    known = sweeping.inventory.known()
    assert [(one.name, one.kind) for one in known.environments] == [(f"dev-{n}", "development") for n in range(3)]
    assert known.services == tuple(sorted(f"web-{a}-{b}" for a in range(3) for b in range(5)))
    assert known.resources == tuple(f"{name}-{n}" for name in ("batch", "orders") for n in range(3))
    assert known.unreachable == (f"prod ({PROD}) in {REGION}", f"prod ({PROD}) in {FAR}")


def test_what_a_sweep_that_finds_nothing_new_costs(sweeping: Sweeping) -> None:
    """What docs/operating.md counts with."""
    sweeping.sweep()
    sweeping.calls()
    sweeping.sweep()
    calls = sweeping.calls()
    kept = {name: count for name, count in calls.items() if name.startswith(("DYNAMODB", "S3", "SQS"))}
    counted = {"DYNAMODB.BatchGetItem": 1, "DYNAMODB.TransactWriteItems": 1}
    assert kept == {"DYNAMODB.GetItem": 2, "DYNAMODB.Query": 1, "DYNAMODB.PutItem": 1} | counted
    assert sum(calls.values()) - sum(kept.values()) == 15


def test_what_a_look_at_whose_turn_it_is_costs(sweeping: Sweeping) -> None:
    sweeping.sweep()
    sweeping.calls()
    assert sweeping.look() == [Place(account=PROD, region=REGION), Place(account=PROD, region=FAR)]
    # Whose turn it is; then, since something was swept, all of it, and the object if it says anything else.
    assert sweeping.calls() == {"DYNAMODB.Query": 3, "S3.GetObject": 1}
    sweeping.cloud.clock.at += timedelta(hours=1)
    sweeping.look()
    assert sweeping.calls() == {"DYNAMODB.Query": 1}


@pytest.mark.parametrize(
    ("code", "status", "again"), [("ThrottlingException", 400, True), ("AccessDenied", 403, False)]
)
def test_what_one_service_does_not_say_keeps_its_names_and_its_age(
    sweeping: Sweeping, code: str, status: int, again: bool
) -> None:
    first = sweeping.sweep()
    sweeping.cloud.refuse("RDS.DescribeDBInstances", code, status)
    for _ in range(3):
        second = sweeping.sweep()
    assert second.unread == ("rds-instance",)
    assert f"dev ({DEV}) in {REGION}" in sweeping.inventory.known().unreachable
    last = sweeping.inventory.last(HERE)
    assert last is not None
    assert (last.read_at["rds-instance"], last.read_at["ecs-service"]) == (first.at, second.at)
    assert {f"orders-{n}" for n in range(3)} <= {*sweeping.inventory.known().resources}
    assert [attempt for _, attempt, _ in sweeping.asked.asked] == ([2, 2, 2] if again else [])


def test_an_account_that_cannot_be_opened_keeps_everything(sweeping: Sweeping) -> None:
    sweeping.sweep()
    known = sweeping.inventory.known()
    sweeping.cloud.refuse("STS.AssumeRole", "AccessDenied", 403)
    for _ in range(3):
        assert len(sweeping.sweep().unread) == len(sweeping.cloud.platform().types)
    after = sweeping.inventory.known()
    assert (after.environments, after.services, after.resources) == (
        known.environments,
        known.services,
        known.resources,
    )
