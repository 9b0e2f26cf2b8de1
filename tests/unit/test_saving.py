"""What was done last becomes a runbook: in words, for who asked for it, and never what another time is not so."""

from __future__ import annotations

from typing import Any

from fakes import FakeClock
from fakes_platform import FakeClients, FakePlatform, service

from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Person, Plan, Run, Runbook

ZOE = Person(id="zoe", name="Zoe", roles=("operator",))


class Runner:
    """The copilot over a platform and runbooks in memory."""

    def __init__(self, **more: Any) -> None:
        resources = [service("shop-dev", "web", 2), service("book-dev", "reader", 4), service("shop-live", "api", 1)]
        self.platform, self.clock = FakePlatform(resources, kinds={"shop-live": "production"}), FakeClock()
        self.runbooks = MemoryRunbooks()
        self.process = InProcess(
            self._clients, clock=self.clock, sleep=self.clock.sleep, workers=1, runbooks=self.runbooks, **more
        )

    def _clients(self, run: Run, call: str, permissions: object) -> FakeClients:
        self.clock.sleep(1)
        clients = FakeClients(self.platform, clock=self.clock, call_id=call)
        clients.runbooks, clients.person = self.runbooks, run.trigger.person
        return clients

    def ask(self, text: str | Plan, conversation: str = "c") -> dict[str, Any]:
        self.clock.sleep(1)
        return self.process.run(text, conversation)

    def kept(self, name: str = "evening-stop") -> Runbook:
        return self.runbooks.versions(name)[-1].runbook

    @property
    def states(self) -> dict[str, str]:
        return {one.environment: one.state for one in self.platform.survey().resources}


def test_what_was_done_is_saved_with_its_names_as_parameters_and_run_again_with_others() -> None:
    runner = Runner()
    runner.ask("stop shop-dev and tell #ops")
    view = runner.ask("save that as a runbook called evening stop")
    assert view["outcome"] == "succeeded", view["answer"]
    assert view["answer"].startswith("saved as runbook evening-stop, version 1: ")
    assert "environment (the name of an environment; shop-dev unless it is said)" in view["answer"]
    assert "channel (a #channel; #ops unless it is said)" in view["answer"]
    assert "Run it again: “run the runbook evening-stop”, with others for" in view["answer"]
    saved = runner.kept()
    assert saved.description == "stop shop-dev and tell #ops"
    assert all("@" in step.tool for step in saved.steps), "as they were, whatever versions come"
    assert runner.states["book-dev"] == "running"
    view = runner.ask("run evening stop for book-dev and tell #night")
    assert (view["outcome"], runner.states["book-dev"]) == ("succeeded", "stopped"), view["answer"]
    assert view["answer"].startswith("Runbook evening-stop, version 1.\n\n")
    assert runner.process.run("start shop-dev", "c")["outcome"] == "succeeded"
    assert runner.ask("run the evening stop")["outcome"] == "succeeded" and runner.states["shop-dev"] == "stopped"


def test_kinds_and_numbers_become_parameters() -> None:
    runner = Runner()
    each = {"environment_id": {"$item": "@"}, "hours": 12}
    steps = [
        {"id": "envs", "tool": "list_environments", "arguments": {"kinds": ["development"]}},
        {
            "id": "act",
            "tool": "environment_activity",
            "for_each": {"$ref": "envs.environments[].id"},
            "arguments": each,
        },
    ]
    runner.ask(plan(steps=steps, answer={"text": "{act[].summary}"}))
    assert runner.ask("save this as runbook idle ones")["outcome"] == "succeeded"
    parameters = runner.kept("idle-ones").parameters
    assert {name: one.default for name, one in parameters.items()} == {"kind": "development", "hours": 12}
    assert runner.ask("run idle ones for production")["outcome"] == "succeeded"


def test_a_name_that_there_is_gets_the_next_version_and_that_is_said() -> None:
    runner = Runner()
    for request, version in (("stop shop-dev", 1), ("stop book-dev", 2)):
        runner.ask(request)
        view = runner.ask("save that as a runbook called evening stop")
        assert f"runbook evening-stop, version {version}" in view["answer"]
    assert "version 2 of a name that there was already" in view["answer"]
    view = runner.ask("save that as a runbook called evening stop")
    assert (
        "is the same already; nothing was saved" in view["answer"]
        and len(runner.runbooks.versions("evening-stop")) == 2
    )


def test_undo_withdraws_the_version_that_was_saved() -> None:
    runner = Runner()
    runner.ask("stop shop-dev")
    runner.ask("save that as a runbook called evening stop")
    view = runner.ask("undo that")
    assert view["outcome"] == "succeeded" and "version 1, is withdrawn" in view["answer"]
    assert runner.runbooks.runbooks() == [] and runner.states["shop-dev"] == "stopped", "the saving, not what was saved"


def test_without_a_name_it_is_asked_for_and_the_answer_is_it() -> None:
    runner = Runner()
    runner.ask("stop shop-dev")
    view = runner.ask("save that as a runbook")
    assert view["outcome"] == "asked" and "What is the runbook to be called?" in view["answer"]
    assert runner.ask("evening stop")["outcome"] == "succeeded"
    assert runner.kept().name == "evening-stop"


def test_what_a_runbook_lacks_is_asked_for_and_the_answer_completes_it() -> None:
    runner = Runner()
    runner.ask("stop shop-dev")
    runner.ask("save that as a runbook called evening stop")
    (one,) = runner.runbooks.runbooks()
    parameters = {name: each.model_copy(update={"default": None}) for name, each in one.runbook.parameters.items()}
    update = {"parameters": parameters, "version": 2}
    runner.runbooks.put(one.model_copy(update={"runbook": one.runbook.model_copy(update=update)}))
    assert runner.ask("run evening stop")["outcome"] == "asked"
    view = runner.ask("book-dev")
    assert (view["outcome"], runner.states["book-dev"]) == ("succeeded", "stopped"), view["answer"]


def test_the_answer_of_a_runbook_that_another_saved_is_in_words_of_another() -> None:
    """A model that reads the conversation later is not to take them for the copilot's own."""
    runner = Runner()
    runner.ask("stop shop-dev")
    runner.ask("save that as a runbook called evening stop")
    runner.ask("run evening stop")
    store = runner.process.store
    more: dict[str, Any] = {"store": store, "runbooks": runner.runbooks, "clock": runner.clock}
    other = InProcess(runner._clients, sleep=runner.clock.sleep, person=ZOE, **more)
    assert other.run("run evening stop", "theirs")["outcome"] == "succeeded"
    for conversation, untrusted in (("me/c", False), ("zoe/theirs", True)):
        assert store.turns(runner.process.config.tenant, conversation)[-1].untrusted == untrusted


def plan(**more: Any) -> Plan:
    steps = [{"id": "find", "tool": "find_environment", "arguments": {"name": "shop-dev"}}]
    return Plan.model_validate(
        {"goal": "look", "steps": steps, "answer": {"text": "{find.environment.summary}"}} | more
    )


SAVE = "save that as a runbook called evening stop"


def refused(runner: Runner, why: str, conversation: str = "c") -> None:
    view = runner.ask(SAVE, conversation)
    assert view["outcome"] != "succeeded" or "othing was saved" in view["answer"]
    assert why in view["answer"], view["answer"]
    assert runner.runbooks.runbooks() == []


def test_what_was_not_done_or_failed_is_not_saved() -> None:
    runner = Runner()
    refused(runner, "Nothing was done in this conversation that could be saved")
    runner.ask("hello")
    refused(runner, "Nothing was done in this conversation that could be saved")
    runner.ask("stop nowhere-dev")
    refused(runner, "“stop nowhere-dev” cannot be saved as a runbook: it did not succeed")


def test_what_another_conversation_or_person_did_is_not_meant() -> None:
    runner = Runner()
    runner.ask("stop shop-dev", "other")
    refused(runner, "Nothing was done in this conversation")
    runner.ask("stop book-dev")
    more: dict[str, Any] = {"store": runner.process.store, "runbooks": runner.runbooks, "clock": runner.clock}
    other = InProcess(runner._clients, sleep=runner.clock.sleep, person=ZOE, **more)
    assert "Nothing was done in this conversation" in other.run(SAVE, "c")["answer"]


def test_what_took_something_back_or_is_a_runbook_already_is_not_saved() -> None:
    runner = Runner()
    runner.ask("stop shop-dev")
    runner.ask("undo that")
    refused(runner, "it took back what was done once")
    runner = Runner()
    runner.ask("stop shop-dev")
    runner.ask(SAVE)
    runner.ask("run evening stop")
    assert "it is a runbook already: evening-stop" in runner.ask("save that as a runbook called other")["answer"]


def test_what_is_kept_has_no_secret_in_it() -> None:
    runner = Runner()
    assert runner.ask(plan(goal="the password=Xk29fjq1Lw8Zp is it"))["outcome"] == "succeeded"
    refused(runner, "looks like a secret")


def test_a_name_that_is_too_long_is_none() -> None:
    runner = Runner()
    runner.ask("stop shop-dev")
    assert "A name has at most 60 letters" in runner.ask(f"save that as a runbook called {'very ' * 20}long")["answer"]
