"""Who approves may leave some out: what is left out is not done, is no failure, and can never be begun."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import World
from test_advancing import NobodyWakes, the_run
from test_runs import OFF_ALL, runner

from copilot.bootstrap.in_process import ANOTHER, InProcess
from copilot.domain import Approval, Kind, Person, Plan
from copilot.errors import Conflict, NotAllowed, ToolInputError
from copilot.running.approving import Approve

LIVE: dict[str, Kind] = {"a": "production", "b": "production", "c": "production"}


def parked(*names: str, plan: Any = OFF_ALL, kinds: dict[str, Kind] = LIVE) -> tuple[InProcess, World]:
    world = World(lights=dict.fromkeys(names, True), kinds=kinds)
    process = runner(world)
    assert process.run(Plan.model_validate(plan))["status"] == "parked"
    return process, world


def decide(process: InProcess, *leave_out: str, by: Person = ANOTHER, decision: Any = "approve") -> Approval:
    decided = Approve(process.store, process.use_cases.policy, NobodyWakes(), process.clock)
    return decided("main", the_run(process).approval_id or "", by, decision, leave_out=leave_out)


def go_on(process: InProcess) -> dict[str, Any]:
    """As it was decided: said again by the same person, that wakes the run."""
    process.decide = lambda approval: "approve"
    return process.go_on(the_run(process))


@pytest.mark.parametrize("said", ["b", "off.1", " b "])
def test_what_is_left_out_is_not_done_and_the_rest_is(said: str) -> None:
    process, world = parked("a", "b", "c")
    approval = decide(process, said)
    assert [(one.step, one.item, one.target) for one in approval.left_out] == [("off", 1, "b")]
    view = go_on(process)
    assert (view["outcome"], sorted(world.switched)) == ("succeeded", ["a", "c"])
    assert view["answer"].startswith("Off: a, c.")
    assert (
        "Left out:\n- switch off b: left out by another, who approved the rest. Nothing was changed" in view["answer"]
    )
    assert [item["status"] for item in view["steps"][1]["items"]] == ["done", "left_out", "done"]


def test_what_was_left_out_cannot_be_begun_whatever_asks_for_it() -> None:
    process, _ = parked("a", "b")
    whole = process.store.approval("main", the_run(process).approval_id or "")
    narrowed = decide(process, "b")
    hashes = {call.hash for call in process.store.approval("main", whole.id).calls}
    assert hashes == {whole.calls[0].hash} and narrowed.hash != whole.hash


def test_what_goes_on_from_all_of_them_goes_on_with_the_rest() -> None:
    then = {
        "id": "then",
        "tool": "look",
        "for_each": {"$ref": "off[].name"},
        "arguments": {"environment_id": {"$item": "@"}},
    }
    plan = {**OFF_ALL, "steps": [*OFF_ALL["steps"], then], "answer": {"text": "Looked at {then[].name}."}}
    process, world = parked("a", "b", plan=plan)
    decide(process, "a")
    view = go_on(process)
    assert (view["outcome"], world.switched) == ("succeeded", ["b"])
    assert view["answer"].startswith("Looked at b.")


def test_a_step_that_is_left_out_takes_with_it_what_depends_on_it() -> None:
    steps = [
        {"id": "first", "tool": "switch_off", "arguments": {"environment_id": "a"}},
        {"id": "second", "tool": "switch_off", "arguments": {"environment_id": "b"}},
        {"id": "after", "tool": "switch_off", "arguments": {"environment_id": "c"}, "after": ["first"]},
    ]
    plan = {"goal": "g", "steps": steps, "answer": {"text": "Done."}}
    process, world = parked("a", "b", "c", plan=plan)
    decide(process, "first")
    view = go_on(process)
    assert (view["outcome"], world.switched) == ("succeeded", ["b"])
    assert "- after (switch off): not run, because first was left out" in view["answer"]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["nosuch"], r"nothing of approval .* is called 'nosuch'; there are a, b, off\. Nothing was decided"),
        (["a", "b"], r"nothing of approval .* would be left: deny it\. Nothing was decided"),
        (["off"], "would be left: deny it"),
    ],
)
def test_what_leaves_nothing_or_names_nothing_decides_nothing(names: list[str], why: str) -> None:
    process, _ = parked("a", "b")
    with pytest.raises(ToolInputError, match=why):
        decide(process, *names)
    assert process.store.approval("main", the_run(process).approval_id or "").state == "pending"


def test_only_who_may_approve_the_rest_may_leave_out() -> None:
    process, _ = parked("a", "b")
    with pytest.raises(NotAllowed):
        decide(process, "a", by=Person(id="dana", name="Dana", roles=("developer",)))


def test_a_denial_that_leaves_something_out_decides_nothing() -> None:
    process, _ = parked("a", "b")
    with pytest.raises(ToolInputError, match=r"to have only a not done, approve it .* Nothing was decided"):
        decide(process, "a", decision="deny")
    assert process.store.approval("main", the_run(process).approval_id or "").state == "pending"
    assert decide(process, decision="deny").state == "denied"


def test_it_is_never_widened() -> None:
    process, _ = parked("a", "b")
    decide(process, "b")
    with pytest.raises(Conflict, match="approved by another already"):
        decide(process, by=Person(id="eve", name="Eve", roles=("approver",)))
    assert len(decide(process).calls) == 1, "the same person again: as it was decided"
    assert go_on(process)["outcome"] == "succeeded"


def test_what_was_approved_already_is_not_said_to_be_left_out() -> None:
    process, _ = parked("a", "b", "c")
    decide(process, "b")
    assert len(decide(process, "b", "off.1").calls) == 2, "the same again"
    with pytest.raises(Conflict, match="was approved by another already, with c in it; `runs cancel r"):
        decide(process, "b", "c")


def test_the_evidence_says_what_was_left_out() -> None:
    process, _ = parked("a", "b")
    decide(process, "b")
    day = f"{process.clock.now():%Y-%m-%d}"
    (entry,) = [one for one in process.store.journal("main", day) if one.kind == "approval"]
    assert isinstance(entry.data, dict) and entry.data["left_out"] == ["off.1"]
