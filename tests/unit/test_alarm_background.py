"""Whether an alarm may be our own doing: what was near in time before it, whoever did it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from deployment_facts import deployment
from fakes_trail import by_other
from steering_world import ANA, AWAKE, BEN, NOON, World

from copilot.domain import Alarm, TrailReading, Unreachable
from copilot.errors import ToolInputError
from copilot.tools.changes.alarms import AlarmBackgroundInput, AlarmBackgroundOutput, ExplainAlarms
from copilot.tools.changes.history import Changes, ChangesInput

RANG = NOON + timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


def rung() -> World:
    """An alarm of AWAKE rang half an hour past noon, and it is an hour past noon."""
    world = World()
    world.platform.ringing.append(
        Alarm(
            name="cpu", state="ALARM", reason="too high", since=RANG, account="main (111111111111)", region="eu-west-1"
        )
    )
    world.clock.at = NOON + timedelta(hours=1)
    return world


def background(world: World, **asked: Any) -> AlarmBackgroundOutput:
    run: Any = SimpleNamespace(trigger=SimpleNamespace(person=ANA))
    return ExplainAlarms(world.clients(run, "r/s/0")).run(AlarmBackgroundInput(environment_id=AWAKE, **asked))


def test_what_the_copilot_did_before_is_named_and_no_proof() -> None:
    world = rung()
    world.clock.at = RANG - 4 * MINUTE
    world.ask(f"stop {AWAKE}", BEN)
    world.clock.at = RANG + MINUTE
    world.ask(f"start {AWAKE}", BEN)  # which came after
    (alarm,) = background(world).alarms
    assert alarm.verdict == "cpu (ringing): may be the copilot's own doing, 4 min before. Near in time is no proof."
    assert alarm.ours == (f"Mon 2 Mar 12:26 UTC: ben stopped {AWAKE} (web 2 -> 0)",) and not alarm.others
    assert alarm.lines == (alarm.verdict, *alarm.ours) and alarm.is_near


def test_the_nearest_is_what_it_may_be_and_the_rest_is_told_as_well() -> None:
    world = rung()
    world.trail.events += [
        by_other(RANG - 9 * MINUTE, "web"),
        by_other(RANG - 3 * MINUTE, "web", error="AccessDenied"),
        by_other(RANG - 2 * MINUTE, "other"),
    ]
    world.deployments.record(deployment("d1", RANG - 6 * MINUTE, {"deploy": 60.0}, service="web", environment=AWAKE))
    world.deployments.record(
        deployment("d2", RANG - 5 * MINUTE, {"deploy": 60.0}, service="elsewhere", environment="other")
    )
    (alarm,) = background(world).alarms
    assert "may be a deployment, 6 min before" in alarm.verdict
    assert len(alarm.deployments) == 1 and "deployment of web began (succeeded)" in alarm.deployments[0]
    assert alarm.others == ("Mon 2 Mar 12:21 UTC: zoe called ecs:UpdateService on web",)


def test_what_is_too_long_before_is_not() -> None:
    world = rung()
    world.trail.events.append(by_other(RANG - 30 * MINUTE, "web"))
    (alarm,) = background(world, minutes_before=20).alarms
    assert not alarm.is_near and "nothing that was changed or deployed in the 20 min before is known" in alarm.verdict


def test_without_an_alarm_that_is_said_and_of_a_wrong_name_which_there_are() -> None:
    world = rung()
    world.platform.ringing.clear()
    assert background(world).summary == f"{AWAKE}: no alarm rings, and none rang in the last 24 hours."
    with pytest.raises(ToolInputError, match=r"those that do: cpu"):
        background(rung(), alarm="cpus")


def test_where_it_was_not_looked_is_said_once() -> None:
    world = rung()
    world.platform.ringing.append(world.platform.ringing[0].model_copy(update={"name": "memory"}))
    world.trail.reading = TrailReading(
        off=("the pack trail is off",), unread=(Unreachable(account="a (1)", region="r", reason="throttled"),)
    )
    found = background(world)
    assert len(found.alarms) == 2
    assert found.not_looked_at == (
        "what others did in a (1) in r: throttled",
        "what others did in AWS: the pack trail is off",
    )


def test_who_changed_one_environment_is_told_with_what_others_did_in_aws() -> None:
    world = rung()
    world.trail.events += [by_other(NOON, "web", who="root"), by_other(NOON, "jobs")]
    run: Any = SimpleNamespace(trigger=SimpleNamespace(person=ANA))
    tool = Changes(world.clients(run, "r/s/0"))
    found = tool.run(ChangesInput(environment_id=AWAKE))
    assert [one.summary for one in found.others] == ["Mon 2 Mar 12:00 UTC: root called ecs:UpdateService on web"]
    assert "CloudTrail" not in found.looked_at and "only what the copilot did" not in found.looked_at
    narrower: list[dict[str, Any]] = [{"mine": True}, {"tool": "stop_environment"}, {"person": "ben"}]
    for asked in narrower:
        assert tool.run(ChangesInput(environment_id=AWAKE, **asked)).others == ()
    assert tool.run(ChangesInput()).others == ()
