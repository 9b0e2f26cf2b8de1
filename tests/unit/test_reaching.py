"""Whom a plan tells is looked for before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeNotifier, FakePlatform, service
from some_clients import SomeClients

from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import Plan
from copilot.errors import PlanError, RetryableError
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

STOP = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": "dev"}}
LOOK = {"id": "look", "tool": "environment_activity", "arguments": {"environment_id": "dev", "hours": 6}}


def tell(channel: Any, id: str = "tell", **more: Any) -> dict[str, Any]:
    text = {"$text": "Stopped {stop.name}."}
    return {"id": id, "tool": "notify", "arguments": {"channel": channel, "text": text}, **more}


class Away(FakeNotifier):
    """Does not answer so many times."""

    times = 1

    def check(self, channel: str) -> None:
        super().check(channel)
        if len(self.looked_for) <= self.times:
            raise RetryableError("Slack has a fault of its own", ours=True)


class World:
    def __init__(self, notifier: FakeNotifier | None = None, **config: Any) -> None:
        self.platform = FakePlatform([service("dev", "web", 2)])
        self.notifier = notifier or FakeNotifier(channels=("#platform", "#oncall"), people=("dana",))
        clock = FakeClock()

        def clients(run: Any, call_id: str, permissions: Any = None) -> Any:
            given = {"platform": self.platform, "notifier": self.notifier, "clock": clock, "call_id": call_id}
            return type("Clients", (SomeClients,), given | {"person": run.trigger.person})()

        given = {"channels": ("#platform",)} | config
        people = (KnownPerson(id="dana", name="Dana", principals=(), roles=("reader",)),)
        self.process = InProcess(
            clients,
            Configuration(accounts=(), people=people, **given),
            clock=clock,
            sleep=clock.sleep,
            workers=2,
            decide=lambda approval: "approve",
        )

    def run(self, *steps: Any) -> dict[str, Any]:
        return self.process.run(Plan.model_validate({"goal": "stop dev", "steps": steps, "answer": {"text": "Done."}}))

    @property
    def size(self) -> int:
        return self.platform.resources[0].size

    @property
    def sent(self) -> list[str]:
        return [channel for channel, _ in self.notifier.sent.values()]


def test_what_is_stopped_is_told_to_a_channel_that_was_looked_for_before() -> None:
    world = World()
    world.run(STOP, tell("#platform"))
    assert (world.size, world.sent) == (0, ["#platform"])
    assert set(world.notifier.looked_for) == {"#platform"}


def test_a_plan_that_tells_a_channel_that_is_not_there_stops_nothing() -> None:
    world = World()
    view = world.run(STOP, tell("#plaform"))
    assert (world.size, world.sent) == (2, [])
    assert view["outcome"] == "failed" and view["effects"] == []
    assert "there is no channel #plaform to be told; nearest: #platform" in view["answer"]


@pytest.mark.parametrize(
    "told",
    [
        [tell("#platform"), tell("#plaform", "tell2")],
        [tell("person:dana"), tell("person:danna", "tell2")],
        [tell({"$item": "@"}, for_each=["#platform", "#plaform"])],
    ],
)
def test_each_of_those_who_are_told_is_looked_for(told: list[Any]) -> None:
    world = World()
    assert "to be told; nearest" in (answer := world.run(STOP, *told)["answer"]) or "nobody is" in answer
    assert (world.size, world.sent) == (2, [])


def test_a_person_is_looked_for_where_every_channel_is_one() -> None:
    world = World(channels=())
    assert "nobody is person:danna; nearest: person:dana" in world.run(STOP, tell("person:danna"))["answer"]
    assert world.size == 2
    world.run(STOP, tell("person:dana"))
    assert (world.size, world.sent) == (0, ["person:dana"])


def test_nobody_is_looked_for_where_every_channel_is_one() -> None:
    world = World(FakeNotifier(), channels=())
    world.run(STOP, tell("#anything"))
    assert (world.size, world.sent) == (0, ["#anything"])
    assert world.notifier.looked_for == ["#anything", "#anything"], "the message's own two looks"


def test_reads_do_not_wait_for_it_and_are_answered_all_the_same() -> None:
    world = World()
    view = world.run(LOOK, STOP | {"after": ["look"]}, tell("#plaform"))
    assert {step["id"]: [item["status"] for item in step["items"]] for step in view["steps"]}["look"] == ["done"]


def test_a_message_alone_is_looked_at_as_it_is() -> None:
    world = World()
    message = {"id": "tell", "tool": "notify", "arguments": {"channel": "#platform", "text": "hello"}}
    world.run(message)
    assert world.sent == ["#platform"]
    assert world.notifier.looked_for == ["#platform"] * 2


def test_it_is_looked_again_where_nobody_answered() -> None:
    world = World(Away(channels=("#platform",)))
    world.run(STOP, tell("#platform"))
    assert (world.size, world.sent) == (0, ["#platform"])


def test_nothing_is_changed_where_nobody_answers_at_all() -> None:
    away = Away(channels=("#platform",))
    away.times = 100
    world = World(away)
    view = world.run(STOP, tell("#platform"))
    assert (world.size, world.sent) == (2, [])
    assert "Slack has a fault of its own" in view["answer"]


def test_no_step_of_a_plan_takes_the_place_of_it() -> None:
    plan = Plan.model_validate({"goal": "g", "steps": [LOOK | {"id": "told_channels"}]})
    with pytest.raises(PlanError, match="told_channels: the name is reserved"):
        check_plan(plan, Registry())
