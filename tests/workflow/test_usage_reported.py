"""Usage statistics of a random cloud through the whole system, against what was put into its monitor."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import clouds
import httpx
import pytest
from conftest import ROOT, SEED, System
from deployment_samples import random_sample
from gateway import Gateway

from cli.laptop.cloud import Cloud, Environment, Load
from cli.laptop.deployments import NO_DEPLOYMENTS, MadeDeployment, deliver, events, history
from cli.laptop.histories import Habit
from cli.laptop.system import down, up
from copilot.adapters.dynamodb.report_links import DynamoReportLinks
from copilot.domain import token_hash

HOUR = timedelta(hours=1)
TASK = Decimal("0.25") * Decimal("0.04048") + Decimal("0.5") * Decimal("0.004445")
SMALL = {"eu-west-1": Decimal("0.0184"), "us-east-1": Decimal("0.0168")}
MICRO = {"eu-west-1": Decimal("0.018"), "us-east-1": Decimal("0.016")}


def with_habits(cloud: Cloud, random: Random) -> Cloud:
    """Everything quiet for the last twelve hours, with thirty days before that of one kind or another."""

    def changed(environment: Environment) -> Environment:
        habit = Habit(
            runs=random.choice(("always", "workdays")),
            used=random.choice(("always", "workdays", "never")),
            days=random.randint(3, 30),
        )
        quiet = Load(peak=random.uniform(20, 90), until=99)
        place = environment.places[0]
        cluster = place.clusters[0]
        services = tuple(one.model_copy(update={"load": quiet}) for one in cluster.services)
        update = {"clusters": (cluster.model_copy(update={"services": services}),)}
        for name in ("instances", "groups", "databases", "database_clusters"):
            update[name] = tuple(one.model_copy(update={"load": quiet}) for one in getattr(place, name))
        return environment.model_copy(update={"habit": habit, "places": (place.model_copy(update=update),)})

    return cloud.model_copy(update={"environments": tuple(changed(one) for one in cloud.environments)})


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    random = Random(SEED)
    state, gateway, said = tmp_path_factory.mktemp("laptop"), Gateway(), list[str]()
    cloud = with_habits(clouds.random_cloud(random), random)
    try:
        through = {"AWS_ENDPOINT_URL": gateway.url}
        laptop = up(ROOT, state, said.append, clouds.configuration(), cloud, through, NO_DEPLOYMENTS)
        gateway.upstream = laptop.port
        yield System(laptop, cloud, gateway)
    finally:
        down(state, said.append)
        gateway.close()


@pytest.fixture(scope="module")
def reported(used: System) -> list[MadeDeployment]:
    """Five weeks of deployments, reported to its event bus."""
    sample = random_sample(Random(SEED))
    made = history(sample, datetime.now(UTC).date())
    deliver(used.aws, used.laptop, events(sample, made), lambda line: None)
    return made


def workday(hour: datetime) -> bool:
    return hour.weekday() in range(5) and hour.hour in range(7, 19)


def expected(environment: Environment, until: datetime, days: int) -> tuple[int, int, Decimal]:
    """Hours, idle hours and their cost, from the description; the last twelve hours it ran and was quiet."""
    habit, place = environment.habit, environment.places[0]
    assert habit is not None
    ran = idle = 0
    for back in range(1, days * 24 + 1):
        hour = until - back * HOUR
        if back <= 11:
            ran, idle = ran + 1, idle + 1
        elif back <= 11 + habit.days * 24:
            on = habit.runs == "always" or workday(hour)
            ran += on
            idle += on and (habit.used == "never" or (habit.used == "workdays" and not workday(hour)))
    price = sum((s.tasks * TASK for c in place.clusters for s in c.services), Decimal(0))
    price += len(place.instances) * SMALL[place.region] + len(place.databases) * MICRO[place.region]
    return ran, idle, idle * price


def fetched(link: str) -> httpx.Response:
    return httpx.get(link, follow_redirects=True)


def links(answer: str) -> dict[str, str]:
    return dict(re.findall(r"^(Report|PDF|Chart|Table): (http://127\.0\.0\.1:\S+)$", answer, re.M))


def recorded(system: System, environment: Environment, since: datetime, until: datetime) -> dict[datetime, float]:
    """The most any resource of an environment's cluster did, hour by hour, by another call than the product's."""
    place = environment.places[0]
    cloudwatch = system.aws("cloudwatch", place.account, place.region)
    found: dict[datetime, float] = {}
    for service in place.clusters[0].services:
        names = {"ClusterName": place.clusters[0].name, "ServiceName": service.name}
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/ECS",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": name, "Value": value} for name, value in names.items()],
            StartTime=since,
            EndTime=until,
            Period=3600,
            Statistics=["Maximum"],
        )["Datapoints"]
        for point in points:
            at = point["Timestamp"].astimezone(UTC)
            found[at] = max(found.get(at, 0), point["Maximum"])
    return found


def test_the_report_says_what_the_monitor_saw(used: System) -> None:
    view = used.ask("Generate usage statistics over the last 30 days")
    assert view["outcome"] == "succeeded", view["answer"]
    opened = links(view["answer"])
    assert list(opened) == ["Report", "PDF", "Chart", "Table"]
    files = {name: fetched(url) for name, url in opened.items()}
    assert {name: file.status_code for name, file in files.items()} == dict.fromkeys(opened, 200)
    assert files["Chart"].content.startswith(b"\x89PNG") and files["PDF"].content.startswith(b"%PDF-")
    rows = {row["environment"]: row for row in csv.DictReader(io.StringIO(files["Table"].text))}
    assert rows.keys() == {environment.name for environment in used.cloud.environments}
    until = datetime.fromisoformat(re.search(r" to (\S+ \S+) UTC", view["answer"])[1]).replace(tzinfo=UTC)  # type: ignore[index]
    for environment in used.cloud.environments:
        row, seen = rows[environment.name], recorded(used, environment, until - 720 * HOUR, until)
        ran, idle = len(seen), sum(value <= 5 for value in seen.values())
        assert (int(row["hours"]), int(row["idle_hours"])) == (ran, idle), environment
        described = expected(environment, until, 30)
        # Which full hours the last twelve figures lie in depends on the minute.
        assert abs(described[0] - ran) <= 2 and abs(described[1] - idle) <= 2, environment
        cost = idle * described[2] / described[1] if described[1] else Decimal(0)
        assert float(row["idle_cost_estimate_usd"]) == pytest.approx(float(cost), abs=0.0051)
        assert (row["kind"], row["owner"]) == (environment.tags["kind"], environment.tags["owner"])
        assert environment.name in files["Report"].text
    total = sum(int(row["hours"]) for row in rows.values())
    assert f"ran {total:,} hours in all" in view["answer"]
    assert "This is an estimate" in view["answer"] and "closed (222222222222)" in view["answer"]


def test_what_each_environment_cost_is_the_hours_the_monitor_saw_at_their_price(used: System) -> None:
    view = used.ask("Top 50 most expensive environments", conversation="costs")
    assert view["outcome"] == "succeeded", view["answer"]
    told = {
        name: (float(cost.replace(",", "")), float(idle.replace(",", "")) if idle else 0.0)
        for name, cost, idle in re.findall(
            r"^- (\S+) \(\w+\): ([\d.,]+) USD(?:, ([\d.,]+) USD of it idle)?$", view["answer"], re.M
        )
    }
    assert told.keys() == {environment.name for environment in used.cloud.environments}, view["answer"]
    until = datetime.fromisoformat(re.search(r" to (\S+ \S+) UTC", view["answer"])[1]).replace(tzinfo=UTC)  # type: ignore[index]
    for environment in used.cloud.environments:
        seen = recorded(used, environment, until - 720 * HOUR, until)
        _, idle, cost = expected(environment, until, 30)
        price = float(cost / idle) if idle else 0.0
        if price:
            assert told[environment.name][0] == pytest.approx(len(seen) * price, abs=0.0051), environment
            quiet = sum(value <= 5 for value in seen.values())
            assert told[environment.name][1] == pytest.approx(quiet * price, abs=0.0051), environment
    costs = [cost for cost, _ in told.values()]
    assert costs == sorted(costs, reverse=True)
    assert "by estimate, 30 days" in view["answer"] and "say “as a pdf”" in view["answer"]


def test_the_report_has_the_deployments_of_its_own_days(used: System, reported: list[MadeDeployment]) -> None:
    view = used.ask("Generate usage statistics for the last week")
    assert view["outcome"] == "succeeded", view["answer"]
    period = re.search(r"^Usage over 7 days, (\S+ \S+) to (\S+ \S+) UTC", view["answer"])
    assert period is not None, view["answer"]
    since, until = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in period.groups())
    assert until - since == 7 * 24 * HOUR
    made = [one for one in reported if since <= one.whole.start < until]
    assert 0 < len(made) < len(reported)
    ends = [one.status for one in made]
    assert f"- deployments: {len(made)} begun" in view["answer"]
    link = re.search(r"^Deployments table: (http://127\.0\.0\.1:\S+)$", view["answer"], re.M)
    assert link is not None
    rows = {(row["by"], row["name"]): row for row in csv.DictReader(io.StringIO(fetched(link[1]).text))}
    assert [int(rows["all", "deployments"][name]) for name in ("succeeded", "failed", "cancelled")] == [
        ends.count(name) for name in ("succeeded", "failed", "cancelled")
    ]
    counted = Counter(("service", one.pipeline.service) for one in made)
    counted += Counter(("environment", one.pipeline.environment) for one in made)
    assert {at: int(rows[at]["deployments"]) for at in counted} == counted


def test_what_is_known_is_given_in_the_forms_that_are_asked_for(used: System, reported: list[MadeDeployment]) -> None:
    view = used.ask("Deployment statistics for the last 5 weeks as a pdf and csv")
    assert view["outcome"] == "succeeded", view["answer"]
    opened = dict(re.findall(r"^- (\S+\.(?:pdf|csv)): (http://127\.0\.0\.1:\S+)$", view["answer"], re.M))
    assert [name.rpartition(".")[2] for name in opened] == ["pdf", *["csv"] * (len(opened) - 1)]
    files = {name: fetched(url) for name, url in opened.items()}
    assert {file.status_code for file in files.values()} == {200}
    assert next(iter(files.values())).content.startswith(b"%PDF-")
    (by_service,) = (file.text for name, file in files.items() if name.endswith("-by-service.csv"))
    rows = {row["name"]: int(row["deployments"]) for row in csv.DictReader(io.StringIO(by_service))}
    now = datetime.now(UTC)
    made = [one for one in reported if now - timedelta(weeks=5) <= one.whole.start < now]
    assert rows == Counter(one.pipeline.service for one in made)


def test_a_link_opens_one_file_and_no_other(used: System) -> None:
    """Anybody may follow the short one; where it leads to is signed for one file, for a few minutes."""
    opened = links(used.ask("usage report for the last week")["answer"])
    assert max(map(len, opened.values())) < 120
    led = httpx.get(opened["Report"])
    assert (led.status_code, led.headers["cache-control"]) == (302, "no-store")
    signed = led.headers["location"]
    assert httpx.get(signed).text.startswith("<!DOCTYPE html>")
    assert httpx.get(signed.replace("/reports/", "/results/")).status_code == 403
    assert httpx.get(signed.replace(".html", ".csv")).status_code == 403
    assert httpx.get(signed.partition("?")[0]).status_code == 403
    unknown = httpx.get(opened["Report"][:-22] + "A" * 22)
    assert (unknown.status_code, unknown.text.partition(".")[0]) == (404, "There is no report at this address")


def test_a_link_that_has_ended_says_so(used: System) -> None:
    link = links(used.ask("usage report for the last week")["answer"])["Table"]
    token = link.rpartition("/")[2]
    table, database = used.laptop.outputs["Table"], used.client("dynamodb")
    kept = DynamoReportLinks(table, database, "main")
    found = kept.find(token_hash(token))
    assert found is not None and fetched(link).status_code == 200
    kept.keep(token_hash(token), found.model_copy(update={"until": datetime.now(UTC)}))
    ended = httpx.get(link)
    assert ended.status_code == 410 and ended.text.startswith("This link ended on ")


def test_a_run_counts_its_forerunners_and_renders_without_reading_an_account(used: System) -> None:
    asked = used.ask("How much did idle environments cost last month?", conversation="cost")
    assert asked["outcome"] == "succeeded" and "This is an estimate" in asked["answer"]
    again = used.ask("and over the last week?", conversation="cost")
    assert again["outcome"] == "succeeded" and again["answer"].startswith("Over 7 days")
    before = used.gateway.calls("AssumeRole", "execute-render")
    view = used.ask("usage report for the last week")
    answered = re.search(r"^- (\d+) runs? of the copilot$", view["answer"], re.M)
    assert answered is not None and int(answered[1]) >= 2
    assert re.search(r"^- succeeded: \d+$", view["answer"], re.M)
    assert used.gateway.calls("AssumeRole", "execute-render") == before


def test_figures_put_a_second_time_are_the_same(used: System) -> None:
    from cli.laptop.measuring import measure

    def rows(now: datetime) -> Any:
        measure(used.aws, used.cloud, now)
        table = fetched(links(used.ask("usage report for the last month")["answer"])["Table"]).text
        return sorted(table.splitlines())

    def hour() -> datetime:
        return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    for _ in range(3):  # a report is up to the last full hour: only two of the same hour can be compared
        now = datetime.now(UTC)
        first, second = rows(now), rows(now)
        if hour() <= now:
            break
    assert second == first
