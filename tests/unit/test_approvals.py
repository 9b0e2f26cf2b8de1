"""What an Approval stands for and how long, who may give it, and what its run holds meanwhile."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from fakes import TOOLS, FakeClock, Named, SwitchOff, World
from one_write import SECRET
from test_ingesting import ANN, BOB, CLOCK, Setting
from test_runs import OFF_ALL, one, run, runner

from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import Advanced, ApprovalCall, Change, Person, Plan, Preview, ResourceRef, Target, Turn
from copilot.errors import Conflict, NotAllowed
from copilot.policy.decisions import Policy
from copilot.running.approving import Approve
from copilot.tools.registry import Registry

DEVELOPMENT_ALONE = """
permit (principal in Role::"approver", action == Action::"approve", resource is Environment)
when { resource.kind == "development" };
"""


def preview(*kinds: str, state: Any = 1) -> Preview:
    refs = [ResourceRef(type="environment", id=f"e{number}") for number, _ in enumerate(kinds)]
    targets = [Target(ref=ref, name=ref.id, kind=kind) for ref, kind in zip(refs, kinds, strict=True)]  # type: ignore[arg-type]
    return Preview(targets=tuple(targets), changes=(), state=state)


def call(**change: Any) -> ApprovalCall:
    given = {"step": "off", "item": 0, "tool": "switch_off@1", "arguments": {"environment_id": "a"}}
    return ApprovalCall.model_validate(given | {"preview": preview("production")} | change)


@pytest.mark.parametrize(
    "change",
    [
        {"step": "on"},
        {"item": 1},
        {"tool": "switch_off@2"},
        {"arguments": {"environment_id": "b"}},
        {"arguments": {}},
        {"preview": preview("production", state=2)},
        {"preview": preview("development")},
        {"preview": preview("production", "production")},
    ],
    ids=["step", "item", "version", "argument", "no argument", "state", "kind", "one target more"],
)
def test_an_approval_stands_for_one_call_with_its_arguments_on_what_was_seen(change: dict[str, Any]) -> None:
    assert call(**change).hash != call().hash
    assert call(reason="it was asked for", undo={"tool": "x"}).hash == call().hash, "what is said of it changes nothing"


@pytest.mark.parametrize(
    "other",
    [{"id": "f"}, {"name": "f"}, {"kind": "staging"}, {"kind": None}, {"tags": {"owner": "bob"}}],
    ids=["id", "name", "kind", "no kind", "tag"],
)
def test_a_state_is_of_its_targets_as_they_are(other: dict[str, Any]) -> None:
    def seen(id: str = "e", name: str = "e", **more: Any) -> str:
        target = {"ref": {"type": "environment", "id": id}, "name": name, "kind": "production"} | more
        return Preview.model_validate({"targets": [target], "changes": [], "state": 1}).state_hash

    assert seen(**other) != seen()


# --- who may give it, and until when -------------------------------------------------------------


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_an_approval_that_nobody_gave_in_time_is_told_from_one_that_was_decided(decision: Any) -> None:
    setting = Setting()
    setting.park(setting.send()[0])
    late = FakeClock(CLOCK.at + timedelta(hours=1))
    approve = Approve(setting.store, setting.approve.policy, setting.workflow, late)
    with pytest.raises(Conflict, match="approval a1 expired at 10:00 UTC; ask again"):
        approve("main", "a1", BOB, decision)
    assert (setting.store.approval("main", "a1").state, setting.workflow.woken) == ("pending", [])


def test_the_right_to_approve_is_needed_on_every_target() -> None:
    policy = Policy(Registry(TOOLS), "main", read_only=False, text=DEVELOPMENT_ALONE)
    for kinds in permutations(["development", "production", "development"]):
        assert policy.may_approve(BOB, preview(*kinds).targets).outcome == "deny", kinds
    assert policy.may_approve(BOB, preview("development", "development").targets).outcome == "allow"


def test_who_may_approve_the_first_of_several_calls_alone_may_approve_none() -> None:
    setting = Setting()
    asked = setting.park(setting.send()[0])
    calls = tuple(call(item=number, preview=preview(kind)) for number, kind in enumerate(["development", "production"]))
    setting.store._approvals["main", "a1"] = asked.model_copy(update={"calls": calls})
    policy = Policy(Registry(TOOLS), "main", read_only=False, text=DEVELOPMENT_ALONE)
    with pytest.raises(NotAllowed, match="Nothing was changed"):
        Approve(setting.store, policy, setting.workflow, CLOCK)("main", "a1", BOB, "approve")
    assert (setting.store.approval("main", "a1").state, setting.workflow.woken) == ("pending", [])


def test_a_secret_in_the_reason_of_a_decision_is_not_kept() -> None:
    setting = Setting()
    setting.park(setting.send()[0])
    assert setting.approve("main", "a1", ANN, "deny", f"not with {SECRET}").reason == "not with password=[masked]"
    assert setting.store.approval("main", "a1").reason == "not with password=[masked]"


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_only_who_decided_may_say_the_same_again(decision: Any) -> None:
    setting = Setting()
    setting.park(setting.send()[0])
    setting.approve("main", "a1", BOB, decision)
    for person in (Person(id="eve", name="Eve"), Person(id="cy", name="Cy", roles=("approver",))):
        with pytest.raises(Conflict, match="by bob already"):
            setting.approve("main", "a1", person, decision)
    assert setting.workflow.woken == ["token"]
    assert setting.approve("main", "a1", BOB, decision).decided_by == "bob"


def test_an_approval_of_a_run_that_was_answered_cannot_be_given() -> None:
    setting = Setting()
    run, _ = setting.send()
    setting.park(run)
    done = run.model_copy(update={"answer": "it was aborted", "outcome": "aborted", "answered_at": CLOCK.at})
    setting.store.answer_run(done, Turn(run_id=run.run_id, author="copilot", text="x", at=CLOCK.at), [])
    with pytest.raises(Conflict, match="approval a1 no longer stands"):
        setting.approve("main", "a1", BOB, "approve")
    assert (setting.store.approval("main", "a1").state, setting.workflow.woken) == ("pending", [])


@pytest.mark.parametrize("next_", ["items", "approve"], ids=["went on", "waits for another"])
def test_a_run_is_woken_only_where_it_waits_for_that_approval(next_: str) -> None:
    """Its token is of one wait: used when the run is elsewhere, it is refused, or wakes a run that has to wait."""
    setting = Setting()
    run, _ = setting.send()
    setting.park(run)
    setting.approve("main", "a1", BOB, "approve")
    kept = setting.store.run("main", run.run_id)
    advanced = Advanced(next=next_, wave=kept.wave + 1)  # type: ignore[arg-type]
    other = "a2" if next_ == "approve" else None
    setting.store.save_wave(
        kept.model_copy(update={"wave": kept.wave + 1, "advanced": advanced, "approval_id": other}), [], None, []
    )
    setting.approve("main", "a1", BOB, "approve")
    assert setting.workflow.woken == ["token"], "once, when it was decided"


# --- what is asked for, and what is held meanwhile -----------------------------------------------


class SwitchPair(SwitchOff):
    """Leaves what it is named after alone, and switches off what stands beside it."""

    name = "switch_pair"

    def preview(self, input: Named) -> Preview:
        seen = super().preview(input)
        beside = ResourceRef(type="environment", id=f"{input.environment_id}-left")
        left = Change(ref=beside, name=beside.id, action="skip", before="off", after="off", reason="already off")
        return seen.model_copy(update={"changes": (left, *seen.changes)})


def test_a_write_that_changes_one_thing_and_leaves_another_alone_needs_its_approval() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    view = run(world, one("switch_pair", "a"), registry=Registry([*TOOLS, SwitchPair]))
    assert (view["status"], world.switched) == ("parked", [])
    assert [change["action"] for change in view["approval"]["calls"][0]["preview"]["changes"]] == ["skip", "stop"]


def test_a_write_that_has_nothing_to_change_needs_none() -> None:
    world = World(lights={"a": False}, kinds={"a": "production"})
    view = run(world, one("switch_pair", "a"), registry=Registry([*TOOLS, SwitchPair]))
    assert (view["status"], view["outcome"]) == ("answered", "succeeded")


def test_a_run_that_waits_for_an_approval_lets_its_conversation_go_on() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    process = runner(world)
    waiting = process.run(Plan.model_validate(OFF_ALL))
    assert waiting["status"] == "parked"
    following = process.run(Plan.model_validate(one("look", "a")))
    assert (following["status"], following["outcome"]) == ("answered", "succeeded")
    other = process.store.run("main", following["run_id"])
    assert process.store.take_lock(other, process.clock.now(), process.clock.now() + timedelta(hours=1))


def test_a_run_that_lost_its_way_to_waiting_lets_its_conversation_go_on_when_that_is_decided_again() -> None:
    """The lock is given back after the decision is kept; who died between the two is called again."""
    process = runner(World(lights={"a": True}, kinds={"a": "production"}))
    waiting = process.store.run("main", process.run(Plan.model_validate(OFF_ALL))["run_id"])
    now = process.clock.now()
    assert process.store.take_lock(waiting, now, now + timedelta(hours=1))
    process.use_cases.advance("main", waiting.run_id, waiting.wave - 1, [])
    other = process.store.run("main", process.run(Plan.model_validate(one("look", "a")))["run_id"])
    assert process.store.take_lock(other, now, now + timedelta(hours=1))


def test_an_approval_names_those_who_might_give_it() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    asker = Person(id="dana", name="Dana", roles=("developer",))
    config = Configuration(accounts=(), people=(known("olga", "approver"), known("omar", "operator")))
    assert run(world, OFF_ALL, person=asker)["approval"]["approvers"] == []
    assert run(world, OFF_ALL, person=asker, config=config)["approval"]["approvers"] == ["olga"]
    assert run(world, OFF_ALL, config=config)["approval"]["approvers"] == ["olga"], "who asked approves no production"
    staging = World(lights={"a": True}, kinds={"a": "staging"})
    both = Person(id="eve", name="Eve", roles=("developer", "approver"))
    assert run(staging, OFF_ALL, person=both, config=config)["approval"]["approvers"] == ["olga", "eve"]


# --- one's own ------------------------------------------------------------------------------------

EVE = Person(id="eve", name="Eve", roles=("developer", "approver"))


def known(id: str, *roles: str) -> KnownPerson:
    return KnownPerson(id=id, name=id.title(), principals=(), roles=roles)


def asked_by_eve(*kinds: str) -> Setting:
    """An approval of a call on each of these kinds, which Eve asked for and Bob might give."""
    setting = Setting()
    asked = setting.park(setting.send()[0])
    calls = tuple(call(item=number, preview=preview(kind)) for number, kind in enumerate(kinds))
    setting.store._approvals["main", "a1"] = asked.model_copy(
        update={"calls": calls, "requested_by": EVE, "approvers": ("bob",)}
    )
    return setting


def test_nobody_approves_their_own_change_of_production_whoever_they_are() -> None:
    setting = asked_by_eve("production")
    told = (
        r"Eve may not approve this: another than who asked for it has to "
        r"\(forbidden by another-approves-production\)\. Those who may: bob\. Nothing was changed\."
    )
    with pytest.raises(NotAllowed, match=told):
        setting.approve("main", "a1", EVE, "approve")
    assert (setting.store.approval("main", "a1").state, setting.workflow.woken) == ("pending", [])
    assert setting.approve("main", "a1", BOB, "approve").decided_by == "bob"


def test_who_works_alone_is_told_where_that_rule_is() -> None:
    setting = asked_by_eve("production")
    alone = setting.store.approval("main", "a1").model_copy(update={"approvers": ()})
    setting.store._approvals["main", "a1"] = alone
    with pytest.raises(
        NotAllowed, match=r"Nobody else who is configured may: .*policy/default\.cedar and deploy it\. No"
    ):
        setting.approve("main", "a1", EVE, "approve")


def test_one_takes_back_ones_own_change_of_production() -> None:
    assert asked_by_eve("production").approve("main", "a1", EVE, "deny").state == "denied"


def test_one_approves_ones_own_change_of_what_is_no_production() -> None:
    assert asked_by_eve("staging", "development").approve("main", "a1", EVE, "approve").state == "approved"


@pytest.mark.parametrize("kinds", [*permutations(["development", "production", "staging"])])
def test_one_production_among_ones_own_changes_is_enough(kinds: tuple[str, ...]) -> None:
    setting = asked_by_eve(*kinds)
    with pytest.raises(NotAllowed):
        setting.approve("main", "a1", EVE, "approve")
    without = f"off.{kinds.index('production')}"
    rest = setting.approve("main", "a1", EVE, "approve", leave_out=[without])
    assert (rest.state, len(rest.calls)) == ("approved", 2), "of what is left none is production"


def test_a_schedule_for_production_is_approved_by_another() -> None:
    policy = Policy(Registry(TOOLS), "main", read_only=False)
    ref = ResourceRef(type="schedule", id="s1")
    for kind, outcome in (("production", "deny"), (None, "deny"), ("staging", "allow")):
        schedule = Target(ref=ref, name="s1", kind=kind)  # type: ignore[arg-type]
        assert policy.may_approve(EVE, [schedule], own=True).outcome == outcome
        assert policy.may_approve(EVE, [schedule], own=False).outcome == "allow"
