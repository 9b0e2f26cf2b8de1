"""Standing approvals: firings of exactly the plan that was granted go without a person, up to so many targets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import service
from test_firing import DAY, SIX, Setting

from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.domain import (
    Freeze,
    JournalEntry,
    Person,
    Plan,
    ResourceRef,
    Scope,
    Standing,
    Target,
    is_named,
    names_written,
    shape_of,
)
from copilot.errors import Conflict, NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.times.moving import at_time
from copilot.tools.registry import Registry
from copilot.triggers.standing import Grant

YESTERDAY = {"unit": "day", "shift": -1, "seconds": 0, "zone": "UTC"}
MORNING = SIX + timedelta(hours=14)
OPS = Person(id="ops", name="Ops", roles=("approver",))


class Granting:
    """A schedule of ana's for what is staging, who may change that only where it is approved; ops approves."""

    def __init__(self, text: str = "Stop all staging environments every day at 18:00") -> None:
        self.setting = setting = Setting()
        setting.platform.kinds |= {"rehearsal": "staging", "trial": "staging"}
        setting.platform.resources += [service("rehearsal", "x", 1), service("trial", "y", 2)]
        setting.people["ops"] = ("approver",)
        self.schedule, self.day = self.made(text), 0

    def made(self, text: str) -> str:
        """With the approval that making it takes."""
        setting, before = self.setting, {one.id for one in self.setting.schedules.schedules()}
        setting.people["ana"] = ("developer", "approver")
        runner = setting.runner()
        runner.decide = lambda approval: "approve"
        view = runner.run(text)
        assert view["outcome"] == "succeeded", view["answer"]
        setting.people["ana"] = ("developer",)
        (new,) = {one.id for one in setting.schedules.schedules()} - before
        return new

    @property
    def grant(self) -> Grant:
        setting = self.setting
        policy = Policy(Registry(), "main", False)
        return Grant(setting.store, setting.schedules, policy, setting.clock, setting.config, MemoryRunbooks)

    def granted(self, most: int = 2, days: int = 30, by: Person = OPS) -> Standing:
        return self.grant(by, self.schedule, most, days, "every night")

    def fired(self, action: str = "stop") -> dict[str, Any]:
        at = SIX + self.day * DAY
        self.day += 1
        return self.setting.done(self.setting.fired(self.schedule, action, at))


@pytest.fixture
def staged() -> Granting:
    return Granting()


def test_without_one_a_firing_waits_for_a_person_and_with_one_it_is_done(staged: Granting) -> None:
    assert staged.fired()["status"] == "parked"
    granted = staged.granted()
    view = staged.fired()
    assert view["outcome"] == "succeeded", view["answer"]
    assert not {"rehearsal/x", "trial/y"} & staged.setting.on().keys() and "live/x" in staged.setting.on()
    effects = staged.setting.store.effects("main", view["run_id"])
    assert [effect.approval_id for effect in effects] == [None, None], "it is no approval, and grants no undo"
    said = str(staged.setting.store.journal("main", f"{SIX + DAY:%Y-%m-%d}"))
    assert granted.id in said and "changes-with-standing-approval" in said


@pytest.mark.parametrize(("most", "stopped"), [(1, 1), (2, 2), (3, 2)])
def test_what_grew_beyond_it_is_left_the_rest_is_done_and_it_is_said(staged: Granting, most: int, stopped: int) -> None:
    granted = staged.granted(most=most)
    view = staged.fired()
    assert view["outcome"] == "succeeded"
    assert len({"rehearsal/x", "trial/y"} - staged.setting.on().keys()) == stopped
    left = f"standing approval {granted.id} covers {most} target" in view["answer"]
    assert left is (stopped < 2), view["answer"]


def test_it_ends_when_it_expires(staged: Granting) -> None:
    staged.granted(days=1)  # at noon, six hours before the first firing
    assert staged.fired()["outcome"] == "succeeded"
    for resource in staged.setting.platform.resources:
        if resource.environment in {"rehearsal", "trial"}:
            staged.setting.platform.resources[staged.setting.platform.resources.index(resource)] = service(
                resource.environment, resource.name, 1
            )
    assert staged.fired()["status"] == "parked"


def test_it_is_for_the_plan_that_was_granted_and_no_other(staged: Granting) -> None:
    staged.granted()
    made = staged.setting.schedules.schedule(staged.schedule)
    assert made is not None
    plan = made.runbooks["stop"]
    wider = plan.steps[0].model_copy(update={"arguments": {**plan.steps[0].arguments, "kinds": ["staging", "preview"]}})
    other = plan.model_copy(update={"steps": (wider, *plan.steps[1:])})
    staged.setting.schedules.put(made.model_copy(update={"runbooks": {**made.runbooks, "stop": other}}))
    assert staged.fired()["status"] == "parked"


def test_it_ends_where_who_granted_it_may_approve_no_more(staged: Granting) -> None:
    staged.granted()
    staged.setting.people["ops"] = ("reader",)
    assert staged.fired()["status"] == "parked"


def test_revoked_it_covers_nothing(staged: Granting) -> None:
    granted = staged.granted()
    ben = Person(id="ben", name="ben", roles=("reader",))
    with pytest.raises(NotAllowed):
        staged.grant.revoke(ben, granted.id)
    made = staged.setting.schedules.schedule(staged.schedule)
    assert made is not None
    staged.setting.schedules.remove(made.id)
    with pytest.raises(NotAllowed):
        staged.grant.revoke(ben, granted.id)
    staged.setting.schedules.put(made)
    staged.grant.revoke(Person(id="ana", name="ana", roles=("developer",)), granted.id)
    assert staged.fired()["status"] == "parked"
    with pytest.raises(NotFound):
        staged.grant.revoke(OPS, granted.id)


def test_what_a_person_has_run_out_of_turn_is_asked_for(staged: Granting) -> None:
    staged.granted()
    ana = Person(id="ana", name="ana", roles=("developer",))
    run = staged.setting.fire.now(staged.schedule, "stop", ana, "k")
    assert staged.setting.runner().go_on(staged.setting.store.run("main", run.run_id))["status"] == "parked"


def test_nobody_grants_their_own_nor_who_may_not_approve(staged: Granting) -> None:
    for person in (Person(id="ana", name="ana", roles=("operator", "approver")), Person(id="ben", name="b", roles=())):
        with pytest.raises(NotAllowed):
            staged.granted(by=person)
    with pytest.raises(NotFound):
        staged.grant(OPS, "s000000000", 1, 1, "")
    staged.granted()
    with pytest.raises(Conflict):
        staged.granted()
    assert staged.granted(most=3).most == 3


def test_production_is_not_covered_where_the_plan_only_chooses_it() -> None:
    staged = Granting("Stop all production environments every day at 18:00")
    staged.granted()
    assert staged.fired()["status"] == "parked"
    assert "live/x" in staged.setting.on()


def test_production_that_the_plan_names_is() -> None:
    staged = Granting("Stop environment live every day at 18:00")
    staged.granted()
    assert staged.fired()["outcome"] == "succeeded"
    assert "live/x" not in staged.setting.on()


def test_production_that_a_window_names_is_started_again_as_it_was_stopped() -> None:
    staged = Granting("Stop environment live every day from 18:00 to 08:00")
    staged.granted()
    assert staged.fired()["outcome"] == "succeeded"
    assert "live/x" not in staged.setting.on()
    assert staged.setting.done(staged.setting.fired(staged.schedule, "start", MORNING))["outcome"] == "succeeded"
    assert staged.setting.on()["live/x"] == 4


def test_production_that_code_owns_is_not_though_the_plan_names_it() -> None:
    staged = Granting("Stop environment live every day at 18:00")
    staged.granted()
    there = staged.setting.platform.resources
    for number, one in enumerate(there):
        if one.environment == "live":
            there[number] = one.model_copy(update={"tags": {"aws:cloudformation:stack-name": "shop"}})
    assert staged.fired()["status"] == "parked"
    assert "live/x" in staged.setting.on()


def test_what_is_frozen_is_not_begun_and_no_target_of_it_is_taken(staged: Granting) -> None:
    """The limit on its targets is for what it does: what a freeze keeps back leaves room for the rest."""
    staged.granted(most=1)
    at, store = staged.setting.clock.now(), staged.setting.store
    freeze = Freeze(scope=Scope(of="environment", name="rehearsal"), reason="incident", by=OPS, at=at)
    store.freeze("main", freeze, JournalEntry(at=at, id="f", kind="freeze", run_id="", person="ops", data={}))
    view = staged.fired()
    assert "rehearsal is frozen by Ops" in view["answer"] and "standing approval" not in view["answer"]
    assert "rehearsal/x" in staged.setting.on() and "trial/y" not in staged.setting.on()


@pytest.mark.parametrize(("most", "left"), [(9, 0), (8, 0), (7, 1)])
def test_it_covers_what_policy_permits_and_a_limit_asks_for(most: int, left: int) -> None:
    """More than five at once need an approval, whatever they are: eight of development here."""
    staged = Granting("Stop all dev environments every day at 18:00")
    more = [service(f"dev-{number}", "w", 1) for number in range(6)]
    staged.setting.platform.resources += more
    assert staged.fired()["status"] == "parked"
    staged.granted(most=most)
    view = staged.fired()
    assert view["outcome"] == "succeeded", view["answer"]
    on = {name.partition("/")[0] for name in staged.setting.on()} - {"live", "rehearsal", "trial"}
    assert len(on) == left and (f"covers {most} targets at most" in view["answer"]) is bool(left)


def test_it_covers_a_request_whose_times_move() -> None:
    staged = Granting("start the rehearsal environment every day at 18:00")
    staged.setting.people["ana"] = ("operator",)
    staged.setting.ask("stop the rehearsal environment")
    staged.setting.people["ana"] = ("developer",)
    staged.granted()
    assert staged.fired("run")["outcome"] == "succeeded"
    assert staged.setting.on()["rehearsal/x"] == 1


def test_a_shape_goes_by_all_that_is_written_but_times() -> None:
    kept = Plan.model_validate(
        {
            "steps": [
                {
                    "id": "a",
                    "tool": "b",
                    "arguments": {"since": {"$time": dict(unit="day", shift=-1, seconds=0, zone="UTC")}},
                }
            ]
        }
    )
    for days in (1, 40):
        assert shape_of(at_time(kept, SIX + timedelta(days=days))) == shape_of(kept)
    other = kept.model_copy(update={"steps": (kept.steps[0].model_copy(update={"arguments": {"since": "x"}}),)})
    assert shape_of(other) != shape_of(kept)


@pytest.mark.parametrize(
    ("written", "name", "named"),
    [
        ("prod-eu", "prod-eu", True),
        ("the prod-eu environment", "prod-eu", True),
        ("prod-eu-2", "prod-eu", False),
        ("prod", "prod-eu", False),
        (["a", "prod-eu"], "prod-eu", True),
        ({"$text": "prod-eu"}, "prod-eu", False),
    ],
)
def test_what_is_named_stands_as_it_is_in_the_plan(written: Any, name: str, named: bool) -> None:
    steps = [{"id": "a", "tool": "b", "arguments": {"environment": written}}]
    assert is_named(name, names_written(Plan.model_validate({"steps": steps}))) is named


def test_a_kind_that_a_plan_chooses_by_is_no_name() -> None:
    """An environment may be called as its kind is, as `production` often is."""
    arguments = {"kinds": ["production"], "but": ["production-eu"]}
    steps = [{"id": "a", "tool": "list_environments", "arguments": arguments}]
    written = names_written(Plan.model_validate({"steps": steps}))
    assert not is_named("production", written) and not is_named("production-eu", written)
    named = Plan.model_validate({"steps": [steps[0] | {"arguments": {"names": ["production"]}}]})
    assert is_named("production", names_written(named))


def test_it_lifts_neither_what_was_steered_nor_what_no_policy_lets_it() -> None:
    policy, stop = Policy(Registry(), "main", False), Registry().find("stop_environment")
    ana = Person(id="ana", name="ana", roles=("developer",))

    def decided(kind: Any, person: Person = ana, **more: Any) -> str:
        target = Target(ref=ResourceRef(type="environment", id="a"), name="a", kind=kind)
        return policy.decide(person, stop, (target,), **more).outcome

    assert decided("staging", named=()) == "allow" and decided("staging") == "ask"
    assert decided("staging", named=(), tainted=True) == "ask"
    assert decided("production", named=()) == "ask" and decided("production", named=("a",)) == "allow"
    assert decided("staging", Person(id="r", name="r", roles=("reader",)), named=("a",)) == "deny"
    assert decided("staging", named=(), irreversible=True) == "ask"
    olga, delete = Person(id="olga", name="Olga", roles=("operator",)), Registry().find("delete_environment")
    preview = Target(ref=ResourceRef(type="environment", id="a"), name="a", kind="preview")
    assert policy.decide(olga, delete, (preview,), named=("a",)).outcome == "ask"
    runbook = Target(ref=ResourceRef(type="runbook", id="a"), name="a")
    assert policy.decide(ana, Registry().find("save_runbook"), (runbook,), named=("a",)).outcome == "ask"
    schedule = Target(ref=ResourceRef(type="schedule", id="s"), name="s", kind="production")
    create = Registry().find("create_schedule")
    assert policy.decide(ana, create, (schedule,), named=("s",)).outcome == "ask"
    assert Policy(Registry(), "main", True).decide(ana, stop, (schedule,), named=("s",)).outcome == "deny"
