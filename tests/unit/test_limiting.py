"""How much is changed at once: by one run, and by all in an account within an hour; what asks, what denies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from fakes import World, clients_of, failing
from fakes_platform import service
from test_advancing import cancel, the_run
from test_runs import OFF_ALL, runner
from test_undoing import Runner as Undoing

from copilot.adapters.memory_inventory import MemoryInventory
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Account, Configuration, Limits, checked
from copilot.domain import Approval, Kind, Known, KnownEnvironment, Person, Plan, hour_of
from copilot.errors import FatalError, NotReady

DEV, LIVE, OTHER = "111111111111", "222222222222", "333333333333"
CONFIG = Configuration(
    accounts=(Account(id=DEV, name="workshop", regions=("eu-west-1",), read_role="r"),), people=(), limits=Limits()
)
OPS = Person(id="ops", name="Ops", roles=("operator",))


def names(number: int, first: int = 1) -> list[str]:
    return [f"e{one:02}" for one in range(first, first + number)]


def lit(some: Sequence[str], account: str = DEV, kind: Kind = "development") -> World:
    return World(
        lights=dict.fromkeys(some, True), kinds=dict.fromkeys(some, kind), accounts=dict.fromkeys(some, account)
    )


def off(some: Sequence[str], tool: str = "switch_off") -> Plan:
    """Each in a step of its own."""
    steps = [
        {"id": f"s{number}", "tool": tool, "arguments": {"environment_id": one}}
        for number, one in enumerate(some, start=1)
    ]
    return Plan.model_validate({"goal": "off", "steps": steps, "answer": {"text": "done"}})


def all_off() -> Plan:
    return Plan.model_validate(OFF_ALL)


def given(world: World, **more: Any) -> InProcess:
    return runner(world, **({"config": CONFIG, "workers": 1} | more))


def beside(process: InProcess, world: World, **more: Any) -> InProcess:
    """Another on the same store and clock."""
    clock: Any = process.clock
    kept: dict[str, Any] = {"store": process.store, "clock": clock, "sleep": clock.sleep, "config": CONFIG}
    return InProcess(clients_of(world, clock), registry=process.registry, workers=1, **(kept | more))


def decided(process: InProcess, decision: Any = "approve") -> dict[str, Any]:
    """The run once somebody has decided what it waits for."""
    process.decide = lambda approval: decision
    return process.go_on(the_run(process))


def known(staging: int = 0, production: int = 0) -> MemoryInventory:
    kinds = [*(["staging"] * staging), *(["production"] * production)]
    at = runner(World()).clock.now()
    some = (
        KnownEnvironment.model_validate({"name": f"k{number}", "kind": kind, "seen_at": at})
        for number, kind in enumerate(kinds)
    )
    return MemoryInventory(Known(environments=tuple(some)))


def counted(process: InProcess, account: str = DEV) -> dict[str, tuple[str, ...]]:
    place = (account, hour_of(process.clock.now()))
    found = process.store.counted("main", [place])
    return {name: one.run_ids for name, one in found[place].targets.items()} if place in found else {}


# --- one run -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "status"), [(4, "answered"), (5, "answered"), (6, "parked")])
def test_more_than_five_targets_of_one_step_need_an_approval(number: int, status: str) -> None:
    world = lit(names(number))
    process = given(world)
    view = process.run(all_off())
    assert view["status"] == status
    assert (len(world.switched) == number) is (status == "answered")
    if status == "parked":
        assert world.switched == []
        reasons = {call["reason"] for call in view["approval"]["calls"]}
        assert reasons == {"this run changes 6 environments, and more than 5 (limits.asks_above) need an approval"}


@pytest.mark.parametrize(("number", "status"), [(5, "answered"), (6, "parked")])
def test_writes_of_one_run_count_together_whatever_steps_they_are_in(number: int, status: str) -> None:
    assert given(lit(names(number))).run(off(names(number)))["status"] == status


def test_what_an_approval_lifts_is_done_as_approved() -> None:
    world = lit(names(25))
    process = given(world)
    assert process.run(all_off())["status"] == "parked"
    assert decided(process)["outcome"] == "succeeded"
    assert sorted(world.switched) == names(25)
    assert len(counted(process)) == 25


def test_what_policy_asks_for_is_counted_once_it_is_approved() -> None:
    process = given(lit(["e01"], kind="production"))
    assert (process.run(all_off())["status"], counted(process)) == ("parked", {})
    assert decided(process)["outcome"] == "succeeded"
    assert list(counted(process)) == ["environment#e01"]


def test_what_changes_nothing_counts_for_nothing() -> None:
    world = lit(names(30))
    for name in names(25):
        world.lights[name] = False
    view = given(world).run(off(names(20, 11)))
    assert (view["outcome"], sorted(world.switched)) == ("succeeded", names(5, 26))


def test_what_is_in_no_account_itself_counts_for_nothing() -> None:
    """As a schedule, an exception from one, a channel."""
    world = lit(names(30), account="")
    assert given(world).run(all_off())["outcome"] == "succeeded"


def test_what_is_still_to_be_looked_at_counts_as_if_it_would_change() -> None:
    world = lit(names(6))
    slow = failing(1, NotReady("busy"))
    world.before_preview = lambda name: slow(name) if name == "e06" else None
    assert given(world).run(all_off())["status"] == "parked"
    assert world.switched == []


@pytest.mark.parametrize(("number", "outcome"), [(24, None), (25, None), (26, "denied")])
def test_above_the_most_no_approval_is_asked_for_and_nothing_is_done(number: int, outcome: str | None) -> None:
    world = lit(names(number))
    process = given(world)
    view = process.run(all_off())
    assert (view["outcome"], world.switched, counted(process)) == (outcome, [], {})
    if outcome:
        assert view["approval"] is None
        told = "one run changes 25 environments at most, and this one would change 26; no approval lifts that"
        assert told in view["answer"] and "only limits.most in the configuration" in view["answer"]


def test_the_numbers_are_those_of_the_configuration() -> None:
    config = CONFIG.model_copy(update={"limits": Limits(asks_above=26, most=26)})
    world = lit(names(26))
    assert given(world, config=config).run(all_off())["outcome"] == "succeeded"
    assert given(lit(names(27)), config=config).run(all_off())["outcome"] == "denied"


def test_a_limit_that_nothing_could_pass_is_no_configuration() -> None:
    good = CONFIG.model_dump(mode="json") | {"accounts": []}
    assert checked(good | {"limits": {"asks_above": 25}}).limits.asks_above == 25
    with pytest.raises(ValueError, match="`asks_above` \\(26\\) is above `most` \\(25\\)"):
        checked(good | {"limits": {"asks_above": 26}})
    with pytest.raises(ValueError, match="asks_abov"):
        checked(good | {"limits": {"asks_abov": 3}})


# --- a share of staging and production ------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "changed", "status"),
    [
        (3, 1, "answered"),
        (3, 2, "parked"),
        (9, 1, "answered"),
        (9, 2, "parked"),
        (10, 2, "answered"),
        (10, 3, "parked"),
        (100, 5, "answered"),
        (100, 6, "parked"),
        (0, 1, "answered"),
        (0, 2, "parked"),
    ],
)
def test_of_staging_a_share_is_the_most_without_an_approval(there: int, changed: int, status: str) -> None:
    world = lit(names(changed), kind="staging")
    process = given(world, inventory=known(staging=there), person=OPS)
    assert process.run(all_off())["status"] == status


def test_a_share_is_of_its_own_kind_and_asks_for_that_alone() -> None:
    world = lit(names(4))
    world.kinds |= {"e03": "staging", "e04": "staging"}
    process = given(world, inventory=known(staging=3, production=100), person=OPS)
    view = process.run(all_off())
    assert sorted(world.switched) == ["e01", "e02"]
    (reason,) = {call["reason"] for call in view["approval"]["calls"]}
    assert reason == (
        "this run changes 2 staging environments, and more than 1 (20 percent of the 3 that are known, "
        "limits.asks_above_percent) need an approval"
    )


def test_of_staging_a_share_counts_over_the_runs_of_an_hour() -> None:
    world = lit(names(3), kind="staging")
    process = given(world, inventory=known(staging=10), person=OPS)
    assert process.run(off(names(2)))["status"] == "answered"
    assert process.run(off(["e03"]), "c2")["status"] == "parked"


# --- production in several accounts ----------------------------------------------------------------


def test_one_run_changes_production_in_one_account_whoever_approves() -> None:
    world = lit(["e01", "e02", "e03"], kind="production")
    world.accounts |= {"e02": LIVE, "e03": LIVE}
    process = given(world)
    view = process.run(all_off())
    assert (view["outcome"], view["approval"], world.switched) == ("denied", None, [])
    told = (
        f"one run changes production in 1 account at most, and this is of 2 (account workshop ({DEV}), account {LIVE})"
    )
    assert told in view["answer"] and "only limits.production_accounts in the configuration" in view["answer"]
    config = CONFIG.model_copy(update={"limits": Limits(production_accounts=2)})
    assert given(world, config=config).run(all_off())["status"] == "parked"


def test_a_second_account_is_denied_also_in_a_later_step_and_the_first_goes_on() -> None:
    world = lit(["e01", "e02"], kind="production")
    world.accounts["e02"] = LIVE
    plan = off(["e01", "e02"])
    later = plan.steps[1].model_copy(update={"after": ("s1",)})
    process = given(world)
    process.run(plan.model_copy(update={"steps": (plan.steps[0], later)}))
    assert (decided(process)["outcome"], world.switched) == ("partial", ["e01"])


def test_other_kinds_are_changed_in_any_number_of_accounts() -> None:
    world = lit(["e01", "e02", "e03"])
    world.accounts |= {"e02": LIVE, "e03": OTHER}
    world.kinds["e03"] = "production"
    process = given(world)
    assert process.run(all_off())["status"] == "parked"
    assert sorted(world.switched) == ["e01", "e02"]


# --- an account within an hour ----------------------------------------------------------------------


def test_runs_of_an_hour_count_together_and_the_next_hour_begins_anew() -> None:
    world = lit(names(8))
    process = given(world)
    assert process.run(off(names(3)))["status"] == "answered"
    assert process.run(off(names(2, 4)), "c2")["status"] == "answered"
    view = process.run(off(["e06"]), "c3")
    assert view["status"] == "parked"
    (call,) = view["approval"]["calls"]
    assert call["reason"] == (
        f"with this, since 09:00 UTC all runs change in account workshop ({DEV}) 6 environments, and more than 5 "
        "(limits.asks_above) need an approval"
    )
    process.clock.sleep(3600)  # type: ignore[attr-defined]
    assert process.run(off(["e07"]), "c4")["status"] == "answered"


def test_another_account_has_an_hour_of_its_own() -> None:
    world = lit(names(6))
    world.accounts["e06"] = LIVE
    process = given(world)
    assert process.run(off(names(5)))["status"] == "answered"
    assert process.run(off(["e06"]), "c2")["status"] == "answered"


def test_a_target_counts_once_an_hour_however_often_it_is_changed() -> None:
    world = lit(names(6))
    process = given(world)
    for number in range(3):
        world.lights |= dict.fromkeys(names(5), True)
        assert process.run(off(names(5)), f"c{number}")["status"] == "answered"
    assert len(world.switched) == 15
    assert process.run(off(["e06"]), "c")["status"] == "parked"


@pytest.mark.parametrize(("more", "outcome"), [(1, "succeeded"), (2, "denied")])
def test_above_the_most_of_an_hour_an_approval_lifts_nothing(more: int, outcome: str) -> None:
    world = lit(names(26))
    process = given(world)
    process.decide = lambda approval: "approve"
    for at, (some, first) in enumerate([(20, 1), (4, 21)]):
        assert process.run(off(names(some, first)), f"c{at}")["outcome"] == "succeeded"
    view = process.run(off(names(more, 25)), "c")
    assert view["outcome"] == outcome
    assert len(world.switched) == 24 + (more == 1)
    if more == 2:
        told = f"in account workshop ({DEV}) 25 environments at most are changed within an hour, 24 were, and these"
        assert told in view["answer"] and "Ask again after 10:00 UTC" in view["answer"]


def test_an_hour_that_was_filled_while_a_person_was_asked_is_full() -> None:
    config = CONFIG.model_copy(update={"limits": Limits(asks_above=2, most=3)})
    world = lit(names(6))
    process = given(world, config=config)
    assert process.run(off(names(3)))["status"] == "parked"
    assert beside(process, world, config=config).run(off(["e04"]), "other")["outcome"] == "succeeded"
    view = decided(process)
    assert (view["outcome"], world.switched) == ("denied", ["e04"])
    assert "no approval lifts that" in view["answer"]


def test_two_runs_at_once_do_not_pass_a_limit_together() -> None:
    """The second has its say between the first's look at what is counted, and its transaction."""
    world = lit(names(6))
    process = given(world)
    other = beside(process, world)
    store: Any = process.store
    look, views = store.counted, list[dict[str, Any]]()

    def meanwhile(*given: Any) -> Any:
        seen = look(*given)
        if not views:
            views.append({})
            views[0] = other.run(off(names(3)), "other")
        return seen

    store.counted = meanwhile
    view = process.run(off(names(3, 4)))
    assert views[0]["status"] == "answered"
    assert (view["status"], sorted(world.switched)) == ("parked", names(3))


def test_a_wave_that_is_repeated_counts_nothing_again() -> None:
    world = lit(names(2))
    process = given(world)
    store: Any = process.store
    save, fails = store.save_wave, failing(1, FatalError("gone"))
    saved: list[int] = []

    def then_gone(run: Any, *rest: Any) -> None:
        save(run, *rest)
        saved.append(run.wave)
        if run.advanced.items and run.advanced.items[0].phase == "execute":
            fails("")

    store.save_wave = then_gone
    with pytest.raises(FatalError):
        process.run(off(names(2)))
    before = counted(process)
    again = process.use_cases.advance("main", the_run(process).run_id, saved[-1] - 1, [])
    assert (again.wave, counted(process)) == (saved[-1], before)
    assert before == {f"environment#{name}": (the_run(process).run_id,) for name in names(2)}
    assert process.go_on(the_run(process))["outcome"] == "succeeded"
    assert counted(process) == before


def approving(asked: list[int], approval: Approval) -> Any:
    asked.append(len(approval.calls))
    return "approve"


def test_an_undo_that_is_granted_is_not_asked_for_again() -> None:
    some = [service(f"{name}-dev", name, 2) for name in names(6)]
    asked: list[int] = []
    undoing = Undoing(some, decide=lambda approval: approving(asked, approval))
    stopped = undoing.ask(off([f"{name}-dev" for name in names(6)], tool="stop_environment"))
    assert (stopped["outcome"], asked) == ("succeeded", [6])
    undoing.clock.sleep(3600)  # in an hour in which nothing is counted yet
    assert undoing.ask("undo that")["outcome"] == "succeeded"
    assert (asked, {size for size, _ in undoing.sizes.values()}) == ([6], {2})
    undoing.clock.sleep(4 * 3600)
    again = undoing.ask(off([f"{name}-dev" for name in names(6)], tool="stop_environment"))
    undoing.clock.sleep(5 * 3600)
    assert undoing.ask(f"undo run {again['run_id']}")["outcome"] == "succeeded"
    assert asked == [6, 6, 1], "an undo goes one by one, and nothing grants the sixth any more"


# --- what was never begun ----------------------------------------------------------------------------


def test_what_was_counted_and_never_begun_is_given_back_where_the_run_ends() -> None:
    world = lit(names(2))
    process = given(world)
    world.before_switch = lambda name: cancel(process)  # the first has begun, the second has not
    process.run(off(names(2)))
    assert world.switched == ["e01"]
    assert counted(process) == {"environment#e01": (the_run(process).run_id,)}


def test_what_was_changed_by_one_call_stays_counted_though_another_was_never_begun() -> None:
    world = lit(["e01"])
    process = given(world)
    plan = off(["e01", "e01"])
    later = plan.steps[1].model_copy(update={"after": ("s1",)})

    def on_again(name: str) -> None:
        """So that the second call has something to do."""
        world.lights[name] = world.lights[name] or bool(world.switched)

    world.before_preview = on_again
    store: Any = process.store
    save = store.save_wave

    def then_cancelled(run: Any, *rest: Any) -> None:
        save(run, *rest)
        if any((call.step, call.phase) == ("s2", "execute") for call in run.advanced.items):
            cancel(process)

    store.save_wave = then_cancelled
    view = process.run(plan.model_copy(update={"steps": (plan.steps[0], later)}))
    assert (view["outcome"], world.switched) == ("cancelled", ["e01"])
    assert list(counted(process)) == ["environment#e01"]


def test_what_another_run_changed_stays_counted_for_that() -> None:
    world = lit(names(2))
    process = given(world)
    other = beside(process, world)

    def meanwhile(name: str) -> None:
        world.before_switch = lambda name: None
        cancel(process)
        other.run(off(["e02"]), "other")

    world.before_switch = meanwhile
    process.run(off(names(2)))
    theirs = process.store.turns("main", "me/other")[0].run_id
    assert counted(process) == {"environment#e01": (the_run(process).run_id,), "environment#e02": (theirs,)}


def test_what_ended_in_an_hour_that_is_over_is_given_back_there() -> None:
    world = lit(names(2))
    process = given(world)
    hour = hour_of(process.clock.now())

    def meanwhile(name: str) -> None:
        process.clock.at += timedelta(hours=1)  # type: ignore[attr-defined]
        cancel(process)

    world.before_switch = meanwhile
    process.run(off(names(2)))
    found = process.store.counted("main", [(DEV, hour)])[DEV, hour]
    assert (list(found.targets), found.rev) == (["environment#e01"], 2)


def test_what_is_asked_and_not_approved_was_never_counted() -> None:
    process = given(lit(names(6)))
    process.run(all_off())
    assert counted(process) == {}
    assert decided(process, "deny")["outcome"] == "denied"
    assert counted(process) == {}
