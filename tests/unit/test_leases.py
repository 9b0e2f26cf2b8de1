"""Runs keep apart: while one is at work on a target no other begins an effect on it, and says whom it waits for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from fakes import TOOLS, SwitchOff, World, clients_of
from one_write import OneWrite
from test_advancing import advanced, approve, the_run
from test_runs import OFF_ALL, one, runner

from copilot.adapters.in_memory import MemoryStore
from copilot.answering.replying import Reply
from copilot.bootstrap.in_process import InProcess
from copilot.domain import LASTS, Item, ItemOutcome, Kind, Lease, Plan, ResourceRef, Verdict, lasting
from copilot.errors import FatalError, Unfinished
from copilot.tools.registry import Registry

A, B = (ResourceRef(type="environment", id=name) for name in "ab")
OFF_A = Plan.model_validate(one("switch_off", "a", expect="!on"))


def beside(process: InProcess, world: World) -> InProcess:
    """Another runner on the same store, clock and world."""
    clock: Any = process.clock
    return InProcess(
        clients_of(world, clock),
        registry=process.registry,
        store=process.store,
        clock=clock,
        sleep=clock.sleep,
        workers=1,
    )


def holders(process: InProcess) -> dict[str, str]:
    found = process.store.leases("main", [A, B])
    return {ref.id: lease.run_id for ref, lease in found.items() if lease.run_id}


# --- two runs -------------------------------------------------------------------------------------


def test_a_second_run_begins_nothing_where_the_first_is_at_work_and_says_who_that_is() -> None:
    world = World(lights={"a": True})
    first = runner(world)
    second = beside(first, world)
    seen: list[dict[str, Any]] = []

    def meanwhile(name: str) -> None:
        world.before_switch = lambda name: None
        seen.append(second.run(OFF_A, conversation="other"))

    world.before_switch = meanwhile
    assert first.run(OFF_A)["outcome"] == "succeeded"
    (view,) = seen
    assert (view["outcome"], world.switched) == ("failed", ["a"])
    assert "not ready after 60 s: run r" in view["answer"]
    assert "(one, asked by Me) is at work on environment a" in view["answer"]


def test_the_second_goes_on_as_soon_as_the_first_is_done_there() -> None:
    world = World(lights={"a": True, "b": True}, slow={"b": 3})
    first = runner(world)
    second = beside(first, world)
    order: list[str] = []

    def between() -> None:
        """While the first waits for b, which is slow, it is done with a."""
        if not order and not world.lights["a"]:
            order.append("second begins")
            world.lights["a"] = True
            assert second.run(OFF_A, conversation="other")["outcome"] == "succeeded"

    def sleep(seconds: float) -> None:
        between()
        second.sleep(seconds)

    first.sleep = sleep
    assert first.run(Plan.model_validate(OFF_ALL))["outcome"] == "succeeded"
    assert order and world.switched.count("a") == 2


def test_what_is_yet_to_be_changed_there_is_waited_for_too() -> None:
    world = World(lights={"a": True})
    first = runner(world)
    steps = [
        {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}},
        {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}, "after": ["off"]},
        {"id": "again", "tool": "switch_off", "arguments": {"environment_id": "a"}, "after": ["look"]},
    ]
    held: list[dict[str, str]] = []
    world.on_look = lambda name: held.append(holders(first))
    first.run(Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": "x"}}))
    assert [list(one) for one in held] == [["a"]]
    assert holders(first) == {}


def test_a_run_that_waits_for_a_person_holds_nobody_up() -> None:
    live: dict[str, Kind] = {"b": "production"}
    world = World(lights={"a": True, "b": True}, kinds=live)
    process = runner(world)
    assert process.run(Plan.model_validate(OFF_ALL))["status"] == "parked"
    assert (world.switched, holders(process)) == (["a"], {})
    approve(process)


def test_nor_where_more_is_to_be_changed_later() -> None:
    live: dict[str, Kind] = {"b": "production"}
    process = runner(World(lights={"a": True, "b": True}, kinds=live))
    names = {"first": ("a", []), "asks": ("b", ["first"]), "later": ("a", ["asks"])}
    steps = [
        {"id": id, "tool": "switch_off", "arguments": {"environment_id": name}, "after": after}
        for id, (name, after) in names.items()
    ]
    view = process.run(Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": "x"}}))
    assert (view["status"], holders(process)) == ("parked", {})


@pytest.mark.parametrize("ends", ["succeeded", "failed", "cancelled"])
def test_whatever_ends_a_run_frees_what_it_had(ends: str) -> None:
    world = World(lights={"a": True})
    process = runner(world)

    def act(name: str) -> None:
        assert list(holders(process)) == ["a"]
        if ends == "failed":
            raise FatalError("broken", ours=True)
        if ends == "cancelled":
            run = process.store.recent_runs("main")[0]
            process.store.cancel_run("main", run.run_id, "bob")

    world.before_switch = act
    process.run(OFF_A)
    assert holders(process) == {}


@pytest.mark.parametrize(("minutes", "held"), [(0, True), (20, False)])
def test_the_end_of_an_execution_frees_what_no_worker_can_be_at_any_more(minutes: int, held: bool) -> None:
    write = leased_write()
    write.world.before_switch = lost
    with pytest.raises(SystemExit):
        write.execute()
    write.clock.sleep(60 * minutes)
    Reply(write.store, write.registry, write.clock)("main", write.run_id, "it was aborted")
    assert (write.store.leases("main", [A])[A].run_id == write.run_id) is held


def test_an_execution_that_is_lost_gives_up_what_it_had_after_a_while() -> None:
    write = leased_write()
    write.world.before_switch = lost
    with pytest.raises(SystemExit):
        write.execute()
    lease = write.store.leases("main", [A])[A]
    assert lease.is_anothers("other", write.clock.now() + LASTS)
    assert not lease.is_anothers("other", lasting(write.clock.now()))


class Slow(SwitchOff):
    timeout = 900


def test_what_takes_long_is_held_to_its_end_and_few_of_the_waves_write_that_down() -> None:
    world = World(lights={"a": True}, slow={"a": 30})
    process = runner(world, registry=Registry([Slow]))
    clock: Any = process.clock
    seen: list[Any] = []

    def sleep(seconds: float) -> None:
        lease = process.store.leases("main", [A])[A]
        assert lease.is_anothers("other", clock.now() + LASTS)
        seen.append(lease.until)
        clock.sleep(seconds)

    process.sleep = sleep
    assert process.run(OFF_A)["outcome"] == "succeeded"
    assert len(seen) > 20 and len(set(seen)) <= 4


def test_reads_and_messages_wait_for_nobody() -> None:
    world = World(lights={"a": True})
    process = runner(world)
    other = beside(process, world)
    seen: list[str] = []
    world.before_switch = lambda name: seen.append(
        other.run(Plan.model_validate(one("look", "a")), conversation="other")["outcome"]
    )
    process.run(OFF_A)
    assert seen == ["succeeded"]


def off(id: str, name: str, *after: str) -> dict[str, Any]:
    return {"id": id, "tool": "switch_off", "arguments": {"environment_id": name}, "after": list(after)}


LOOK = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}, "after": ["first"]}


@pytest.mark.parametrize(
    "steps",
    [
        [off("first", "a"), LOOK, off("second", "b", "look")],
        [off("first", "a"), off("second", "b", "first"), off("third", "c", "second")],
    ],
)
def test_who_waits_for_another_run_has_nothing_that_it_is_not_at_work_on(steps: list[dict[str, Any]]) -> None:
    """Two that have, for later, what the other one waits for would wait for ever."""
    process = runner(World(lights={"a": True, "b": True, "c": True}))
    other = Lease(target=B, run_id="r-other", fence=1, until=process.clock.now() + timedelta(seconds=40))
    assert isinstance(process.store, MemoryStore)
    process.store._leases["main", B] = other
    clock: Any = process.clock
    held: list[dict[str, str]] = []

    def sleep(seconds: float) -> None:
        held.append(holders(process))
        clock.sleep(seconds)

    process.sleep = sleep
    view = process.run(Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": "x"}}))
    assert (view["outcome"], holders(process)) == ("succeeded", {})
    assert held and all(one == {"b": "r-other"} for one in held)


def test_a_decision_that_was_kept_and_no_more_gives_back_when_it_is_asked_for_again() -> None:
    live: dict[str, Kind] = {"b": "production"}
    process = runner(World(lights={"a": True, "b": True}, kinds=live))
    store: Any = process.store
    free = store.free_leases

    def dies(*given: Any) -> None:
        if (done := the_run(process).advanced) and done.next == "approve":
            raise SystemExit
        free(*given)

    store.free_leases = dies
    with pytest.raises(SystemExit):
        process.run(Plan.model_validate(OFF_ALL))
    store.free_leases = free
    run = the_run(process)
    assert list(holders(process)) == ["a"]
    assert process.use_cases.advance("main", run.run_id, run.wave - 1, []).next == "approve"
    assert holders(process) == {}


def test_at_the_end_of_a_run_a_worker_that_may_still_be_at_it_has_what_it_had() -> None:
    """Its item was given up: it took longer than its tool has time."""
    world = World(lights={"a": True})
    process = runner(world)
    seen: list[Any] = []

    def act(name: str) -> None:
        given_up = ItemOutcome(
            step="one", item=0, attempt=1, phase="execute", verdict=Verdict(kind="abort", reason="it took too long")
        )
        (step,) = process.store.load_run("main", the_run(process).run_id).steps
        seen.append(advanced(process, given_up.model_copy(update={"step": step})).next)
        Reply(process.store, process.registry, process.clock)("main", the_run(process).run_id)
        seen.append(holders(process))

    world.before_switch = act
    process.run(OFF_A)
    assert seen == ["reply", {"a": the_run(process).run_id}]


# --- one write ------------------------------------------------------------------------------------


def lost(name: str) -> None:
    raise SystemExit


def leased_write(**more: Any) -> OneWrite:
    write = OneWrite(**more)
    write.put(Item(index=0, arguments=write.arguments, state_hash=write.looked().state_hash, targets=(A,)))
    return write


def held_by_another(store: MemoryStore, write: OneWrite, run_id: str = "r-other", fence: int = 1) -> None:
    until = write.clock.now() + timedelta(minutes=5)
    store._leases["main", A] = Lease(target=A, run_id=run_id, fence=fence, until=until)


def test_who_comes_between_the_look_and_the_beginning_is_seen() -> None:
    """It had the target and is done with it again: what was looked at may not be what is there."""
    write = leased_write()
    write.world.before_preview = lambda name: held_by_another(write.store, write, run_id="")
    verdict = write.execute()
    assert (verdict.kind, verdict.patient, write.world.switched) == ("retry", True, [])
    assert verdict.reason == "another run began to change it meanwhile"
    write.world.before_preview = lambda name: None
    assert write.execute().kind in {"pass", "wait"} and write.world.switched == ["a"]
    assert write.store.leases("main", [A])[A].fence == 2


def test_what_is_half_done_is_not_gone_on_with_where_another_run_is_at_work_by_now() -> None:
    write = leased_write()

    def hold(name: str) -> None:
        raise Unfinished("not yet", ours=True)

    write.world.before_switch = hold
    write.execute()
    write.world.before_switch = lambda name: None
    held_by_another(write.store, write)
    verdict = write.execute()
    assert (verdict.kind, verdict.patient) == ("retry", True)
    assert verdict.reason == "it was begun, and run r-other is at work on environment a"
    held_by_another(write.store, write, run_id="", fence=2)
    write.execute()
    assert write.world.switched == ["a"]
    assert write.store.leases("main", [A])[A].fence == 3


# --- whatever happens -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_no_two_runs_are_ever_in_the_middle_of_one_target(seed: int) -> None:
    """Each run begins in the middle of another's effect, look, or wait, up to three deep; some effects fail."""
    random = Random(seed)
    world = World(lights={"a": True, "b": True}, slow={"a": random.randint(0, 2), "b": random.randint(0, 2)})
    process = InProcess(
        clients_of(world, clock := runner(world).clock),  # type: ignore[arg-type]
        registry=Registry(TOOLS),
        clock=clock,
        sleep=clock.sleep,  # type: ignore[attr-defined]
        workers=1,
    )
    at_work: set[str] = set()
    met: list[str] = []  # what is raised in an effect is that item's trouble, and no test's
    depth = 0

    def another(where: str) -> Callable[[str], None]:
        def begin(name: str) -> None:
            nonlocal depth
            if depth < 3 and random.random() < 0.5:
                depth += 1
                plan = OFF_ALL if random.random() < 0.5 else one("switch_off", random.choice("ab"))
                world.lights[random.choice("ab")] = True
                process.run(Plan.model_validate(plan), conversation=f"c{random.random()}")
                depth -= 1

        return begin

    def middle(name: str) -> None:
        met.extend(at_work & {name})
        at_work.add(name)
        another("effect")(name)
        at_work.discard(name)
        if random.random() < 0.2:
            raise FatalError("broken", ours=True)

    world.before_switch, world.before_preview, world.on_look = middle, another("preview"), another("look")
    process.run(Plan.model_validate(OFF_ALL))
    assert (met, holders(process)) == ([], {})
