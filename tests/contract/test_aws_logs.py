"""Logs as ECS, the tagging API, CloudWatch and CloudWatch Logs tell of them.

moto knows FilterLogEvents; of Logs Insights it runs no query, so its answers are given here as the API Reference has
them (StartQuery, GetQueryResults).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import DEV, FAR, PROD, REGION, Cloud, account, simulated, tagged
from fakes_spending import caps, purse

from copilot.adapters.aws.log_queries import query_string
from copilot.adapters.aws.log_sources import MOST_GROUPS
from copilot.adapters.aws.logs import PATIENCE, AwsLogs
from copilot.adapters.memory_spending import MemorySpending
from copilot.adapters.uncounted import Uncounted
from copilot.config.configuration import Account, Budgets, Configuration
from copilot.domain import MICROS, LogCost, LogQuery, LogSource, Resource, day_in, micros_of
from copilot.errors import FatalError, PermissionDenied
from copilot.ports import Purse

ON = frozenset({"logs"})
FILTER, START, RESULTS, STOP = (
    f"CLOUDWATCH-LOGS.{one}" for one in ("FilterLogEvents", "StartQuery", "GetQueryResults", "StopQuery")
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def add_service(cloud: Cloud, name: str, *containers: dict[str, Any], environment: str = "shop") -> None:
    ecs = cloud.client("ecs")
    ecs.create_cluster(clusterName=environment)
    ecs.register_task_definition(
        family=name, containerDefinitions=[{"image": "i", "memory": 64} | one for one in containers]
    )
    words = [{"key": key, "value": value} for key, value in tagged(environment).items()]
    ecs.create_service(cluster=environment, serviceName=name, taskDefinition=name, desiredCount=1, tags=words)


def logging(name: str, group: str, prefix: str = "", **more: str) -> dict[str, Any]:
    options = {"awslogs-group": group, "awslogs-region": REGION, **more}
    options |= {"awslogs-stream-prefix": prefix} if prefix else {}
    return {"name": name, "logConfiguration": {"logDriver": "awslogs", "options": options}}


def add_lines(cloud: Cloud, group: str, stream: str, *lines: tuple[float, str], id: str = DEV) -> None:
    """Each so many minutes ago."""
    logs = cloud.client("logs", id)
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [
        {"timestamp": int((cloud.clock.at - ago * MINUTE).timestamp() * 1000), "message": text}
        for ago, text in sorted(lines, reverse=True)
    ]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def add_written(cloud: Cloud, group: str, size: float, ago: timedelta = 10 * MINUTE) -> None:
    """So many bytes, as the metric of the group has them."""
    datum: Any = {"MetricName": "IncomingBytes", "Value": size, "Unit": "Bytes", "Timestamp": cloud.clock.at - ago}
    datum["Dimensions"] = [{"Name": "LogGroupName", "Value": group}]
    cloud.client("cloudwatch").put_metric_data(Namespace="AWS/Logs", MetricData=[datum])


class Looking:
    """The adapter over these accounts, and what it is asked with; it waits for nothing."""

    def __init__(self, cloud: Cloud, *accounts: Account, most: float = 0.25, purse: Purse | None = None) -> None:
        self.cloud, self.waited = cloud, list[float]()
        config = Configuration(accounts=accounts, people=(), budgets=Budgets(log_search_dollars=most))
        self.logs = AwsLogs(config, cloud.reader(*accounts), purse or Uncounted(), self.waited.append)
        self.platform = cloud.platform(*accounts)

    def resources(self, environment: str = "shop") -> Sequence[Resource]:
        return self.platform.survey(environment).resources

    def query(self, *words: str, any_of: tuple[str, ...] = (), most: int = 100) -> LogQuery:
        now = self.cloud.clock.at
        return LogQuery(since=now - 60 * MINUTE, until=now, words=words, any_of=any_of, most=most)

    def sources(self, environment: str | None = None) -> tuple[LogSource, ...]:
        return self.logs.sources(self.resources(), environment).sources

    def cost(self) -> LogCost:
        query = self.query()
        return self.logs.cost(self.sources(), query.since, query.until)


def test_a_service_logs_where_its_task_definition_says_and_a_function_under_its_name(cloud: Cloud) -> None:
    add_service(
        cloud, "web", logging("web", "/ecs/shop", "web"), {"name": "proxy", "logConfiguration": {"logDriver": "splunk"}}
    )
    add_service(cloud, "quiet", {"name": "quiet"})
    add_service(cloud, "other", logging("other", "/ecs/other"), environment="other")
    arn = f"arn:aws:lambda:{REGION}:{DEV}:function:resize"
    cloud.pages["RESOURCE-GROUPS-TAGGING-API.GetResources"] = []
    looking = Looking(cloud, account(packs=ON))
    resources = looking.resources()
    cloud.pages["RESOURCE-GROUPS-TAGGING-API.GetResources"] = [
        {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": []}]}
    ]
    found = looking.logs.sources(resources, "shop")
    assert {(one.service, one.group, one.streams, one.region) for one in found.sources} == {
        ("web", "/ecs/shop", "web/web/", REGION),
        ("resize", "/aws/lambda/resize", "", REGION),
    }
    assert found.sources[0].ref.id == f"arn:aws:logs:{REGION}:{DEV}:log-group:/ecs/shop"
    assert {(one.what, one.reason) for one in found.not_looked_at} == {
        ("the logs of container proxy of service web", "it sends its logs by splunk"),
        ("the logs of container quiet of service quiet", "its task definition sends no logs anywhere"),
    }
    assert not [one for one in looking.logs.sources(resources).sources if one.service == "resize"]


def test_functions_are_looked_for_in_every_region_of_the_accounts_that_the_environment_is_in(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    looking = Looking(cloud, account(packs=ON, regions=(REGION, FAR)))
    resources = looking.resources()
    arn = f"arn:aws:lambda:{FAR}:{DEV}:function:resize"
    tagging = "RESOURCE-GROUPS-TAGGING-API.GetResources"
    cloud.pages[tagging] = [
        {"ResourceTagMappingList": []},
        {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": []}]},
    ]
    found = looking.logs.sources(resources, "shop")
    assert [(one.service, one.region) for one in found.sources] == [("web", REGION), ("resize", FAR)]
    cloud.refuse(tagging, where=lambda parameters, region: region == FAR)
    found = looking.logs.sources(resources, "shop")
    assert [one.service for one in found.sources] == ["web"]
    assert ("the logs of functions", FAR) in [(one.what, one.region) for one in found.not_looked_at]


def test_what_little_was_written_is_read_and_looked_through_here_at_no_charge(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web", "web"))
    add_service(cloud, "cart", logging("cart", "/ecs/cart"))
    add_lines(
        cloud, "/ecs/web", "web/web/1", (50, "GET / 200"), (40, "Connection REFUSED by db"), (70, "connection refused")
    )
    add_lines(
        cloud,
        "/ecs/cart",
        "1",
        (30, "connection  refused"),
        (20, "connection refused by cache"),
        (0, "connection refused after it"),
    )
    add_written(cloud, "/ecs/web", 4_000)
    looking = Looking(cloud, account(packs=ON))
    cost = looking.cost()
    assert (cost.size, cost.is_charged, cost.dollars, cost.most) == (4_000, False, 0, 0.25)
    found = looking.logs.search(looking.sources(), looking.query("connection refused"), cost)
    assert [(line.service, line.group, line.stream, line.text) for line in found.lines] == [
        ("cart", "/ecs/cart", "1", "connection refused by cache"),
        ("web", "/ecs/web", "web/web/1", "Connection REFUSED by db"),
    ]
    assert (found.matched, found.read_until, found.not_looked_at, cloud.count(START)) == (2, None, (), 0)


def test_of_a_group_that_several_log_to_only_the_lines_of_those_asked_about(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/all", "web"))
    add_service(cloud, "cart", logging("cart", "/ecs/all", "cart"))
    add_lines(cloud, "/ecs/all", "web/web/1", (5, "of web"))
    add_lines(cloud, "/ecs/all", "cart/cart/1", (5, "of cart"))
    add_lines(cloud, "/ecs/all", "stranger/x/1", (5, "of a stranger"))
    looking = Looking(cloud, account(packs=ON))
    sources = looking.sources()
    both = looking.logs.search(sources, looking.query("of"), looking.cost())
    assert {(line.service, line.text) for line in both.lines} == {("web", "of web"), ("cart", "of cart")}
    assert both.matched == 2 and cloud.count(FILTER) == 1
    cart = tuple(one for one in sources if one.service == "cart")
    assert [line.text for line in looking.logs.search(cart, looking.query(), looking.cost()).lines] == ["of cart"]


def test_what_another_environment_logs_to_as_well_is_left_out_and_told(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web", "ecs"))
    add_service(cloud, "cart", logging("cart", "/ecs/web", "ecs"))
    add_service(cloud, "web", logging("web", "/ecs/web", "ecs"), environment="prod")
    looking = Looking(cloud, account(packs=ON))
    found = looking.logs.sources(looking.resources(), "shop")
    assert [one.service for one in found.sources] == ["cart"]
    assert [(one.what, one.reason) for one in found.not_looked_at] == [
        ("the logs of web in group /ecs/web", "prod logs to the same group with the same prefix")
    ]
    cloud.refuse("ECS.DescribeServices", where=lambda parameters, region: parameters["cluster"] == "prod")
    found = looking.logs.sources(looking.resources(), "shop")
    assert found.sources == () and "is not known" in found.not_looked_at[-1].reason


def test_a_tagging_api_that_tells_of_every_region_hides_no_log(cloud: Cloud) -> None:
    """The laptop's does: a cluster that is not in this region is looked for in its own."""
    add_service(cloud, "web", logging("web", "/ecs/web", "ecs"))
    looking = Looking(cloud, account(packs=ON))
    resources = looking.resources()
    tags = [{"Key": key, "Value": value} for key, value in tagged("far").items()]
    arn = f"arn:aws:ecs:{FAR}:{DEV}:service/far/web"
    told = [{"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags}]}]
    cloud.pages["RESOURCE-GROUPS-TAGGING-API.GetResources"] = told
    found = looking.logs.sources(resources, None)
    assert [one.service for one in found.sources] == ["web"] and found.not_looked_at == ()


def test_of_a_group_without_prefixes_that_another_environment_logs_to_nothing_is_shown(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/all"))
    add_service(cloud, "web", logging("web", "/ecs/all", "prod"), environment="prod")
    looking = Looking(cloud, account(packs=ON))
    assert looking.sources("shop") == ()
    prod = looking.logs.sources(looking.resources("prod"), "prod")
    assert [one.streams for one in prod.sources] == ["prod/web/"]


def test_it_is_read_page_by_page_and_what_is_too_much_ends_where_it_ends(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    looking = Looking(cloud, account(packs=ON))
    begin = cloud.clock.at - 50 * MINUTE

    def page(number: int) -> dict[str, Any]:
        at = int((begin + number * MINUTE / 10).timestamp() * 1000)
        event = {
            "timestamp": at,
            "message": f"line {number}",
            "logStreamName": "1",
            "ingestionTime": at,
            "eventId": "e",
        }
        return {"events": [event], "nextToken": f"t{number}"}

    cloud.pages[FILTER] = [page(0), page(1), {"events": page(2)["events"]}]
    found = looking.logs.search(looking.sources(), looking.query(), looking.cost())
    assert [line.text for line in found.lines] == ["line 2", "line 1", "line 0"] and found.read_until is None
    assert [one.get("nextToken") for one in cloud.parameters(FILTER)] == [None, "t0", "t1"]
    cloud.pages[FILTER] = [page(number) for number in range(60)]
    found = looking.logs.search(looking.sources(), looking.query(), looking.cost())
    assert len(found.lines) == 40 and found.read_until == begin + 39 * MINUTE / 10


def rows(cloud: Cloud, *lines: tuple[float, str, str]) -> list[list[dict[str, str]]]:
    """As GetQueryResults has them: minutes ago, stream, text."""
    return [
        [
            {"field": "@timestamp", "value": f"{cloud.clock.at - ago * MINUTE:%Y-%m-%d %H:%M:%S}.000"},
            {"field": "@logStream", "value": stream},
            {"field": "@message", "value": text},
            {"field": "@ptr", "value": "x"},
        ]
        for ago, stream, text in lines
    ]


def complete(cloud: Cloud, matched: int, *lines: tuple[float, str, str]) -> dict[str, Any]:
    statistics = {"recordsMatched": float(matched), "recordsScanned": 9e6, "bytesScanned": 3e9}
    return {"status": "Complete", "results": rows(cloud, *lines), "statistics": statistics}


def test_much_is_queried_by_insights_at_the_price_of_what_was_written(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web", "web"))
    add_written(cloud, "/ecs/web", 2 * 2**30)
    add_written(cloud, "/ecs/web", 2**30, 30 * MINUTE)
    add_written(cloud, "/ecs/web", 2**30, 200 * MINUTE)
    looking = Looking(cloud, account(packs=ON, regions=(REGION,)))
    cost = looking.cost()
    assert (cost.size, cost.is_charged) == (3 * 2**30, True)
    assert cost.dollars == pytest.approx(3 * 0.0076)  # a region that the list lacks is taken for its dearest
    cloud.pages[START] = [{"queryId": "q1"}]
    cloud.pages[RESULTS] = [
        {"status": "Scheduled", "results": []},
        {"status": "Running", "results": rows(cloud, (1, "web/web/1", "half"))},
        complete(cloud, 950, (1, "web/web/1", "Refused"), (2, "other/x/1", "refused"), (3, "web/web/2", "refused")),
    ]
    found = looking.logs.search(looking.sources(), looking.query("refused", most=3), cost)
    assert [(line.stream, line.text) for line in found.lines] == [("web/web/1", "Refused"), ("web/web/2", "refused")]
    assert (found.matched, looking.waited, cloud.count(FILTER)) == (949, [0.3, 1], 0)
    (asked,) = cloud.parameters(START)
    query = looking.query()
    assert (asked["logGroupName"], asked["startTime"]) == ("/ecs/web", int(query.since.timestamp()))
    assert asked["limit"] == 3 and asked["endTime"] == int(query.until.timestamp())
    assert asked["queryString"] == (
        "fields @timestamp, @logStream, @message | filter @message like /(?i)(?:refused)/"
        r" | filter @logStream like /^(?:web\/web\/)/ | sort @timestamp desc | limit 3"
    )


@pytest.mark.parametrize(("more", "charged"), [(-1, False), (0, True), (1, True)])
def test_what_a_cap_leaves_no_room_for_is_read_for_nothing_and_says_why(cloud: Cloud, more: int, charged: bool) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web", "web"))
    add_lines(cloud, "/ecs/web", "web/web/1", (50, "connection refused"))
    add_written(cloud, "/ecs/web", 2**30)
    cloud.pages[START], cloud.pages[RESULTS] = [{"queryId": "q1"}], [complete(cloud, 0)]
    most, kept = (micros_of(0.0076) + more) / MICROS, MemorySpending()
    mine = purse(caps(person={"log_searches": {"day_dollars": most}}), kept, cloud.clock, person="ann")
    looking = Looking(cloud, account(packs=ON, regions=(REGION,)), purse=mine)
    found = looking.logs.search(looking.sources(), looking.query("refused"), looking.cost())
    assert (cloud.count(START), bool(cloud.count(FILTER))) == ((1, False) if charged else (0, True))
    assert ("caps.person.log_searches.day_dollars" in found.instead, len(found.lines)) == (not charged, not charged)
    assert [one.sum_of("log_searches").micros for one in kept.of_period(day_in(cloud.clock.at, UTC).isoformat())] == [
        7600,
        7600,
    ] * charged


def test_the_price_is_that_of_the_region(cloud: Cloud) -> None:
    looking = Looking(cloud, account(packs=ON, regions=(FAR,)))
    source = LogSource.model_validate(
        {
            "ref": {"type": "log-group", "id": f"arn:aws:logs:{FAR}:{DEV}:log-group:/ecs/web"},
            "group": "/ecs/web",
            "service": "web",
            "account": "dev",
            "region": FAR,
        }
    )
    datum: Any = {"MetricName": "IncomingBytes", "Value": 10 * 2**30, "Timestamp": cloud.clock.at - 10 * MINUTE}
    datum["Dimensions"] = [{"Name": "LogGroupName", "Value": "/ecs/web"}]
    cloud.client("cloudwatch", region=FAR).put_metric_data(Namespace="AWS/Logs", MetricData=[datum])
    cost = looking.logs.cost((source,), cloud.clock.at - 60 * MINUTE, cloud.clock.at)
    assert cost.dollars == pytest.approx(0.05)


def test_a_query_that_lasts_is_stopped_and_one_that_fails_is_told(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    looking = Looking(cloud, account(packs=ON))
    dear = LogCost(size=2**30, is_charged=True, dollars=0.005, most=0.25)
    cloud.pages[START] = [{"queryId": "q1"}, {"queryId": "q2"}]
    cloud.pages[RESULTS] = [{"status": "Running", "results": []} for _ in range(PATIENCE)]
    cloud.pages[STOP] = [{"success": True}]
    with pytest.raises(FatalError, match="did not end within"):
        looking.logs.search(looking.sources(), looking.query(), dear)
    assert cloud.parameters(STOP) == [{"queryId": "q1"}] and sum(looking.waited) == pytest.approx(PATIENCE - 0.7)
    cloud.pages[RESULTS] = [{"status": "Failed", "results": []}]
    with pytest.raises(FatalError, match="ended as failed"):
        looking.logs.search(looking.sources(), looking.query(), dear)


def test_a_search_waits_no_longer_than_it_may_and_begins_no_query_that_there_is_no_time_for(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    looking = Looking(cloud, account(packs=ON))
    dear = LogCost(size=2**30, is_charged=True, dollars=0.005, most=0.25)
    with pytest.raises(FatalError, match="no time left"):
        looking.logs.search(looking.sources(), looking.query(), dear, -3)
    assert cloud.count(START) == 0
    cloud.pages[START] = [{"queryId": "q1"}]
    cloud.pages[RESULTS] = [{"status": "Running", "results": []} for _ in range(PATIENCE)]
    cloud.pages[STOP] = [{"success": True}]
    with pytest.raises(FatalError, match="did not end within 5 seconds"):
        looking.logs.search(looking.sources(), looking.query(), dear, 5)
    assert cloud.parameters(STOP) == [{"queryId": "q1"}]


def test_what_is_asked_for_stands_in_a_query_as_letters_alone() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    query = LogQuery(
        since=now, until=now, words=("a/) | limit 1 | (/", "x*y.z", "\\"), any_of=("[err]", "level=err"), most=20_000
    )
    assert query_string(query, ["", "web/"]) == (
        "fields @timestamp, @logStream, @message"
        r" | filter @message like /(?i)(?:a\/\) \| limit 1 \| \(\/)/"
        r" | filter @message like /(?i)(?:x[\s\S]*y\.z)/"
        r" | filter @message like /(?i)(?:\\)/"
        r" | filter @message like /(?i)(?:\[err\]|level=err)/"
        " | sort @timestamp desc | limit 10000"
    )


def test_a_group_that_may_not_be_read_is_told_and_the_others_are_read(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    add_service(cloud, "cart", logging("cart", "/ecs/cart"))
    add_lines(cloud, "/ecs/web", "1", (5, "of web"))
    looking = Looking(cloud, account(packs=ON))
    cloud.refuse(FILTER, where=lambda parameters, region: parameters["logGroupName"] == "/ecs/cart")
    found = looking.logs.search(looking.sources(), looking.query(), looking.cost())
    assert [line.text for line in found.lines] == ["of web"]
    (hidden,) = found.not_looked_at
    assert (hidden.what, hidden.account) == (
        "log group /ecs/cart",
        f"dev ({DEV})",
    ) and "not authorized" in hidden.reason
    cloud.refuse(FILTER)
    with pytest.raises(PermissionDenied, match="not authorized"):
        looking.logs.search(looking.sources(), looking.query(), looking.cost())


def test_a_group_that_is_not_there_yet_is_one_in_which_nothing_was_logged(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    add_service(cloud, "new", logging("new", "/ecs/new"))
    add_lines(cloud, "/ecs/web", "1", (5, "of web"))
    looking = Looking(cloud, account(packs=ON))
    found = looking.logs.search(looking.sources(), looking.query(), looking.cost())
    assert ([line.text for line in found.lines], found.not_looked_at) == (["of web"], ())


def test_where_the_pack_is_off_nothing_is_asked_and_it_is_said_how_to_allow_it(cloud: Cloud) -> None:
    add_service(cloud, "web", logging("web", "/ecs/web"))
    looking = Looking(cloud, account())
    resources = looking.resources()
    cloud.requests.clear()
    with pytest.raises(PermissionDenied, match="pack logs is off"):
        looking.logs.sources(resources, "shop")
    assert not cloud.requests
    both = Looking(cloud, account(packs=ON), account(PROD, "prod"))
    elsewhere = resources[0].model_copy(
        update={"ref": resources[0].ref.model_copy(update={"id": resources[0].ref.id.replace(DEV, PROD)})}
    )
    found = both.logs.sources([*resources, elsewhere], "shop")
    assert [one.group for one in found.sources] == ["/ecs/web"]
    (hidden,) = found.not_looked_at
    assert hidden.account == f"prod ({PROD})" and "LogGroups" in hidden.reason


def test_no_more_groups_than_there_is_time_for_and_the_others_are_told(cloud: Cloud) -> None:
    names = [f"s{number:02}" for number in range(MOST_GROUPS + 2)]
    add_service(cloud, "web", *(logging(name, f"/ecs/{name}") for name in names))
    looking = Looking(cloud, account(packs=ON))
    found = looking.logs.sources(looking.resources())
    assert [one.group for one in found.sources] == [f"/ecs/{name}" for name in names[:MOST_GROUPS]]
    assert len(found.not_looked_at) == 2 and "50 log groups" in found.not_looked_at[0].reason
    dear = LogCost(size=2**30, is_charged=True, dollars=0.005, most=0.25)
    cloud.pages[START] = [{"queryId": "q"} for _ in names]
    cloud.pages[RESULTS] = [{"status": "Running", "results": []} for _ in range(PATIENCE * MOST_GROUPS)]
    cloud.pages[STOP] = [{"success": True} for _ in names]
    with pytest.raises(FatalError, match="did not end within 8 seconds"):
        looking.logs.search(found.sources, looking.query(), dear)
    assert cloud.count(STOP) == MOST_GROUPS
