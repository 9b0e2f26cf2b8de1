"""Deleting a preview environment that has one of everything: gone, with final snapshots, and nothing else with it.

By the limits that an installation has where its configuration says nothing: what is deleted is asked for anyway.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import clouds
import pytest
from conftest import ROOT, SEED, System, eventually
from gateway import Gateway
from test_grants import DENIED, Probe

from cli.laptop.cloud import Cloud, Cluster, Environment, Service
from cli.laptop.cloud import Place as Where
from cli.laptop.deployments import NO_DEPLOYMENTS
from cli.laptop.histories import Habit
from cli.laptop.system import down, up
from copilot.adapters.aws.resources import kinds
from copilot.adapters.aws.session_policies import session_policies
from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.config.configuration import Configuration, Limits
from copilot.domain import Permission, Place
from copilot.triggers.sweeping import Publish

NAME = "pr-77-everything"
OLD = "pr-12-long-ago"
ROLE = f"arn:aws:iam::{clouds.HOME}:role/devops-copilot-destroy"


def configuration() -> Configuration:
    """Of the two accounts that can be read, previews may be deleted in one."""
    given = clouds.configuration(closed=False)
    home, live = given.accounts
    home = home.model_copy(update={"destroy_role": ROLE, "may_delete": True})
    return given.model_copy(update={"accounts": (home, live), "limits": Limits()})


def with_a_preview(cloud: Cloud) -> Cloud:
    """With one of everything that production has, in the account of the others; and two of development, for six."""
    (production,) = clouds.of_kind(cloud, "production")
    place = production.places[0].model_copy(update={"account": clouds.HOME, "kubernetes": ()})
    one = Environment(name=NAME, tags={"kind": "preview"}, places=(place,))
    services = (Service(name="page", tasks=1),)
    long_ago = Where(account=clouds.HOME, region=place.region, clusters=(Cluster(name=OLD, services=services),))
    other = Environment(name=OLD, tags={"kind": "preview"}, habit=Habit(days=30), places=(long_ago,))
    more = [
        long_ago.model_copy(update={"clusters": (Cluster(name=name, services=services),)})
        for name in ("dev-y", "dev-z")
    ]
    small = [Environment(name=at.clusters[0].name, tags={"kind": "development"}, places=(at,)) for at in more]
    return cloud.model_copy(update={"environments": (*cloud.environments, one, other, *small)})


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    state = tmp_path_factory.mktemp("laptop")
    gateway = Gateway()
    cloud = with_a_preview(clouds.random_cloud(Random(SEED)))
    said: list[str] = []
    try:
        through = {"AWS_ENDPOINT_URL": gateway.url}
        laptop = up(ROOT, state, said.append, configuration(), cloud, through, NO_DEPLOYMENTS)
        gateway.upstream = laptop.port
        yield System(laptop, cloud, gateway)
    finally:
        down(state, said.append)
        gateway.close()


@pytest.fixture
def inventory(system: System) -> DynamoInventory:
    outputs, client = system.laptop.outputs, system.client
    return DynamoInventory(outputs["Table"], outputs["Bucket"], client("dynamodb"), client("s3"), "main")


def seen_for(inventory: DynamoInventory, place: Place, days: int) -> None:
    """As if every sweep of so many days had seen the preview as one."""
    before = inventory.last(place)
    assert before is not None
    (row,) = [one for one in inventory.seen(place) if one.environment == NAME]
    since = before.at - timedelta(days=days)
    later = before.model_copy(update={"at": before.at + timedelta(milliseconds=1)})
    inventory.note(later, before, [row.model_copy(update={"kind_since": since, "first_seen": since})], [])
    Publish(inventory, configuration(), {name: kind.type for name, kind in kinds().items()})()


def everything(system: System) -> dict[str, Any]:
    """All there is, read without the product: with members, and what is never stopped."""
    found: dict[str, Any] = {arn: (seen.state, seen.on) for arn, seen in system.look_closely().items()}
    for account in (clouds.HOME, clouds.LIVE):
        for region in clouds.REGIONS:
            sqs, tables = system.aws("sqs", account, region), system.aws("dynamodb", account, region)
            names = [*sqs.list_queues().get("QueueUrls", []), *tables.list_tables()["TableNames"]]
            names += system.aws("ecs", account, region).list_clusters()["clusterArns"]
            caches = system.aws("elasticache", account, region).describe_cache_clusters()["CacheClusters"]
            groups = system.aws("logs", account, region).describe_log_groups()["logGroups"]
            names += [one["CacheClusterId"] for one in caches]
            names += [one["logGroupName"] for one in groups if "/aws/" not in one["logGroupName"]]
            found |= {f"{account} {region} {one}": 1 for one in names}
    return found


def snapshots(system: System, region: str) -> dict[str, str]:
    """The database or cluster that each is of."""
    rds = system.aws("rds", clouds.HOME, region)
    single = rds.describe_db_snapshots()["DBSnapshots"]
    whole = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    return {one["DBSnapshotIdentifier"]: one["DBInstanceIdentifier"] for one in single} | {
        one["DBClusterSnapshotIdentifier"]: one["DBClusterIdentifier"] for one in whole
    }


def counted(system: System) -> dict[str, list[str]]:
    """Which environments count by account as changed, as the table has it: read with nothing of ours."""
    rows = system.client("dynamodb").scan(TableName=system.laptop.outputs["Table"])["Items"]
    limits = [row for row in rows if row["pk"]["S"].startswith("LIMIT#")]
    return {row["pk"]["S"]: sorted(json.loads(row["body"]["S"])["targets"]) for row in limits}


def test_six_at_once_need_an_approval_and_five_do_not(system: System) -> None:
    """Of development, which a developer changes unasked; so no policy asks, and the limit alone does.

    Before all that changes something here, since what the hour has changed already counts as well.
    """
    before = counted(system)
    six = sorted(one.name for one in clouds.of_kind(system.cloud, "development"))[:6]
    assert len(six) == 6
    on = {name: system.sizes(name) for name in six}
    asked = system.ask(f"stop {', '.join(six[:5])} and {six[5]}", "dana")
    assert asked["status"] == "parked", asked["answer"]
    assert len(asked["approval"]["calls"]) == 6
    assert {call["reason"] for call in asked["approval"]["calls"]} == {
        "this run changes 6 environments, and more than 5 (limits.asks_above) need an approval"
    }
    assert system.decide(asked, "deny")["outcome"] == "denied"
    assert ({name: system.sizes(name) for name in six}, counted(system)) == (on, before)
    done = system.ask(f"stop {', '.join(six[:4])} and {six[4]}", "dana")
    assert (done["outcome"], done["approval"]) == ("succeeded", None), done["answer"]
    assert [any(system.sizes(name).values()) for name in six] == [False] * 5 + [True]
    (new,) = [names for account, names in counted(system).items() if names != before.get(account)]
    assert [name.partition("#")[2] for name in new if name.partition("#")[2] in six] == six[:5]


def test_a_preview_is_deleted_with_all_that_can_be_and_nothing_of_others(
    system: System, inventory: DynamoInventory
) -> None:
    preview = next(one for one in system.cloud.environments if one.name == NAME)
    (production,) = clouds.of_kind(system.cloud, "production")
    described = preview.places[0]
    place = Place(account=described.account, region=described.region)
    assert eventually(lambda: any(one.environment == NAME for one in inventory.seen(place)), 90)
    before, closely = everything(system), system.look_closely()

    young = system.ask(f"delete {NAME} even though it is running")
    assert young["outcome"] == "failed" and "once every sweep saw it as one for 7 days" in young["answer"], young[
        "answer"
    ]
    seen_for(inventory, place, 8)
    awake = system.ask(f"delete {NAME}")
    assert awake["outcome"] == "failed" and "has to be down for 72 hours" in awake["answer"], awake["answer"]
    other = system.ask(f"delete {production.name} even though it is running")
    assert not other["effects"] and "delete preview environments" in other["answer"], other["answer"]
    barred = system.ask(f"delete {NAME} even though it is running", person="dana")
    assert barred["status"] == "answered" and not barred["effects"], barred["answer"]
    assert everything(system) == before

    asked = system.ask(f"delete {NAME} even though it is running")
    assert asked["status"] == "parked", asked["answer"]
    (call,) = asked["approval"]["calls"]
    changes = call["preview"]["changes"]
    deleted = [change["name"] for change in changes if change["action"] == "delete"]
    (group,), (database,), (cluster,) = described.groups, described.databases or [None], described.database_clusters
    services = sorted(service.name for each in described.clusters for service in each.services)
    databases = sorted(one.name for one in (database, cluster) if one is not None)
    assert deleted[: len(services)] == services and deleted[len(services)] == group.name
    assert sorted(deleted[-len(databases) :]) == databases
    kept = {change["name"]: change["reason"] for change in changes if change["action"] == "skip"}
    assert kept[described.queues[0].name] == "stays: a queue is not deleted"
    assert "gone for good" in str(call), "that nothing takes it back is said before"

    done = system.decide(asked, "approve")
    assert done["outcome"] == "succeeded", done["answer"]
    after = everything(system)
    gone = before.keys() - after.keys()
    assert after == {what: how for what, how in before.items() if what not in gone}, "nothing else is other than it was"
    own = {arn for arn, one in closely.items() if one.environment == NAME}
    members = {arn for arn, one in closely.items() if one.part_of in {group.name, cluster.name} and clouds.HOME in arn}
    assert gone == own | members
    made = snapshots(system, described.region)
    assert sorted(made.values()) == databases
    assert all(name.startswith("devops-copilot-") and name in done["answer"] for name in made)

    again = system.ask(f"undo run {asked['run_id']}")
    assert not again["effects"] and "gone for good" in again["answer"], again["answer"]


def test_of_all_previews_the_old_ones_are_told_and_deleted(system: System, inventory: DynamoInventory) -> None:
    """The laptop notes of its sample since when it is there."""
    (place,) = next(one for one in system.cloud.environments if one.name == OLD).places
    where = Place(account=place.account, region=place.region)
    assert eventually(lambda: any(one.environment == OLD and one.names for one in inventory.seen(where)), 90)
    assert eventually(lambda: [one.kind_since for one in inventory.known().environments if one.name == OLD], 90)
    listed = system.ask("Which preview environments are older than 14 days?")
    assert listed["outcome"] == "succeeded" and f"- {OLD}: preview" in listed["answer"], listed["answer"]
    assert "a sweep saw it first then" in listed["answer"] and NAME not in listed["answer"]
    before = everything(system)
    asked = system.ask("Delete all previews older than 14 days even though they are running")
    assert asked["status"] == "parked", asked["answer"]
    done = system.decide(asked, "approve")
    assert done["outcome"] == "succeeded" and "1 of 1 preview environments deleted" in done["answer"], done["answer"]
    after = everything(system)
    assert [one.rpartition("/")[2] for one in before.keys() - after.keys()] == ["page"]
    assert after == {what: how for what, how in before.items() if what in after}


def test_the_role_that_deletes_is_the_write_functions_alone_and_deletes_what_its_session_names(system: System) -> None:
    """No decision of ours is in this path."""
    probe, region = Probe(system), clouds.REGIONS[0]
    session: dict[str, Any] = {"RoleArn": ROLE, "RoleSessionName": "probe", "SourceIdentity": "ann"}
    identity = {"service": "sts", "call": "get_caller_identity", "arguments": {}}
    plain = {key: value for key, value in session.items() if key != "SourceIdentity"}
    for role in ("execute-read", "check-step", "advance", "sweep"):
        assert probe(role, assume=plain, **identity) in DENIED
    ec2 = system.aws("ec2", clouds.HOME, region)
    made = [one["InstanceId"] for one in ec2.run_instances(ImageId="ami-1", MinCount=2, MaxCount=2)["Instances"]]
    arns = [f"arn:aws:ec2:{region}:{clouds.HOME}:instance/{id}" for id in made]
    (policy,) = session_policies([Permission(action="ec2:TerminateInstances", arn=arns[0], role="destroy")], True)

    def call(what: str, id: str) -> str:
        given = {"service": "ec2", "call": what, "arguments": {"InstanceIds": [id]}, "region": region}
        return probe("execute-write", assume=session | {"Policy": policy.document}, **given)

    assert call("terminate_instances", made[1]) in DENIED
    assert call("stop_instances", made[0]) in DENIED
    assert call("terminate_instances", made[0]) == "allowed"
