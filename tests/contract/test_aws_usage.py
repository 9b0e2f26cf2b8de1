"""What usage statistics take from AWS: figures by the hour, sizes, the journal's answers, links to reports."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from aws_accounts import DEV, REGION, Clock, Cloud, add_database, add_instance, simulated, tagged
from moto import mock_aws
from tables import make_table
from test_aws_metrics import BATCH, FAR_WEB, HOUR, ORDERS, WEB, platform, put, resource

from copilot.adapters.aws.reports import S3Reports, signer
from copilot.adapters.aws.sessions import ClientFactory
from copilot.adapters.dynamodb.answers import DynamoAnswers
from copilot.adapters.dynamodb.report_links import DynamoReportLinks
from copilot.adapters.dynamodb.rows import journal_row
from copilot.domain import JournalEntry, ReportLink, Resource, Size, token_hash
from copilot.errors import FatalError, PermissionDenied


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        one.clock.at = one.clock.at.replace(minute=0, second=0)
        yield one


# --- hours ---------------------------------------------------------------------------------------


def test_the_most_of_each_hour_and_none_where_there_is_nothing(cloud: Cloud) -> None:
    put(cloud, WEB, (0.5 * HOUR, 3), (0.6 * HOUR, 40), (2.5 * HOUR, 7), (9 * HOUR, 99))
    put(cloud, ORDERS, (1.5 * HOUR, 0))
    put(cloud, FAR_WEB, (0.5 * HOUR, 1))
    found = platform(cloud).hourly([WEB, BATCH, ORDERS, FAR_WEB], cloud.clock.at - 4 * HOUR, 4)
    assert found[WEB.ref.id].maxima == (None, 7, None, 40)
    assert found[ORDERS.ref.id].maxima == (None, None, 0, None)
    assert found[BATCH.ref.id].maxima == (None,) * 4
    assert found[FAR_WEB.ref.id].maxima == (None, None, None, 1)
    assert {found[one.ref.id].unit for one in (WEB, BATCH)} == {"Percent"} and found[ORDERS.ref.id].unit == "Count"


@pytest.mark.parametrize("days", [1, 30, 90])
def test_no_call_asks_for_more_than_cloudwatch_gives(cloud: Cloud, days: int) -> None:
    many = [resource("ec2-instance", f"instance/i-{number}") for number in range(1001)]
    cloud.pages["CLOUDWATCH.GetMetricData"] = [{"MetricDataResults": []} for _ in range(60)]
    found = platform(cloud).hourly(many, cloud.clock.at - 24 * days * HOUR, 24 * days)
    asked = cloud.parameters("CLOUDWATCH.GetMetricData")
    sizes = [len(one["MetricDataQueries"]) for one in asked]
    assert sum(sizes) == len(found) == 1001
    assert max(sizes) <= 500 and max(sizes) * 24 * days <= 100_800
    assert {query["MetricStat"]["Period"] for one in asked for query in one["MetricDataQueries"]} == {3600}
    assert {(one["StartTime"], one["EndTime"]) for one in asked} == {
        (cloud.clock.at - 24 * days * HOUR, cloud.clock.at)
    }


def test_every_page_of_hours_counts(cloud: Cloud) -> None:
    def page(ago: int, value: float) -> dict[str, Any]:
        at = cloud.clock.at - ago * HOUR
        return {"MetricDataResults": [{"Id": "m0", "Timestamps": [at], "Values": [value]}]}

    cloud.pages["CLOUDWATCH.GetMetricData"] = [page(1, 5.0) | {"NextToken": "more"}, page(3, 6.0)]
    assert platform(cloud).hourly([WEB], cloud.clock.at - 3 * HOUR, 3)[WEB.ref.id].maxima == (6, None, 5)


def test_hours_that_cannot_be_read_are_an_error(cloud: Cloud) -> None:
    cloud.refuse("CLOUDWATCH.GetMetricData", "AccessDenied", 403)
    with pytest.raises(PermissionDenied, match=f"reading metrics in {DEV} {REGION}"):
        platform(cloud).hourly([WEB], cloud.clock.at - HOUR, 1)


# --- sizes ---------------------------------------------------------------------------------------


def sizes(cloud: Cloud) -> dict[str, Size]:
    """Of everything there is, by name."""
    found = platform(cloud).survey().resources
    by_id = platform(cloud).sizes(found)
    return {one.name: by_id[one.ref.id] for one in found}


def add_tasks(cloud: Cloud, name: str, wanted: int = 3, system: dict[str, str] | None = None, **more: Any) -> None:
    ecs = cloud.client("ecs")
    ecs.create_cluster(clusterName="main")
    ecs.register_task_definition(
        family=name,
        containerDefinitions=[{"name": "main", "image": "main", "memory": 128}],
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="512",
        memory="3072",
        **({"runtimePlatform": system} if system else {}),
    )
    tags = [{"key": key, "value": value} for key, value in tagged("dev-1").items()]
    ecs.create_service(cluster="main", serviceName=name, taskDefinition=name, desiredCount=wanted, tags=tags, **more)


def test_instances_by_their_type(cloud: Cloud) -> None:
    add_instance(cloud.client("ec2"), tagged("dev-1", Name="box"), InstanceType="t4g.small")
    assert sizes(cloud) == {"box": Size(product="ec2", name="t4g.small", region=REGION)}


def test_databases_by_engine_and_class_two_with_a_standby(cloud: Cloud) -> None:
    add_database(cloud.client("rds"), "one", tagged("dev-1"))
    add_database(cloud.client("rds"), "two", tagged("dev-1"), MultiAZ=True)
    size = Size(product="rds", name="postgres db.t3.micro", region=REGION)
    assert sizes(cloud) == {"one": size, "two": size.model_copy(update={"count": 2})}


def test_fargate_tasks_by_vcpu_and_memory(cloud: Cloud) -> None:
    add_tasks(cloud, "web", launchType="FARGATE")
    arm = {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    add_tasks(cloud, "arm", wanted=1, system=arm, launchType="FARGATE")
    size = Size(product="fargate", name="X86_64", region=REGION, count=3, vcpu=0.5, gb=3)
    assert sizes(cloud) == {"web": size, "arm": size.model_copy(update={"name": "ARM64", "count": 1})}


def test_tasks_elsewhere_have_no_price_of_their_own(cloud: Cloud) -> None:
    add_tasks(cloud, "web", launchType="EC2")
    windows = {"cpuArchitecture": "X86_64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}
    add_tasks(cloud, "win", system=windows, launchType="FARGATE")
    found = sizes(cloud)
    assert {size.product for size in found.values()} == {"other"}
    assert "own instances" in found["web"].name and "Windows" in found["win"].name


def test_what_is_gone_has_no_size(cloud: Cloud) -> None:
    gone = [resource("ec2-instance", "instance/i-0123456789abcdef0"), resource("rds-instance", "db:never")]
    assert platform(cloud).sizes(gone) == {}
    assert platform(cloud).sizes([]) == {}


def test_a_stopped_service_counts_the_tasks_it_had(cloud: Cloud) -> None:
    add_tasks(cloud, "web", wanted=0, launchType="FARGATE")
    (web,) = platform(cloud).survey().resources
    stopped: Resource = web.model_copy(update={"saved": 4})
    assert platform(cloud).sizes([stopped])[web.ref.id].count == 4


# --- the journal's answers ---------------------------------------------------------------------------

DAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def journal() -> Iterator[Any]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "x")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        database = boto3.client("dynamodb", region_name=REGION)
        make_table(database, "t")
        yield database


def note(database: Any, at: datetime, kind: str, outcome: str = "succeeded", tenant: str = "main") -> None:
    data = {"outcome": outcome, "request": "x" * 4000}
    entry = JournalEntry.model_validate(
        {"at": at, "id": f"r-{kind}-{at}", "kind": kind, "run_id": "r", "person": "ann", "data": data}
    )
    database.put_item(TableName="t", Item=journal_row(tenant, entry))


def test_only_the_answers_of_the_day_and_the_tenant(journal: Any) -> None:
    note(journal, DAY + timedelta(hours=1), "answer")
    note(journal, DAY + timedelta(hours=9), "answer", "failed")
    note(journal, DAY + timedelta(hours=2), "decision")
    note(journal, DAY + timedelta(days=1), "answer")
    note(journal, DAY + timedelta(hours=3), "answer", tenant="other")
    found = DynamoAnswers("t", journal, "main").answered(DAY.date())
    assert [(run.at.hour, run.person, run.outcome) for run in found.runs] == [
        (1, "ann", "succeeded"),
        (9, "ann", "failed"),
    ]
    assert found.complete
    assert DynamoAnswers("t", journal, "main").answered((DAY - timedelta(days=1)).date()).runs == []


def test_a_day_of_very_many_is_read_in_pages_and_not_without_end() -> None:
    class Endless:
        asked = 0

        def query(self, **more: Any) -> Any:
            self.asked += 1
            assert (self.asked == 1) == ("ExclusiveStartKey" not in more)
            return {"Items": [], "LastEvaluatedKey": {"pk": {"S": "x"}}}

    endless = Endless()
    assert not DynamoAnswers("t", endless, "main").answered(DAY.date()).complete
    assert endless.asked == 20


# --- reports -------------------------------------------------------------------------------------


def test_a_report_is_kept_under_its_run_and_its_link_ends(cloud: Cloud) -> None:
    clock = Clock(DAY)
    s3 = ClientFactory(cloud.session.client).own("s3", REGION)
    cloud.client("s3").create_bucket(Bucket="reports-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.session.client("s3").create_bucket(
        Bucket="hub-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    links = report_links(cloud)
    reports = S3Reports("hub-bucket", s3, clock, "r1", links, "https://api.example")
    link = reports.put("a report/../x.html", b"<p>", "text/html", "cost")
    base, _, token = link.url.rpartition("/")
    assert base == "https://api.example/r" and len(link.url) < 60
    assert link.until - DAY == timedelta(hours=6)
    kept = links.find(token_hash(token))
    assert kept == ReportLink(key="reports/r1/a-report-..-x.html", about="cost", until=link.until)
    assert links.find(token) is links.find(token_hash("x" * 22)) is None
    file = s3.get_object(Bucket="hub-bucket", Key=kept.key)
    assert (file["Body"].read(), file["ContentType"]) == (b"<p>", "text/html")
    url = urlsplit(signer("hub-bucket", s3)(kept.key))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == (f"hub-bucket.s3.{REGION}.amazonaws.com", f"/{kept.key}")
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256" and f"/{REGION}/s3/" in query["X-Amz-Credential"]
    assert query["X-Amz-Expires"] == "300"


def test_every_link_has_a_token_of_its_own_which_is_not_kept(cloud: Cloud) -> None:
    links, s3 = report_links(cloud), cloud.session.client("s3")
    s3.create_bucket(Bucket="hub-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    reports = S3Reports("hub-bucket", s3, Clock(DAY), "r1", links, "https://api.example")
    tokens = {reports.put("x.csv", b"", "text/csv", "cost").url.rpartition("/")[2] for _ in range(20)}
    assert len(tokens) == 20 and {len(urlsafe_b64decode(token + "==")) for token in tokens} == {16}
    rows = cloud.session.client("dynamodb").scan(TableName="links")["Items"]
    assert len(rows) == 20 and not any(token in json.dumps(rows) for token in tokens)
    ends = {int(row["ttl"]["N"]) for row in rows}
    assert ends == {int((DAY + timedelta(hours=6, days=30)).timestamp())}


def report_links(cloud: Cloud) -> DynamoReportLinks:
    database = cloud.session.client("dynamodb")
    make_table(database, "links")
    return DynamoReportLinks("links", database, "main")


def test_a_report_that_cannot_be_kept_is_an_error(cloud: Cloud) -> None:
    s3 = ClientFactory(cloud.session.client).own("s3", REGION)
    cloud.refuse("S3.PutObject", "AccessDenied", 403)
    with pytest.raises((PermissionDenied, FatalError), match=r"keeping the file x\.csv"):
        S3Reports("hub-bucket", s3, Clock(DAY), "r1", report_links(cloud), "").put("x.csv", b"", "text/csv", "cost")
