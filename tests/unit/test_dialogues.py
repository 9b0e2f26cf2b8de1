"""Turns of one conversation: what "it", "the second one" and "every day" mean after what was said before.

The dialogues are frozen with the requests of test_heard.py; what is answered otherwise than their author would have
stands in OTHERWISE, with why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from deployment_facts import deployment
from fakes_platform import FakePlatform, service
from memory_deployments import MemoryDeployments
from test_firing import NOON, Setting
from test_heard import KINDS, KNOWN

from copilot.adapters.memory_inventory import MemoryInventory
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Person
from copilot.intents.actions import read_yaml

DIALOGUES = read_yaml(Path(__file__).with_name("heard_dialogues.yaml"))
ROLES = ("developer", "operator", "approver")
OTHERWISE = {
    ("stop it after a question about its services", 1): "no tool tells which services failed, without a model",
    ("stop it after a question about its services", 2): "asks: it may be a service of it that is meant",
    ("the first two", 2): "the last of the two that were spoken of last",
    ("the typo was another", 1): "there is no such environment, and that was said: nothing is left to be answered",
    ("a question is no order", 2): "asks, for the turn before was not understood",
    ("keep without an end", 3): "asks, for the turn before was refused",
}


class Spoken(Setting):
    def __init__(self, stopped: bool) -> None:
        super().__init__()
        self.platform = FakePlatform([service(name, "web", 2) for name in KINDS], kinds=dict(KINDS))
        if stopped:
            off = {"size": 0, "running": 0, "state": "stopped", "saved": 2}
            self.platform.resources = [one.model_copy(update=off) for one in self.platform.resources]
        self.people = {name: ROLES for name in ("ana", "dana", "lee")}
        self.deployments = MemoryDeployments()
        for number, name in enumerate(("checkout", "payments", "ledger")):
            self.deployments.record(deployment(f"d{number}", NOON, {"build": 60.0}, service=name))

    def clients(self, *args: Any, **more: Any) -> Any:
        given = super().clients(*args, **more)
        given.deployments = self.deployments  # type: ignore[misc]
        return given

    def runner(self, person: str = "ana") -> InProcess:
        inventory = MemoryInventory()
        inventory.known = lambda: KNOWN  # type: ignore[method-assign]
        process = super().runner(person)
        made = InProcess(
            self.clients,
            person=Person(id=person, name=person, roles=ROLES),
            config=process.config,
            store=self.store,
            clock=self.clock,
            sleep=self.clock.sleep,
            inventory=inventory,
        )
        made.decide = lambda approval: "approve"
        return made


def schedules(setting: Setting) -> set[str]:
    return {one.id for one in setting.schedules.schedules()}


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda one: one["name"])
def test_a_dialogue_comes_to_what_a_careful_colleague_would_do(dialogue: dict[str, Any]) -> None:
    setting = Spoken(stopped=dialogue["turns"][0]["say"].startswith("start"))
    for number, turn in enumerate(dialogue["turns"]):
        wanted, before, there = turn["expect"], setting.on(), schedules(setting)
        view = setting.runner(turn.get("by", "ana")).run(turn["say"], "one")
        after = setting.on()
        changed = {one.partition("/")[0] for one, _ in before.items() ^ after.items()}
        made = schedules(setting) != there
        otherwise = (dialogue["name"], number) in OTHERWISE
        if wanted["outcome"] == "changed" and not otherwise:
            assert view["outcome"] == "succeeded", (turn, view["answer"])
            assert changed or made or "kept" in view["answer"], (turn, view["answer"])
            assert not changed or not wanted["about"] or changed == set(wanted["about"]), (turn, view["answer"])
        else:
            assert not changed and not made, (turn, view["answer"])
        if wanted["outcome"] == "answered" and not otherwise:
            assert view["outcome"] == "succeeded" and all(name in view["answer"] for name in wanted["about"]), view
        assert not changed & set(wanted["not_about"]), (turn, view["answer"])
        setting.clock.sleep(20)


def test_my_environments_are_those_whose_owner_is_written_as_who_asks_is() -> None:
    setting = Spoken(stopped=False)
    setting.platform.owners = {
        "orders-dev": "ana",
        "search-dev": "ana, lee",
        "blue-42": "Ana",
        "uat": "ana",
        "sandbox": "lee",
    }
    view = setting.runner().run("stop my dev environments", "one")
    assert view["outcome"] == "succeeded" and "whose owner is ana:" in view["answer"], view["answer"]
    assert "Left as they were, for another is their owner, or nobody:" in view["answer"]
    assert "- search-dev: development, running, 1 service, owner ana, lee" in view["answer"]
    assert {one.partition("/")[0] for one in setting.on()} == {*KINDS} - {"orders-dev"}
    view = setting.runner().run("which are mine?", "one")
    listed = view["answer"].splitlines()
    assert listed[0] == "Of 12 environments 2 have ana as their owner:", view["answer"]
    assert [line.partition(":")[0] for line in listed[1:3]] == ["- orders-dev", "- uat"]
    view = setting.runner().run("how are they?", "one")
    assert view["outcome"] == "succeeded" and "orders-dev" in view["answer"] and "sandbox" not in view["answer"]
    setting.clock.sleep(20)
    view = setting.runner().run("start my dev environments", "one")
    assert view["outcome"] == "succeeded" and {one.partition("/")[0] for one in setting.on()} == {*KINDS}


def test_of_what_nobody_owns_nothing_is_stopped_and_it_is_said() -> None:
    setting = Spoken(stopped=False)
    before = setting.on()
    view = setting.runner().run("stop my dev environments", "one")
    assert view["answer"].startswith("0 of 6 environments stopped, of those whose owner is ana"), view["answer"]
    assert setting.on() == before


def test_a_window_for_several_that_are_named_is_for_those_and_no_other() -> None:
    setting = Spoken(stopped=False)
    view = setting.runner().run("shut down sandbox and blue-42 tonight at 11pm", "one")
    assert view["outcome"] == "succeeded", view["answer"]
    (made,) = setting.schedules.schedules()
    assert made.window is not None
    assert (made.environments, made.kinds, made.window.stop) == (("sandbox", "blue-42"), (), "23:00")


def test_a_window_for_kinds_and_names_is_for_both_and_one_may_be_left_out() -> None:
    setting = Spoken(stopped=False)
    view = setting.runner().run("stop sandbox and all preview envs but pr-482 every day at 18:00", "one")
    assert view["outcome"] == "succeeded", view["answer"]
    assert "stop sandbox and all preview environments but pr-482 (schedule" in view["answer"]
    (made,) = setting.schedules.schedules()
    assert (made.kinds, made.environments, made.but) == (("preview",), ("sandbox",), ("pr-482",))


def test_a_kind_in_a_list_of_names_is_one_of_it_or_all_and_that_is_asked() -> None:
    setting = Spoken(stopped=False)
    view = setting.runner().run("stop dev and uat every day at 18:00", "one")
    assert "or all development environments" in view["answer"] and not schedules(setting), view["answer"]
    view = setting.runner().run("all", "one")
    assert view["outcome"] == "succeeded", view["answer"]
    (made,) = setting.schedules.schedules()
    assert (made.kinds, made.environments) == (("development",), ("uat",))


def test_all_that_was_listed_is_everything_there_is() -> None:
    setting = Spoken(stopped=False)
    before = setting.on()
    setting.runner().run("list environments", "one")
    view = setting.runner().run("stop all of them", "one")
    assert (view["outcome"], setting.on()) == ("asked", before) and "That is 12 environments: " in view["answer"]
    assert setting.runner().run("yes", "one")["outcome"] == "succeeded" and setting.on() == {}


def test_the_first_one_is_the_first_that_was_shown() -> None:
    setting = Spoken(stopped=False)
    view = setting.runner().run("list all dev environments and uat", "one")
    first = view["answer"].split("- ")[1].split(":")[0]
    setting.runner().run("stop the first one", "one")
    assert {one.partition("/")[0] for one in KINDS} - {one.partition("/")[0] for one in setting.on()} == {first}


@pytest.mark.parametrize("answer", ["nah, never mind", "abort", "wait", "hold on", "not prod", "no thanks mate", "nvm"])
def test_a_yes_after_any_no_is_to_nothing(answer: str) -> None:
    setting = Spoken(stopped=False)
    before = setting.on()
    assert setting.runner().run("stop both dev envs", "one")["outcome"] == "asked"
    setting.runner().run(answer, "one")
    for later in ("yes", "1"):
        setting.runner().run(later, "one")
    assert setting.on() == before


def test_what_says_neither_yes_nor_no_leaves_the_question_open() -> None:
    setting = Spoken(stopped=False)
    setting.runner().run("stop prod", "one")
    assert setting.runner().run("hmm", "one")["outcome"] == "not_understood"
    setting.runner().run("prod-eu", "one")
    assert {name.partition("/")[0] for name in setting.on()} == KINDS.keys() - {"prod-eu"}


def test_a_whole_sentence_is_no_answer_although_it_holds_a_no() -> None:
    setting = Spoken(stopped=False)
    before = setting.on()
    assert setting.runner().run("stop both dev envs", "one")["outcome"] == "asked"
    assert setting.runner().run("Stop all dev environments but the busy ones", "one")["outcome"] == "not_understood"
    for later in ("yes", "1"):
        setting.runner().run(later, "one")
    assert setting.on() == before
