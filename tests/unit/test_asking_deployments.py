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
