"""What nothing takes back asks a person before, whoever asks and whatever it is for."""

from __future__ import annotations

import pytest
from fakes import TOOLS, Named, SwitchOff, World
from test_runs import one, run, runner

from copilot.bootstrap.in_process import ME
from copilot.domain import Irreversible, Kind, NothingToUndo, Person, Plan, Preview, Undo
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry

WHY = "what it held is gone"


class Smash(SwitchOff):
    name = "smash"
    inverse = ""

    @classmethod
    def undo(cls, input: Named, prior: Preview) -> Undo:
        return Irreversible(why=WHY)


class Ring(SwitchOff):
    name = "ring"

    @classmethod
    def undo(cls, input: Named, prior: Preview) -> Undo:
        return NothingToUndo(why="it is rung")


REGISTRY = Registry([*TOOLS, Smash, Ring])


@pytest.mark.parametrize("kind", ["development", "preview", "staging", "production"])
def test_it_asks_on_every_kind_and_says_so(kind: Kind) -> None:
    world = World(lights={"a": True}, kinds={"a": kind})
    view = run(world, one("smash", "a"), registry=REGISTRY)
    assert (view["status"], world.switched) == ("parked", [])
    (call,) = view["approval"]["calls"]
    assert call["undo"] == {"kind": "irreversible", "why": WHY}
    assert call["reason"] == f"{kind} environment a needs an approval: it cannot be taken back: {WHY}"


def test_approved_it_is_done_once() -> None:
    world = World(lights={"a": True})
    view = run(world, one("smash", "a"), registry=REGISTRY, decide=lambda approval: "approve")
    assert (view["outcome"], world.switched) == ("succeeded", ["a"])


def test_it_may_be_approved_by_who_asked_where_that_is_no_production() -> None:
    process = runner(World(lights={"a": True}), registry=REGISTRY, decide=lambda approval: "approve", approver=ME)
    assert process.run(Plan.model_validate(one("smash", "a")))["outcome"] == "succeeded"


def test_who_may_not_is_denied_and_not_asked() -> None:
    reader = Person(id="rae", name="Rae", roles=("reader",))
    view = run(World(lights={"a": True}), one("smash", "a"), registry=REGISTRY, person=reader)
    assert (view["status"], view["outcome"]) == ("answered", "denied")


def test_where_nothing_would_be_done_nobody_is_asked() -> None:
    view = run(World(lights={"a": False}), one("smash", "a"), registry=REGISTRY)
    assert view["outcome"] == "succeeded"


def test_what_has_nothing_to_be_taken_back_does_not_ask() -> None:
    view = run(World(lights={"a": True}), one("ring", "a"), registry=REGISTRY)
    assert view["outcome"] == "succeeded"


def test_of_several_those_ask_alone() -> None:
    steps = [
        {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}},
        {"id": "smash", "tool": "smash", "arguments": {"environment_id": "b"}},
    ]
    world = World(lights={"a": True, "b": True})
    view = run(world, {"goal": "g", "steps": steps, "answer": {"text": "Done."}}, registry=REGISTRY)
    assert ([call["tool"] for call in view["approval"]["calls"]], world.switched) == (["smash@1"], ["a"])


def test_read_only_stays_read_only() -> None:
    process = runner(World(lights={"a": True}), registry=REGISTRY)
    process.use_cases.policy = Policy(REGISTRY, "main", read_only=True)
    assert process.run(Plan.model_validate(one("smash", "a")))["outcome"] == "denied"
