"""What a call on one environment asks AWS: as much, whatever else there is, and never less than the whole of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

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
from some_clients import SomeClients

from copilot.adapters.aws.platform import AwsPlatform
from copilot.domain import Person, Survey
from copilot.tools.environments.looking import EnvironmentActivity
from copilot.tools.environments.stopping import StopEnvironment


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


class Clients(SomeClients):
    """What the tools are made with."""

    def __init__(self, cloud: Cloud, platform: AwsPlatform) -> None:
        self.platform, self.clock, self.call_id = platform, cloud.clock, "run-1/step/0"
        self.person = Person(id="dana", name="Dana")


def environment(cloud: Cloud, number: int) -> str:
    """One with a cluster of its own with two services, an instance and a database."""
    name = f"dev-{number}"
    for service in ("web", "api"):
        add_service(cloud.client("ecs"), f"cluster-{number}", service, tagged(name))
    add_instance(cloud.client("ec2"), tagged(name))
    add_database(cloud.client("rds"), f"db-{number}", tagged(name))
    return name


def asked(cloud: Cloud, names: list[str]) -> Counter[str]:
    """The calls that go out for a look at what each environment did, the preview of its stop, and its verification."""
    clients: Any = Clients(cloud, cloud.platform(account(regions=(REGION, FAR)), account(PROD, "prod")))
    clients.platform.survey("no-such")  # so that the roles are assumed
    cloud.requests.clear()
    for name in names:
        activity = EnvironmentActivity(clients)
        assert activity.run(activity.Input.model_validate({"environment_id": name, "hours": 6})).environment_id == name
        stop = StopEnvironment(clients)
        given = stop.Input.model_validate({"environment_id": name})
        preview = stop.preview(given)
        assert len(preview.changes) == 4
        assert stop.verify(given, preview).outcome == "false"
    return Counter(name for name, _ in cloud.requests)


def test_calls_grow_with_the_number_of_environments_and_not_with_its_square(cloud: Cloud) -> None:
    few = [environment(cloud, number) for number in range(3)]
    for_few = asked(cloud, few)
    many = few + [environment(cloud, number) for number in range(3, 12)]
    for_many = asked(cloud, many)
    assert for_many == Counter({name: count * 4 for name, count in for_few.items()}), "four times as many environments"
    assert asked(cloud, few) == for_few, "and what there is besides costs nothing"
    assert not {"ECS.ListClusters", "ECS.ListServices"} & set(for_many)


def test_an_environment_over_accounts_regions_and_clusters_is_found_whole(cloud: Cloud) -> None:
    places = [(DEV, REGION), (DEV, FAR), (PROD, FAR)]
    arns = {
        add_service(cloud.client("ecs", *place), f"cluster-{at}", "web", tagged("wide"))
        for place in places
        for at in range(2)
    }
    arns |= {add_service(cloud.client("ecs"), "cluster-0", f"more-{at}", tagged("wide")) for at in range(12)}
    add_service(cloud.client("ecs"), "cluster-0", "of-another", tagged("wider"))
    platform = cloud.platform(account(regions=(REGION, FAR)), account(PROD, "prod", regions=(REGION, FAR)))
    alone, whole = platform.survey("wide"), platform.survey()
    assert {one.ref.id for one in alone.resources} == arns
    assert alone.resources == tuple(one for one in whole.resources if one.environment == "wide")
    assert alone.environments == tuple(one for one in whole.environments if one.name == "wide")


def test_pages_of_the_index_are_all_read(cloud: Cloud) -> None:
    arns = [add_service(cloud.client("ecs"), "main", name, tagged("dev-1")) for name in ("a", "b")]
    listed: list[dict[str, Any]] = [
        {"ResourceTagMappingList": [{"ResourceARN": arn}], "PaginationToken": ""} for arn in arns
    ]
    listed[0]["PaginationToken"] = "more"
    cloud.pages["RESOURCE-GROUPS-TAGGING-API.GetResources"] = listed
    assert [one.name for one in cloud.platform(account()).survey("dev-1").resources] == ["a", "b"]


def from_the_index(cloud: Cloud, *arns: str) -> Survey:
    """A survey of dev-1 where the index knows these services of it."""
    known = [{"ResourceARN": arn} for arn in arns]
    cloud.pages["RESOURCE-GROUPS-TAGGING-API.GetResources"] = [{"ResourceTagMappingList": known, "PaginationToken": ""}]
    return cloud.platform(account()).survey("dev-1")


def test_what_the_index_says_is_only_where_to_look(cloud: Cloud) -> None:
    """Tags, and with them kind and environment, are those that the service has now."""
    ecs = cloud.client("ecs")
    stays = add_service(ecs, "main", "stays", tagged("dev-1", "production"))
    left = add_service(ecs, "main", "left", tagged("dev-2"))
    gone = add_service(ecs, "main", "gone", tagged("dev-1"))
    ecs.delete_service(cluster="main", service="gone", force=True)
    nowhere = f"arn:aws:ecs:{REGION}:{DEV}:service/no-such-cluster/web"
    survey = from_the_index(cloud, stays, left, gone, nowhere)
    assert survey.unreachable == ()
    assert [(one.ref.id, one.environment) for one in survey.resources] == [(stays, "dev-1")]
    assert [(one.name, one.kind) for one in survey.environments] == [("dev-1", "production")]


def test_an_index_that_may_not_be_read_is_no_empty_environment(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"))
    add_instance(cloud.client("ec2"), tagged("dev-1"))
    cloud.refuse("RESOURCE-GROUPS-TAGGING-API.GetResources", "AccessDeniedException")
    survey = cloud.platform(account()).survey("dev-1")
    assert [one.ref.type for one in survey.resources] == ["ec2-instance"]
    assert ["reading ECS" in place.reason for place in survey.unreachable] == [True]
