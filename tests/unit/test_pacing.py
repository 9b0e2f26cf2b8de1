"""A change of many: one first, then the rest; and what becomes of the rest where it goes wrong twice."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import TOOLS, FakeClock
from test_limiting import CONFIG, DEV, all_off, decided, given, lit, names
from test_runs import OFF_ALL

from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Limits
from copilot.domain import Item, Plan, StepState
from copilot.errors import FatalError, RetryableError, Unfinished
from copilot.running import advancing
from copilot.running.beginning import not_twice
from copilot.running.pacing import HELD, halted, held
from copilot.tools.registry import Registry

WIDE = CONFIG.model_copy(update={"limits": Limits(asks_above=30, most=30)})


def waves(process: InProcess) -> list[list[str]]:
    """The calls of step off that are issued to change something, wave by wave, as the run goes on from here."""
    issued = list[list[str]]()
    store: Any = process.store
    save = store.save_wave

    def seen(run: Any, *rest: Any) -> None:
        save(run, *rest)
        calls = [call for call in run.advanced.items if (call.step, call.phase) == ("off", "execute")]
        issued.extend([[f"e{call.item + 1:02}" for call in calls]] if calls else [])

    store.save_wave = seen
    return issued


def items(view: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view["steps"][1]["items"]
    return found


@pytest.mark.parametrize(("number", "first"), [(3, 3), (4, 1), (5, 1)])
def test_over_three_of_a_step_one_is_changed_first(number: int, first: int) -> None:
    world = lit(names(number))
    process = given(world)
    issued = waves(process)
    assert process.run(all_off())["outcome"] == "succeeded"
    assert issued == ([names(number)] if first == number else [["e01"], names(number - 1, 2)])


def test_the_rest_waits_until_the_first_is_seen_to_be_as_wanted_and_says_so() -> None:
    world = lit(names(4))
    world.slow["e01"] = 3
    process = given(world)
    seen: list[list[tuple[str, str]]] = []
    sleep = process.sleep

    def look(seconds: float) -> None:
        run = process.store.recent_runs("main")[0]
        step = process.store.load_step("main", run.run_id, "off")
        seen.append([(item.status, item.reason) for item in step.items])
        assert world.switched == ["e01"]
        sleep(seconds)

    process.sleep = look
    view = process.run(all_off())
    assert len(seen) == 3
    assert all(one[1:] == [("open", HELD)] * 3 for one in seen)
    assert sorted(world.switched) == names(4)
    assert [item["attempt"] for item in items(view)] == [1] * 4


def test_waiting_for_the_first_takes_nothing_of_the_time_of_the_others() -> None:
    """The first takes most of a minute, and each of the others is tried again for most of another."""
    world = lit(names(4))
    world.slow["e01"] = 5
    tries = dict.fromkeys(names(3, 2), 0)

    def busy(name: str) -> None:
        if name in tries:
            tries[name] += 1
            if tries[name] < 5:
                raise RetryableError("throttled")

    world.before_switch = busy
    process = given(world)
    view = process.run(all_off())
    assert (view["outcome"], set(tries.values())) == ("succeeded", {5})


def test_what_changes_nothing_waits_for_nobody_and_counts_for_none() -> None:
    world = lit(names(6))
    for name in names(3):
        world.lights[name] = False
    process = given(world)
    issued = waves(process)
    every = OFF_ALL["steps"][1] | {"for_each": {"$ref": "all.lights[].name"}}
    plan = {**OFF_ALL, "steps": [OFF_ALL["steps"][0], every]}
    assert process.run(Plan.model_validate(plan))["outcome"] == "succeeded"
    assert issued == [names(6)]


def test_where_the_first_fails_another_is_tried_before_the_rest() -> None:
    world = lit(names(5))
    world.before_switch = lambda name: _fail(name in {"e01"})
    process = given(world)
    issued = waves(process)
    view = process.run(all_off())
    assert issued == [["e01"], ["e02"], names(3, 3)]
    assert (view["outcome"], sorted(world.switched)) == ("partial", names(4, 2))


def test_two_that_fail_halt_the_rest_which_is_not_done_and_says_how_to_go_on() -> None:
    world = lit(names(5))
    world.before_switch = lambda name: _fail(name in {"e01", "e02"})
    process = given(world)
    view = process.run(all_off())
    assert world.switched == []
    assert [item["status"] for item in items(view)] == ["failed", "failed", "halted", "halted", "halted"]
    assert (
        "- switch off e03: not begun, since 2 others of this step failed: see why, then ask again to go on with the "
        "rest. Nothing was changed"
    ) in view["answer"]
    world.before_switch = lambda name: None
    assert process.run(all_off(), "again")["outcome"] == "succeeded"
    assert sorted(world.switched) == names(5)


def test_a_run_that_was_halted_half_done_offers_to_take_back_what_was_done() -> None:
    world = lit(names(28))
    tried: list[str] = []

    def switch(name: str) -> None:
        tried.append(name)
        _fail(len(tried) in {2, 3})

    world.before_switch = switch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(advancing, "WAVE_ITEMS", 5)
        view = given(world, config=WIDE).run(all_off())
    statuses = [item["status"] for item in items(view)]
    assert (statuses.count("done"), statuses.count("failed"), statuses.count("halted")) == (4, 2, 22)
    assert (view["outcome"], len(world.switched)) == ("partial", 4)


def test_what_depends_on_a_halted_step_is_not_run() -> None:
    world = lit(names(5))
    world.before_switch = lambda name: _fail(name in {"e01", "e02"})
    tell = {"id": "then", "tool": "look", "arguments": {"environment_id": "e05"}, "after": ["off"]}
    plan = {**OFF_ALL, "steps": [*OFF_ALL["steps"], tell]}
    view = given(world).run(Plan.model_validate(plan))
    assert view["steps"][2]["status"] == "skipped"


def test_looks_that_fail_halt_nothing() -> None:
    world = lit(names(5))
    world.before_preview = lambda name: _fail(name in {"e01", "e02"})
    view = given(world).run(all_off())
    assert [item["status"] for item in items(view)] == ["failed", "failed", "done", "done", "done"]


def test_nor_do_looks_that_fail_at_what_has_moved_since() -> None:
    moved: dict[str, Any] = {"arguments": {}, "accounts": (DEV,), "status": "failed", "phase": "preview"}
    some = [Item.model_validate(moved | {"index": index}) for index in range(2)]
    step = StepState(step_id="off", tool="switch_off@1", for_each=True, items=(*some, Item(index=2, arguments={})))
    assert not halted(step, (), FakeClock().now())


def test_what_is_half_done_is_gone_on_with_whatever_fails_beside_it() -> None:
    world = lit(names(5))
    begun: list[str] = []

    def switch(name: str) -> None:
        begun.append(name)
        _fail(name in {"e02", "e03"})
        if name == "e04" and begun.count(name) == 1:
            raise Unfinished("half of it is between two states")

    world.before_switch = switch
    view = given(world).run(all_off())
    assert [item["status"] for item in items(view)] == ["done", "failed", "failed", "done", "done"]
    assert begun.count("e04") == 2


def test_approved_together_one_is_still_changed_first() -> None:
    world = lit(names(6), kind="production")
    process = given(world)
    process.run(all_off())
    issued = waves(process)
    assert decided(process)["outcome"] == "succeeded"
    assert issued == [["e01"], names(5, 2)]


def test_what_was_halted_no_later_plan_of_the_run_makes() -> None:
    clock = FakeClock()
    arguments: Any = {"environment_id": "e03"}
    before = StepState(
        step_id="off", tool="switch_off@1", items=(Item(index=0, arguments=arguments, status="halted"),), for_each=True
    )
    anew = StepState(step_id="again", tool="switch_off@1", items=(Item(index=0, arguments=arguments),))
    (item,) = not_twice(anew, {"off": before}, Registry(TOOLS), clock.now()).items
    assert (item.status, item.reason) == (
        "failed",
        "step off was not gone on with, since it went wrong: ask again to go on with the rest",
    )


def test_one_of_a_step_is_always_at_work_where_others_wait_for_it() -> None:
    def made(index: int, **more: Any) -> Item:
        return Item.model_validate({"index": index, "arguments": {}, "accounts": (DEV,)} | more)

    for first in ({}, {"phase": "check"}, {"due": FakeClock().now()}, {"status": "issued"}):
        for place in range(5):
            some = tuple(made(index, **(first if index == place else {})) for index in range(5))
            step = StepState(step_id="off", tool="switch_off@1", for_each=True, items=some)
            waiting = held(step)
            assert len(waiting) == 4 and (not first or place not in waiting)


def _fail(now: bool) -> None:
    if now:
        raise FatalError("it is broken")
