"""The walk of docs/adding-a-resource-kind.md: a module laid beside the others, and nothing else, is a kind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_accounts
import pytest
import test_resource_kinds
from aws_accounts import DEV, REGION, Cloud, account, add_service, simulated, tagged, upper
from managed_account import readable
from test_aws_environment import Clients, change

from copilot.adapters.aws import resources
from copilot.adapters.aws.resources import kinds
from copilot.domain import Size
from copilot.errors import NotReady, ToolInputError
from copilot.tools.environments.health import ClusterHealth
from copilot.tools.environments.looking import EnvironmentActivity, ListEnvironments
from copilot.tools.environments.starting import StartEnvironment
from copilot.tools.environments.stopping import StopEnvironment
from copilot.tools.usage.prices import price_list

TYPE = "redshift-cluster"
TO_COPY = Path(__file__).parent / "kind_to_copy.py"
PAGE = Path(__file__).parents[2] / "docs" / "adding-a-resource-kind.md"


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The module lies in the folder of the kinds."""
    assert TYPE not in kinds(), "the product has it by now: let kind_to_copy.py be another kind, as the page says"
    (tmp_path / "redshift.py").write_text(TO_COPY.read_text())
    monkeypatch.setattr(resources, "__path__", [*resources.__path__, str(tmp_path)])
    kinds.cache_clear()
    monkeypatch.setattr(aws_accounts, "readable", _as_if_the_template_had_it)
    yield
    kinds.cache_clear()
    sys.modules.pop(f"{resources.__name__}.redshift", None)


def _as_if_the_template_had_it() -> frozenset[str]:
    """What the read role may read, with what the new kind needs; what is still to be added is another test's."""
    return readable() | kinds()[TYPE].reads


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        one.client("redshift").create_cluster(
            ClusterIdentifier="sales",
            NodeType="ra3.large",
            NumberOfNodes=2,
            MasterUsername="master",
            MasterUserPassword="Not-a-real-1",
            Tags=upper(tagged("dev-1")),
        )
        add_service(one.client("ecs"), "main", "web", tagged("dev-1"), 2)
        yield one


def ask(cloud: Cloud, tool: Any, **given: Any) -> Any:
    return tool(Clients(cloud, cloud.platform(account()))).run(tool.Input(**given))


def put(cloud: Cloud, namespace: str, name: str, **dimensions: str) -> None:
    """Nothing going on in the last 12 hours."""
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    points: list[Any] = [
        {"MetricName": name, "Dimensions": named, "Timestamp": cloud.clock.at - timedelta(hours=ago + 0.5), "Value": 0}
        for ago in range(12)
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=points)


def test_it_is_listed_judged_stopped_last_started_first_and_as_it_was(cloud: Cloud) -> None:
    (listed,) = ask(cloud, ListEnvironments).environments
    assert "1 service, 1 warehouse" in listed.summary
    put(cloud, "AWS/Redshift", "DatabaseConnections", ClusterIdentifier="sales")
    put(cloud, "AWS/ECS", "CPUUtilization", ClusterName="main", ServiceName="web")
    assert ask(cloud, EnvironmentActivity, environment_id="dev-1").idle

    before = {one.name: one for one in cloud.platform(account()).survey().resources}
    _, said = change(cloud, StopEnvironment)
    assert said == "dev-1: stopped web 2 -> 0, sales"
    assert "0 of 1 warehouse running" in ask(cloud, ClusterHealth, environment_id="dev-1").summary
    _, said = change(cloud, StartEnvironment)
    assert said == "dev-1: started sales, web 0 -> 2"
    assert {one.name: one for one in cloud.platform(account()).survey().resources} == before


def test_what_it_is_billed_by_is_read_and_has_no_price_until_the_list_has_one(cloud: Cloud) -> None:
    platform = cloud.platform(account())
    (found,) = [one for one in platform.survey().resources if one.ref.type == TYPE]
    (size,) = platform.sizes([found]).values()
    assert size == Size(product="redshift", name="ra3.large", region=REGION, count=2)
    assert price_list().hour(size) is None


def test_its_services_faults_are_read_as_it_declares(cloud: Cloud) -> None:
    preview, _ = change(cloud, StopEnvironment)
    change(cloud, StartEnvironment)
    platform = cloud.platform(account(), permissions=tuple(cloud.platform(account()).permissions(preview.changes[-1])))
    (found,) = [one for one in platform.survey().resources if one.ref.type == TYPE]
    cloud.refuse("REDSHIFT.PauseCluster", "InvalidClusterState", 400, "not now")
    with pytest.raises(NotReady, match="not now"):
        platform.apply(preview.changes[-1], found)
    cloud.refuse("REDSHIFT.DescribeClusters", "ClusterNotFound", 404, "gone")
    with pytest.raises(ToolInputError, match="gone"):
        platform.apply(preview.changes[-1], found)
    assert found.ref.id == f"arn:aws:redshift:{REGION}:{DEV}:cluster:sales"


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (test_resource_kinds.test_the_read_role_allows_what_a_kind_says_it_reads, "add these to ReadRole"),
        (test_resource_kinds.test_the_write_role_allows_what_stopping_and_starting_a_kind_needs, "add these to WriteR"),
        (test_resource_kinds.test_of_tags_the_write_role_may_write_its_own_alone, "allow these only with aws:TagKeys"),
    ],
)
def test_what_the_roles_still_lack_is_named(check: Any, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check(kinds()[TYPE])


def test_that_nobody_tries_it_is_named() -> None:
    with pytest.raises(AssertionError, match=TYPE):
        test_resource_kinds.test_every_kind_is_stopped_and_started_on_a_simulated_aws()


def test_the_page_names_all_that_a_kind_declares() -> None:
    from copilot.adapters.aws.resources.stoppable import Stoppable

    declared = {*Stoppable.__abstractmethods__, *Stoppable.__annotations__}
    assert {name for name in declared if f"`{name}`" not in PAGE.read_text()} == set()
