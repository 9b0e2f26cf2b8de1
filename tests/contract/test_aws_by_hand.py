"""A command by hand asks AWS what the copilot itself asked it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_accounts import DEV, REGION, Cloud, account, add_service, simulated, tagged
from aws_cli import read
from test_aws_configured import configured as reading_what_is_configured
from test_aws_configured import parameter, resources, secret, serving
from test_aws_costs import ASKED, SINCE, UNTIL, billed, page
from test_aws_measuring import BALANCER, balanced, metrics, times, web
from test_trail import NOON, Read, looked_up

from copilot.domain import Resource
from copilot.tools.by_hand import ByHand
from copilot.tools.changes.looked_up import LookedUp, places_of, trail_by_hand
from copilot.tools.configuration.names_by_hand import configured, names_by_hand
from copilot.tools.environments.measured import metric_by_hand, metric_in_place
from copilot.tools.usage.billed import Billed, BilledAccount, bill_by_hand

LABEL = f"dev ({DEV})"
MEASURED = "CLOUDWATCH.GetMetricData"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def asked_for(cloud: Cloud) -> list[Any]:
    """The metrics that the copilot asked for, each with period and statistic."""
    return [one["MetricStat"] for asked in cloud.parameters(MEASURED) for one in asked["MetricDataQueries"]]


def asks_for(command: ByHand) -> Any:
    given = read(command.argv).given
    metric = {key: given[key] for key in ("Namespace", "MetricName", "Dimensions")}
    (statistic,) = given.get("Statistics") or given["ExtendedStatistics"]
    assert command.account == LABEL and read(command.argv).beside == {"region": REGION}
    return {"Metric": metric, "Period": given["Period"], "Stat": statistic}


@pytest.mark.parametrize("word", ["cpu", "latency", "error_rate"])
def test_a_metric_is_the_one_that_was_measured_and_what_it_is_a_share_of(cloud: Cloud, word: Any) -> None:
    service, asked = web(cloud), times(cloud)
    if word != "cpu":
        balanced(cloud, service, BALANCER)
    (found,) = metrics(cloud).measured(word, [service], asked).series
    commands = [
        metric_by_hand(
            metric_in_place(found.account, found.region, of), asked.since, asked.until, asked.period, found.statistic
        )
        for of in found.of
    ]
    assert list(map(asks_for, commands)) == asked_for(cloud) and commands


def test_what_says_that_a_resource_was_used_is_a_metric_too(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "shop", "web", tagged("shop"))
    platform, now = cloud.platform(account()), cloud.clock.at
    (service,) = platform.survey("shop").resources
    of = platform.activity([service], now - timedelta(hours=6))[service.ref.id].of
    assert of is not None
    command = metric_by_hand(metric_in_place(LABEL, REGION, of), now - timedelta(hours=6), now, 3600, "maximum")
    assert [asks_for(command)] == asked_for(cloud)


@pytest.mark.parametrize("only", [None, ["shop"]])
def test_a_bill_is_asked_for_as_it_was(cloud: Cloud, only: list[str] | None) -> None:
    cloud.pages[ASKED] = [page(("shop", "Amazon RDS", "1"))]
    found = billed(cloud, account(packs=["cost"]), only=only)
    accounts = tuple(BilledAccount(account=one.account, id=one.id) for one in found.accounts)
    ((argv, label),) = bill_by_hand(
        Billed(since=SINCE, until=UNTIL, tag=found.tag, accounts=accounts), only, daily=False
    )
    assert [read(argv).given] == cloud.parameters(ASKED) and label == LABEL


def test_cloudtrail_is_looked_through_where_and_for_what_it_was() -> None:
    found = looked_up(Read({"Events": []}))
    assert [(one.account, one.region) for one in found.read] == [(LABEL, REGION)]
    since = NOON - timedelta(hours=2)
    ((argv, label),) = trail_by_hand(LookedUp(since=since, until=NOON, places=places_of(found.read)))
    assert read(argv).given == {
        "LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}],
        "StartTime": "2026-03-02T10:00:00Z",
        "EndTime": "2026-03-02T12:00:00Z",
    }
    assert label == LABEL
    assert looked_up(Read(), packs=()).read == ()


def test_names_are_listed_where_they_were_found(cloud: Cloud) -> None:
    one = account(packs=("parameters",))
    parameter(cloud, "/app/shop/url", "any")
    parameter(cloud, "/app/shop/web/level", "any")
    secret(cloud, "app/shop/db", "any")
    secret(cloud, "other", "any", "shop")
    serving(cloud, "shop", "web", {"name": "web", "environment": [{"name": "LEVEL", "value": "any"}]})
    there: list[Resource] = resources(cloud, "shop", one)
    reading = reading_what_is_configured(cloud, one)
    found = [*reading.named("shop", there).settings, *reading.variables(there).settings]
    given = [(argv[2], read(argv).given) for argv, label in names_by_hand(configured(found)) if label == LABEL]
    assert given == [
        (
            "describe-parameters",
            {"ParameterFilters": [{"Key": "Path", "Option": "Recursive", "Values": ["/app/shop"]}]},
        ),
        ("list-secrets", {"Filters": [{"Key": "name", "Values": ["app/shop/db", "other"]}]}),
        ("describe-task-definition", {"taskDefinition": "shop-web:1"}),
    ]
    (listed,) = cloud.client("ssm").describe_parameters(**given[0][1])["Parameters"][:1]
    assert listed["Name"].startswith("/app/shop/") and "Value" not in listed


def test_environments_are_found_by_the_tag_of_the_configuration(cloud: Cloud) -> None:
    assert cloud.platform(account(), tags={"environment": "env"}).environment_tag == "env"
