"""Asked, followed, approved and answered in a chat: real payloads and signatures, on the laptop's AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import clouds
import pytest
from conftest import System

from cli.laptop.slack import Slack
from cli.laptop.slack.world import Message
from copilot.config.configuration import ChatSettings, ChatWorkspace, Configuration

HOME = "T0WORKSHOP"
USERS = {"you": "U0YOU", "olga": "U0OLGA", "dana": "U0DANA"}


def configuration(system: System, slack: Slack) -> Configuration:
    workspace = ChatWorkspace(
        id=HOME, name="Workshop", token=system.laptop.slack_token_arn, endpoint=slack.api_url.rstrip("/")
    )
    config = clouds.configuration()
    people = tuple(
        one.model_copy(update={"chat": (f"slack:{HOME}/{USERS[one.id]}",)}) if one.id in USERS else one
        for one in config.people
    )
    return config.model_copy(update={"chat": ChatSettings(workspaces=(workspace,)), "people": people})


@pytest.fixture(scope="module")
def slack(system: System) -> Iterator[Slack]:
    """The copilot is installed in it before anything is asked: a function reads its configuration once a minute."""
    base = f"{system.laptop.endpoint}/_aws/execute-api/{system.laptop.outputs['ApiId']}/v1/chat/slack"
    tokens = {HOME: system.laptop.slack_token}
    with Slack(f"{base}/events", secret=system.laptop.slack_secret, tokens=tokens) as slack:
        system.client("ssm").put_parameter(
            Name=system.laptop.outputs["ConfigurationParameter"],
            Value=configuration(system, slack).model_dump_json(),
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )
        yield slack


def texts(message: Message) -> str:
    """All that can be read in it."""
    return json.dumps(message.blocks, ensure_ascii=False) + message.text


def answer(slack: Slack, channel: str, thread: str | None = None, seen_by: str | None = None, **more: Any) -> Message:
    """The message of the copilot that has the text in it."""
    said: str = more["with_text"]

    def found() -> Message | None:
        there = slack.messages(channel, thread, seen_by)
        return next((one for one in there if one.bot_id and said in texts(one)), None)

    return slack.wait_for(found, 60)  # type: ignore[no-any-return]


def of_kind(system: System, kind: str) -> str:
    return str(clouds.of_kind(system.cloud, kind)[0].name)


def test_a_question_is_answered_in_a_direct_message(system: System, slack: Slack) -> None:
    said = slack.say("dana", "@dana", "which environments are there?")
    assert all(sent.taken for sent in said.sent)
    found = answer(slack, "@dana", said.message.ts, with_text=of_kind(system, "development"))
    assert found.thread_ts == said.message.ts
