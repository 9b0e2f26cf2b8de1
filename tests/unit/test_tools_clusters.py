"""How an environment's services are doing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes_platform import NOW, FakeClients, FakePlatform, cluster, database, group, instance, service

from copilot.domain import Alarm, Limits, PlatformEvent, Resource, Unreachable
from copilot.errors import PermissionDenied, ToolInputError
from copilot.tools.environments.health import ClusterHealth, ClusterHealthInput, ClusterHealthOutput

MAIN, FAR = "main (111111111111)", "far (222222222222)"


def health(platform: FakePlatform) -> ClusterHealthOutput:
    return ClusterHealth(FakeClients(platform)).run(ClusterHealthInput(environment_id="shop"))


def shop(*more: Resource, **fields: Any) -> FakePlatform:
    resources = [
        service("shop", "web", 3),
        service("shop", "api", 2),
        database("shop", "db"),
        instance("shop", "batch"),
    ]
    return FakePlatform([*resources, *more], kinds={"shop": "production"}, **fields)


def alarm(name: str, state: str, since: datetime = NOW, account: str = MAIN) -> Alarm:
    return Alarm(name=name, state=state, reason="3 datapoints", since=since, account=account, region="eu-west-1")


def test_all_that_is_wanted_runs() -> None:
    output = health(shop())
    assert output.healthy
    assert (output.kind, output.wanted, output.running, output.failing) == ("production", 5, 5, ())
    assert output.summary == (
        "shop (production): healthy; 5 of 5 tasks running in 2 services; 1 of 1 instance running; "
        "1 of 1 database running; no alarm ringing"
    )


def test_a_service_with_too_few_tasks_is_failing() -> None:
    output = health(shop(service("shop", "worker", 4, running=1)))
    assert not output.healthy
    (failing,) = output.failing
    assert (failing.name, failing.cluster, failing.wanted, failing.running) == ("worker", "shop-cluster", 4, 1)
    assert failing.summary == "worker: 1 of 4 running"
    assert "not healthy; 6 of 9 tasks running in 3 services; failing: worker (1 of 4)" in output.summary


def test_groups_and_clusters_count_and_their_members_do_not_count_again() -> None:
    limits = Limits(minimum=1, maximum=4)
    member = {"covered_by": "x", "held": "covered by x, which is changed as a whole"}
    whole = [cluster("shop", "aurora"), database("shop", "aurora-1", **member), instance("shop", "i-1", **member)]
    output = health(shop(group("shop", "pool", 2, limits), *whole))
    assert output.healthy
    assert output.summary == (
        "shop (production): healthy; 5 of 5 tasks running in 2 services; 1 of 1 instance running; "
        "2 of 2 instances in service in 1 instance group; 1 of 1 database running; 1 of 1 database cluster running; "
        "no alarm ringing"
    )
    output = health(shop(group("shop", "pool", 3, limits, running=1)))
    assert not output.healthy
    assert "failing: pool (1 of 3)" in output.summary


def test_an_alarm_that_rings_is_not_healthy_and_one_that_rang_is_told() -> None:
    rang = alarm("slow", "OK", NOW - timedelta(hours=3))
    output = health(shop(ringing=[rang]))
    assert output.healthy
    assert output.summary.endswith("no alarm ringing, 1 gone to OK in the last 24 h")

    output = health(shop(ringing=[rang, alarm("errors", "ALARM")]))
    assert not output.healthy
    assert [one.name for one in output.alarms] == ["errors", "slow"]
    assert output.alarms[0].summary == f"errors: ringing since 2026-03-02 12:30 UTC in {MAIN}, eu-west-1"
    assert output.summary.endswith("1 alarm ringing, 1 gone to OK in the last 24 h")


def test_what_an_alarm_says_is_not_to_be_trusted() -> None:
    schema = ClusterHealthOutput.model_json_schema()["$defs"]["AlarmSummary"]["properties"]
    assert [name for name, field in schema.items() if field.get("untrusted")] == ["reason"]
    schema = ClusterHealthOutput.model_json_schema()["$defs"]["FailureEvent"]["properties"]
    assert [name for name, field in schema.items() if field.get("untrusted")] == ["text"]
    schema = ClusterHealthOutput.model_json_schema()["properties"]
    assert [name for name, field in schema.items() if field.get("untrusted")] == ["why"]
    output = health(shop(ringing=[alarm("errors", "ALARM")]))
    assert "3 datapoints" not in output.summary + output.alarms[0].summary


def test_it_says_why_in_words_that_are_not_ours() -> None:
    """The reason of what rings, and the last events of what fails; in no summary."""
    happened = [
        PlatformEvent(at=NOW - timedelta(minutes=3), text="(service worker) was unable to place a task."),
        PlatformEvent(at=NOW - timedelta(hours=2), text="(service worker) has started 1 tasks."),
    ]
    platform = shop(
        service("shop", "worker", 4, running=1),
        ringing=[alarm("errors", "ALARM"), alarm("slow", "OK")],
        happened={"worker": happened, "web": [PlatformEvent(at=NOW, text="all is well")]},
    )
    output = health(platform)
    assert platform.asked_what_happened == ["worker"], "nobody is asked about what runs"
    assert [(one.name, one.text) for one in output.events] == [("worker", one.text) for one in happened]
    assert output.why == (
        "errors: 3 datapoints",
        "worker, 2026-03-02 12:27 UTC: (service worker) was unable to place a task.",
        "worker, 2026-03-02 10:30 UTC: (service worker) has started 1 tasks.",
    )
    ours = [output.summary, *(one.summary for one in output.alarms)]
    ours += [one.summary for one in (*output.services, *output.failing)]
    assert not any("unable to place" in said or "datapoints" in said for said in ours)


def test_the_latest_value_of_an_alarm_is_told_with_its_time_and_what_it_is_held_against() -> None:
    measured = {"value": 93.25, "measured_at": NOW - timedelta(minutes=5), "limit": "> 80"}
    (told,) = health(shop(ringing=[alarm("errors", "ALARM").model_copy(update=measured)])).alarms
    assert told.summary.endswith("; latest value 93.25 at 2026-03-02 12:25 UTC (alarm if > 80)")
    assert (told.value, told.limit) == (93.25, "> 80")


def test_what_is_well_has_no_why_and_asks_for_no_events() -> None:
    platform = shop()
    output = health(platform)
    assert (output.why, output.events, platform.asked_what_happened) == ((), (), [])


def test_events_that_cannot_be_read_hide_nothing_else() -> None:
    platform = shop(service("shop", "worker", 4, running=1), events_fail=PermissionDenied("reading events: no right"))
    output = health(platform)
    assert "failing: worker (1 of 4)" in output.summary
    assert output.why == ("worker: reading events: no right",)


def test_groups_that_are_short_and_databases_in_a_state_of_their_own_are_asked_about_too() -> None:
    pool = group("shop", "pool", 3, Limits(minimum=1, maximum=4), running=1)
    platform = shop(pool, database("shop", "broken", "other"))
    health(platform)
    assert platform.asked_what_happened == ["pool", "broken"]


def test_stopped_is_said_to_be_stopped_and_not_healthy() -> None:
    platform = FakePlatform([service("shop", "web", 0), database("shop", "db", "stopped")])
    output = health(platform)
    assert not output.healthy
    assert output.summary == (
        "shop (development): stopped; 1 service scaled to none; 0 of 1 database running; no alarm ringing"
    )
    assert output.services[0].summary == "web: scaled to none"


def test_where_every_service_is_stopped_and_a_database_runs_all_is_not_well() -> None:
    """As a database does after seven days, by itself."""
    nothing = group("shop", "pool", 0, Limits(minimum=0, maximum=4))
    services = [service("shop", "web", 0), service("shop", "api", 0)]
    output = health(FakePlatform([*services, database("shop", "db"), nothing]))
    assert not output.healthy
    assert output.summary == (
        "shop (development): partly running; 2 services scaled to none; 1 instance group scaled to none; "
        "1 of 1 database running; no alarm ringing"
    )


def test_one_service_of_several_may_be_scaled_to_none() -> None:
    output = health(shop(service("shop", "importer", 0)))
    assert output.healthy and "healthy; 5 of 5 tasks running in 3 services" in output.summary


def test_a_database_in_a_state_of_its_own_is_not_healthy() -> None:
    assert not health(shop(database("shop", "broken", "other"))).healthy


def test_alarms_that_cannot_be_read_in_one_account_do_not_hide_those_of_another() -> None:
    platform = shop(
        service("shop", "edge", 1, account=FAR),
        ringing=[alarm("errors", "ALARM")],
        alarms_fail={FAR: PermissionDenied("reading alarms: not authorized")},
    )
    output = health(platform)
    assert [one.name for one in output.alarms] == ["errors"]
    assert [one.reason for one in output.unreachable] == ["reading alarms: not authorized"]
    assert output.summary.endswith(f"could not read {FAR}")


def test_healthy_needs_all_to_be_read_where_it_lives() -> None:
    assert not health(shop(alarms_fail={MAIN: PermissionDenied("no")})).healthy


def test_an_account_elsewhere_that_cannot_be_read_is_named() -> None:
    output = health(shop(unreachable=[Unreachable(account=FAR, region="eu-west-1", reason="refused")]))
    assert output.healthy
    assert [one.account for one in output.unreachable] == [FAR]
    assert output.summary.endswith(f"could not read {FAR}")


def test_many_alarms_are_bounded_and_counted() -> None:
    output = health(shop(ringing=[alarm(f"a{number}", "ALARM") for number in range(50)]))
    assert len(output.alarms) == 20
    assert "50 alarms ringing" in output.summary


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(ToolInputError) as caught:
        ClusterHealth(FakeClients(shop())).run(ClusterHealthInput(environment_id="shops"))
    assert caught.value.nearest == ("shop",)
