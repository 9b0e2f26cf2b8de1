"""What fails three times in a row is paused and its owner told; what has no owner any more, and who may approve."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import FakeNotifier
from test_firing import AFTER_SIX, DAY, SIX, Setting

from copilot.answering.telling_owners import TellOwner
from copilot.config.configuration import Configuration
from copilot.domain import Freeze, JournalEntry, Person, Schedule, Scope
from copilot.triggers.looking_after import LookAfter


class Watched:
    """A schedule of ana's, fired day after day as the function does it."""

    def __init__(self, text: str = AFTER_SIX) -> None:
        self.setting, self.notifier = Setting(), FakeNotifier()
        self.setting.people["ops"] = ("approver",)
        self.schedule, self.day = self.setting.made(text), 0

    def fire(self, action: str = "stop", late: timedelta = timedelta(0)) -> Any:
        firing = self.setting.fired(self.schedule, action, SIX + self.day * DAY, late)
        self.day += 1
        if firing.run_id is not None:
            self.setting.done(firing)
            self.tell.of_run(self.setting.store.run("main", firing.run_id))
        self.look_after()
        return firing

    def look_after(self) -> Schedule | None:
        setting = self.setting
        paused = LookAfter(setting.schedules, setting.store, setting.config, setting.clock)(self.schedule)
        if paused is not None:
            self.tell.of_pause(paused)
        return paused

    @property
    def tell(self) -> TellOwner:
        config = Configuration.model_validate(self.setting.config.model_dump() | {"reports_to": "#platform"})
        return TellOwner(self.setting.schedules, self.setting.store, self.notifier, config)

    @property
    def is_paused(self) -> bool:
        made = self.setting.schedules.schedule(self.schedule)
        return made is not None and made.paused

    @property
    def pauses(self) -> list[str]:
        return [text for _, text in self.notifier.sent.values() if "is paused" in text]

    def fails(self, whether: bool = True) -> None:
        self.setting.people["ana"] = ("reader",) if whether else ("developer",)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_three_failures_in_a_row_pause_it_and_its_owner_is_told_once(watched: Watched) -> None:
    watched.fails()
    for _ in range(2):
        watched.fire()
    assert not watched.is_paused and not watched.pauses
    watched.fire()
    assert watched.is_paused
    assert watched.fire().reason == "nothing was done: the schedule is paused"
    watched.look_after()
    (text,) = watched.pauses
    assert text.startswith(f"For ana: the schedule {watched.schedule} (") and "its last 3 firings failed" in text
    assert f"{watched.schedule}: " in (said := watched.setting.ask("list schedules")["answer"])
    assert "paused: its last 3 firings failed" in said


def test_one_that_did_it_in_between_begins_the_count_anew(watched: Watched) -> None:
    for failing in (True, True, False, True, True):
        watched.fails(failing)
        watched.fire()
    assert not watched.is_paused


def test_what_came_late_or_a_person_had_run_is_no_failure(watched: Watched) -> None:
    watched.fails()
    watched.fire()
    watched.fire()
    watched.fire(late=timedelta(hours=2))
    ben = watched.setting.config.current(watched.setting.runner("ben").person)
    run = watched.setting.fire.now(watched.schedule, "stop", ben, "k")
    watched.setting.runner("ben").go_on(watched.setting.store.run("main", run.run_id))
    assert watched.look_after() is None and not watched.is_paused
    watched.fire()
    assert watched.is_paused


def test_resumed_it_may_fail_three_times_again(watched: Watched) -> None:
    watched.fails()
    for _ in range(3):
        watched.fire()
    watched.fails(False)
    assert watched.setting.ask(f"resume schedule {watched.schedule}")["outcome"] == "succeeded"
    made = watched.setting.schedules.schedule(watched.schedule)
    assert made is not None and (made.paused, made.paused_because) == (False, "")
    watched.fails()
    watched.fire()
    watched.fire()
    assert not watched.is_paused
    watched.fire()
    assert watched.is_paused and len(watched.pauses) == 2, "each pause is told"


@pytest.mark.parametrize("gone", ["unknown", "no role"])
def test_one_whose_owner_is_gone_is_paused_and_who_may_approve_is_told(watched: Watched, gone: str) -> None:
    if gone == "unknown":
        del watched.setting.people["ana"]
    else:
        watched.setting.people["ana"] = ()
    firing = watched.fire()
    assert firing.run_id is None and watched.setting.on()
    assert watched.is_paused
    (text,) = watched.pauses
    assert text.startswith("For ops: ") and ("no longer a person" if gone == "unknown" else "has no role") in text


def test_what_a_person_paused_meanwhile_is_left_as_it_is(watched: Watched) -> None:
    watched.setting.ask(f"pause schedule {watched.schedule}")
    del watched.setting.people["ana"]
    assert watched.look_after() is None and not watched.pauses


def test_what_was_kept_back_by_a_freeze_is_no_failure_of_the_schedule(watched: Watched) -> None:
    """Thawed after a long weekend, what was to be done each night is done the next one."""
    at, ops = watched.setting.clock.now(), Person(id="ops", name="Ops", roles=("operator",))
    freeze = Freeze(scope=Scope(of="all"), reason="incident", by=ops, at=at)
    evidence = JournalEntry(at=at, id="f", kind="freeze", run_id="", person="ops", data={})
    watched.setting.store.freeze("main", freeze, evidence)
    for _ in range(4):
        assert watched.setting.store.run("main", watched.fire().run_id).outcome == "denied"
    assert not watched.is_paused
    watched.setting.store.thaw("main", freeze.scope, evidence)
    watched.fails()
    watched.fire()
    watched.fire()
    assert not watched.is_paused
    watched.fire()
    assert watched.is_paused, "what fails for another reason counts as before"
