"""Windows, whole: made through the product, fired by the scheduler, once, in time, and listed with what came of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import clouds
import pytest
from conftest import System, eventually
from test_changed_in_part import a_service, service

ZONE = "Asia/Kolkata"  # neither the server's zone nor a whole number of hours from it


def listed(system: System) -> list[dict[str, Any]]:
    status, body = system.http("GET", "/v1/schedules")
    assert status == 200, body
    return list(body["schedules"])


def shown(system: System, schedule: str) -> dict[str, Any]:
    status, body = system.http("GET", f"/v1/schedules/{schedule}")
    assert status == 200, body
    return dict(body)


def made(system: System, text: str, person: str = "you") -> str:
    view = system.ask(text, person)
    assert view["outcome"] == "succeeded", view["answer"]
    return str(re.search(r"\bs[0-9a-f]{9}\b", view["answer"])[0])  # type: ignore[index]


def fire(system: System, schedule: str, at: datetime, action: str = "stop") -> None:
    """What Scheduler sends, delivered once more or late."""
    detail = {"tenant": "main", "schedule": schedule, "action": action, "scheduled_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    answer = system.client("lambda").invoke(
        FunctionName=system.laptop.outputs["IngestEventFunction"],
        Payload=json.dumps({"detail-type": "Schedule fired", "detail": detail}),
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def timers(system: System, schedule: str) -> dict[str, Any]:
    scheduler = system.client("scheduler")
    names = [one["Name"] for one in scheduler.list_schedules()["Schedules"] if schedule in one["Name"]]
    group = system.laptop.outputs["ScheduleGroup"]
    return {name.rpartition("-")[2]: scheduler.get_schedule(Name=name, GroupName=group) for name in names}


def running(system: System) -> set[str]:
    return {seen.environment for seen in system.look().values() if seen.on}


def developments(system: System) -> set[str]:
    return {one.name for one in clouds.of_kind(system.cloud, "development")}


@pytest.fixture(scope="module")
def fired(system: System) -> dict[str, Any]:
    """A window made a minute ahead, fired by the emulator's own scheduler, with one environment kept."""
    kept = sorted(developments(system))[0]
    before = system.look()
    keeping = system.ask(f"keep environment {kept} until tomorrow 9am")
    assert keeping["outcome"] == "succeeded", keeping["answer"]
    ahead = (datetime.now(UTC) + timedelta(seconds=75)).astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0)
    later = ahead + timedelta(hours=3)
    text = f"Stop all dev environments every day after {ahead:%H:%M} Kolkata time and start them again at {later:%H:%M}"
    schedule = made(system, text)
    assert system.look() == before, "making a schedule stops nothing"
    eventually(lambda: shown(system, schedule)["firings"], seconds=120)
    firing = shown(system, schedule)["firings"][0]
    run = system.until(firing["run_id"], "answered")
    return {"schedule": schedule, "at": ahead, "run": run, "kept": kept, "before": before}


def test_a_window_made_a_minute_ahead_fires_and_stops_what_it_is_for(system: System, fired: dict[str, Any]) -> None:
    view = shown(system, fired["schedule"])
    (firing,) = view["firings"]
    assert datetime.fromisoformat(firing["scheduled_at"]) == fired["at"]
    assert firing["outcome"] == "succeeded", fired["run"]["answer"]
    assert (fired["run"]["person"], fired["run"]["conversation"]) == ("you", f"schedule/{fired['schedule']}")
    assert not running(system) & (developments(system) - {fired["kept"]})
    others = [arn for arn, seen in fired["before"].items() if seen.environment not in developments(system)]
    after = system.look()
    assert all(after[arn].on == fired["before"][arn].on for arn in others)
    assert [due["action"] for due in view["next"][:2]] == ["start", "stop"]
    assert all(due["at"].endswith("+05:30") for due in view["next"])
    assert fired["schedule"] in {one["id"] for one in listed(system)}


def test_what_a_person_keeps_is_left_alone_and_said_so(system: System, fired: dict[str, Any]) -> None:
    assert fired["kept"] in running(system)
    assert re.search(rf"^- {fired['kept']}: kept until .* by you", fired["run"]["answer"], re.M)


def test_the_timers_are_what_the_window_says(system: System, fired: dict[str, Any]) -> None:
    held = timers(system, fired["schedule"])
    assert set(held) == {"stop", "start"}
    at = fired["at"]
    assert held["stop"]["ScheduleExpression"] == f"cron({at.minute} {at.hour} ? * * *)"
    assert held["stop"]["ScheduleExpressionTimezone"] == ZONE
    assert held["stop"]["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert held["stop"]["Target"]["DeadLetterConfig"]


def test_a_firing_that_comes_twice_runs_once(system: System, fired: dict[str, Any]) -> None:
    fire(system, fired["schedule"], fired["at"].astimezone(UTC))
    assert [one["run_id"] for one in shown(system, fired["schedule"])["firings"]] == [fired["run"]["run_id"]]


def told(system: System) -> list[str]:
    """What owners were told of firings, as it lies in the outbox."""
    s3, bucket = system.client("s3"), system.laptop.outputs["Bucket"]
    found = s3.list_objects_v2(Bucket=bucket, Prefix="outbox/platform/firing-").get("Contents", [])
    return [json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())["text"] for one in found]


def test_a_firing_that_comes_too_late_is_discarded_and_reported_once(system: System, fired: dict[str, Any]) -> None:
    assert told(system) == [], "nobody is told of a firing that did what it is for"
    for _ in range(2):
        fire(system, fired["schedule"], fired["at"].astimezone(UTC) - timedelta(days=1))
    (text,) = told(system)
    assert fired["schedule"] in text and "was not run: discarded: it came" in text
    late = shown(system, fired["schedule"])["firings"][-1]
    assert (late["run_id"], late["outcome"]) == (None, "nothing done")
    assert "late" in late["said"]


def test_the_start_restores_only_what_this_window_stopped(system: System, fired: dict[str, Any]) -> None:
    status, body = system.http("POST", f"/v1/schedules/{fired['schedule']}/run", {"action": "start"})
    assert status == 202, body
    assert system.until(body["run_id"], "answered")["outcome"] == "succeeded"
    after = system.look()
    assert {arn: seen.on for arn, seen in after.items()} == {arn: seen.on for arn, seen in fired["before"].items()}
    last = shown(system, fired["schedule"])["firings"][0]
    assert (last["action"], last["by"], last["run_id"]) == ("start", "you", body["run_id"])


def test_it_is_paused_resumed_and_deleted_through_policy_and_ledger(system: System, fired: dict[str, Any]) -> None:
    schedule = fired["schedule"]
    paused = system.ask(f"pause schedule {schedule}")
    assert (paused["outcome"], shown(system, schedule)["state"]) == ("succeeded", "paused")
    assert {timer["State"] for timer in timers(system, schedule).values()} == {"DISABLED"}
    assert system.ask(f"resume schedule {schedule}")["outcome"] == "succeeded"
    assert {timer["State"] for timer in timers(system, schedule).values()} == {"ENABLED"}
    deleted = system.ask(f"delete schedule {schedule}")
    assert deleted["outcome"] == "succeeded"
    assert [effect["state"] for effect in deleted["effects"]] == ["done"]
    assert timers(system, schedule) == {}
    assert system.http("GET", f"/v1/schedules/{schedule}")[0] == 404


def test_what_happens_once_fires_once_and_is_gone(system: System, fired: dict[str, Any]) -> None:
    """Both of its times fired by the emulator's own scheduler, on the clocks of its zone."""
    before, one = system.look(), sorted((developments(system) & running(system)) - {fired["kept"]})[0]
    ahead = (datetime.now(UTC) + timedelta(seconds=75)).astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0)
    later = ahead + timedelta(minutes=2)
    when = f"on {ahead:%d %B %Y} at {ahead:%H:%M} Kolkata time and start it again at {later:%H:%M}"
    schedule = made(system, f"Stop environment {one} {when}")
    held = timers(system, schedule)
    assert {action: timer["ScheduleExpression"] for action, timer in held.items()} == {
        "stop": f"at({ahead:%Y-%m-%dT%H:%M}:00)",
        "start": f"at({later:%Y-%m-%dT%H:%M}:00)",
    }
    assert {(t["ScheduleExpressionTimezone"], t["ActionAfterCompletion"]) for t in held.values()} == {(ZONE, "DELETE")}
    eventually(lambda: shown(system, schedule)["firings"], seconds=120)
    (stop,) = shown(system, schedule)["firings"]
    assert datetime.fromisoformat(stop["scheduled_at"]) == ahead
    assert system.until(stop["run_id"], "answered")["outcome"] == "succeeded"
    assert one not in running(system) and set(timers(system, schedule)) == {"start"}
    eventually(lambda: len(shown(system, schedule)["firings"]) == 2, seconds=180)
    start = shown(system, schedule)["firings"][0]
    assert system.until(start["run_id"], "answered")["outcome"] == "succeeded"
    assert {arn: seen.on for arn, seen in system.look().items()} == {arn: seen.on for arn, seen in before.items()}
    assert timers(system, schedule) == {}
    assert (shown(system, schedule)["state"], shown(system, schedule)["next"]) == ("done", [])
    assert system.ask(f"delete schedule {schedule}")["outcome"] == "succeeded"


def test_a_request_of_any_kind_is_done_at_its_time_once_though_it_is_delivered_twice(system: System) -> None:
    """What the windows before have started again is stopped, and started by a request on a schedule."""
    before = system.look()
    one = sorted(developments(system) & running(system))[0]
    assert system.ask(f"stop environment {one}")["outcome"] == "succeeded"
    ahead = (datetime.now(UTC) + timedelta(seconds=75)).astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0)
    view = system.ask(f"every day at {ahead:%H:%M} Kolkata time start environment {one}")
    assert view["outcome"] == "succeeded", view["answer"]
    assert "Each time: find environment" in view["answer"] and f"done {ahead:%a %d %b %Y %H:%M} IST" in view["answer"]
    schedule = str(re.search(r"\bs[0-9a-f]{9}\b", view["answer"])[0])  # type: ignore[index]
    held = timers(system, schedule)
    assert {action: timer["ScheduleExpression"] for action, timer in held.items()} == {
        "run": f"cron({ahead.minute} {ahead.hour} ? * * *)"
    }
    assert one not in running(system), "making it does nothing yet"
    eventually(lambda: shown(system, schedule)["firings"], seconds=120)
    fire(system, schedule, ahead.astimezone(UTC), "run")
    (firing,) = shown(system, schedule)["firings"]
    run = system.until(firing["run_id"], "answered")
    assert (run["outcome"], run["person"]) == ("succeeded", "you"), run["answer"]
    assert [effect["state"] for effect in run["effects"]] == ["done"]
    assert {arn: seen.on for arn, seen in system.look().items()} == {arn: seen.on for arn, seen in before.items()}
    assert system.ask(f"delete schedule {schedule}")["outcome"] == "succeeded"
    assert timers(system, schedule) == {} and schedule not in {each["id"] for each in listed(system)}


def test_what_a_read_on_a_schedule_found_out_is_told_where_owners_are_told(system: System) -> None:
    before = told(system)
    now = datetime.now(UTC).replace(microsecond=0)
    view = system.ask("list environments every day at 09:00 Kolkata time")
    schedule = str(re.search(r"\bs[0-9a-f]{9}\b", view["answer"])[0])  # type: ignore[index]
    fire(system, schedule, now, "run")
    run = system.until(shown(system, schedule)["firings"][0]["run_id"], "answered")
    (text,) = eventually(lambda: [one for one in told(system) if one not in before])
    assert run["outcome"] == "succeeded" and run["answer"] and run["answer"].splitlines()[0] in text
    assert system.ask(f"delete schedule {schedule}")["outcome"] == "succeeded"


def test_a_schedule_for_production_asks_and_a_stranger_has_none(system: System) -> None:
    asked = system.ask("Stop all production environments every weekday at 18:00 Paris time", "dana")
    assert asked["status"] == "parked"
    (call,) = asked["approval"]["calls"]
    assert "next: stopped" in call["preview"]["changes"][0]["after"]
    assert system.decide(asked, "deny")["outcome"] == "denied"
    body = {"text": "Stop all dev environments every day after 6pm"}
    assert system.http("POST", "/v1/runs", body, "stranger")[0] == 403
    assert listed(system) == []


def test_what_the_grammar_does_not_know_is_asked(system: System) -> None:
    view = system.ask("Stop all dev environments at 7 every weekday")
    assert view["outcome"] == "asked"
    assert "07:00" in view["answer"] and "19:00" in view["answer"]
    assert listed(system) == []


def test_of_a_firing_that_waits_for_an_approval_its_owner_is_told_once(system: System) -> None:
    asked = system.ask("Stop all production environments every day at 18:00 Kolkata time", "dana")
    schedule = str(re.search(r"\bs[0-9a-f]{9}\b", system.decide(asked, "approve")["answer"])[0])  # type: ignore[index]
    now = datetime.now(UTC).replace(microsecond=0)
    before = told(system)
    fire(system, schedule, now)
    run_id = shown(system, schedule)["firings"][0]["run_id"]
    parked = system.until(run_id, "parked")
    text = eventually(lambda: [one for one in told(system) if one not in before])[0]
    assert "waits for an approval by you" in text and parked["approval"]["id"] in text and text.startswith("For ")
    assert system.decide(parked, "deny")["outcome"] == "denied"
    fire(system, schedule, now)
    eventually(lambda: system.view(run_id)["status"] == "answered")
    assert len(told(system)) == len(before) + 1, "one message of one firing"


def test_what_a_standing_approval_covers_is_done_at_its_time_once_and_nobody_is_asked(system: System) -> None:
    """A developer's schedule for staging, which waits for a person until one who approves has granted it more."""
    (staging,) = clouds.of_kind(system.cloud, "staging")
    name = a_service(staging)
    size = service(system, staging, name)["desiredCount"]
    asked = system.ask(f"every day at 09:00 Kolkata time scale {name} in {staging.name} to {size + 1}", "dana")
    assert asked["status"] == "parked", asked["answer"]
    schedule = str(re.search(r"\bs[0-9a-f]{9}\b", system.decide(asked, "approve")["answer"])[0])  # type: ignore[index]
    body = {"schedule": schedule, "most": 1, "days": 1, "reason": "every evening"}
    assert system.http("POST", "/v1/standing", body, "dana")[0] == 403, "nobody grants their own"
    status, granted = system.http("POST", "/v1/standing", body, "olga")
    assert status == 200, granted
    status, standing = system.http("GET", "/v1/standing")
    assert [(one["id"], one["schedule"], one["most"], one["by"]["id"]) for one in standing["standing"]] == [
        (granted["id"], schedule, 1, "olga")
    ]
    assert service(system, staging, name)["desiredCount"] == size, "neither making nor granting it does anything yet"

    now = datetime.now(UTC).replace(microsecond=0)
    for _ in range(2):
        fire(system, schedule, now, "run")
    (firing,) = shown(system, schedule)["firings"]
    run = system.until(firing["run_id"], "answered", "parked")
    assert (run["outcome"], run["person"], run["approval"]) == ("succeeded", "dana", None), run["answer"]
    assert [(effect["state"], effect["approval_id"]) for effect in run["effects"]] == [("done", None)]
    (written,) = [one["items"][0]["decision"] for one in run["steps"] if one["tool"].startswith("scale_")]
    assert written["policies"][-2:] == ["standing-approval", granted["id"]]
    assert "Olga granted it until" in written["reason"]
    assert service(system, staging, name)["desiredCount"] == size + 1
    fire(system, schedule, now, "run")
    assert [one["run_id"] for one in shown(system, schedule)["firings"]] == [firing["run_id"]]

    assert system.http("POST", f"/v1/standing/{granted['id']}/revoke", {}, "olga")[0] == 200
    assert system.http("GET", "/v1/standing")[1]["standing"] == []
    assert system.ask(f"scale {name} in {staging.name} to {size}")["outcome"] == "succeeded"
    fire(system, schedule, datetime.now(UTC).replace(microsecond=0), "run")
    parked = system.until(shown(system, schedule)["firings"][0]["run_id"], "parked")
    assert system.decide(parked, "deny")["outcome"] == "denied"
    assert service(system, staging, name)["desiredCount"] == size
    assert system.decide(system.ask(f"delete schedule {schedule}"), "approve")["outcome"] == "succeeded"
