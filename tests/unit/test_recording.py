"""What an item becomes by what came back of it, and what a step's calls are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes import TOOLS, FakeClock, Look, Nothing, SwitchOff, World
from one_write import ANN, SECRET
from pydantic import JsonValue
from test_runs import run

from copilot.domain import Approval, Frozen, Item, ItemOutcome, Verdict
from copilot.running.recording import record_approval, record_outcome
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool

NOW = FakeClock().now()
REASONED = ["wait", "retry", "repair", "replan", "abort", "preview", "no_data", "unknown"]
ISSUED = Item(index=0, arguments={}, status="issued", attempt=2)


def after(attempt: int, kind: Any, reason: str = "", item: Item = ISSUED, phase: Any = "execute") -> Item:
    verdict = Verdict(kind=kind, reason=reason)
    outcome = ItemOutcome(step="off", item=0, attempt=attempt, phase=phase, verdict=verdict)
    return record_outcome(item, outcome, SwitchOff, NOW, attempts=3)


@pytest.mark.parametrize("kind", ["pass", *REASONED])
def test_what_came_of_another_attempt_than_the_last_changes_nothing(kind: str) -> None:
    assert after(1, kind) == after(3, kind) == ISSUED
    assert after(2, kind) != ISSUED


@pytest.mark.parametrize("status", ["done", "failed", "denied", "unknown", "cancelled"])
def test_what_has_come_to_its_end_stays_as_it_is(status: Any) -> None:
    ended = ISSUED.model_copy(update={"status": status})
    assert after(2, "pass", item=ended) == after(2, "abort", item=ended) == ended


@pytest.mark.parametrize("kind", REASONED)
def test_why_an_item_is_as_it_is_holds_no_secret(kind: str) -> None:
    assert after(2, kind, f"it said {SECRET}").reason == "it said password=[masked]"


def later(item: Item, seconds: int, kind: Any, phase: Any = "execute", *, patient: bool = False) -> Item:
    """The item after the call that was made of it came to this, so many seconds from the beginning on."""
    verdict = Verdict(kind=kind, reason="r", patient=patient)
    outcome = ItemOutcome(step="off", item=0, attempt=item.attempt, phase=phase, verdict=verdict)
    now = NOW + timedelta(seconds=seconds)
    return record_outcome(item.issue(now) if item.status == "open" else item, outcome, SwitchOff, now, attempts=3)


def test_to_wait_for_its_turn_is_no_failed_attempt() -> None:
    item = ISSUED
    for seconds in (0, 10, 20, 30, 40):
        item = later(item, seconds, "retry", patient=True)
    assert later(item, 50, "retry").status == "open"
    assert later(item, 61, "retry", patient=True).status == "failed"


def test_what_it_waited_before_takes_nothing_of_the_time_of_what_was_begun() -> None:
    item = ISSUED
    for seconds in (0, 55):
        item = later(item, seconds, "retry", patient=True)
    item = later(item, 59, "wait")
    assert item.status == "open"
    item = later(item, 118, "wait", "check")
    assert item.status == "open"
    item = later(item, 119, "wait", "check")
    assert (item.status, item.reason) == ("failed", "not as wanted after 60 s: r")


@pytest.mark.parametrize(
    ("tool", "phase", "status"),
    [
        (SwitchOff, "execute", "unknown"),
        (SwitchOff, "check", "unknown"),
        (SwitchOff, "preview", "failed"),
        (Look, "execute", "failed"),
    ],
)
def test_only_a_write_leaves_open_what_became_of_it(tool: AnyTool, phase: Any, status: str) -> None:
    verdict = Verdict(kind="unknown", reason="who knows")
    outcome = ItemOutcome(step="off", item=0, attempt=2, phase=phase, verdict=verdict)
    assert record_outcome(ISSUED, outcome, tool, NOW, attempts=3).status == status


# --- what a person, or time, decided -------------------------------------------------------------


def approval(id: str = "a1", **more: Any) -> Approval:
    given = {"id": id, "tenant": "main", "run_id": "r1", "calls": (), "requested_by": ANN, "request": "off with it"}
    times = {"created_at": NOW, "expires_at": NOW + timedelta(hours=1)}
    return Approval.model_validate(given | times | more)


ASKING = Item(index=0, arguments={}, status="asking", approval_id="a1")
APPROVED = {"state": "approved", "decided_by": "bob"}


@pytest.mark.parametrize(
    ("decided", "minutes", "status"),
    [
        ({}, 0, "asking"),
        ({}, 59, "asking"),
        ({}, 60, "expired"),
        (APPROVED, 0, "open"),
        (APPROVED, 600, "open"),
        ({"state": "denied", "decided_by": "bob"}, 0, "denied"),
        (APPROVED | {"id": "a2"}, 0, "asking"),
        ({"state": "denied", "decided_by": "bob", "id": "a2"}, 0, "asking"),
    ],
)
def test_an_item_that_asks_goes_by_its_own_approval_and_by_its_time(
    decided: dict[str, Any], minutes: int, status: str
) -> None:
    assert record_approval(ASKING, approval(**decided), NOW + timedelta(minutes=minutes)).status == status


@pytest.mark.parametrize("status", ["open", "issued", "done", "failed", "denied", "cancelled"])
def test_an_item_that_does_not_ask_is_moved_by_no_approval(status: Any) -> None:
    item = ASKING.model_copy(update={"status": status})
    for decided in (approval(**APPROVED), approval(state="denied"), approval(expires_at=NOW)):
        assert record_approval(item, decided, NOW) == item


# --- what calls are made of ----------------------------------------------------------------------


class Whatever(Frozen):
    value: JsonValue


def giving(value: JsonValue) -> type[ReadTool[Nothing, Whatever]]:
    class Give(ReadTool[Nothing, Whatever]):
        name, summary, Input, Output = "give", "Whatever there is.", Nothing, Whatever

        def run(self, input: Nothing) -> Whatever:
            return Whatever(value=value)

    return Give


def run_with(value: JsonValue, world: World, *steps: dict[str, Any]) -> dict[str, Any]:
    plan = {"goal": "g", "steps": [{"id": "give", "tool": "give"}, *steps], "answer": {"text": "done"}}
    return run(world, plan, registry=Registry([*TOOLS, giving(value)]))


@pytest.mark.parametrize("value", ["abc", {"a": 1}, 3, True])
def test_a_step_for_each_of_what_turns_out_to_be_no_list_is_not_run(value: JsonValue) -> None:
    seen: list[str] = []
    world = World(lights=dict.fromkeys("abc", True), before_preview=seen.append)
    step = {"id": "off", "tool": "switch_off", "for_each": {"$ref": "give.value"}}
    view = run_with(value, world, step | {"arguments": {"environment_id": {"$item": "@"}}})
    assert "off (switch off): not run, because for_each: expected a list, found" in view["answer"]
    assert (view["outcome"], seen, world.switched) == ("failed", [], [])


@pytest.mark.parametrize("value", [7, ["a"], {"name": "a"}, True])
def test_a_call_whose_arguments_turn_out_not_to_fit_is_not_made_and_says_which(value: JsonValue) -> None:
    seen: list[str] = []
    world = World(lights={"a": True}, before_preview=seen.append, on_look=seen.append)
    for tool in ("look", "switch_off"):
        step = {"id": "it", "tool": tool, "arguments": {"environment_id": {"$ref": "give.value"}}}
        view = run_with(value, world, step)
        assert ": argument environment_id: Input should be a valid string" in view["answer"]
    assert seen == []
