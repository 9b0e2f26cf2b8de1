"""From a time that came to a Run: once, in time, under its owner's rights of then; through the product's own tools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeNotifier, FakePlatform, service
from memory_schedules import MemoryScheduler, MemorySchedules
from some_clients import SomeClients
from test_costs import FakeBills
from test_ingesting import FakeWorkflow

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.adapters.memory_facts import MemoryFacts
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import DAYS, Call, Permission, Person, Recurrence, Run
from copilot.edges.schedule_views import view_schedule, view_schedules
from copilot.errors import NotFound, OtherRequest
from copilot.ports import Clients
from copilot.tools.environments.restoring import Restoring
from copilot.tools.registry import Registry
from copilot.tools.schedules.changing import DeleteSchedule, PauseSchedule, ResumeSchedule, ScheduleInput
from copilot.tools.schedules.creating import CreateSchedule, CreateScheduleInput
from copilot.tools.schedules.keeping import KeepEnvironment, KeepEnvironmentInput
from copilot.tools.tool import UNCHANGED
from copilot.triggers.firing import Fire
from copilot.triggers.ingesting import Ingest

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
SIX = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Setting:
    """One installation: ana may change development, ben only looks."""

    def __init__(self) -> None:
        self.facts, self.notifier, self.bills = MemoryFacts(), FakeNotifier(), FakeBills()
        self.clock = FakeClock(NOON)
        resources = [
            service("red", "web", 2),
            service("blue", "web", 3),
            service("blue", "api", 1),
            service("live", "x", 4),
        ]
        self.platform = FakePlatform(resources, kinds={"live": "production"})
        self.store = MemoryStore()
        self.schedules = MemorySchedules(self.store)
        self.scheduler = MemoryScheduler()
        self.workflow = FakeWorkflow()
        self.people: dict[str, tuple[str, ...]] = {"ana": ("developer",), "ben": ("reader",)}
        self.call = 0

    @property
    def config(self) -> Configuration:
        people = [KnownPerson(id=id, name=id, principals=(), roles=roles) for id, roles in self.people.items()]
        return Configuration(accounts=(), people=tuple(people))

    def clients(self, run: Run, call_id: str, permissions: Sequence[Permission] | None = None) -> Clients:
        setting = self

        class Given(SomeClients):
            platform = Restoring(setting.platform, MemoryEffects(setting.store))
            notifier, clock = setting.notifier, setting.clock
            effects = MemoryEffects(setting.store)
            bills = setting.bills
            schedules, scheduler, person = setting.schedules, setting.scheduler, run.trigger.person

        given = Given()
        given.call_id = call_id
        return given

    def runner(self, person: str = "ana") -> InProcess:
        who = Person(id=person, name=person, roles=self.people.get(person, ()))
        more = {"config": self.config, "store": self.store, "clock": self.clock, "sleep": self.clock.sleep}
        more["facts"] = self.facts
        return InProcess(self.clients, person=who, workers=2, **more)  # type: ignore[arg-type]

    def ask(self, text: str, person: str = "ana") -> dict[str, Any]:
        return self.runner(person).run(text)

    def made(self, text: str) -> str:
        before = {one.id for one in self.schedules.schedules()}
        view = self.ask(text)
        assert view["outcome"] == "succeeded", view["answer"]
        (new,) = {one.id for one in self.schedules.schedules()} - before
        return new

    @property
    def fire(self) -> Fire:
        ingest = Ingest(self.store, self.workflow, self.clock)
        return Fire(self.schedules, ingest, Registry(), self.config, self.clock)

    def fired(self, schedule: str, action: str = "stop", at: datetime = SIX, late: timedelta = timedelta(0)) -> Any:
        self.clock.at = at + late
        self.scheduler.fired(schedule, action)
        return self.fire(schedule, action, at)  # type: ignore[arg-type]

    def done(self, firing: Any) -> dict[str, Any]:
        return self.runner().go_on(self.store.run("main", firing.run_id))

    def on(self) -> dict[str, int]:
        return {f"{one.environment}/{one.name}": one.size for one in self.platform.resources if one.size}


@pytest.fixture
def setting() -> Setting:
    return Setting()


ALL = {"red/web": 2, "blue/web": 3, "blue/api": 1, "live/x": 4}
AFTER_SIX = "Stop all dev environments every day after 6pm"


def test_the_answer_states_days_zone_next_times_and_what_is_on(setting: Setting) -> None:
    view = setting.ask(AFTER_SIX)
    answer = view["answer"]
    assert answer.startswith("Every day at 18:00 UTC: stop all development environments (schedule s")
    for at in ("Mon 02 Mar", "Tue 03 Mar", "Wed 04 Mar"):
        assert f"- stopped {at} 2026 18:00 UTC" in answer
    assert "- red: development, running" in answer and "live" not in answer
    assert setting.on() == ALL
    assert {action for _, action in setting.scheduler.held} == {"stop"}


def test_a_firing_is_a_run_of_the_owner_that_stops_what_it_is_for(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    firing = setting.fired(schedule)
    view = setting.done(firing)
    assert (view["outcome"], view["person"], view["conversation"]) == ("succeeded", "ana", f"schedule/{schedule}")
    assert setting.on() == {"live/x": 4}
    shown: Any = view_schedule(setting.schedules, setting.store, "main", schedule, setting.clock.now())
    (one,) = shown["firings"]
    assert (one["outcome"], one["run_id"]) == ("succeeded", firing.run_id)
    said = "2 of 2 environments that were on stopped: blue: stopped api 1 -> 0, web 3 -> 0; red: stopped web 2 -> 0"
    assert one["said"] == said


def test_what_a_schedule_leaves_out_is_not_stopped_and_what_is_named_beside_a_kind_is(setting: Setting) -> None:
    setting.platform.kinds["rehearsal"] = "preview"
    setting.platform.resources.append(service("rehearsal", "x", 1))
    schedule = setting.made(
        "stop the rehearsal environment and all dev environments but the blue environment every weekday at 18:00"
    )
    (kept,) = setting.schedules.schedules()
    title = "Stop rehearsal and all development environments but blue every weekday at 18:00 UTC"
    assert (kept.title, kept.kind, kept.but) == (title, "preview", ("blue",))
    shown: Any = view_schedule(setting.schedules, setting.store, "main", schedule, setting.clock.now())
    assert (shown["kinds"], shown["environments"], shown["but"]) == (["development"], ["rehearsal"], ["blue"])
    setting.done(setting.fired(schedule))
    assert setting.on() == {"blue/web": 3, "blue/api": 1, "live/x": 4}


def test_what_would_not_be_in_it_cannot_be_left_out(setting: Setting) -> None:
    view = setting.ask("stop all dev environments but the live environment every day at 18:00")
    assert "live cannot be left out: it is none of what would be stopped" in view["answer"]
    assert view["outcome"] == "failed" and not setting.schedules.schedules()


def test_a_deleted_schedule_comes_back_with_what_it_left_out(setting: Setting) -> None:
    schedule = setting.made("stop all dev environments but the blue environment every day at 18:00")
    clients = setting.clients(setting.store.run("main", setting.ask("list schedules")["run_id"]), "c1")
    given = ScheduleInput(schedule_id=schedule)
    undo = DeleteSchedule.undo(given, DeleteSchedule(clients).preview(given))
    assert isinstance(undo, Call) and undo.arguments["but"] == ["blue"]


def test_a_firing_that_comes_twice_is_one_run(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    first, second = setting.fired(schedule), setting.fired(schedule, late=timedelta(minutes=4))
    assert first.run_id == second.run_id
    assert setting.workflow.started == [f"{first.run_id}-1"]
    assert len(setting.schedules.firings(schedule)) == 1


def test_a_repeat_finishes_what_the_first_delivery_could_not(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    setting.workflow.fails = True
    with pytest.raises(ConnectionError):
        setting.fired(schedule)
    setting.workflow.fails = False
    firing = setting.fired(schedule)
    assert setting.workflow.started == [f"{firing.run_id}-1"]
    assert setting.done(firing)["outcome"] == "succeeded"


def test_a_firing_that_was_refused_stays_refused_though_it_comes_again_after_a_resume(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    setting.ask(f"pause schedule {schedule}")
    refused = setting.fired(schedule)
    setting.ask(f"resume schedule {schedule}")
    assert setting.fired(schedule, late=timedelta(minutes=5)) == refused
    assert (refused.run_id, setting.workflow.started) == (None, [])


def test_a_firing_that_was_begun_goes_on_though_the_schedule_was_paused_since(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    setting.workflow.fails = True
    with pytest.raises(ConnectionError):
        setting.fired(schedule)
    setting.workflow.fails = False
    setting.ask(f"pause schedule {schedule}")
    firing = setting.fired(schedule, late=timedelta(minutes=5))
    assert setting.done(firing)["outcome"] == "succeeded"
    assert setting.schedules.firings(schedule) == [firing]


def test_a_firing_whose_run_could_not_be_begun_in_time_is_discarded(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = setting.made(AFTER_SIX)

    def dies(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken, pytest.raises(ConnectionError):
        broken.setattr(setting.store, "record_trigger", dies)
        setting.fired(schedule)
    shown: Any = view_schedule(setting.schedules, setting.store, "main", schedule, setting.clock.now())
    (one,) = shown["firings"]
    assert (one["outcome"], one["said"]) == ("nothing done", "its run was not begun, or not yet")
    late = setting.fired(schedule, late=timedelta(hours=2))
    assert (late.run_id, late.reason) == (None, "discarded: it came 2 h 0 min late")
    assert setting.workflow.started == []


def test_a_firing_is_never_kept_without_its_plan(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the Run next, the delivery that kept it having died, would plan it from its title."""
    schedule = setting.made(AFTER_SIX)

    def dies(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken, pytest.raises(ConnectionError):
        broken.setattr(setting.workflow, "start", dies)
        setting.fired(schedule)
    (kept,) = [run for run in setting.store.recent_runs("main") if run.trigger.kind == "schedule"]
    record = setting.store.load_run("main", kept.run_id)
    made = setting.schedules.schedule(schedule)
    assert made is not None and record.plan == made.runbooks["stop"]
    view = setting.done(setting.fired(schedule))
    assert (view["outcome"], setting.on()) == ("succeeded", {"live/x": 4})


def test_a_late_firing_is_discarded_and_reported(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    firing = setting.fired(schedule, late=timedelta(minutes=61))
    assert (firing.run_id, setting.workflow.started) == (None, [])
    shown: Any = view_schedules(setting.schedules, setting.store, "main", setting.clock.now())
    (one,) = shown["schedules"]
    assert one["firings"][0]["said"] == "discarded: it came 1 h 1 min late"


def test_an_owner_who_is_gone_has_no_rights_left(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    del setting.people["ana"]
    firing = setting.fired(schedule)
    assert firing.run_id is None and "ana is no longer a person" in firing.reason
    assert setting.on() == ALL
    odd = setting.schedules.schedule(schedule)
    assert odd is not None
    setting.schedules.put(odd.model_copy(update={"owner": "ben, and stop it all"}))
    assert "owner «ben, and stop it all» is no longer a person" in setting.fired(schedule, at=SIX + DAY).reason


def test_why_its_plan_may_not_run_any_more_is_quoted_for_it_is_in_the_plans_words(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    kept = setting.schedules.schedule(schedule)
    assert kept is not None
    step = kept.runbooks["stop"].steps[0].model_copy(update={"tool": "stop it all"})
    old = kept.runbooks["stop"].model_copy(update={"steps": (step,)})
    setting.schedules.put(kept.model_copy(update={"runbooks": {"stop": old}}))
    reason = setting.fired(schedule).reason
    assert reason.startswith("nothing was done: its plan may not run any more: «step look: no tool stop it all")


def test_an_owner_who_lost_the_right_is_denied_at_the_firing(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    setting.people["ana"] = ("reader",)
    view = setting.done(setting.fired(schedule))
    assert view["outcome"] == "denied" and "Nothing was changed" in view["answer"]
    assert setting.on() == ALL


def test_a_paused_or_deleted_schedule_does_nothing_though_it_be_fired(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    assert setting.ask(f"pause schedule {schedule}")["outcome"] == "succeeded"
    assert not next(iter(setting.scheduler.held.values())).enabled
    assert "paused" in setting.fired(schedule).reason
    assert setting.ask(f"delete schedule {schedule}")["outcome"] == "succeeded"
    assert setting.scheduler.held == {}
    assert setting.fired(schedule) is None
    with pytest.raises(NotFound):
        setting.fire.now(schedule, "stop", Person(id="ana", name="Ana", roles=("developer",)), "k")


def test_what_is_opted_out_kept_or_off_is_left_alone_with_its_reason(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    setting.clock.at = SIX - timedelta(hours=1)
    kept = setting.ask("keep environment blue until 23:00")
    assert "blue is kept until Mon 02 Mar 2026 23:00 UTC" in kept["answer"]
    assert f"after that {schedule} stops it on Tue 03 Mar 2026 18:00 UTC" in kept["answer"]
    setting.platform.opted_out["red"] = "opted out by the tag schedule=off of web"
    view = setting.done(setting.fired(schedule))
    assert setting.on() == ALL
    assert "- red: opted out by the tag" in view["answer"]
    assert "- blue: kept until Mon 02 Mar 2026 23:00 UTC by ana" in view["answer"]


def test_of_what_no_schedule_stops_it_is_said_when_it_is_kept(setting: Setting) -> None:
    answer = setting.ask("keep environment blue until 23:00")["answer"]
    assert answer == "blue is kept until Mon 02 Mar 2026 23:00 UTC; no schedule there is would stop it"


def test_the_end_of_an_exception_is_told_in_the_zone_it_was_named_in_everywhere(setting: Setting) -> None:
    schedule = setting.made("Stop all dev environments every day at 18:00 Berlin time")
    answer = setting.ask("keep environment blue until 23:00 Paris time")["answer"]
    assert "blue is kept until Mon 02 Mar 2026 23:00 CET" in answer
    assert f"after that {schedule} stops it on Tue 03 Mar 2026 18:00 CET" in answer
    kept = "kept until Mon 02 Mar 2026 23:00 CET by ana"
    assert kept in setting.ask("list schedules")["answer"]
    again = setting.ask("keep environment blue until 22:00")
    (effect,) = setting.store.effects("main", again["run_id"])
    assert (effect.prior.changes[0].before, effect.prior.changes[0].after) == (
        kept,
        "kept until Mon 02 Mar 2026 22:00 UTC",
    )
    undo = KeepEnvironment.undo(KeepEnvironmentInput(environment_id="blue", until=setting.clock.at), effect.prior)
    assert isinstance(undo, Call) and (undo.tool, undo.arguments["time_zone"]) == ("keep_environment", "Europe/Paris")
    assert "UTC+" not in answer + again["answer"]


def test_the_end_of_an_exception_says_what_is_so(setting: Setting) -> None:
    """Whether there was one, and what stops the environment now."""
    assert setting.ask("stop keeping environment blue")["answer"] == "blue was not kept; no schedule stops it"
    schedule = setting.made(AFTER_SIX)
    setting.ask("keep environment blue until 23:00")
    stops = f"{schedule} stops it on Mon 02 Mar 2026 18:00 UTC"
    assert setting.ask("stop keeping environment blue")["answer"] == f"blue is not kept any more; {stops}"
    assert setting.ask("stop keeping environment blue")["answer"] == f"blue was not kept; {stops}"


def test_an_exception_ends(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    setting.ask("keep environment blue for 2 hours")
    assert setting.done(setting.fired(schedule))["outcome"] == "succeeded"
    assert setting.on() == {"live/x": 4}


def test_the_start_restores_what_this_window_stopped_and_nothing_else(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX + " and start them again at 7am")
    setting.ask("stop environment red")
    setting.done(setting.fired(schedule))
    assert setting.on() == {"live/x": 4}
    view = setting.done(setting.fired(schedule, "start", SIX + timedelta(hours=13)))
    assert setting.on() == {"blue/web": 3, "blue/api": 1, "live/x": 4}, view["answer"]
    # What it started is not its to start again.
    setting.ask("stop environment blue")
    setting.done(setting.fired(schedule, "start", SIX + timedelta(hours=37)))
    assert setting.on() == {"live/x": 4}


def test_of_an_environment_partly_stopped_before_only_the_rest_is_started(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX + " and start them again at 7am")
    at = next(i for i, one in enumerate(setting.platform.resources) if one.name == "api")
    by_hand = setting.platform.resources[at].model_copy(
        update={"size": 0, "running": 0, "state": "stopped", "saved": 1}
    )
    setting.platform.resources[at] = by_hand
    setting.done(setting.fired(schedule))
    setting.done(setting.fired(schedule, "start", SIX + timedelta(hours=13)))
    assert setting.on() == {"red/web": 2, "blue/web": 3, "live/x": 4}


def test_what_is_started_by_hand_stays_unless_the_window_says_enforce(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX + " and enforce it")
    setting.done(setting.fired(schedule))
    setting.ask("start environment red")
    again = setting.fired(schedule, "again", SIX + timedelta(minutes=30))
    setting.done(again)
    assert setting.on() == {"live/x": 4}
    assert setting.fired(schedule, "again", SIX + timedelta(hours=7)) is None, "the window is over at midnight"


def test_run_now_has_the_rights_of_who_asks(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    ben = Person(id="ben", name="Ben", roles=("reader",))
    run = setting.fire.now(schedule, "stop", ben, "k")
    assert setting.fire.now(schedule, "stop", ben, "k").run_id == run.run_id
    assert setting.runner().go_on(run)["outcome"] == "denied"
    assert setting.on() == ALL
    assert [firing.by for firing in setting.schedules.firings(schedule)] == ["ben"]
    with pytest.raises(NotFound, match="never starts"):
        setting.fire.now(schedule, "start", ben, "k")


def test_run_now_under_a_key_of_another_request_is_refused(setting: Setting) -> None:
    first = setting.made(AFTER_SIX)
    second = setting.made("stop all dev environments every day at 20:00 and start them again at 7am")
    ana = Person(id="ana", name="Ana", roles=("developer",))
    run = setting.fire.now(second, "stop", ana, "k")
    for schedule, action in ((first, "stop"), (second, "start")):
        with pytest.raises(OtherRequest):
            setting.fire.now(schedule, action, ana, "k")  # type: ignore[arg-type]
    assert setting.fire.now(second, "stop", ana, "k").run_id == run.run_id
    assert [len(setting.schedules.firings(one)) for one in (first, second)] == [0, 1]


def test_a_firing_delivered_again_after_its_schedule_was_changed_is_the_same_run(setting: Setting) -> None:
    id = setting.made(AFTER_SIX)
    first = setting.fired(id)
    schedule = setting.schedules.schedule(id)
    assert schedule and first and first.run_id
    setting.schedules.put(schedule.model_copy(update={"times": {"stop": Recurrence.at("18:01", DAYS, "UTC")}}))
    assert setting.fired(id) == first


def test_asked_for_twice_it_is_one_schedule(setting: Setting) -> None:
    first = setting.made(AFTER_SIX)
    view = setting.ask("please stop all dev environments at 18:00 daily")
    assert view["outcome"] == "succeeded" and first in view["answer"]
    assert len(setting.schedules.schedules()) == 1


@pytest.mark.parametrize(
    ("text", "person", "outcome"),
    [
        ("Stop all dev and preview environments every day after 6pm", "ana", "succeeded"),
        ("Stop environment red on fridays at 5pm", "ana", "succeeded"),
        ("Stop all dev environments every day after 6pm", "ben", "denied"),
        ("Stop all staging environments every day after 6pm", "ana", None),
        ("Stop environment live every weekday at 18:00", "ana", None),
    ],
)
def test_policy_goes_by_the_strictest_kind_it_is_for(setting: Setting, text: str, person: str, outcome: str) -> None:
    view = setting.ask(text, person)
    assert view["outcome"] == outcome and (outcome is not None or view["status"] == "parked")
    assert bool(setting.scheduler.held) == (outcome == "succeeded")


def test_undoing_a_deletion_makes_it_anew_as_it_was(setting: Setting) -> None:
    schedule = setting.schedules.schedule(setting.made("Stop environment red weekdays from 7pm to 7am and enforce it"))
    assert schedule is not None
    view = setting.ask("list schedules")
    assert schedule.id in view["answer"]
    clients = setting.clients(setting.store.run("main", view["run_id"]), "call-2")
    tool = DeleteSchedule(clients)
    given = ScheduleInput(schedule_id=schedule.id)
    undo = DeleteSchedule.undo(given, tool.preview(given))
    assert isinstance(undo, Call) and undo.tool == "create_schedule"
    tool.run(given, tool.preview(given))
    create = CreateSchedule(clients)
    again = CreateScheduleInput.model_validate(undo.arguments)
    create.run(again, create.preview(again))
    (made,) = setting.schedules.schedules()
    assert (made.window, made.environments, made.kind) == (schedule.window, ("red",), "development")


def test_undoing_the_deletion_of_a_paused_schedule_makes_a_paused_one(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    assert setting.ask(f"pause schedule {schedule}")["outcome"] == "succeeded"
    view = setting.ask("list schedules")
    clients = setting.clients(setting.store.run("main", view["run_id"]), "call-2")
    given = ScheduleInput(schedule_id=schedule)
    paused_already = PauseSchedule(clients).preview(given)
    assert PauseSchedule.undo(given, paused_already) == UNCHANGED
    assert isinstance(ResumeSchedule.undo(given, ResumeSchedule(clients).preview(given)), Call)
    delete, create = DeleteSchedule(clients), CreateSchedule(clients)
    undo = DeleteSchedule.undo(given, delete.preview(given))
    delete.run(given, delete.preview(given))
    assert isinstance(undo, Call)
    again = CreateScheduleInput.model_validate(undo.arguments)
    preview = create.preview(again)
    assert [change.after for change in preview.changes] == [
        "paused, until it is resumed; environments now on: blue, red"
    ]
    create.run(again, preview)
    (made,) = setting.schedules.schedules()
    assert made.paused and not any(timer.enabled for timer in setting.scheduler.held.values())
    assert create.verify(again, preview).outcome == "true"


def test_what_may_not_be_touched_is_no_reason_to_stop_an_environment(setting: Setting) -> None:
    schedule = setting.made(AFTER_SIX)
    resources = setting.platform.resources
    resources[0] = resources[0].model_copy(update={"held": "belongs to something else"})
    view = setting.done(setting.fired(schedule))
    assert "- red: what is on in it must be left alone (belongs to something else)" in view["answer"]
    assert setting.on() == {"red/web": 2, "live/x": 4}


def test_the_times_shown_begin_with_a_stop(setting: Setting) -> None:
    setting.clock.at = NOON - timedelta(hours=10)
    answer = setting.ask(AFTER_SIX + " and start them again at 7am")["answer"]
    shown = [line for line in answer.splitlines() if line.startswith(("- stopped", "- started"))]
    assert [line[2:23] for line in shown] == ["stopped Mon 02 Mar 20", "started again Tue 03 ", "stopped Tue 03 Mar 20"]
