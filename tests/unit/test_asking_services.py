"""Asking what a service runs, from the words to the answer; of several of one name it is asked which."""

from __future__ import annotations

import pytest
from fakes_platform import FakePlatform, service
from test_referring import Talk
from test_tools_services import rollout, state


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.platform = FakePlatform(
        [service("shop-dev", "web", 2), service("shop-uat", "web", 1), service("shop-dev", "jobs", 1)],
        kinds={"shop-uat": "staging"},
        serving={
            "web": state("registry.example/shop/web:1.4"),
            "jobs": state("jobs:7", rollouts=(rollout("FAILED", reason="(deployment failed) see @here"),)),
        },
    )
    return made


def test_what_a_service_runs_is_answered(talk: Talk) -> None:
    assert talk.say("what version of web is in shop-uat?") == (
        "web in shop-uat (staging): shop/web:1.4, 1 of 1 tasks running\n"
        "- task definition shop-web:12\n"
        "- deployment of shop-web:12: completed, begun 2026-03-02 10:30 UTC"
    )


def test_words_of_the_platform_can_do_nothing(talk: Talk) -> None:
    answer = talk.say("details of the jobs service")
    assert "In the words of the platform:\n- (deployment failed) see (at)here" in answer


def test_of_several_it_is_asked_which_and_the_answer_completes_the_request(talk: Talk) -> None:
    answer = talk.say("which image does web run?")
    assert talk.outcome == "asked" and "the service web is in 2 environments: shop-dev, shop-uat" in answer
    assert talk.say("the second one").startswith("web in shop-uat (staging): shop/web:1.4")
    assert talk.say("what about the jobs service?").startswith("there is no service") or talk.outcome == "failed"


def test_it_is_the_environment_and_the_service_stays_spoken_of(talk: Talk) -> None:
    talk.say("what version of web is in shop-uat?")
    assert [one.id for one in talk.focus.spoken_of("service")] == ["web"]
    assert [one.id for one in talk.focus.spoken_of("environment")] == ["shop-uat"]
    assert talk.say("how is it?").startswith("shop-uat (staging): healthy")
