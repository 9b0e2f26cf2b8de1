"""Stopping and starting one environment at the same moment: what each says is of one moment, and of what is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeClients, FakePlatform, database, instance, service

from copilot.bootstrap.in_process import InProcess
from copilot.domain import Plan, Resource, Survey, Unreachable, Verification
from copilot.tools.environments.outcomes import PowerOutput
from copilot.tools.environments.power import PowerInput
from copilot.tools.environments.starting import StartEnvironment
from copilot.tools.environments.stopping import StopEnvironment

DEV = PowerInput(environment_id="dev")
Resources = Callable[[], list[Resource]]
Power = type[StartEnvironment] | type[StopEnvironment]


def put(platform: FakePlatform, name: str, **change: Any) -> None:
    at = next(place for place, one in enumerate(platform.resources) if one.name == name)
    platform.resources[at] = platform.resources[at].model_copy(update=change)


def taken_down(platform: FakePlatform, name: str = "web") -> None:
    size = platform.now(name).size
    put(platform, name, state="stopped", size=0, running=0, saved=size)


def brought_up(platform: FakePlatform, name: str = "web") -> None:
    put(platform, name, state="running", size=2, running=2, saved=None)


def running() -> list[Resource]:
    return [service("dev", "web", 2), instance("dev", "node", held="in a group"), database("dev", "db")]


def stopped() -> list[Resource]:
    down = [service("dev", "web", 0, saved=2), database("dev", "db", "stopped")]
    return [*down, instance("dev", "node", held="in a group")]


def stopping() -> list[Resource]:
    return [database("dev", "db", "stopping")]


def tried(tool: Power, resources: list[Resource], meanwhile: Callable[[FakePlatform], object]) -> Verification:
    """What a fresh read says of a change, where something else happened after it was made."""
    platform = FakePlatform(resources)
    made: Any = tool(FakeClients(platform))
    preview = made.preview(DEV)
    made.run(DEV, preview)
    meanwhile(platform)
    found: Verification = made.verify(DEV, preview)
    return found


def told(found: Verification) -> PowerOutput:
    return PowerOutput.model_validate(found.output)


@pytest.mark.parametrize(
    ("tool", "resources", "meanwhile", "said", "sizes"),
    [
        (StartEnvironment, running, taken_down, "was running and is stopped now", ("2", "0")),
        (StopEnvironment, stopped, brought_up, "was stopped and is running now", ("0", "2")),
    ],
    ids=["start", "stop"],
)
def test_what_was_as_wanted_and_is_not_any_more_is_told_and_not_called_so(
    tool: Power, resources: Resources, meanwhile: Any, said: str, sizes: tuple[str, str]
) -> None:
    found = tried(tool, resources(), meanwhile)
    assert (found.outcome, found.reason) == ("false", f"web {said}")
    output = told(found)
    assert (output.state, output.failed, output.skipped) == ("partial", 1, 2)
    assert output.summary == f"dev: failed: web ({said}); node left alone (in a group)"
    (web,) = [one for one in output.resources if one.name == "web"]
    assert (web.outcome, web.before, web.after) == ("failed", *sizes)


def test_beside_what_was_changed_too() -> None:
    """Only a part had to be started; that the rest has been stopped since is no success."""
    resources = [service("dev", "web", 2), service("dev", "worker", 0, saved=1)]
    found = tried(StartEnvironment, resources, taken_down)
    assert (found.outcome, found.reason) == ("false", "web was running and is stopped now")
    assert told(found).state == "partial"
    assert "started worker 0 -> 1; failed: web (was running and is stopped now)" in told(found).summary


def test_what_was_running_and_is_gone_is_told() -> None:
    found = tried(StartEnvironment, running(), lambda platform: platform.resources.pop(0))
    assert (found.outcome, found.reason) == ("false", "web was running and is no longer there")


def test_what_was_stopped_and_is_gone_is_as_good_as_stopped() -> None:
    assert tried(StopEnvironment, stopped(), lambda platform: platform.resources.pop(0)).outcome == "true"


@pytest.mark.parametrize(
    ("tool", "resources", "meanwhile"),
    [
        (StartEnvironment, running, lambda platform: None),
        (StopEnvironment, stopped, lambda platform: None),
        (StartEnvironment, running, lambda platform: put(platform, "web", size=3, running=1, state="starting")),
        (StartEnvironment, running, lambda platform: put(platform, "db", state="other", detail="backing-up")),
        (StopEnvironment, stopping, lambda platform: put(platform, "db", state="stopped")),
        (StartEnvironment, running, lambda platform: taken_down(platform, "node")),
    ],
    ids=["start", "stop", "another size", "backing up", "arrived", "what is left alone"],
)
def test_what_is_still_as_wanted_is_called_so(tool: Power, resources: Resources, meanwhile: Any) -> None:
    found = tried(tool, resources(), meanwhile)
    assert found.outcome == "true" and "already" in told(found).summary
    assert told(found).state == ("running" if tool is StartEnvironment else "stopped")


def test_what_cannot_be_read_any_more_is_not_taken_for_gone() -> None:
    def close(platform: FakePlatform) -> None:
        platform.unreachable.append(Unreachable(account="main (111111111111)", region="eu-west-1", reason="refused"))

    assert "no longer there" not in tried(StartEnvironment, running(), close).reason


def test_what_a_call_says_of_itself_is_of_one_moment_too() -> None:
    platform = FakePlatform(running())
    start = StartEnvironment(FakeClients(platform))
    preview = start.preview(DEV)
    taken_down(platform)
    output = start.run(DEV, preview)
    assert (output.state, output.summary) == (
        "partial",
        "dev: failed: web (was running and is stopped now); node left alone (in a group)",
    )


# --- a whole run ---------------------------------------------------------------------------------


@dataclass
class Interrupted(FakePlatform):
    """Somebody else's change comes just before it is looked at for this many times."""

    at: int = 0
    change: Callable[[FakePlatform], object] = lambda platform: None
    looks: list[int] = field(default_factory=list)

    def survey(self, environment: str | None = None) -> Survey:
        self.looks.append(1)
        if len(self.looks) == self.at:
            self.change(self)
        return super().survey(environment)


@pytest.mark.parametrize("at", [3, 4])
@pytest.mark.parametrize(
    ("tool", "expect", "resources", "change"),
    [
        ("start_environment", "running", running, taken_down),
        ("stop_environment", "stopped", stopped, brought_up),
    ],
    ids=["start", "stop"],
)
def test_a_run_that_another_one_undoes_says_what_is_so(
    tool: str, expect: str, resources: Resources, change: Any, at: int
) -> None:
    platform, clock = Interrupted(resources(), at=at, change=change), FakeClock()

    def clients(run: Any, call_id: str, permissions: Any = None) -> Any:
        return FakeClients(platform, clock=clock)

    process = InProcess(clients, clock=clock, sleep=clock.sleep, workers=1)
    step = {"id": "it", "tool": tool, "arguments": {"environment_id": "dev"}, "expect": f"state == '{expect}'"}
    view = process.run(Plan.model_validate({"goal": "g", "steps": [step], "answer": {"text": "{it.summary}"}}))
    assert view["outcome"] == "failed"
    was, now = ("running", "stopped") if tool == "start_environment" else ("stopped", "running")
    assert f"nothing had to be done, but a fresh read says otherwise: web was {was} and is {now} now" in view["answer"]
    assert "already" not in view["answer"] and "expected" not in view["answer"]
