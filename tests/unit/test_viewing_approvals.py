"""What waits for an approval, as those see it who may decide it, who asked for it, and everybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes import TOOLS
from test_ingesting import ANN, BOB, CLOCK, FakeWorkflow

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import (
    Advanced,
    Approval,
    ApprovalCall,
    Change,
    Person,
    Preview,
    ResourceRef,
    Run,
    Target,
    Trigger,
    Turn,
)
from copilot.edges.approval_views import view_approvals
from copilot.errors import Conflict, NotAllowed
from copilot.policy.decisions import Policy
from copilot.running.approving import Approve
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest

NOW = CLOCK.at
POLICY = Policy(Registry(TOOLS), "main", False)
EVE = Person(id="eve", name="Eve", roles=("developer", "operator"))


def stop(*names: str) -> ApprovalCall:
    """One call on production environments, with two changes and something left alone in each."""
    refs = [ResourceRef(type="environment", id=f"id-of-{name}") for name in names]
    given = {"before": "on", "after": "off"}
    changes = [
        Change.model_validate(given | {"ref": ref, "name": "x", "action": action})
        for ref in refs
        for action in ("stop", "skip", "stop")
    ]
    targets = [Target(ref=ref, name=name, kind="production") for ref, name in zip(refs, names, strict=True)]
    preview = Preview(targets=tuple(targets), changes=tuple(changes), state=1)
    return ApprovalCall(step="s", item=0, tool="stop_environment@1", arguments={}, preview=preview)


def send(channel: str) -> ApprovalCall:
    ref = ResourceRef(type="channel", id=channel)
    change = Change(ref=ref, name=channel, action="send", before="", after="hello")
    preview = Preview(targets=(Target(ref=ref, name=channel),), changes=(change,), state=1)
    return ApprovalCall(step="t", item=0, tool="notify@1", arguments={}, preview=preview)


def parked(store: MemoryStore, id: str, *calls: ApprovalCall, minutes: int = 60, by: Person = ANN) -> Run:
    """A run that waits for an approval of these calls."""
    asked = {"kind": "api", "tenant": "main", "person": by, "text": f"do {id}", "conversation": f"{by.id}/x"}
    run, _ = store.record_trigger(Trigger.model_validate(asked | {"dedupe_key": id, "received_at": NOW}))
    approval = Approval(
        id=id,
        tenant="main",
        run_id=run.run_id,
        calls=calls or (stop("blue"),),
        requested_by=by,
        approvers=("bob",),
        request=run.trigger.text,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=minutes),
    )
    advanced = Advanced(next="approve", wave=1, approval_id=id, seconds=9)
    store.save_wave(run.model_copy(update={"wave": 1, "advanced": advanced, "approval_id": id}), [], approval, [])
    return run


def seen(store: MemoryStore, person: Person, minutes: float = 0) -> dict[str, list[str]]:
    """What the person may do with each that they see."""
    shown: Any = view_approvals(store, POLICY, "main", person, NOW + timedelta(minutes=minutes))["approvals"]
    return {one["id"]: one["may"] for one in shown}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_one_is_shown_with_what_a_person_needs_to_choose_it(store: MemoryStore) -> None:
    run = parked(store, "a1", stop("blue"), stop("green"), send("#ops"))
    page = view_approvals(store, POLICY, "main", BOB, NOW)
    assert page == {
        "approvals": [
            {
                "id": "a1",
                "run_id": run.run_id,
                "request": "do a1",
                "requested_by": {"id": "ann", "name": "Ann", "roles": ["developer"]},
                "would": "stop environment: production environment blue, production environment green (4 changes); "
                "notify: channel #ops (1 change)",
                "approvers": ["bob"],
                "created_at": NOW.isoformat(),
                "expires_at": (NOW + timedelta(hours=1)).isoformat(),
                "may": ["approve", "deny"],
            }
        ],
        "next": None,
    }


def test_who_may_approve_sees_all_who_asked_their_own_and_nobody_else_any(store: MemoryStore) -> None:
    parked(store, "a1")
    parked(store, "a2", by=EVE)
    assert seen(store, BOB) == {"a1": ["approve", "deny"], "a2": ["approve", "deny"]}
    assert seen(store, ANN) == {"a1": ["deny"]}
    assert seen(store, EVE) == {"a2": ["deny"]}
    assert seen(store, Person(id="zoe", name="Zoe", roles=("reader",))) == {}


def test_ones_own_change_of_production_is_ones_own_to_take_back_alone(store: MemoryStore) -> None:
    both = EVE.model_copy(update={"roles": ("operator", "approver")})
    parked(store, "a1", by=both)
    parked(store, "a2", send("#ops"), by=both)
    assert seen(store, both) == {"a1": ["deny"], "a2": ["approve", "deny"]}


@pytest.mark.parametrize("by", [ANN, EVE.model_copy(update={"roles": ("operator", "approver")})], ids=["ann", "eve"])
def test_what_one_may_do_is_what_deciding_allows(store: MemoryStore, by: Person) -> None:
    for number, person in enumerate((ANN, BOB, EVE, by)):
        id = f"a{number}"
        parked(store, id, by=by)
        may = seen(store, person).get(id, [])
        for decision in ("approve", "deny"):
            trial = MemoryStore()
            parked(trial, id, by=by)
            approve = Approve(trial, POLICY, FakeWorkflow(), CLOCK)
            if decision in may:
                approve("main", id, person, decision)
            else:
                with pytest.raises(NotAllowed):
                    approve("main", id, person, decision)


def test_rights_of_now_count_and_not_those_of_when_it_was_asked(store: MemoryStore) -> None:
    parked(store, "a1")
    assert seen(store, BOB.model_copy(update={"roles": ()})) == {}
    assert seen(store, EVE.model_copy(update={"roles": ("approver",)})) == {"a1": ["approve", "deny"]}


def test_what_expires_soonest_comes_first_and_what_expired_not_at_all(store: MemoryStore) -> None:
    for id, minutes in (("a1", 60), ("a2", 5), ("a3", 30)):
        parked(store, id, minutes=minutes)
    assert list(seen(store, BOB)) == ["a2", "a3", "a1"]
    assert list(seen(store, BOB, minutes=5)) == ["a3", "a1"]


def test_what_is_decided_or_withdrawn_is_not_shown(store: MemoryStore) -> None:
    parked(store, "a1")
    cancelled = parked(store, "a2")
    Approve(store, POLICY, FakeWorkflow(), CLOCK)("main", "a1", BOB, "approve")
    assert list(seen(store, BOB)) == ["a2"]
    Ingest(store, FakeWorkflow(), CLOCK).cancel("main", cancelled.run_id, ANN)
    assert seen(store, BOB) == {}


@pytest.mark.parametrize("end", ["answered", "gone on"])
def test_what_its_run_does_not_wait_for_any_more_is_not_shown(store: MemoryStore, end: str) -> None:
    run = store.run("main", parked(store, "a1").run_id)
    if end == "answered":
        aborted = run.model_copy(update={"answer": "x", "outcome": "aborted", "answered_at": NOW})
        store.answer_run(aborted, Turn(run_id=run.run_id, author="copilot", text="x", at=NOW), [])
    else:
        on = run.model_copy(update={"wave": 2, "approval_id": None, "advanced": Advanced(next="reply", wave=2)})
        store.save_wave(on, [], None, [])
    assert seen(store, BOB) == {}
    with pytest.raises(Conflict):
        Approve(store, POLICY, FakeWorkflow(), CLOCK)("main", "a1", BOB, "approve")


def test_names_from_outside_can_do_nothing_in_the_list(store: MemoryStore) -> None:
    parked(store, "a1", stop("please approve this @here https://evil.example/x\n- ok", "blue"))
    shown: Any = view_approvals(store, POLICY, "main", BOB, NOW)
    (one,) = shown["approvals"]
    assert one["would"] == (
        "stop environment: production environment «please approve this (at)here https[:]//evil[.]example/x - ok», "
        "production environment blue (4 changes)"
    )


def test_pages_lead_through_all_also_where_none_of_one_is_theirs(store: MemoryStore) -> None:
    for number in range(60):
        parked(store, f"a{number:02}", minutes=number + 1, by=EVE if number < 50 else ANN)
    first = view_approvals(store, POLICY, "main", ANN, NOW)
    assert first["approvals"] == [] and first["next"]
    second: Any = view_approvals(store, POLICY, "main", ANN, NOW, str(first["next"]))
    assert [one["id"] for one in second["approvals"]] == [f"a{number}" for number in range(50, 60)]
    assert second["next"] is None
