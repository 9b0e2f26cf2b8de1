"""The one word for a whole run: honest about what was done, was not, or cannot be said."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import FakeClock, World, failing
from one_write import ANN
from test_runs import OFF_ALL, one, run, runner

from copilot.answering.accounting import outcome_of
from copilot.answering.replying import Reply
from copilot.domain import (
    Answer,
    Change,
    Item,
    LedgerEntry,
    Plan,
    Preview,
    ResourceRef,
    Revision,
    Run,
    Step,
    StepState,
    Trigger,
)
from copilot.errors import FatalError, RetryableError
from copilot.ports import RunRecord

NOW = FakeClock().now()
PLAN = Plan(goal="off", steps=(Step(id="off", tool="switch_off"),), answer=Answer(text="done"))


def record(*statuses: Any) -> RunRecord:
    trigger = Trigger(
        kind="api", tenant="main", person=ANN, text="off", conversation="c", dedupe_key="k", received_at=NOW
    )
    items = tuple(Item(index=place, arguments={}, status=status) for place, status in enumerate(statuses))
    step = StepState(step_id="off", tool="switch_off@1", items=items, for_each=True)
    return RunRecord(Run(run_id="r1", trigger=trigger), (Revision(plan=PLAN),), {"off": step})


def effect(state: Any, action: Any = "stop", reason: str = "", item: int = 0) -> LedgerEntry:
    ref = ResourceRef(type="environment", id="a")
    prior = Preview(
        targets=(), changes=(Change(ref=ref, name="a", action=action, before="on", after="off"),), state=None
    )
    return LedgerEntry(
        step="off",
        item=item,
        tool="switch_off@1",
        arguments_hash="h",
        state=state,
        prior=prior,
        owner="w1",
        attempt=1,
        started_at=NOW,
        dead_after=NOW,
        reason=reason,
    )


@pytest.mark.parametrize("state", ["started", "unknown", "done"])
@pytest.mark.parametrize("status", ["unknown", "failed", "denied", "expired", "issued"])
def test_a_run_with_a_write_that_was_or_may_have_been_made_is_partly_done(status: str, state: str) -> None:
    """Whoever reads "failed" asks again; what may have been done is looked at first."""
    assert outcome_of(record("failed", status), [effect(state)], None) == "partial"


def test_a_write_that_goes_on_later_is_partly_done() -> None:
    assert outcome_of(record("failed"), [effect("started", reason="the database is backing up")], None) == "partial"


def test_a_write_of_which_only_its_item_says_that_nobody_knows_is_partly_done() -> None:
    assert outcome_of(record("unknown"), [], None) == "partial"


@pytest.mark.parametrize(
    ("status", "word"), [("failed", "failed"), ("no_data", "failed"), ("denied", "denied"), ("expired", "expired")]
)
def test_a_run_that_changed_nothing_says_why(status: str, word: str) -> None:
    for ledger in ([], [effect("failed_clean")], [effect("done", action="skip")], [effect("unknown", action="skip")]):
        assert outcome_of(record(status), ledger, None) == word


def test_a_run_that_came_to_its_end_is_not_called_so_where_something_ended_it() -> None:
    assert outcome_of(record("done"), [effect("done")], None) == "succeeded"
    assert outcome_of(record("done"), [effect("done")], "it was aborted") == "aborted"
    assert outcome_of(record("failed"), [], "it was aborted") == "aborted"


def test_a_run_that_was_ended_says_what_ended_it_and_what_was_not_done() -> None:
    process = runner(World(lights={"a": True}, kinds={"a": "production"}))
    parked = process.run(Plan.model_validate(OFF_ALL))
    ended = Reply(process.store, process.registry, process.clock)("main", parked["run_id"], "it was aborted")
    assert ended.outcome == "aborted"
    assert (ended.answer or "").startswith("The run stopped before its end: it was aborted")
    assert "- switch off a: not finished" in (ended.answer or "")


def test_a_run_of_which_a_step_was_not_run_is_no_success() -> None:
    done = record("done")
    skipped = StepState(step_id="tell", tool="shout", skipped=True, reason="off was not run")
    assert outcome_of(done._replace(steps=done.steps | {"tell": skipped}), [effect("done")], None) == "partial"


def test_a_run_that_was_answered_is_not_put_into_words_again() -> None:
    """A model may be asked for them, and they would be others."""
    process = runner(World(lights={"a": True}))
    run_id = process.run(Plan.model_validate(OFF_ALL))["run_id"]
    asked: list[str] = []
    again = Reply(process.store, process.registry, process.clock, lambda *given: asked.append("x") or "")  # type: ignore
    plan = Plan.model_validate(OFF_ALL | {"answer": {"compose": "say it", "using": ["off"]}})
    process.store.save_revision(process.store.run("main", run_id), Revision(plan=plan))
    assert (again("main", run_id).answer, asked) == ("Off: a.", [])


def crash(name: str) -> None:
    raise RuntimeError("killed")


@pytest.mark.parametrize("when", ["before_switch", "after_switch"])
def test_a_worker_that_dies_leaves_a_run_that_may_have_done_something(when: str) -> None:
    view = run(World(lights={"a": True}, **{when: crash}), one("shout", "a"))  # type: ignore[arg-type]
    assert view["outcome"] == "partial"
    assert "it cannot be said whether this was done" in view["answer"] and "look before you ask again" in view["answer"]


def test_a_message_that_may_have_been_sent_leaves_a_run_that_may_have_done_something() -> None:
    world = World(lights={"a": True}, after_switch=failing(1, RetryableError("connection lost")))
    assert run(world, one("shout", "a"))["outcome"] == "partial"


def test_a_write_that_was_refused_before_it_began_is_a_failure() -> None:
    world = World(lights={"a": True}, before_switch=failing(1, FatalError("no right to a")))
    view = run(world, one("switch_off", "a"))
    assert (view["outcome"], "Nothing was changed" in view["answer"]) == ("failed", True)
