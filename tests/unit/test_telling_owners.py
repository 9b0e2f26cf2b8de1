"""What the owner of a schedule is told of its firings: each once, where the configuration says, and of no other run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import FakeNotifier
from test_firing import AFTER_SIX, ALL, SIX, Setting

from copilot.answering.telling_owners import TellOwner
from copilot.bootstrap import UseCases
from copilot.config.configuration import Configuration
from copilot.domain import NOT_KNOWN, PRIVATE, About, Run
from copilot.tools.registry import Registry

REGISTRY = Registry()


class Told:
    """An installation with a channel for it, and what was said there."""

    def __init__(self, channel: str | None = "#platform") -> None:
        self.setting, self.notifier, self.channel = Setting(), FakeNotifier(), channel
        self.schedule = self.setting.made(AFTER_SIX)

    @property
    def tell(self) -> TellOwner:
        config = Configuration.model_validate(self.setting.config.model_dump() | {"reports_to": self.channel})
        given = {"schedules": self.setting.schedules, "store": self.setting.store, "notifier": self.notifier}
        return UseCases(**given, registry=REGISTRY, configuration=lambda: config).tell_owner

    def fired(self, **late: float) -> Any:
        """A firing as the function handles it."""
        firing = self.setting.fired(self.schedule, late=timedelta(**late))
        if firing.run_id is None:
            self.tell.of_refusal(firing)
        return firing

    def ended(self, run_id: str) -> None:
        self.tell.of_run(self.setting.store.run("main", run_id))

    @property
    def texts(self) -> list[str]:
        assert {channel for channel, _ in self.notifier.sent.values()} <= {"#platform"}
        return [text for _, text in self.notifier.sent.values()]


@pytest.fixture
def told() -> Told:
    return Told()


def test_that_a_firing_was_not_run_and_why(told: Told) -> None:
    for _ in range(2):
        told.fired(minutes=61)
    (text,) = told.texts
    assert text.startswith(f"For ana: the schedule {told.schedule} (Stop all development environments")
    assert "came due at Mon 02 Mar 2026 18:00 UTC and was not run: discarded: it came 1 h 1 min late" in text


def test_a_firing_that_ran_and_comes_again_too_late_is_not_said_to_have_been_discarded(told: Told) -> None:
    first = told.fired()
    again = told.fired(hours=3)
    assert again == first
    assert told.texts == []


def test_an_owner_who_is_gone_is_named_still(told: Told) -> None:
    del told.setting.people["ana"]
    told.fired()
    (text,) = told.texts
    assert text.startswith("For ana: ") and "ana is no longer a person" in text


def test_what_a_firing_found_out_is_told_where_no_channel_is_named_in_it(told: Told) -> None:
    schedule = told.setting.made("list environments every day at 18:00")
    firing = told.setting.fired(schedule, "run")
    answer = told.setting.done(firing)["answer"]
    for _ in range(2):
        told.ended(firing.run_id)
    (text,) = told.texts
    assert f"As the schedule {schedule} says: «list environments» every day at 18:00 UTC" in text and answer in text


def test_what_is_told_in_a_channel_of_its_own_is_not_told_again(told: Told) -> None:
    firing = told.setting.fired(
        told.setting.made("tell #ops which dev environments are idle every day at 18:00"), "run"
    )
    assert told.setting.done(firing)["outcome"] == "succeeded"
    told.ended(firing.run_id)
    assert told.texts == []


def test_of_a_firing_that_did_what_it_is_for_nothing_is_said(told: Told) -> None:
    firing = told.fired()
    told.ended(firing.run_id)
    assert told.setting.done(firing)["outcome"] == "succeeded"
    told.ended(firing.run_id)
    assert told.texts == []


def test_of_one_that_did_not_its_owner_is_told_with_the_answer_once(told: Told) -> None:
    told.setting.people["ana"] = ("reader",)
    firing = told.fired()
    view = told.setting.done(firing)
    for _ in range(2):
        told.ended(firing.run_id)
    (text,) = told.texts
    assert text.startswith(f'For ana: "Stop, as the schedule {told.schedule} says: ')
    assert f"ended denied: {view['answer'].partition(chr(10))[0]}" in text and firing.run_id in text
    assert told.setting.on() == ALL


def test_of_one_that_waits_and_is_denied_then_its_owner_is_told_once_that_it_waits(told: Told) -> None:
    told.schedule = told.setting.made("Stop environment red every day at 18:00")
    told.setting.platform.kinds["red"] = "production"
    firing = told.fired()
    waiting = told.setting.done(firing)
    assert waiting["status"] == "parked", waiting
    told.ended(firing.run_id)
    run = told.setting.store.run("main", firing.run_id)
    ended = run.model_copy(update={"outcome": "expired", "answer": "Not done."})
    told.tell.of_run(ended)
    (text,) = told.texts
    assert "waits for an approval" in text and waiting["approval"]["id"] in text and "18:00 UTC" in text


def test_of_what_a_person_ran_out_of_turn_no_owner_is_told(told: Told) -> None:
    ben = told.setting.runner("ben").person
    run = told.setting.fire.now(told.schedule, "stop", ben, "k")
    assert told.setting.runner().go_on(run)["outcome"] == "denied"
    told.ended(run.run_id)
    assert told.texts == []


def test_without_a_channel_nothing_is_sent() -> None:
    told = Told(channel=None)
    told.fired(minutes=61)
    told.setting.people["ana"] = ("reader",)
    told.schedule = told.setting.schedules.schedules()[0].id
    firing = told.setting.fired(told.schedule, at=SIX + timedelta(days=1))
    told.setting.done(firing)
    told.ended(firing.run_id)
    assert told.notifier.sent == {}


def test_each_firing_has_a_message_of_its_own(told: Told) -> None:
    told.fired(minutes=61)
    told.tell.of_refusal(told.setting.fired(told.schedule, at=SIX + timedelta(days=1), late=timedelta(hours=2)))
    assert len(told.texts) == 2


# --- by what their answer tells of -----------------------------------------------------------------


SECRET = "LEVEL is debug"
LISTED = "list environments every day at 18:00"


def ended(told: Told, about: About | None, outcome: str) -> tuple[Run, str]:
    """A firing of a request that found out, or that failed, with such an answer; what its owner is told of it."""
    firing = told.setting.fired(told.setting.made(LISTED), "run")
    told.setting.done(firing)
    run = told.setting.store.run("main", firing.run_id)
    run = run.model_copy(update={"outcome": outcome, "answer": f"{SECRET}\nand more.", "about": about})
    told.tell.of_run(run)
    return run, "\n".join(told.texts)


@pytest.mark.parametrize("shows", PRIVATE)
@pytest.mark.parametrize("outcome", ["failed", "partial", "succeeded"])
def test_status_and_costs_are_told_and_of_the_rest_how_it_ended(told: Told, outcome: str, shows: Any) -> None:
    run, text = ended(told, About(shows=shows, kind="production"), outcome)
    if shows in {"status", "cost"}:
        assert SECRET in text
    elif outcome == "succeeded":
        assert text == ""
    else:
        assert SECRET not in text and f"ended {outcome}. What its answer tells of is nothing" in text
        assert f"`devops-copilot runs show {run.run_id}`" in text


def test_of_what_nobody_said_what_it_tells_of_it_is_said_how_it_ended(told: Told) -> None:
    _, text = ended(told, None, "failed")
    assert SECRET not in text and "ended failed." in text
    assert NOT_KNOWN.shows == "logs"


def test_it_goes_by_the_roles_that_its_owner_has_then(told: Told) -> None:
    told.setting.people["ana"] = ("developer",)
    firing = told.setting.fired(told.setting.made(LISTED), "run")
    told.setting.done(firing)
    told.setting.people["ana"] = ()
    run = told.setting.store.run("main", firing.run_id).model_copy(update={"outcome": "failed", "answer": SECRET})
    told.tell.of_run(run)
    (text,) = told.texts
    assert SECRET not in text
