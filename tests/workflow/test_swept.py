"""What there is, learnt on the laptop's AWS by the function that sweeps, with the rights it has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import clouds
import pytest
from conftest import System, eventually
from test_grants import DENIED, Probe

from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.adapters.dynamodb.spending import DynamoSpending
from copilot.adapters.system_clock import SystemClock
from copilot.domain import Payer, Place
from copilot.spending.paying import Paying

pytestmark = pytest.mark.laptop


@pytest.fixture
def inventory(system: System) -> DynamoInventory:
    outputs = system.laptop.outputs
    return DynamoInventory(
        outputs["Table"], outputs["Bucket"], system.client("dynamodb"), system.client("s3"), "main"
    )  # fmt: skip


def test_what_there_is_is_known_soon_after_it_is_up(system: System, inventory: DynamoInventory) -> None:
    expected = {one.name: one.tags["kind"] for one in system.cloud.environments}
    readable = {(place.account, place.region) for one in system.cloud.environments for place in one.places}

    def known() -> bool:
        swept = {(sweep.place.account, sweep.place.region) for sweep in inventory.sweeps()}
        there = inventory.known()
        # What is published follows the rows, one place after the other.
        published = all(clouds.CLOSED in one for one in there.unreachable)
        return swept >= readable and published and {one.name: one.kind for one in there.environments} == expected

    assert eventually(known, 60)
    found = inventory.known()
    places = [place for one in system.cloud.environments for place in one.places]
    services = {service.name for place in places for cluster in place.clusters for service in cluster.services}
    databases = {database.name for place in places for database in place.databases}
    assert services == {*found.services}
    assert databases <= {*found.resources}


def test_who_hears_and_who_deletes_may_read_the_names_and_nobody_else(system: System) -> None:
    probe, outputs = Probe(system), system.laptop.outputs
    names = {"service": "s3", "call": "get_object", "arguments": {"Bucket": outputs["Bucket"]}}
    names["arguments"] = {"Bucket": outputs["Bucket"], "Key": "inventory/main/names"}
    # The write function, since a preview is deleted only once it was long seen as one.
    for role in ("plan", "execute-read", "execute-write"):
        assert probe(role, **names) == "allowed"
    for role in ("reply", "open-report"):
        assert probe(role, **names) in DENIED


def test_what_a_run_changed_is_looked_at_again(system: System, inventory: DynamoInventory) -> None:
    began = datetime.now(UTC)
    one = next(one for one in system.cloud.environments if one.tags["kind"] == "development")
    places = {Place(account=place.account, region=place.region) for place in one.places}
    view = system.ask(f"stop the {one.name} environment")
    view = system.decide(view, "approve") if view["status"] == "parked" else view
    assert view["outcome"] == "succeeded", json.dumps(view)[:2000]

    def swept() -> bool:
        found = [inventory.last(place) for place in places]
        return all(sweep is not None and sweep.at > began for sweep in found)

    assert eventually(swept, 60)
    assert one.name in [known.name for known in inventory.known().environments], "stopped is not gone"


def test_that_a_cap_of_everybody_is_nearly_reached_is_told_by_the_clock_once(system: System) -> None:
    """Where no answer says so, since what came near to it was a sweep."""
    outputs, s3 = system.laptop.outputs, system.client("s3")
    spending = DynamoSpending(outputs["Table"], system.client("dynamodb"), "main", lambda: datetime.now(UTC))
    config = clouds.configuration()
    ours = Paying(lambda: spending, config.caps, ZoneInfo(config.time_zone), SystemClock(), Payer(run="sweep"))
    ours.settle(ours.begin("sweeps", 1.7), 1.7)
    for _ in range(2):
        records = {"Records": [{"body": json.dumps({"due": True}), "attributes": {}}]}
        answer = system.client("lambda").invoke(FunctionName=outputs["SweepFunction"], Payload=json.dumps(records))
        assert "FunctionError" not in answer, answer["Payload"].read()
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=outputs["Bucket"], Prefix="outbox/")["Contents"]]
    (told,) = [key for key in keys if "/cap-" in key]
    said = json.loads(s3.get_object(Bucket=outputs["Bucket"], Key=told)["Body"].read())
    assert said["channel"] == config.reports_to and "a day for sweeps of everybody are used" in said["text"]
