"""A run from plan to answer, through every use case, with fakes of our own ports."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes import TOOLS, FakeClock, Light, Look, Named, SwitchOff, World, clients_of, failing, failing_then

from copilot.answering.replying import Reply
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Budgets, Configuration
from copilot.domain import Person, Plan
from copilot.errors import FatalError, NotReady, PlanError, RetryableError, ToolInputError
from copilot.tools.registry import Registry

OFF_ALL: dict[str, Any] = {
    "goal": "all lights off",
    "steps": [
        {"id": "all", "tool": "list_lights"},
        {
            "id": "off",
            "tool": "switch_off",
            "for_each": {"$ref": "all.lights[?on].name"},
            "arguments": {"environment_id": {"$item": "@"}},
            "expect": "!on",
        },
    ],
    "answer": {"text": "Off: {off[].name}."},
}


def one(tool: str, name: str, **more: Any) -> dict[str, Any]:
    step = {"id": "it", "tool": tool, "arguments": {"environment_id": name}} | more
    return {"goal": "one", "steps": [step], "answer": {"text": "{it.name} is {it.on}."}}


def runner(world: World, **more: Any) -> InProcess:
    clock = FakeClock()
    given: dict[str, Any] = {"registry": Registry(TOOLS), "clock": clock, "sleep": clock.sleep, "workers": 4} | more
    return InProcess(clients_of(world, clock), **given)


def run(world: World, plan: dict[str, Any], **more: Any) -> dict[str, Any]:
    return runner(world, **more).run(Plan.model_validate(plan))


def test_a_write_is_made_for_each_item_and_answered_from_its_outputs() -> None:
    world = World(lights={"a": True, "b": False, "c": True})
    view = run(world, OFF_ALL)
    assert (view["outcome"], view["answer"]) == ("succeeded", "Off: a, c.")
    assert sorted(world.switched) == ["a", "c"]
    assert [item["status"] for item in view["steps"][1]["items"]] == ["done", "done"]


def test_each_write_may_do_only_what_its_own_item_needs() -> None:
    world = World(lights={"a": True, "c": True})
    run(world, OFF_ALL)
    assert sorted(p.arn for granted in world.granted for p in granted) == ["arn:light:a", "arn:light:c"]
    assert all(len(granted) == 1 for granted in world.granted)


def test_an_empty_selection_is_a_success_that_says_so() -> None:
    view = run(World(lights={"a": False}), OFF_ALL)
    assert (view["outcome"], view["answer"]) == ("succeeded", "Off: none.")


def test_a_write_is_waited_for_until_a_fresh_read_says_it_is_there() -> None:
    world = World(lights={"a": True}, slow={"a": 3})
    clock = FakeClock()
    view = run(world, OFF_ALL, clock=clock, sleep=clock.sleep)
    assert view["outcome"] == "succeeded"
    assert clock.slept == [2, 4, 8]
    assert world.switched == ["a"]


def test_a_slow_item_does_not_hold_back_what_does_not_need_it() -> None:
    world = World(lights={"a": True, "b": True}, slow={"a": 3})
    plan = {
        "goal": "two",
        "steps": [
            {"id": "slow", "tool": "switch_off", "arguments": {"environment_id": "a"}},
            {"id": "look_b", "tool": "look", "arguments": {"environment_id": "b"}, "after": []},
            {"id": "off_b", "tool": "switch_off", "arguments": {"environment_id": {"$ref": "look_b.name"}}},
        ],
        "answer": {"text": "done"},
    }
    view = run(world, plan)
    slow, _, other = view["steps"]
    assert other["items"][0]["settled_at"] < slow["items"][0]["settled_at"]


def test_what_never_becomes_as_wanted_fails_at_its_deadline_and_says_what_was_done() -> None:
    world = World(lights={"a": True}, slow={"a": 99})
    view = run(world, OFF_ALL)
    assert view["outcome"] == "partial"
    assert "switch off a: failed: not as wanted after 60 s: still glowing" in view["answer"]
    assert "Nothing was changed" not in view["answer"]


def test_a_passing_error_is_retried_with_growing_pauses() -> None:
    world = World(lights={"a": True}, on_look=failing(2, RetryableError("throttled")))
    clock = FakeClock()
    view = run(world, one("look", "a"), clock=clock, sleep=clock.sleep)
    assert (view["outcome"], view["answer"]) == ("succeeded", "a is yes.")
    assert clock.slept == [2, 4]


def test_an_error_that_does_not_pass_ends_after_the_budget() -> None:
    world = World(lights={"a": True}, on_look=failing(99, RetryableError("throttled")))
    view = run(world, one("look", "a"), config=Configuration(accounts=(), people=(), budgets=Budgets(attempts=2)))
    assert view["outcome"] == "failed"
    assert "gave up after 2 attempts: throttled" in view["answer"]


@pytest.mark.parametrize("error", [ToolInputError("no light zz", ["a"]), FatalError("broken")])
def test_a_wrong_call_is_not_repeated(error: Exception) -> None:
    calls: list[str] = []

    def fail(name: str) -> None:
        calls.append(name)
        raise error

    view = run(World(lights={"a": True}, on_look=fail), one("look", "a"))
    assert (view["outcome"], calls) == ("failed", ["a"])
    assert str(error) in view["answer"]


def test_a_tool_that_crashes_is_reported_without_a_stack_trace() -> None:
    view = run(World(), one("look", "nowhere"))
    assert view["outcome"] == "failed"
    assert "KeyError" in view["answer"] and "Traceback" not in view["answer"]


def test_some_failed_writes_stop_what_depends_on_them() -> None:
    def fail(name: str) -> None:
        if name == "b":
            raise FatalError("stuck")

    world = World(lights={"a": True, "b": True}, before_switch=fail)
    plan = OFF_ALL | {"steps": [*OFF_ALL["steps"], {"id": "then", "tool": "list_lights", "after": ["off"]}]}
    view = run(world, plan)
    assert view["outcome"] == "partial"
    assert view["steps"][2]["status"] == "skipped"
    assert "- then (list lights): not run, because off succeeded for 1 of 2" in view["answer"]
    assert "- switch off b: failed: stuck. Nothing was changed" in view["answer"]


def test_a_write_may_say_that_dependents_go_on_and_they_see_the_failures() -> None:
    world = World(lights={"a": True, "b": True}, before_switch=failing(1, FatalError("stuck")))
    off = OFF_ALL["steps"][1] | {"continue_on_failure": True}
    plan = OFF_ALL | {"steps": [OFF_ALL["steps"][0], off], "answer": {"text": "- {failures.off[].reason}"}}
    assert "- stuck" in run(world, plan, workers=1)["answer"]


def test_production_asks_and_deny_changes_nothing() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    view = run(world, OFF_ALL, decide=lambda approval: "deny")
    assert (view["outcome"], world.switched) == ("denied", [])
    assert "- switch off a: denied by another. Nothing was changed" in view["answer"]


def test_production_asks_and_approve_does_it_once() -> None:
    world = World(lights={"a": True, "b": True}, kinds={"a": "production", "b": "production"})
    asked: list[Any] = []

    def approve(approval: Any) -> str:
        asked.append(approval)
        return "approve"

    view = run(world, OFF_ALL, decide=approve)
    assert (view["outcome"], sorted(world.switched), len(asked)) == ("succeeded", ["a", "b"], 1)
    assert [call.arguments for call in asked[0].calls] == [{"environment_id": "a"}, {"environment_id": "b"}]
    assert asked[0].calls[0].undo.tool == "switch_on"


def test_what_does_not_ask_is_done_before_anybody_is_asked() -> None:
    world = World(lights={"a": True, "b": True}, kinds={"a": "production"})
    view = run(world, OFF_ALL)
    assert (view["status"], view["approval"]["state"], world.switched) == ("parked", "pending", ["b"])


def test_an_approval_lapses_when_the_target_has_moved_and_is_asked_again() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    asked: list[Any] = []

    def move_then_approve(approval: Any) -> str:
        if not asked:
            world.lights["a"] = False
        asked.append(approval)
        return "approve"

    view = run(world, OFF_ALL, decide=move_then_approve)
    assert world.switched == []
    assert len(asked) == 1  # now there is nothing to change, so there is nothing to ask
    assert view["outcome"] == "succeeded"


def test_nobody_deciding_in_time_ends_the_step_unchanged() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    clock = FakeClock()
    process = runner(world, clock=clock, sleep=clock.sleep)
    parked = process.run(Plan.model_validate(OFF_ALL))
    clock.sleep(3601)
    view = process.go_on(process.store.run("main", parked["run_id"]))
    # The stored decision is returned for a new execution; the machine's time-out then leads back to Advance.
    assert view["status"] == "parked"
    advanced = process.use_cases.advance("main", parked["run_id"], process.store.run("main", parked["run_id"]).wave, [])
    assert advanced.next == "reply"


def test_people_without_a_role_may_do_nothing() -> None:
    world = World(lights={"a": True})
    view = run(world, one("look", "a"), person=Person(id="x", name="X"))
    assert view["outcome"] == "denied"


def test_read_only_denies_every_write() -> None:
    world = World(lights={"a": True})
    view = run(world, OFF_ALL, config=Configuration(accounts=(), people=(), read_only=True))
    assert (view["outcome"], world.switched) == ("denied", [])
    assert "read-only" in view["answer"]


def test_a_worker_that_dies_after_the_effect_leaves_one_effect_and_one_answer() -> None:
    deaths = [1]

    def die(name: str) -> None:
        if deaths:
            deaths.pop()
            raise RuntimeError("killed")

    world = World(lights={"a": True}, after_switch=die)
    process = runner(world)
    view = process.run(Plan.model_validate(OFF_ALL))
    # What it had done is read back once it cannot be alive any more, and not made again.
    assert view["effects"][0]["state"] == "done"
    assert (view["outcome"], world.switched) == ("succeeded", ["a"])


def test_a_worker_that_dies_each_time_ends_as_unknown_and_is_not_tried_for_ever() -> None:
    tries = []

    def die(name: str) -> None:
        tries.append(name)
        raise RuntimeError("killed")

    view = run(World(lights={"a": True}, before_switch=die), one("switch_off", "a"))
    assert "it cannot be said whether this was done" in view["answer"]
    assert 1 < len(tries) <= 8


def test_a_message_is_never_sent_twice() -> None:
    world = World(lights={"a": True}, after_switch=failing(1, RetryableError("connection lost")))
    view = run(world, one("shout", "a"))
    assert world.switched == ["a"]
    assert "it cannot be said whether this was done (connection lost" in view["answer"]


def test_a_target_with_an_unknown_write_is_not_written_again_in_the_run() -> None:
    world = World(lights={"a": True}, after_switch=failing(1, RetryableError("connection lost")))
    plan = one("shout", "a")
    plan["steps"][0]["continue_on_failure"] = True
    plan["steps"].append({"id": "again", "tool": "switch_off", "arguments": {"environment_id": "a"}, "after": ["it"]})
    view = run(world, plan)
    assert world.switched == ["a"]
    assert "a has another write of this run whose outcome is not known" in view["answer"]


def test_an_effect_that_may_have_happened_keeps_its_prior_state_and_is_looked_at_again() -> None:
    world = World(lights={"a": True}, after_switch=failing(1, RetryableError("the read timed out")))
    process = runner(world)
    view = process.run(Plan.model_validate(OFF_ALL))
    assert (view["outcome"], world.switched) == ("succeeded", ["a"])
    (entry,) = process.store.effects("main", view["run_id"])
    assert (entry.prior.state, entry.attempt) == ({"on": True}, 2)


def test_what_is_between_two_states_is_tried_until_the_deadline_not_three_times() -> None:
    world = World(lights={"a": True}, before_switch=failing(4, NotReady("the light is warming up")))
    clock = FakeClock()
    view = run(world, OFF_ALL, clock=clock, sleep=clock.sleep)
    assert (view["outcome"], world.switched, clock.slept) == ("succeeded", ["a"], [15, 15, 15, 15])
    late = run(World(lights={"a": True}, before_switch=failing(99, NotReady("still warming up"))), OFF_ALL)
    assert "not ready after 60 s: still warming up" in late["answer"]


def test_a_write_that_crashed_blocks_its_target_for_the_rest_of_the_run() -> None:
    def crash(name: str) -> None:
        raise RuntimeError("boom password=hunter22")

    world = World(lights={"a": True}, after_switch=crash)
    plan = one("shout", "a")
    plan["steps"][0]["continue_on_failure"] = True
    plan["steps"].append({"id": "again", "tool": "switch_off", "arguments": {"environment_id": "a"}, "after": ["it"]})
    view = run(world, plan)
    assert world.switched == ["a"]
    assert "a has another write of this run whose outcome is not known" in view["answer"]
    assert "hunter22" not in json.dumps(view), "what broke is for the log"


def test_an_effect_does_not_begin_once_the_run_was_answered_or_cancelled() -> None:
    for stop in ("cancel", "answer"):
        world = World(lights={"a": True})
        process = runner(world)

        def interfere(name: str, process: InProcess = process, stop: str = stop) -> None:
            (run_id,) = [turn.run_id for turn in process.store.turns("main", "me/in-process")]
            if stop == "cancel":
                process.store.cancel_run("main", run_id, "bob")
            else:
                Reply(process.store, process.registry, process.clock)("main", run_id, "it was aborted")

        world.before_preview = failing_then(1, interfere)
        process.run(Plan.model_validate(OFF_ALL))
        assert world.switched == [], stop


def test_an_approval_does_not_outlive_the_right_it_was_asked_under() -> None:
    world = World(lights={"a": True}, kinds={"a": "production"})
    process = runner(world)

    def freeze_then_approve(approval: Any) -> str:
        process.config = process.config.model_copy(update={"read_only": True})
        return "approve"

    process.decide = freeze_then_approve  # type: ignore[assignment]
    view = process.run(Plan.model_validate(OFF_ALL))
    assert (view["outcome"], world.switched) == ("denied", [])


def test_a_write_that_shows_no_change_is_still_decided_by_policy() -> None:
    class Silent(SwitchOff):
        name = "silent"

        def preview(self, input: Any) -> Any:
            return super().preview(input).model_copy(update={"changes": ()})

    world = World(lights={"a": True})
    config = Configuration(accounts=(), people=(), read_only=True)
    view = run(world, one("silent", "a"), registry=Registry([*TOOLS, Silent]), config=config)
    assert (view["outcome"], world.switched) == ("denied", [])


def test_polling_does_not_use_up_the_budget_of_items() -> None:
    world = World(lights={"a": True, "b": True}, slow={"a": 4, "b": 4})
    then = {"id": "then", "tool": "look", "for_each": {"$ref": "all.lights[].name"}, "after": ["off"]}
    plan = OFF_ALL | {"steps": [*OFF_ALL["steps"], then | {"arguments": {"environment_id": {"$item": "@"}}}]}
    view = run(world, plan, config=Configuration(accounts=(), people=(), budgets=Budgets(items=5)))
    assert view["outcome"] == "succeeded"


def test_a_run_that_is_resumed_too_late_begins_nothing_new() -> None:
    world = World(lights={"a": True})
    clock = FakeClock()
    process = runner(world, clock=clock, sleep=clock.sleep)
    world.before_preview = failing_then(1, lambda name: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        process.run(Plan.model_validate(OFF_ALL))
    (turn,) = process.store.turns("main", "me/in-process")
    clock.sleep(7 * 24 * 3600)
    world.before_preview = lambda name: None
    view = process.go_on(process.store.run("main", turn.run_id))
    assert world.switched == []
    assert "minutes are used up" in view["answer"]


def test_what_came_out_otherwise_says_so_in_its_own_words() -> None:
    plan = one("look", "a", expect="on == `false`")
    view = run(World(lights={"a": True}), plan)
    assert "(expected: on == `false`)" in view["answer"]


@pytest.mark.parametrize("runtime", ["write", "render", "send"])
def test_a_function_refuses_what_belongs_on_another(runtime: str) -> None:
    process = runner(World(lights={"a": True}), runtime=runtime)
    assert "does not belong on the" in process.run(Plan.model_validate(one("look", "a")))["answer"]


def test_a_null_into_a_required_argument_is_no_call() -> None:
    calls: list[str] = []
    world = World(lights={"a": True}, on_look=calls.append)
    plan = one("look", "a")
    plan["steps"].insert(0, {"id": "all", "tool": "list_lights"})
    plan["steps"][1]["arguments"] = {"environment_id": {"$ref": "all.lights[?name == 'zz'] | [0].name"}}
    view = run(world, plan)
    assert calls == []
    assert "nothing to go on" in view["answer"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tool": "list_lihgts"}, "no tool list_lihgts; nearest: list_lights"),
        ({"tool": "list_lights@7"}, "tool list_lights has no version 7"),
        ({"arguments": {"colour": 1}}, "has no argument colour"),
        ({"id": "failures"}, "reserved"),
        ({"after": ["later"]}, "no earlier step has that id"),
    ],
)
def test_a_plan_that_cannot_be_right_is_refused_before_anything_runs(change: dict[str, Any], said: str) -> None:
    world = World(lights={"a": True})
    plan = {"goal": "x", "steps": [{"id": "all", "tool": "list_lights"} | change], "answer": {"text": "ok"}}
    with pytest.raises(PlanError) as refused:
        run(world, plan)
    assert said in str(refused.value)


def test_secrets_in_outputs_are_masked_before_they_are_kept() -> None:
    class Leaky(Look):
        name = "leaky"

        def run(self, input: Named) -> Light:
            return super().run(input).model_copy(update={"note": "password=hunter22 AKIAABCDEFGHIJKLMNOP"})

    process = runner(World(lights={"a": True}), registry=Registry([*TOOLS, Leaky]))
    plan = one("leaky", "a") | {"answer": {"text": "{it.note}"}}
    view = process.run(Plan.model_validate(plan))
    assert view["answer"] == "password=[masked] [masked]"


def test_a_write_that_was_begun_and_then_refused_is_not_called_untouched() -> None:
    world = World(lights={"a": True})
    errors: list[Exception] = [RetryableError("connection lost"), FatalError("not in this state")]

    def fail(name: str) -> None:
        if errors:
            raise errors.pop(0)

    world.before_switch = fail
    view = run(world, one("switch_off", "a"))
    assert "it cannot be said whether this was done" in view["answer"] and "half done" in view["answer"]
    assert [effect["state"] for effect in view["effects"]] == ["unknown"]
