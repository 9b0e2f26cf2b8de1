"""Starting a run again that lost its execution: none that was answered, none beside another of its conversation."""

from __future__ import annotations

from datetime import datetime

import pytest
from test_ingesting import ANN, BOB, CLOCK, Setting

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Plan, Run, Turn
from copilot.errors import Conflict
from copilot.triggers.ingesting import Ingest


@pytest.fixture
def setting() -> Setting:
    """One whose executions are lost as soon as they are started."""
    setting = Setting()
    setting.workflow.running = False
    return setting


def answered(setting: Setting, run: Run) -> None:
    done = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": CLOCK.at})
    setting.store.answer_run(done, Turn(run_id=run.run_id, author="copilot", text="done", at=CLOCK.at), [])
    setting.store.release_lock(run)


def test_a_run_that_was_answered_is_not_started_again(setting: Setting) -> None:
    run, _ = setting.send()
    answered(setting, run)
    with pytest.raises(Conflict, match="has been answered; there is nothing to resume"):
        setting.ingest.resume("main", run.run_id)
    assert setting.workflow.started == [f"{run.run_id}-1"]
    assert setting.send("k2", seconds=1)[0].status == "running", "and holds up nobody"


def test_a_run_is_not_started_again_beside_another_of_its_conversation(setting: Setting) -> None:
    lost, _ = setting.send("k1")
    setting.store.release_lock(lost)
    at_work, _ = setting.send("k2", seconds=1)
    with pytest.raises(Conflict, match="another run of the conversation is at work"):
        setting.ingest.resume("main", lost.run_id)
    assert setting.workflow.started == [f"{lost.run_id}-1", f"{at_work.run_id}-1"]
    answered(setting, at_work)
    assert setting.ingest.resume("main", lost.run_id).execution == 2


def test_a_run_that_was_started_again_has_its_conversation_to_itself(setting: Setting) -> None:
    lost, _ = setting.send("k1")
    setting.store.release_lock(lost)
    setting.ingest.resume("main", lost.run_id)
    assert setting.send("k2", seconds=1)[0].status == "queued"


def test_a_run_that_waits_for_an_approval_is_started_again_beside_others(setting: Setting) -> None:
    """It gave its conversation back when it began to wait, and does nothing before somebody has decided."""
    waiting, _ = setting.send("k1")
    setting.park(waiting)
    setting.store.release_lock(waiting)
    setting.send("k2", seconds=1)
    assert setting.ingest.resume("main", waiting.run_id).execution == 2


def test_a_run_that_was_answered_is_not_cancelled(setting: Setting) -> None:
    run, _ = setting.send()
    answered(setting, run)
    with pytest.raises(Conflict, match="has been answered; there is nothing to cancel"):
        setting.ingest.cancel("main", run.run_id, ANN)
    assert setting.store.run("main", run.run_id).cancelled_by is None


def test_a_run_that_is_answered_while_it_is_started_again_gives_its_conversation_back(setting: Setting) -> None:
    """A repeat found the run queued, and took the lock when that had come to its end."""

    class Quick(MemoryStore):
        answers = False

        def take_lock(self, run: Run, now: datetime, until: datetime) -> bool:
            if self.answers:
                self.answers = False
                done = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": now})
                self.answer_run(done, Turn(run_id=run.run_id, author="copilot", text="done", at=now), [])
            return super().take_lock(run, now, until)

    store = Quick()
    ingest = Ingest(store, setting.workflow, CLOCK)
    setting.store, setting.ingest = store, ingest
    store.answers = True
    setting.send("k1")
    assert setting.workflow.started == []
    assert setting.send("k2", seconds=1)[0].status == "running"


def test_a_run_that_was_approved_before_it_was_cancelled_keeps_its_approval_and_is_cancelled(setting: Setting) -> None:
    run, _ = setting.send()
    setting.park(run)
    setting.approve("main", "a1", BOB, "approve")
    assert setting.ingest.cancel("main", run.run_id, ANN).cancelled_by == "ann"
    assert setting.store.approval("main", "a1").state == "approved"
    assert setting.workflow.woken == ["token", "token"]


def test_what_a_run_is_to_do_is_kept_once_however_often_it_is_asked_for(setting: Setting) -> None:
    trigger = setting.send()[0].trigger.model_copy(update={"dedupe_key": "fired"})
    for goal in ("stop it", "stop it", "stop something else"):
        setting.ingest(trigger, Plan(goal=goal, say="done"))
    revisions = setting.store.load_run("main", trigger.run_id).revisions
    assert [revision.plan.goal for revision in revisions] == ["stop it"]


def test_a_secret_in_a_request_is_not_kept_whoever_hands_it_in(setting: Setting) -> None:
    run, _ = setting.send(text="deploy with password=hunter22 please")
    assert run.trigger.text == "deploy with password=[masked] please"
    assert [turn.text for turn in setting.store.turns("main", "ann/x")] == [run.trigger.text]


def test_a_request_that_is_longer_once_it_is_masked_is_cut_and_can_be_read_back(setting: Setting) -> None:
    run, _ = setting.send(text="token=abcd " * 360)
    assert len(Run.model_validate(run.model_dump()).trigger.text) == 4000
