"""What changes something goes by what is there now: a stale inventory beside a newer cloud, and plans by whomever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_model import FakeModel
from recalling_cases import Swept, dev, steps

from copilot.domain import Item, Plan, StepState
from copilot.errors import PlanError
from copilot.plans.afresh import chosen_afresh
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool

LIST: dict[str, Any] = {"id": "envs", "tool": "list_environments", "arguments": {"state": "running"}}
STOP: dict[str, Any] = {
    "id": "stop",
    "tool": "stop_environment",
    "for_each": {"$ref": "envs.environments[].id"},
    "arguments": {"environment_id": {"$item": "@"}},
}
FIND: dict[str, Any] = {"id": "find", "tool": "find_environment", "arguments": {"name": "shop-dev"}}


def stale() -> Swept:
    """Swept when shop-dev was off and pay-dev ran; it is the other way round now, and new-dev has come."""
    world = Swept(dev("shop-dev", 0, saved=1), dev("pay-dev"))
    world.platform.resources = [dev("shop-dev"), dev("pay-dev", 0, saved=1), dev("new-dev")]
    return world


def stopped(world: Swept) -> list[str]:
    return sorted(name.removesuffix("-web") for direction, name, _ in world.platform.applied if direction == "stop")


def test_the_inventory_is_stale_indeed() -> None:
    world = stale()
    assert "- pay-dev: development, running" in world.told("list environments")
    assert "new-dev" not in world.told("list environments")


@pytest.mark.parametrize(
    "request_",
    [
        "stop all running dev environments",
        steps(LIST, STOP),
        steps(LIST | {"arguments": {"state": "running", "now": False}}, STOP),
    ],
    ids=["heard", "planned", "planned-not-now"],
)
def test_a_plan_that_lists_and_then_stops_acts_on_what_is_there_now(request_: str | Plan) -> None:
    world = stale()
    world.ask(request_)
    assert stopped(world) == ["new-dev", "shop-dev"]


def test_one_that_finds_and_then_stops_does_so_too() -> None:
    world = stale()
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": {"$ref": "find.environment.id"}}}
    view = world.ask(steps(FIND | {"arguments": {"name": "new dev"}}, stop))
    assert (view["outcome"], stopped(world)) == ("succeeded", ["new-dev"])
    assert world.looked


def test_what_is_told_to_a_channel_is_read_as_well() -> None:
    world = stale()
    world.ask("list running dev environments and tell #ops")
    ((_, text),) = world.notifier.sent.values()
    assert "new-dev" in text and "pay-dev" not in text


def test_a_plan_that_only_looks_recalls() -> None:
    world = stale()
    world.ask(steps(LIST, FIND))
    assert world.looked == 0


def test_every_preview_is_of_the_cloud() -> None:
    world = stale()
    view = world.ask("stop pay-dev")
    assert world.platform.applied == []
    assert "already stopped" in view["answer"]


def test_no_tool_recalls_without_an_argument_that_code_can_set() -> None:
    registry = Registry()
    tools = [registry.find(one) for one in registry.versions()]
    recalling = {tool.name: tool for tool in tools if issubclass(tool, ReadTool) and tool.afresh}
    assert {*recalling} == {"list_environments", "find_environment"}
    for tool in recalling.values():
        assert tool.Input.model_fields[tool.afresh].annotation is bool
    for path in (Path(__file__).parents[2] / "layers/copilot/copilot/tools").rglob("*.py"):
        # A rule is held over fresh targets; by what is known its names are looked at for slips alone.
        near = path.name == "keeping.py" and path.parent.name == "facts"
        looking = path.name == "looking.py" and path.parent.name == "environments"
        assert ".recall(" not in path.read_text() or looking or near


# --- where a model changes the plan -----------------------------------------------------------------


def of(world: Swept, *answers: dict[str, Any]) -> FakeModel:
    model = FakeModel(list(answers))
    world.process.model_for = lambda purpose: None if purpose == "route" else model
    return model


SURPRISED = FIND | {"expect": "environment.state == 'running'", "after": ["envs"]}
"""As it was swept it is stopped."""


def test_a_plan_that_is_changed_into_one_that_stops_has_to_look_again() -> None:
    world = stale()
    again = LIST | {"id": "again"}
    model = of(
        world,
        {"steps": [LIST, SURPRISED], "answer": {"text": "Done."}},
        {"steps": [STOP], "answer": {"text": "{stop[].summary}"}},
        {"steps": [again, STOP | {"for_each": {"$ref": "again.environments[].id"}}]},
    )
    view = world.ask("have nothing run that need not run")
    assert "as old as the last sweep" in str(model.prompts[-1])
    world.process.decide = lambda approval: "approve"
    if view["status"] == "parked":
        world.process.use_cases.approve("main", view["approval"]["id"], world.process.person, "approve")
        world.process.go_on(world.store.run("main", view["run_id"]))
    assert stopped(world) == ["new-dev", "shop-dev"]


def state(step: str, tool: str, **arguments: Any) -> StepState:
    return StepState(step_id=step, tool=tool, items=(Item(index=0, arguments=arguments, status="done"),))


@pytest.mark.parametrize("between", [False, True])
def test_nothing_is_changed_by_what_was_recalled_nor_by_what_goes_by_that(between: bool) -> None:
    act = {
        "id": "act",
        "tool": "environment_activity",
        "for_each": {"$ref": "envs.environments[].id"},
        "arguments": {"environment_id": {"$item": "@"}},
    }
    stop = STOP | {"for_each": {"$ref": "act[].environment_id"}} if between else STOP
    plan = steps(LIST, act, stop)
    with pytest.raises(PlanError, match=r"step stop: it changes something and goes by (act|envs)"):
        chosen_afresh(plan, {"envs": state("envs", "list_environments@1")}, Registry())
    assert chosen_afresh(plan, {"envs": state("envs", "list_environments@1", now=True)}, Registry()) is plan
    assert chosen_afresh(plan, {}, Registry()) is plan, "what has not run will read the cloud"


def test_what_is_looked_at_before_a_plan_goes_on_is_read_as_well() -> None:
    world = stale()
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": "new-dev"}}
    model = of(
        world,
        {"steps": [LIST], "then": {"using": ["envs.environments[].id"], "why": "which need not run"}},
        {"steps": [stop], "answer": {"text": "{stop.summary}"}},
    )
    view = world.ask("have nothing run that need not run")
    assert '"is":["new-dev","shop-dev"]' in model.prompts[-1].user
    assert (view["outcome"], stopped(world)) == ("succeeded", ["new-dev"])


def test_nothing_goes_on_from_a_look_at_what_was_recalled() -> None:
    off = STOP | {"for_each": None, "arguments": {"environment_id": "shop-dev"}}
    plan, old = steps(LIST, off), {"envs": state("envs", "list_environments@1")}
    assert chosen_afresh(plan, old, Registry()) is plan
    with pytest.raises(PlanError, match="step stop: it changes something and goes by envs"):
        chosen_afresh(plan, old, Registry(), {"envs"})
