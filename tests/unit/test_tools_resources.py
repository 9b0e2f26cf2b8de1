"""What an environment is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import NOW, FakeClients, FakePlatform, cluster, database, group, instance, service

from copilot.domain import Figure, Fixture, Limits, Others, ResourceRef, Size, Unreachable, Use
from copilot.errors import RetryableError, ToolInputError
from copilot.text.masking import mask
from copilot.tools.environments.resources import (
    AT_MOST,
    EnvironmentResources,
    EnvironmentResourcesInput,
    EnvironmentResourcesOutput,
)
from copilot.tools.environments.stopping import StopEnvironment

REGION = "eu-west-1"


def shop(**more: Any) -> FakePlatform:
    resources = [
        database("shop", "orders", tags={"environment": "shop", "devops-copilot:stopped-from": "1"}),
        service("shop", "web", 3, running=1),
        service("shop", "jobs", 0),
        group("shop", "fleet", 2, Limits(minimum=1, maximum=4)),
        instance("shop", "fleet-1", covered_by="fleet", held="covered by fleet, which is changed as a whole"),
        cluster("shop", "search", "stopped"),
        service("other", "web", 1),
    ]
    sizes = {
        "orders": Size(product="rds", name="postgres db.t4g.micro", region=REGION, count=2),
        "web": Size(product="fargate", name="ARM64", region=REGION, vcpu=0.25, gb=0.5),
        "fleet": Size(product="other", name="an Auto Scaling group's instances", region=REGION),
        "search": Size(product="other", name="a database cluster's instances", region=REGION),
        "fleet-1": Size(product="ec2", name="t4g.small", region=REGION),
    }
    return FakePlatform(resources, owners={"shop": "marta"}, sized=sizes, **more)


def run(platform: FakePlatform, **given: Any) -> EnvironmentResourcesOutput:
    taken = EnvironmentResourcesInput.model_validate({"environment_id": "shop", **given})
    return EnvironmentResources(FakeClients(platform)).run(taken)


def test_all_of_an_environment_is_listed_by_type_and_nothing_of_others() -> None:
    output = run(shop())
    assert output.summary == (
        "shop (development, owner marta): 2 services, 1 instance, 1 instance group, 1 database, 1 database cluster, "
        "partly running"
    )
    assert [one.summary for one in output.resources] == [
        "service jobs: stopped, in shop-cluster",
        "service web: starting, 1 of 3 tasks, 0.25 vCPU and 0.5 GB each, in shop-cluster",
        "instance fleet-1: running, t4g.small, in fleet",
        "instance group fleet: running, 2 of 2 instances, from 1 to 4",
        "database orders: running, postgres, db.t4g.micro with a standby",
        "database cluster search: stopped",
    ]


def test_what_other_tools_take_of_each_is_there() -> None:
    platform = shop()
    by_name = {one.name: one for one in run(platform).resources}
    assert by_name["orders"].id == platform.now("orders").ref.id
    assert (by_name["jobs"].service, by_name["orders"].service) == ("jobs", None)
    assert (by_name["fleet-1"].part_of, by_name["jobs"].part_of) == ("fleet", "shop-cluster")
    assert (by_name["orders"].engine, by_name["orders"].size) == ("postgres", "db.t4g.micro with a standby")


def test_a_state_of_its_own_is_said_in_the_word_of_the_platform() -> None:
    platform = FakePlatform([database("shop", "orders", "other", detail="modifying"), database("shop", "x", "other")])
    assert [one.summary for one in run(platform).resources] == [
        "database orders: modifying",
        "database x: in a state of its own",
    ]


def test_tags_are_bounded_and_ours_are_none_of_them() -> None:
    platform = shop()
    (orders,) = run(platform, types=["database cluster", "rds-instance"]).resources[:1]
    assert [(tag.key, tag.value) for tag in orders.tags] == [("environment", "shop")]
    many = database("shop", "many", tags={f"key-{number:02}": "v" * 200 for number in range(50)})
    platform.resources = [many]
    (one,) = run(platform).resources
    assert len(one.tags) == 20 and {len(tag.value) for tag in one.tags} == {128}


@pytest.mark.parametrize(
    ("types", "names"),
    [
        (["service"], ["jobs", "web"]),
        (["database"], ["orders", "search"]),
        (["databases"], ["orders", "search"]),
        (["database cluster"], ["search"]),
        (["instance"], ["fleet-1", "fleet"]),
        (["instance-group", "rds-cluster"], ["fleet", "search"]),
    ],
)
def test_types_narrow_it_as_people_call_them(types: list[str], names: list[str]) -> None:
    assert [one.name for one in run(shop(), types=types).resources] == names


def test_what_is_on_its_way_up_is_not_stopped() -> None:
    assert [one.name for one in run(shop(), types=["service"], state="running").resources] == ["web"]
    down = run(shop(), state="stopped")
    assert [one.name for one in down.resources] == ["jobs", "search"]
    assert (
        down.summary
        == "shop (development, owner marta): 1 service, 1 database cluster, stopped, beside 4 other resources"
    )


def test_that_there_are_none_is_said_beside_what_there_is() -> None:
    output = run(FakePlatform([service("shop", "web", 1)]), types=["database"], state="running")
    assert output.summary == "shop (development): no databases or database clusters running, beside 1 other resource"
    assert output.contents == "shop: no databases or database clusters running"


def test_a_type_that_nothing_looks_after_is_refused_with_those_there_are() -> None:
    with pytest.raises(ToolInputError, match="no bucket is looked after here, only services, instances"):
        run(shop(), types=["service", "bucket"])


def test_all_of_it_on_one_line_for_a_list_of_environments() -> None:
    assert run(shop(), types=["service", "database"]).contents == (
        "shop: services jobs (stopped), web (1 of 3 tasks); database orders (running); "
        "database cluster search (stopped)"
    )


def test_where_it_is_stands_with_what_lives_in_several_places() -> None:
    platform = FakePlatform([service("shop", "web", 1), service("shop", "web", 1, region="us-east-1")])
    assert [one.summary.rpartition(", ")[2] for one in run(platform).resources] == ["eu-west-1", "us-east-1"]


def test_a_place_whose_sizes_cannot_be_read_hides_nothing_else() -> None:
    platform = shop(sizes_fail=RetryableError("Throttling"))
    output = run(platform)
    assert len(output.resources) == 6 and {one.size for one in output.resources} == {""}
    assert [one.reason for one in output.unreachable] == ["Throttling"]


def test_what_could_not_be_read_is_said() -> None:
    platform = shop(unreachable=[Unreachable(account="far (2)", region=REGION, reason="AccessDenied")])
    assert [one.account for one in run(platform).unreachable] == ["far (2)"]


def test_more_than_can_be_looked_through_is_counted() -> None:
    platform = FakePlatform([service("shop", f"s{number:03}", 1) for number in range(AT_MOST + 5)])
    output = run(platform)
    assert (len(output.resources), output.more) == (AT_MOST, 5)
    assert output.summary == "shop (development): 105 services, running; the first 100 are listed"


def test_a_secret_in_a_tag_is_masked_in_whatever_is_kept_of_it() -> None:
    platform = FakePlatform([service("shop", "web", 1, tags={"db-password": "hunter2", "team": "a"})])
    assert "hunter2" not in str(mask(run(platform).model_dump(mode="json")))


def queue(name: str, environment: str = "shop", detail: str = "12 messages waiting") -> Fixture:
    ref = ResourceRef(type="sqs-queue", id=f"arn:aws:sqs:{REGION}:111111111111:{name}")
    figures = (Figure(name="messages waiting", value=12),)
    given = {"name": name, "environment": environment, "account": "main (1)", "region": REGION, "tags": {"team": "a"}}
    return Fixture.model_validate({"ref": ref, "detail": detail, "figures": figures, **given})


def test_queues_are_listed_beside_what_can_be_stopped_and_are_no_part_of_its_state() -> None:
    platform = FakePlatform([service("shop", "web", 1)], fixed=[queue("mails"), queue("other", "other")])
    output = run(platform)
    assert output.summary == "shop (development): 1 service, 1 queue, running"
    assert [one.summary for one in output.fixtures] == ["queue mails: 12 messages waiting"]
    (one,) = output.fixtures
    assert (one.id, [(each.name, each.value) for each in one.figures]) == (
        f"arn:aws:sqs:{REGION}:111111111111:mails",
        [("messages waiting", 12)],
    )
    assert output.contents == "shop: service web (1 of 1 tasks); queue mails (12 messages waiting)"


def test_queues_alone() -> None:
    platform = FakePlatform([service("shop", "web", 1)], fixed=[queue("mails")])
    assert run(platform, types=["queues"]).summary == "shop (development): 1 queue, beside 1 other resource"
    platform.fixed = []
    assert run(platform, types=["queue"]).summary == "shop (development): no queues, beside 1 other resource"


def test_what_is_never_stopped_is_not_asked_for_where_only_that_is() -> None:
    platform = FakePlatform([service("shop", "web", 1)], fixed=[queue("mails")])
    assert run(platform, state="running").fixtures == () and run(platform, types=["service"]).fixtures == ()


def test_where_queues_could_not_be_read_is_said_once() -> None:
    hidden = Unreachable(account="main (1)", region=REGION, reason="AccessDenied")
    closed = Unreachable(account="far (2)", region=REGION, reason="closed")
    platform = FakePlatform([service("shop", "web", 1)], fixtures_hidden=[hidden, closed], unreachable=[closed])
    assert [one.reason for one in run(platform).unreachable] == ["closed", "AccessDenied"]


def fixture(type: str, name: str, detail: str = "active", **more: Any) -> Fixture:
    ref = ResourceRef(type=type, id=f"arn:aws:any:{REGION}:111111111111:{name}")
    given = {"name": name, "environment": "shop", "account": "main (1)", "region": REGION, "detail": detail}
    return Fixture.model_validate({"ref": ref, **given, **more})


def of_many_kinds() -> FakePlatform:
    fixed = [
        fixture("elasticache", "sessions", "available", up=True, state="available", size="small", engine="redis 7.1"),
        fixture("elasticache", "pages", "creating", up=False, state="creating"),
        fixture("lambda-function", "mailer", "failed", up=False, trouble="failed: InvalidSubnet"),
        fixture("load-balancer", "front", "active, 1 of 2 healthy", up=True, trouble="1 of 2 healthy"),
        queue("mails"),
    ]
    return FakePlatform([service("shop", "web", 1)], fixed=fixed, others=[Others(noun="SNS topic", number=3)])


def test_what_is_never_stopped_comes_by_type_and_name_and_is_no_part_of_the_state() -> None:
    output = run(of_many_kinds())
    assert output.summary == (
        "shop (development): 1 service, 1 load balancer, 1 Lambda function, 1 queue, 2 caches, running"
    )
    assert [one.name for one in output.fixtures] == ["front", "mailer", "mails", "pages", "sessions"]
    sessions = output.fixtures[-1]
    assert (sessions.type, sessions.state, sessions.size, sessions.engine) == (
        "cache",
        "available",
        "small",
        "redis 7.1",
    )


@pytest.mark.parametrize(
    ("types", "state", "names"),
    [
        (["cache"], None, ["pages", "sessions"]),
        (["caches"], "running", ["sessions"]),
        (["cache"], "stopped", ["pages"]),
        (["lambda"], None, ["mailer"]),
        (["functions", "load-balancer"], None, ["front", "mailer"]),
        (["load balancers"], "troubled", ["front"]),
        ([], "troubled", ["front", "mailer"]),
        ([], "running", []),
        (["queue"], "running", []),
    ],
)
def test_it_is_narrowed_by_type_and_state(types: list[str], state: str | None, names: list[str]) -> None:
    assert [one.name for one in run(of_many_kinds(), types=types, state=state).fixtures] == names


def test_only_the_types_that_are_asked_for_are_read() -> None:
    platform = of_many_kinds()
    run(platform, types=["cache"])
    assert [*(platform.asked_of_fixtures or ())] == ["elasticache"]
    run(platform)
    assert platform.asked_of_fixtures is None


def test_what_is_in_trouble_is_said_and_that_nothing_is() -> None:
    platform = of_many_kinds()
    output = run(platform, types=["load balancer"], state="troubled")
    assert output.summary == "shop (development): 1 load balancer, in trouble, beside 1 other resource"
    assert output.resources == () and [one.trouble for one in output.fixtures] == ["1 of 2 healthy"]
    platform.fixed = [fixture("load-balancer", "front")]
    output = run(platform, types=["load balancer"], state="troubled")
    assert output.summary == "shop (development): no load balancers in trouble, beside 1 other resource"


def test_what_else_is_tagged_is_told_where_all_is_asked_for() -> None:
    platform = of_many_kinds()
    assert run(platform).others == "Also tagged, not looked at: 3 SNS topics"
    assert run(platform, types=["cache"]).others == ""
    platform.others, platform.others_cut = [Others(noun="SNS topic", number=1), Others(noun="secret", number=1)], True
    assert run(platform).others == "Also tagged, not looked at: at least 1 SNS topic, 1 secret"
    platform.others = []
    assert run(platform).others == ""


def in_use() -> FakePlatform:
    """At half past twelve of 2 March 2026."""
    before = NOW - timedelta(days=13, hours=23)
    none = Use(name="connections", total=0, lately=0, since=before)
    resources = [database("shop", name) for name in ("busy", "evenings", "forgotten", "new", "off")]
    machine = instance("shop", "batch")
    front = fixture("load-balancer", "front")
    mailer = fixture("lambda-function", "mailer")
    hour = NOW.replace(minute=0)
    used: dict[str, Sequence[Use]] = {
        "busy": [Use(name="connections", total=12, lately=4, last=hour, since=before)],
        "evenings": [Use(name="connections", total=3, lately=0, last=hour - timedelta(hours=16), since=before)],
        "forgotten": [none],
        "new": [none.model_copy(update={"since": hour - timedelta(hours=30)})],
        "off": [Use(name="connections", total=None, lately=None)],
        "batch": [Use(name="% of CPU", total=1.24, lately=0.6, since=before)],
        "front": [Use(name="requests", total=0, lately=0, since=before, adds_up=True)],
        "mailer": [
            Use(name="invocations", total=4120, lately=3, last=hour, since=before, adds_up=True),
            Use(name="errors", total=7, lately=0, last=hour, since=before, adds_up=True, shows_use=False),
        ],
    }
    return FakePlatform([*resources, machine], fixed=[front, mailer], used=used)


def test_when_each_was_last_used_is_said_where_that_is_asked_for() -> None:
    platform = in_use()
    assert {one.use for one in run(platform).resources} == {""} and platform.asked_of_use is None
    output = run(platform, activity=True)
    said = {one.name: one.use for one in output.resources} | {one.name: one.use for one in output.fixtures}
    assert said == {
        "batch": "at most 1.24% of CPU in 14 days",
        "busy": "4 connections lately, last used just now, in the hour from 2026-03-02 12:00 UTC",
        "evenings": "last used 2026-03-01 20:00 UTC",
        "forgotten": "no connections in 14 days",
        "new": "no connections since 2026-03-01 06:00 UTC",
        "off": "no figures for 14 days",
        "front": "no requests in 14 days",
        "mailer": "4,120 invocations in 14 days, last just now, in the hour from 2026-03-02 12:00 UTC, 7 errors",
    }
    by_name = {one.name: one for one in output.resources}
    assert by_name["evenings"].summary == "database evenings: running, last used 2026-03-01 20:00 UTC"
    assert (by_name["busy"].connections, by_name["evenings"].connections, by_name["batch"].connections) == (4, 0, None)
    assert (by_name["busy"].last_used, by_name["forgotten"].last_used) == (NOW.replace(minute=0), None)


def test_what_nobody_uses_and_what_is_not_known_of() -> None:
    output = run(in_use(), state="unused")
    assert [one.name for one in output.resources] == ["batch", "forgotten", "new"]
    assert [one.name for one in output.fixtures] == ["front"]
    assert output.summary == (
        "shop (development): 1 instance, 2 databases, 1 load balancer, unused for 14 days, "
        "beside 3 other resources; no figures of 1"
    )
    assert run(in_use(), types=["lambda"], state="unused").summary == (
        "shop (development): no Lambda functions unused for 14 days, beside 6 other resources"
    )


def test_what_nobody_is_connected_to_now() -> None:
    output = run(in_use(), types=["database"], state="unconnected")
    assert [one.name for one in output.resources] == ["evenings", "forgotten", "new"]
    assert "3 databases, without connections" in output.summary


def test_a_place_whose_figures_cannot_be_read_hides_nothing_else() -> None:
    platform = in_use()
    platform.uses_fail = RetryableError("Throttling")
    output = run(platform, activity=True)
    assert len(output.resources) == 6 and {one.reason for one in output.unreachable} == {"Throttling"}


def test_much_of_it_is_shown_on_lines_that_can_be_read() -> None:
    some = [service("shop", f"service-number-{number}", 1) for number in range(4)]
    output = run(FakePlatform([*some, database("shop", "orders")], others=[Others(noun="SNS topic", number=3)]))
    assert output.lines == (
        "shop: services service-number-0 (1 of 1 tasks), service-number-1 (1 of 1 tasks), "
        "service-number-2 (1 of 1 tasks), service-number-3 (1 of 1 tasks)",
        "shop: database orders (running)",
        "shop: also tagged, not looked at: 3 SNS topics",
    )
    assert run(FakePlatform([database("shop", "orders")]), types=["service"]).lines == ()


def test_when_each_was_last_used_stands_on_these_lines_too() -> None:
    output = run(in_use(), types=["lambda"], activity=True)
    said = (
        "mailer (active, 4,120 invocations in 14 days, last just now, in the hour from 2026-03-02 12:00 UTC, 7 errors)"
    )
    assert output.lines == (f"shop: Lambda function {said}",)


def test_a_member_is_measured_with_its_whole() -> None:
    platform = shop()
    run(platform, activity=True)
    assert platform.asked_of_use is not None and "fleet" in platform.asked_of_use
    assert "fleet-1" not in platform.asked_of_use


def test_stopping_an_environment_does_not_even_look_at_what_is_never_stopped() -> None:
    platform = of_many_kinds()
    tool = StopEnvironment(FakeClients(platform))
    preview = tool.preview(StopEnvironment.Input(environment_id="shop"))
    assert [(one.name, one.action) for one in preview.changes] == [("web", "scale")]
    assert platform.asked_of_fixtures == ("nothing yet",)
    platform.resources = [service("shop", "web", 0)]
    assert run(platform).summary.endswith("2 caches, stopped")
