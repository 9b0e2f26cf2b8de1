"""Asking what an environment is made of, from the words to the answer, and what is spoken of afterwards."""

from __future__ import annotations

import pytest
from fakes_platform import FakePlatform, database, instance, service
from test_referring import Talk

from copilot.domain import Reference, Size


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.platform = FakePlatform(
        [
            service("shop-dev", "web", 2),
            service("shop-dev", "jobs", 1),
            database("shop-dev", "orders", "stopped"),
            instance("mail-dev", "relay"),
            service("shop-uat", "web", 1),
        ],
        kinds={"shop-uat": "staging"},
        sized={"orders": Size(product="rds", name="postgres db.t4g.micro", region="eu-west-1")},
    )
    return made


def test_what_is_in_an_environment_is_answered_by_resource(talk: Talk) -> None:
    answer = talk.say("what is in shop-dev?")
    assert answer == (
        "shop-dev (development): 2 services, 1 database, partly running\n"
        "- service jobs: running, 1 of 1 tasks, in shop-dev-cluster\n"
        "- service web: running, 2 of 2 tasks, in shop-dev-cluster\n"
        "- database orders: stopped, postgres, db.t4g.micro"
    )


def test_of_a_kind_each_environment_has_a_line(talk: Talk) -> None:
    answer = talk.say("show me the instances in dev that are running")
    assert answer == "- mail-dev: instance relay (running)\nNone of that is in:\nshop-dev"


def test_it_goes_on_with_another_and_stops_the_environment_that_was_asked_about(talk: Talk) -> None:
    talk.say("which databases does shop-dev have?")
    assert talk.say("what about shop-uat?").startswith(
        "shop-uat (staging): no databases or database clusters, beside 1"
    )
    talk.say("which databases does mail-dev have?")
    talk.say("stop it")
    assert talk.outcome == "succeeded" and talk.platform.now("relay").state == "stopped"
    assert talk.platform.resources[-1].state == "running"


def test_what_was_listed_can_be_spoken_of_by_its_place(talk: Talk) -> None:
    talk.say("what is in shop-dev?")
    assert [one.name for one in talk.focus.spoken_of("resource")] == ["jobs", "web", "orders"]
    assert [one.id for one in talk.focus.spoken_of("service")] == ["jobs", "web"]
    second: Reference = talk.focus.spoken_of("resource")[1]
    assert (second.id, second.ordinal) == (talk.platform.resources[0].ref.id, 2)


def test_the_second_resource_is_no_second_environment(talk: Talk) -> None:
    """It asks: nothing of an environment that was not meant is changed."""
    talk.say("what is in shop-dev?")
    before = talk.on()
    answer = talk.say("stop the second one")
    assert talk.outcome == "asked" and talk.on() == before
    assert "Which environment is meant by" in answer and "shop-dev was spoken of last" in answer


def test_it_may_be_the_only_one_of_a_list(talk: Talk) -> None:
    talk.say("which databases does shop-dev have?")
    before = talk.on()
    answer = talk.say("stop it")
    assert talk.outcome == "asked" and talk.on() == before
    assert "The environment shop-dev, the resource orders were spoken of" in answer and "rds-instance" not in answer
