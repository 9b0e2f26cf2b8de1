"""A run whose execution was lost and that is taken up again: in time, or when its minutes are used up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fakes import FakeClock, World, failing_then
from test_runs import OFF_ALL, one, runner

from copilot.answering.replying import Reply
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Answer, Plan, Revision, Trigger
from copilot.errors import RetryableError
from copilot.running.approving import Approve

DAY = 24 * 3600
USED_UP = "the run's 1440 minutes are used up"


class Lost(BaseException):
    """The end of an execution in the middle of its work; nothing catches it."""


def lose(name: str) -> None:
    raise Lost


def process_of(world: World, plan: dict[str, Any], lost: bool = True) -> tuple[InProcess, str]:
    """A run of this plan on this world; as far as it came where its execution is lost."""
    clock = FakeClock()
    process = runner(world, clock=clock, sleep=clock.sleep, workers=1)
    if not lost:
        return process, process.run(Plan.model_validate(plan))["run_id"]
    with pytest.raises(Lost):
        process.run(Plan.model_validate(plan))
    (turn,) = process.store.turns("main", "me/in-process")
    world.before_preview = world.before_switch = world.on_look = lambda name: None
    return process, turn.run_id


def resumed(process: InProcess, run_id: str, after: int) -> dict[str, Any]:
    process.clock.sleep(after)  # type: ignore[attr-defined]
    return process.go_on(process.store.run("main", run_id))


def forget_results(process: InProcess) -> None:
    """As the table does after 30 days."""
    process.store._results.clear()  # type: ignore[attr-defined]


def first_throttled() -> Callable[[str], None]:
    calls: list[str] = []

    def preview(name: str) -> None:
        calls.append(name)
        if len(calls) == 1:
            raise RetryableError("throttled")
        raise Lost

    return preview


@pytest.mark.parametrize("before_preview", [lose, first_throttled()], ids=["the first", "the second, the first failed"])
def test_a_run_whose_preview_was_lost_ends_in_words_when_its_minutes_are_used_up(before_preview: Any) -> None:
    world = World(lights={"a": True}, before_preview=before_preview)
    process, run_id = process_of(world, one("switch_off", "a"))
    view = resumed(process, run_id, after=DAY + 1)
    assert (view["status"], view["outcome"], world.switched) == ("answered", "failed", [])
    assert f"- switch off a: failed: {USED_UP}. Nothing was changed" in view["answer"]


def test_a_run_whose_preview_was_lost_goes_on_in_time() -> None:
    world = World(lights={"a": True}, before_preview=lose)
    process, run_id = process_of(world, one("switch_off", "a"))
    assert (resumed(process, run_id, after=DAY - 60)["outcome"], world.switched) == ("succeeded", ["a"])


def test_some_previews_that_came_back_begin_nothing_where_others_were_lost() -> None:
    world = World(lights={"a": True, "b": True}, before_preview=failing_then(1, lose))
    process, run_id = process_of(world, OFF_ALL)
    view = resumed(process, run_id, after=DAY + 1)
    assert (view["outcome"], world.switched) == ("failed", [])
    assert view["answer"].count(f"failed: {USED_UP}. Nothing was changed") == 2


def test_a_run_that_was_cancelled_before_its_preview_was_lost_ends_as_cancelled() -> None:
    world = World(lights={"a": True}, before_preview=lose)
    process, run_id = process_of(world, one("switch_off", "a"))
    process.store.cancel_run("main", run_id, "bob")
    for after in (0, DAY + 1):
        view = resumed(process, run_id, after)
        assert (view["outcome"], world.switched) == ("cancelled", [])
        assert "cancelled by bob" in view["answer"]


def test_a_write_that_was_begun_and_lost_may_have_been_made() -> None:
    world = World(lights={"a": True}, before_switch=lose)
    process, run_id = process_of(world, one("switch_off", "a"))
    view = resumed(process, run_id, after=DAY + 1)
    assert (view["outcome"], world.switched) == ("partial", [])
    assert "it cannot be said whether this was done" in view["answer"]


def test_a_write_whose_check_was_lost_is_checked_so_that_the_answer_can_say_how_it_ended() -> None:
    world = World(lights={"a": True}, slow={"a": 9})
    clock = FakeClock()
    process = runner(world, clock=clock, sleep=lambda seconds: lose(""), workers=1)
    with pytest.raises(Lost):
        process.run(Plan.model_validate(one("switch_off", "a")))
    (turn,) = process.store.turns("main", "me/in-process")
    waiting = process.store.run("main", turn.run_id)
    clock.sleep(30)
    # What the execution did last was to have the check made again; then it was lost.
    advanced = process.use_cases.advance("main", turn.run_id, waiting.wave, [])
    assert [call.phase for call in advanced.items] == ["check"]
    world.slow.clear()
    process.sleep = clock.sleep
    view = resumed(process, turn.run_id, after=DAY + 1)
    assert (view["outcome"], view["answer"]) == ("succeeded", "a is no.")


def test_an_approval_that_woke_nobody_begins_nothing_when_the_runs_minutes_are_used_up() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    process, run_id = process_of(world, OFF_ALL, lost=False)
    parked = process.store.run("main", run_id)
    approve = Approve(process.store, process.use_cases.policy, NobodyWakes(), process.clock)
    approve("main", parked.approval_id or "", process.approver, "approve")
    forget_results(process)
    view = resumed(process, run_id, after=31 * DAY)
    assert (view["outcome"], world.switched) == ("failed", [])
    assert f"- switch off a: failed: {USED_UP}. Nothing was changed" in view["answer"]


def test_an_approval_that_nobody_gave_says_so_when_the_runs_minutes_are_used_up() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    process, run_id = process_of(world, OFF_ALL, lost=False)
    view = resumed(process, run_id, after=DAY + 1)
    assert (view["outcome"], world.switched) == ("expired", [])
    assert "not approved: nobody approved it in time" in view["answer"]


@pytest.mark.parametrize("answer", [Answer(text="{it.name}."), Answer(compose="say it", using=("it",))], ids=str)
def test_a_run_whose_results_are_gone_is_answered_in_words(answer: Answer) -> None:
    world = World(lights={"a": True, "b": True})
    process, run_id = process_of(world, OFF_ALL, lost=False)
    looked = {"id": "it", "tool": "look", "for_each": ["a", "b"], "arguments": {"environment_id": {"$item": "@"}}}
    trigger = process.store.run("main", run_id).trigger.model_copy(update={"dedupe_key": "another"})
    run = begun(process, trigger, Plan.model_validate({"goal": "g", "steps": [looked]}), answer)
    forget_results(process)
    answered = Reply(process.store, process.registry, process.clock)("main", run)
    assert answered.answer == (
        "The steps ran, but the answer could not be put together: what it gave is no longer kept."
    )


def begun(process: InProcess, trigger: Trigger, plan: Plan, answer: Answer) -> str:
    """A run of which all is done but the answer."""
    run, _ = process.store.record_trigger(trigger)
    process.store.save_revision(run, Revision(plan=plan.model_copy(update={"answer": answer})))
    advance, wave, outcomes = process.use_cases.advance, 0, list[Any]()
    while True:
        advanced = advance("main", run.run_id, wave, outcomes)
        if advanced.next == "reply":
            return run.run_id
        wave, outcomes = advanced.wave, [process._item(call) for call in advanced.items]


class NobodyWakes:
    def start(self, run: Any, execution: int) -> None: ...

    def wake(self, token: str) -> None: ...

    def is_running(self, run: Any) -> bool:
        return False
