"""Asking about deployments one by one, from the words to the answer, and going on from what was said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes_logs import FakeLogs, logged
from fakes_platform import NOW, FakePlatform, service
from fakes_releases import FakeReleases
from pydantic import SecretStr
from test_firing import NOON
from test_referring import Talk
from test_tools_listing_deployments import one
from test_tools_services import state

from copilot.domain.deployments import DeploymentFact
from copilot.domain.releases import (
    ContainerDefinition,
    Definition,
    EndedContainer,
    ReleaseSigns,
    StoppedTask,
    Variable,
)

SINCE = NOON - NOW
"""From the time of the tests of tools to that of a conversation."""


class Releasing(Talk):
    def __init__(self) -> None:
        super().__init__()
        self.releases = FakeReleases()
        self.logs = FakeLogs()

    def clients(self, *args: Any, **more: Any) -> Any:
        given = super().clients(*args, **more)
        given.releases, given.logs = self.releases, self.logs
        return given

    def reported(self, *facts: DeploymentFact) -> None:
        self.deployments.record(fact.model_copy(update={"at": fact.at + SINCE}) for fact in facts)


def definition(number: int, value: str) -> Definition:
    variables = (Variable(name="DB_PASSWORD", kind="variable", value=SecretStr(value)),)
    return Definition(
        name=f"web:{number}",
        containers=(ContainerDefinition(name="web", image=f"web:1.{number}", variables=variables),),
    )


@pytest.fixture
def talk() -> Releasing:
    made = Releasing()
    made.platform = FakePlatform(
        [service("shop-dev", "web", 2), service("shop-uat", "api", 1)],
        kinds={"shop-uat": "staging"},
        serving={"web": state("web:1.4", definition="web:4", rollouts=())},
    )
    ended = EndedContainer(name="web", exit_code=137)
    task = StoppedTask(
        id="t", definition="web:4", at=NOON, code="", reason="see [docs](http://x.example)", containers=(ended,)
    )
    made.releases = FakeReleases(
        signs_of={"web": ReleaseSigns(tasks=(task,))},
        watching={"web": ("cpu",)},
        revisions={f"web:{number}": definition(number, f"secret{number}") for number in (3, 4)},
    )
    shop: dict[str, Any] = {"environment": "shop-dev"}
    made.reported(
        *one("d1", 500, "succeeded", version="1.3", revision="web:3", by="jo", **shop),
        *one("d2", 300, "succeeded", version="1.4", revision="web:4", by="jo", **shop),
        *one(
            "d3",
            30,
            "failed",
            version="1.5",
            by="ci",
            stage="deploy",
            reason="tell @here: click http://x.example",
            **shop,
        ),
        *one("d4", 20, service="api", environment="shop-uat"),
    )
    return made


def test_what_was_deployed_is_listed_the_newest_first(talk: Releasing) -> None:
    answer = talk.say("list the last 3 deployments")
    lines = [line for line in answer.splitlines() if line.startswith("- ")]
    assert [line.rpartition("(")[2] for line in lines[:3]] == ["d4)", "d3)", "d2)"]
    assert "failed in deploy after 1 min, begun by ci" in lines[1] and "1 more deployment" in answer
    assert "Logs were not read" in answer


def test_only_those_to_an_environment_and_who_was_the_last(talk: Releasing) -> None:
    assert "begun by ci (d3)" in talk.say("who deployed to shop-dev last?")
    assert "(d4)" in talk.say("is anything being deployed right now?")
    assert "No deployment to shop-dev that is under way" in talk.say("is anything being deployed to shop-dev?")


def test_why_the_last_one_failed_in_words_that_can_do_nothing(talk: Releasing) -> None:
    talk.logs.lines.append(logged("web", NOON - timedelta(seconds=7), "ERROR port taken\npanic: at boot"))
    answer = talk.say("why did the last deployment of web fail?")
    assert "web 1.5 to shop-dev failed in deploy after 1 min" in answer
    assert "- ci, deploy: tell (at)here: click http[:]//x[.]example" in answer
    assert "1 task stopped: container web ended with exit code 137" in answer
    assert (
        "The last line that web logged from 11:55 to 12:00 UTC on Mon 2 Mar:\n    11:59:53 ERROR port taken" in answer
    )
    assert "panic: at boot" in answer and "http://" not in answer and "Not looked at" not in answer


def test_the_last_good_one_and_what_it_brought_without_a_value(talk: Releasing) -> None:
    answer = talk.say("what was the last good release of web?")
    assert "web 1.4 (web:4) is the last release known to be good" in answer
    answer = talk.say("what changed between the last two deployments of it?")
    assert "web in shop-dev, web:3 and web:4: 2 changes" in answer
    assert "- in web, image changed: web:1.3 -> web:1.4" in answer
    assert "- in web, changed variable DB_PASSWORD" in answer
    assert not [value for value in ("secret3", "secret4") if value in answer]


@pytest.mark.parametrize(
    ("first", "then", "answer"),
    [
        (
            "why did the last deployment of web fail?",
            "what was the last good release of it",
            "web 1.4 (web:4) is the last release known to be good",
        ),
        ("when was web last deployed?", "who deployed it last?", "begun by ci"),
        ("list deployments of web", "why did that one fail to deploy", "web 1.5 to shop-dev failed"),
        ("what was the last good release of web?", "who deployed that service last?", "begun by ci"),
        ("list the last 3 deployments", "diff the last two deployments of the second one", "web:3 and web:4"),
    ],
)
def test_a_service_that_was_spoken_of_is_meant_by_it(talk: Releasing, first: str, then: str, answer: str) -> None:
    talk.say(first)
    assert answer in talk.say(then)


def test_where_none_was_spoken_of_it_is_asked_which(talk: Releasing) -> None:
    answer = talk.say("who deployed it last?")
    assert talk.outcome == "asked" and "Which service is meant" in answer


def test_the_same_question_of_another_service(talk: Releasing) -> None:
    talk.say("when was web last deployed?")
    assert "(d4)" in talk.say("and what about api?")


def test_a_deployment_is_meant_by_its_id(talk: Releasing) -> None:
    assert "web 1.5 to shop-dev failed" in talk.say("what went wrong with deployment d3?")


# --- one of those that were shown ----------------------------------------------------------------


def test_one_of_a_list_is_meant_by_its_place_and_then_another(talk: Releasing) -> None:
    talk.reported(
        *one("d5", 60, "failed", version="1.45", stage="build", reason="exit status 2", environment="shop-dev"),
    )
    talk.say("list the last 3 deployments")
    assert "web 1.5 to shop-dev failed in deploy" in talk.say("why did the second one fail?")
    assert "web 1.45 to shop-dev failed in build" in talk.say("and the third?")
    assert "web 1.5 to shop-dev failed in deploy" in talk.say("what about the second one?")
    assert "«d9»" not in talk.say("and the first?") and talk.outcome == "succeeded"


@pytest.mark.parametrize(
    ("first", "then", "answer"),
    [
        ("list failed deployments", "why did it fail?", "web 1.5 to shop-dev failed in deploy"),
        ("list failed deployments", "what went wrong with that one?", "web 1.5 to shop-dev failed in deploy"),
        ("when was web last deployed?", "why did that deployment fail?", "d2 of web succeeded: it did not fail"),
        ("list the last 3 deployments", "why did the 2nd one break", "web 1.5 to shop-dev failed in deploy"),
        (
            "list the last 4 deployments",
            "what changed in the third one?",
            "web in shop-dev, web:3 and web:4: 2 changes",
        ),
        ("list the last 4 deployments", "what did the third one change?", "image changed: web:1.3 -> web:1.4"),
        ("list deployments of web", "diff the second with the one before", "web:3 and web:4"),
        ("why did the last deployment of web fail?", "what changed in it?", "it brought 1.5 after 1.4"),
        ("list deployments of web", "explain the first one", "web 1.5 to shop-dev failed in deploy"),
        ("list the last 4 deployments", "who began the second one?", "begun by ci (d3)"),
        (
            "list the last 4 deployments",
            "tell me about the second one",
            "failed in deploy after 1 min, begun by ci (d3)",
        ),
        ("list the last 4 deployments", "is the first one still running?", "api to shop-uat is under way"),
        ("list the last 4 deployments", "did the third one go through?", "web 1.4 (web:4) to shop-dev succeeded"),
        ("list the last 4 deployments", "why did d3 fail?", "web 1.5 to shop-dev failed in deploy"),
        ("list the last 4 deployments", "what changed in d2?", "web:3 and web:4: 2 changes"),
    ],
)
def test_a_deployment_that_was_shown_is_meant(talk: Releasing, first: str, then: str, answer: str) -> None:
    talk.say(first)
    assert answer in talk.say(then)


def test_where_several_were_shown_it_is_asked_which_one_is_it(talk: Releasing) -> None:
    talk.say("list the last 3 deployments")
    answer = talk.say("why did it fail?")
    assert talk.outcome == "asked" and "Which deployment is meant by “it”" in answer
    assert "web 1.5 to shop-dev failed" in talk.say("d3")


@pytest.mark.parametrize(
    "text", ["why did it fail?", "and the second?", "what changed in it?", "explain the first one"]
)
def test_where_no_deployment_was_spoken_of_it_is_something_else(talk: Releasing, text: str) -> None:
    talk.say("how is shop-dev?")
    answer = talk.say(text)
    assert talk.outcome != "succeeded" and "deployment is meant" not in answer


# --- what was delivered, by whom, how many --------------------------------------------------------


def test_what_failed_was_not_delivered_and_is_told_beside(talk: Releasing) -> None:
    answer = talk.say("who shipped web most recently?")
    delivered, _, beside = answer.partition("Newer, and not delivered:")
    assert "web 1.4 (web:4)" in delivered and "begun by jo (d2)" in delivered and "d3" not in delivered
    assert "failed in deploy after 1 min, begun by ci (d3)" in beside


def test_how_the_last_one_came_out(talk: Releasing) -> None:
    assert "failed in deploy after 1 min, begun by ci (d3)" in talk.say("did the last deploy of web go through?")


def test_only_those_of_one_person(talk: Releasing) -> None:
    answer = talk.say("what did jo deploy today?")
    assert "(d1)" in answer and "(d2)" in answer and "(d3)" not in answer
    assert "These were begun by ci, jo" in talk.say("what did marta deploy today?")


def test_how_many_there_were(talk: Releasing) -> None:
    answer = talk.say("how many deployments to shop-dev failed today?")
    assert answer.startswith("1 deployment to shop-dev that failed.") and "(d3)" in answer
    assert "No deployment to shop-uat that failed was reported in that time." in talk.say("and to shop-uat?")


def test_versions_are_compared_by_what_brought_them(talk: Releasing) -> None:
    answer = talk.say("what changed between web 1.3 and 1.4?")
    assert "web in shop-dev, web:3 and web:4: 2 changes" in answer
    answer = talk.say("what changed between web 1.3 and 1.7?")
    assert "no deployment of web that brought 1.7 was reported with its revision" in answer and "1.4, 1.3" in answer
