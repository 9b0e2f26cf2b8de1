"""People and the copilot in the laptop's Slack: real payloads and signatures in, real messages out."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import clouds
import pytest
from conftest import ROOT, SEED, System
from gateway import Gateway

from cli.laptop.chat import in_chat, meet
from cli.laptop.deployments import NO_DEPLOYMENTS
from cli.laptop.slack import Slack
from cli.laptop.slack.world import Message
from cli.laptop.system import down, up

pytestmark = pytest.mark.laptop
PATIENCE = 120.0
"""Seconds: the functions start one after the other, each on half a core."""


@pytest.fixture(scope="module")
def slack() -> Iterator[Slack]:
    with Slack(patience=30) as running:
        yield running


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, slack: Slack) -> Iterator[System]:
    state = tmp_path_factory.mktemp("laptop")
    cloud = clouds.random_cloud(Random(SEED))
    configuration = clouds.configuration()
    own = configuration.accounts[0]
    token = f"arn:aws:ssm:{own.regions[0]}:{own.id}:parameter/devops-copilot/slack-token"
    said: list[str] = []
    gateway = Gateway()
    try:
        told = {"AWS_ENDPOINT_URL": gateway.url}
        laptop = up(ROOT, state, said.append, in_chat(configuration, slack, token), cloud, told, NO_DEPLOYMENTS)
        gateway.upstream = laptop.port
        assert laptop.slack_token_arn == token
        meet(laptop, slack)
        yield System(laptop, cloud, gateway)
    finally:
        down(state, said.append)
        gateway.close()


def of_the_app(slack: Slack, channel: str, thread_ts: str, *words: str, seen_by: str | None = None) -> Message:
    """The first message of the app in a thread that says this, once it is there."""

    def found() -> Message | None:
        return next(
            (
                one
                for one in slack.messages(channel, thread_ts, seen_by)
                if one.bot_id and all(word in f"{one.text} {one.blocks}" for word in words)
            ),
            None,
        )

    try:
        return slack.wait_for(found, PATIENCE)  # type: ignore[no-any-return]
    except TimeoutError:
        raise AssertionError([(one.text, one.blocks) for one in slack.messages(channel, thread_ts)]) from None


def test_a_question_in_a_direct_message_is_answered_there(system: System, slack: Slack) -> None:
    said = slack.say("dana", "@dana", "what is frozen?")
    assert all(one.taken for one in said.sent), [one.attempts for one in said.sent]
    of_the_app(slack, "@dana", said.message.ts, "Nothing is frozen")
    assert not [one for one in slack.messages("@dana") if one.bot_id and one.thread_ts != said.message.ts]


def test_an_approval_is_asked_for_and_given_there(system: System, slack: Slack) -> None:
    """Of production, so that the thread holds what is asked and what was decided, and each person the rest alone."""
    (production,) = clouds.of_kind(system.cloud, "production")
    said = slack.say("you", "#platform", "@copilot stop the production environment")
    asked = of_the_app(slack, "#platform", said.message.ts, "copilot.show")
    assert "copilot.approve" not in str(asked.blocks)

    def to_olga() -> Message | None:
        return next((one for one in slack.messages("@olga") if "copilot.approve" in str(one.blocks)), None)

    direct = slack.wait_for(to_olga, PATIENCE)
    assert not any("copilot.approve" in str(one.blocks) for one in slack.messages("@dana"))
    assert slack.press("olga", direct, "copilot.approve").taken
    slack.wait_for(lambda: all("Approved by Olga" in one.text for one in (direct, asked)), PATIENCE)
    of_the_app(slack, "#platform", said.message.ts, "not for this channel", seen_by="you")
    assert slack.messages("#platform", said.message.ts, seen_by="dana")[-1].text.startswith("Approved")
    assert any("stopped" in one.text for one in slack.messages("@you"))
    assert set(system.sizes(production.name).values()) == {0}
