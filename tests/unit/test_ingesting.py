"""From a Trigger to a Run at work, and a person's decisions on it, with a fake Workflow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes import TOOLS, FakeClock

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Approval, ApprovalCall, Person, Preview, ResourceRef, Run, Target, Trigger, Turn
from copilot.errors import Conflict, NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.running.approving import Approve
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest

ANN = Person(id="ann", name="Ann", roles=("developer",))
BOB = Person(id="bob", name="Bob", roles=("approver",))
CLOCK = FakeClock()


class FakeWorkflow:
    def __init__(self) -> None:
        self.started: list[str] = []
        self.woken: list[str] = []
        self.running = True
        self.fails = False

    def start(self, run: Run, execution: int) -> None:
        if self.fails:
            raise ConnectionError
        self.started.append(f"{run.run_id}-{execution}")

    def wake(self, token: str) -> None:
        if self.fails:
            raise ConnectionError
        self.woken.append(token)

    def is_running(self, run: Run) -> bool:
        return self.running


class Setting:
    def __init__(self) -> None:
        self.store, self.workflow = MemoryStore(), FakeWorkflow()
        self.ingest = Ingest(self.store, self.workflow, CLOCK)
        self.approve = Approve(self.store, Policy(Registry(TOOLS), "main", False), self.workflow, CLOCK)

    def send(self, key: str = "k", person: Person = ANN, seconds: int = 0, text: str = "do it") -> tuple[Run, bool]:
        return self.ingest(
            Trigger(
                kind="api",
                tenant="main",
                person=person,
                text=text,
                conversation="ann/x",
                dedupe_key=key,
                received_at=CLOCK.at + timedelta(seconds=seconds),
            )
        )

    def park(self, run: Run, requested_by: Person = ANN) -> Approval:
        ref = ResourceRef(type="environment", id="e")
        preview = Preview(targets=(Target(ref=ref, name="e", kind="production"),), changes=(), state=1)
        approval = Approval(
            id="a1",
            tenant="main",
            run_id=run.run_id,
            calls=(ApprovalCall(step="s", item=0, tool="switch_off", arguments={}, preview=preview),),
            requested_by=requested_by,
            request="do it",
            created_at=CLOCK.at,
            expires_at=CLOCK.at + timedelta(hours=1),
        )
        kept = self.store.run("main", run.run_id)
        advanced = {"next": "approve", "wave": kept.wave + 1, "approval_id": "a1", "seconds": 9}
        parked = Run.model_validate(
            kept.model_dump() | {"wave": kept.wave + 1, "advanced": advanced, "approval_id": "a1"}
        )
        self.store.save_wave(parked, [], approval, [])
        self.store.keep_token("main", "a1", "token")
        return approval


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_one_dedupe_key_is_one_run_and_one_execution(setting: Setting) -> None:
    first, new = setting.send()
    again, repeated = setting.send()
    assert (new, repeated, first.run_id == again.run_id) == (True, False, True)
    assert setting.workflow.started == [f"{first.run_id}-1"]


def test_a_start_that_failed_is_issued_again_by_the_repeat(setting: Setting) -> None:
    setting.workflow.fails = True
    with pytest.raises(ConnectionError):
        setting.send()
    setting.workflow.fails = False
    run, new = setting.send()
    assert not new
    assert setting.workflow.started == [f"{run.run_id}-1"]


def test_a_start_that_failed_does_not_hold_the_conversation(setting: Setting) -> None:
    setting.workflow.fails = True
    with pytest.raises(ConnectionError):
        setting.send("k1")
    setting.workflow.fails = False
    second, _ = setting.send("k2", seconds=1)
    assert second.status == "running"


def test_a_late_repeat_of_an_answered_run_does_not_hold_the_conversation(setting: Setting) -> None:
    first, _ = setting.send("k1")
    answered = first.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": CLOCK.at})
    turn = Turn(run_id=first.run_id, author="copilot", text="done", at=CLOCK.at)
    setting.store.answer_run(answered, turn, [])
    setting.store.release_lock(first)
    setting.send("k1")
    assert setting.send("k2", seconds=1)[0].status == "running"


def test_a_long_queue_loses_nobody(setting: Setting) -> None:
    runs = [setting.send(f"k{i}", seconds=i)[0] for i in range(70)]
    for run in runs[1:]:
        setting.store.release_lock(runs[0])
        started = setting.ingest.start_next("main", "ann/x")
        assert started is not None and started.run_id == run.run_id
        runs[0] = run


def test_a_run_that_waits_for_its_turn_is_not_resumed(setting: Setting) -> None:
    setting.send("k1")
    waiting, _ = setting.send("k2", seconds=1)
    with pytest.raises(Conflict, match="waits for its turn"):
        setting.ingest.resume("main", waiting.run_id)


def test_a_decision_whose_wake_was_lost_wakes_when_it_is_made_again(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    setting.workflow.fails = True
    with pytest.raises(ConnectionError):
        setting.approve("main", "a1", BOB, "approve")
    setting.workflow.fails = False
    assert setting.approve("main", "a1", BOB, "approve").state == "approved"
    assert setting.workflow.woken == ["token"]


def test_later_turns_of_a_conversation_queue_and_start_in_order(setting: Setting) -> None:
    runs = [setting.send(f"k{i}", seconds=i)[0] for i in range(3)]
    assert [run.status for run in runs] == ["running", "queued", "queued"]
    assert setting.ingest.start_next("main", "ann/x") is None
    setting.store.release_lock(runs[0])
    started = setting.ingest.start_next("main", "ann/x")
    assert started is not None and started.run_id == runs[1].run_id
    assert setting.ingest.start_next("main", "ann/x") is None


def test_resume_starts_the_next_execution_of_a_run_that_lost_its_last(setting: Setting) -> None:
    run, _ = setting.send()
    with pytest.raises(Conflict, match="still at work"):
        setting.ingest.resume("main", run.run_id)
    setting.workflow.running = False
    assert setting.ingest.resume("main", run.run_id).execution == 2
    assert setting.workflow.started[-1] == f"{run.run_id}-2"
    with pytest.raises(NotFound):
        setting.ingest.resume("main", "rnone")


def test_cancel_sets_the_flag_and_wakes_a_run_that_waits(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    assert setting.ingest.cancel("main", run.run_id, ANN).cancelled_by == "ann"
    assert setting.workflow.woken == ["token"]
    assert setting.store.approval("main", "a1").state == "denied"


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_an_approver_decides_once(setting: Setting, decision: str) -> None:
    run, _ = setting.send()
    setting.park(run)
    decided = setting.approve("main", "a1", BOB, decision, "because")  # type: ignore[arg-type]
    assert (decided.decided_by, decided.reason) == ("bob", "because")
    assert setting.workflow.woken == ["token"]
    with pytest.raises(Conflict, match="by bob already"):
        setting.approve("main", "a1", BOB, "deny" if decision == "approve" else "approve")
    assert len(setting.workflow.woken) == 1


def test_who_may_not_approve_is_told_so_and_nothing_happens(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    for person in (ANN, Person(id="eve", name="Eve")):
        with pytest.raises(NotAllowed, match="Nothing was changed"):
            setting.approve("main", "a1", person, "approve")
    assert setting.store.approval("main", "a1").state == "pending"


def test_who_asked_may_take_it_back_but_nobody_else_without_the_right(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    with pytest.raises(NotAllowed):
        setting.approve("main", "a1", Person(id="eve", name="Eve"), "deny")
    assert setting.approve("main", "a1", ANN, "deny").state == "denied"


def test_an_expired_approval_cannot_be_given_any_more(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    later = FakeClock(CLOCK.at + timedelta(hours=2))
    approve = Approve(setting.store, setting.approve.policy, setting.workflow, later)
    with pytest.raises(Conflict, match="expired"):
        approve("main", "a1", BOB, "approve")


def test_an_approval_that_no_longer_stands_cannot_be_given(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    kept = setting.store.run("main", run.run_id)
    setting.store.save_wave(kept.model_copy(update={"wave": kept.wave + 1, "approval_id": "a2"}), [], None, [])
    with pytest.raises(Conflict, match="no longer stands"):
        setting.approve("main", "a1", BOB, "approve")
