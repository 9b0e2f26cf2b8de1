"""What is kept of schedules, in memory and on DynamoDB alike; and each call to EventBridge Scheduler, on moto."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from aws_accounts import Cloud, simulated
from memory_schedules import MemorySchedules
from tables import make_table
from test_store import trigger

from copilot.adapters.aws.scheduler import Addresses, EventBridgeScheduler
from copilot.adapters.aws.session_policies import session_policies
from copilot.adapters.dynamodb.rows import journal_row
from copilot.adapters.dynamodb.schedules import DynamoSchedules
from copilot.adapters.in_memory import MemoryStore
from copilot.config.configuration import Account, Configuration
from copilot.config.kinds import environments
from copilot.domain import (
    Firing,
    JournalEntry,
    Keep,
    Permission,
    Plan,
    Recurrence,
    Resource,
    ResourceRef,
    Schedule,
    Timer,
    Window,
)
from copilot.errors import PermissionDenied, RetryableError
from copilot.ports import Schedules

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:eu-west-1:222222222222:table/copilot"


WINDOW = Window(
    stop="18:10",
    days=("MON", "FRI"),
    start="07:00",
    start_days=("TUE", "SAT"),
    time_zone="Europe/Paris",
    enforce=True,
)


def schedule(id: str = "s000000001", **more: Any) -> Schedule:
    given = {
        "title": "Stop red every day",
        "owner": "ana",
        "environments": ("red",),
        "kind": "development",
        "times": Window(stop="18:00", days=("MON",), time_zone="Europe/Paris").times,
        "runbooks": {"stop": Plan(goal="stop", say="x" * 6000)},
        "created_at": NOW,
    }
    return Schedule.model_validate(given | {"id": id} | more)


def firing(minutes: int = 0, action: str = "stop", **more: Any) -> Firing:
    at = NOW + timedelta(minutes=minutes)
    return Firing.model_validate(
        {"schedule": "s000000001", "action": action, "scheduled_at": at, "fired_at": at, "run_id": f"r{minutes}"} | more
    )


class Kept(NamedTuple):
    schedules: Schedules
    note: Callable[[Sequence[JournalEntry]], object]


def tabled(cloud: Any) -> Any:
    database = cloud.client("dynamodb")
    make_table(database)
    return database


@pytest.fixture(params=["memory", "dynamodb"])
def both(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "memory":
        store = MemoryStore()
        run, _ = store.record_trigger(trigger())
        yield Kept(
            MemorySchedules(store),
            lambda entries: store.save_wave(run.model_copy(update={"wave": 1}), [], None, entries),
        )
        return
    with simulated() as cloud:
        database = tabled(cloud)
        schedules = DynamoSchedules("copilot", TABLE, "main", database, lambda: database)
        yield Kept(
            schedules,
            lambda entries: [database.put_item(TableName="copilot", Item=journal_row("main", one)) for one in entries],
        )


@pytest.fixture
def kept(both: Kept) -> Schedules:
    return both.schedules


def test_a_schedule_is_kept_changed_listed_and_removed(kept: Schedules) -> None:
    once = Window(stop="18:00", on=NOW.date(), start="07:00", time_zone="Europe/Paris").times
    first, second = schedule(), schedule("s000000000", created_at=NOW + timedelta(hours=1), times=once, ends_at=NOW)
    for one in (second, first):
        kept.put(one)
    assert kept.schedules() == [first, second]
    kept.put(first.model_copy(update={"paused": True}))
    found = kept.schedule(first.id)
    assert found is not None and found.paused
    kept.remove(first.id)
    kept.remove(first.id)
    assert (kept.schedule(first.id), kept.schedules()) == (None, [second])


def test_one_is_paused_by_the_copilot_once_and_not_where_somebody_has(kept: Schedules) -> None:
    kept.put(schedule())
    paused = kept.pause(schedule().id, "it failed", NOW)
    assert paused is not None and (paused.paused, paused.paused_because, paused.paused_at) == (True, "it failed", NOW)
    assert kept.schedule(schedule().id) == paused
    assert kept.pause(schedule().id, "again", NOW + timedelta(hours=1)) == paused
    kept.put(schedule().model_copy(update={"paused": True}))
    assert kept.pause(schedule().id, "it failed", NOW) is None
    assert kept.pause("s000000009", "it failed", NOW) is None


def test_a_schedule_of_a_request_is_kept_as_it_was_made(kept: Schedules) -> None:
    when = Recurrence(minutes=(0,), hours=(9,), days=("MON",), time_zone="Europe/Paris")
    arguments = {"since": {"$time": {"unit": "day"}}}
    plan = Plan.model_validate({"steps": [{"id": "a", "tool": "b@1", "arguments": arguments}]})
    one = schedule(times={"run": when}, request="list environments", runbooks={"run": plan})
    kept.put(one)
    assert kept.schedule(one.id) == one


WEEKDAY = Recurrence.at("09:00", ("MON",), "Europe/Paris")


@pytest.mark.parametrize(
    ("was", "times"),
    [
        ({"window": WINDOW.model_dump(mode="json"), "when": None, "request": ""}, WINDOW.times),
        ({"window": WINDOW.model_dump(mode="json", exclude_defaults=True)}, WINDOW.times),
        (
            {"window": None, "when": WEEKDAY.model_dump(mode="json"), "request": "list environments"},
            {"run": WEEKDAY},
        ),
    ],
)
def test_a_row_of_before_schedules_had_times_is_read_with_those_it_stands_for(
    was: dict[str, Any], times: dict[str, Recurrence]
) -> None:
    with simulated() as cloud:
        database = tabled(cloud)
        now = schedule(request=was.get("request", ""), times=times)
        body = now.model_dump(mode="json", exclude={"times"}) | was
        row = {"pk": "SCHEDULE#main", "sk": now.id, "body": json.dumps(body)}
        database.put_item(TableName="copilot", Item={name: {"S": value} for name, value in row.items()})
        kept = DynamoSchedules("copilot", TABLE, "main", database, lambda: database)
        assert kept.schedule(now.id) == now and kept.schedules() == [now]
        paused = kept.pause(now.id, "it failed", NOW)
        assert paused is not None and kept.schedule(now.id) == paused and paused.times == times


def test_a_schedule_that_happens_once_is_kept_as_it_is_and_its_row_goes_90_days_after_its_end() -> None:
    once = schedule(
        times=Window(stop="18:00", on=NOW.date(), time_zone="Europe/Paris").times, ends_at=NOW + timedelta(hours=8)
    )
    rows: list[Any] = []

    class Table:
        def put_item(self, **given: Any) -> None:
            rows.append(given["Item"])

    schedules = DynamoSchedules("copilot", TABLE, "main", None, Table)
    for one in (once, schedule()):
        schedules.put(one)
    assert [row.get("ttl") for row in rows] == [
        {"N": str(int((NOW + timedelta(days=90, hours=8)).timestamp()))},
        None,
    ]


def test_firings_are_kept_once_and_listed_newest_first(kept: Schedules) -> None:
    for one in (firing(0), firing(30), firing(30, "start")):
        assert kept.record_firing(one) == one
    assert kept.record_firing(firing(0, run_id="another")) == firing(0)
    zoned = firing(0, run_id="zoned").model_copy(update={"scheduled_at": NOW.astimezone()})
    assert kept.record_firing(zoned) == firing(0), "the same time in another zone is the same time"
    found = kept.firings("s000000001")
    assert [(one.scheduled_at, one.action) for one in found] == [
        (NOW + timedelta(minutes=30), "stop"),
        (NOW + timedelta(minutes=30), "start"),
        (NOW, "stop"),
    ]
    assert found[-1].run_id == "r0"
    assert len(kept.firings("s000000001", 1)) == 1
    assert kept.firings("s000000002") == []


def test_an_exception_is_kept_replaced_and_removed(kept: Schedules) -> None:
    keep = Keep(environment="red", until=NOW, by="ana", made_at=NOW)
    kept.put_keep(keep)
    later = keep.model_copy(update={"until": NOW + timedelta(hours=2)})
    kept.put_keep(later)
    assert kept.keeps() == [later]
    kept.remove_keep("red")
    assert kept.keeps() == []


def test_the_runs_that_wrote_by_a_tool_are_found_in_the_journal_over_days(both: Kept) -> None:
    written = [
        (-0.1, "r-before", "stop_environment@1", "effect"),
        (0, "r1", "stop_environment@1", "effect"),
        (0.1, "r1", "stop_environment@1", "effect"),
        (20, "r2", "stop_environment@2", "effect"),
        (20, "r-other", "start_environment@1", "effect"),
        (20, "r-asked", "stop_environment@1", "decision"),
        (40.1, "r-after", "stop_environment@1", "effect"),
    ]
    both.note(
        [
            JournalEntry.model_validate(
                {
                    "at": NOW + timedelta(hours=hours),
                    "id": f"{run}-{hours}",
                    "kind": kind,
                    "run_id": run,
                    "person": "ana",
                    "data": {"tool": tool},
                }
            )
            for hours, run, tool, kind in written
        ]
    )
    assert both.schedules.writers("stop_environment", NOW, NOW + timedelta(hours=40)) == ["r1", "r2"]


# --- EventBridge Scheduler ---------------------------------------------------------------------

ADDRESSES = Addresses(
    group="copilot",
    target="arn:aws:lambda:eu-west-1:222222222222:function:copilot-ingest-event",
    role="arn:aws:iam::222222222222:role/copilot-schedule-invoke",
    dead_letters="arn:aws:sqs:eu-west-1:222222222222:dead",
)
TIMER = Timer(expression="cron(0 18 ? * MON-FRI *)", time_zone="Europe/Paris", enabled=True)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        one.client("scheduler").create_schedule_group(Name="copilot")
        yield one


def scheduler(cloud: Cloud) -> EventBridgeScheduler:
    client = cloud.client("scheduler")
    return EventBridgeScheduler(ADDRESSES, "main", client, lambda: client)


def test_a_timer_is_made_as_scheduler_wants_it(cloud: Cloud) -> None:
    scheduler(cloud).put("s000000001", "stop", TIMER)
    found = cloud.client("scheduler").get_schedule(Name="copilot-s000000001-stop", GroupName="copilot")
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == (TIMER.expression, TIMER.time_zone)
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = found["Target"]
    assert (target["Arn"], target["RoleArn"]) == (ADDRESSES.target, ADDRESSES.role)
    assert target["DeadLetterConfig"] == {"Arn": ADDRESSES.dead_letters}
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 3600
    assert json.loads(target["Input"]) == {
        "detail-type": "Schedule fired",
        "detail": {
            "tenant": "main",
            "schedule": "s000000001",
            "action": "stop",
            "scheduled_at": "<aws.scheduler.scheduled-time>",
        },
    }


@pytest.mark.parametrize(("expression", "then"), [("at(2026-03-06T18:00:00)", "DELETE"), (TIMER.expression, "NONE")])
def test_scheduler_deletes_what_fires_once_when_it_has(cloud: Cloud, expression: str, then: str) -> None:
    one = TIMER.model_copy(update={"expression": expression})
    for timer in (one, one.model_copy(update={"enabled": False}), one):
        scheduler(cloud).put("s000000001", "stop", timer)
        found = cloud.client("scheduler").get_schedule(Name="copilot-s000000001-stop", GroupName="copilot")
        assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == (expression, "Europe/Paris")
        assert found["ActionAfterCompletion"] == then
    assert scheduler(cloud).timers("s000000001") == {"stop": one}


def test_a_timer_is_read_back_changed_and_removed(cloud: Cloud) -> None:
    one = scheduler(cloud)
    for _ in range(2):
        one.put("s000000001", "stop", TIMER)
    one.put("s000000001", "start", TIMER)
    off = TIMER.model_copy(update={"enabled": False})
    one.put("s000000001", "stop", off)
    assert one.timers("s000000001") == {"stop": off, "start": TIMER}
    for _ in range(2):
        one.remove("s000000001", "stop")
    assert one.timers("s000000001") == {"start": TIMER}
    assert one.timers("s000000002") == {}


def test_a_call_may_touch_its_own_schedule_and_pass_one_role(cloud: Cloud) -> None:
    granted = scheduler(cloud).permissions("s000000001", ["stop", "start"])
    timers = {one.arn for one in granted if one.action.startswith("scheduler:")}
    assert timers == {
        f"arn:aws:scheduler:eu-west-1:222222222222:schedule/copilot/copilot-s000000001-{action}"
        for action in ("stop", "start")
    }
    assert [one.arn for one in granted if one.action == "iam:PassRole"] == [ADDRESSES.role]
    table = DynamoSchedules("copilot", TABLE, "main", None, lambda: None).permissions()
    assert len(session_policies([*scheduler(cloud).permissions("s000000001", ("stop", "again", "start")), *table])) == 1


def test_the_emulator_knows_schedules_by_name_alone() -> None:
    asked = Permission(action="scheduler:CreateSchedule", arn="arn:aws:scheduler:eu-west-1:1:schedule/g/g-s1-stop")
    (on_aws,), (emulated,) = session_policies([asked]), session_policies([asked], emulator=True)
    assert "schedule/g/g-s1-stop" in on_aws.document and "default" not in on_aws.document
    assert "schedule/default/g-s1-stop" in emulated.document


@pytest.mark.parametrize(
    ("code", "error"), [("AccessDeniedException", PermissionDenied), ("ThrottlingException", RetryableError)]
)
def test_what_scheduler_refuses_is_an_error_of_ours(cloud: Cloud, code: str, error: type[Exception]) -> None:
    cloud.refuse("SCHEDULER.CreateSchedule", code, 400)
    client = cloud.session.client("scheduler")
    with pytest.raises(error, match="scheduling stop of s000000001"):
        EventBridgeScheduler(ADDRESSES, "main", client, lambda: client).put("s000000001", "stop", TIMER)


# --- the tag that opts out ---------------------------------------------------------------------


@pytest.mark.parametrize(("value", "out"), [("off", True), (" OFF ", True), ("on", False), ("", False), (None, False)])
def test_one_resource_with_the_tag_opts_its_environment_out(value: str | None, out: bool) -> None:
    tags = {"kind": "dev"} | ({"timetable": value} if value is not None else {})

    def resource(name: str, tags: dict[str, str]) -> Resource:
        ref = ResourceRef(type="ecs-service", id=f"arn:aws:ecs:eu-west-1:222222222222:service/red/{name}")
        where = {"environment": "red", "account": "dev", "region": "eu-west-1", "state": "running"}
        return Resource.model_validate({"ref": ref, "name": name, "size": 1, "running": 1, "tags": tags} | where)

    account = Account(id="222222222222", name="dev", regions=("eu-west-1",), read_role="r")
    config = Configuration.model_validate({"accounts": (account,), "people": (), "tags": {"schedule": "timetable"}})
    (found,) = environments([resource("a", {"kind": "dev"}), resource("b", tags)], config)
    assert bool(found.opted_out) is out
    assert not out or "timetable=off of b" in found.opted_out


def test_a_configured_zone_must_exist() -> None:
    with pytest.raises(ValueError, match="Europe/Pariss"):
        Configuration(accounts=(), people=(), time_zone="Europe/Pariss")
