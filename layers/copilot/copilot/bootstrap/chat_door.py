"""The composition of the open door for chats: its secret, its queue and its log, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from copilot.adapters.aws.chat_queue import ChatQueue
from copilot.bootstrap.door import client, note
from copilot.edges.chat.door import PREFIX, ChatDoor
from copilot.edges.doors import Mail, Response, answer


def answered(event: Mapping[str, Any]) -> Response:
    """By the door of the platform whose route it is, where the copilot is reached from there."""
    platform = str(event.get("routeKey", "")).removeprefix(PREFIX).partition("/")[0]
    door = door_of(platform)
    if door is None:
        note({"route": "none", "status": 404, "happened": "There is nothing here."})
        return answer(404)
    return door(event)


@cache
def door_of(platform: str) -> ChatDoor | None:
    """The one of this process. What it needs is imported for who comes to it alone."""
    if platform == "slack" and os.environ.get("SLACK_SIGNING_SECRET"):
        return _slack()
    if platform == "teams" and os.environ.get("TEAMS_APP_ID"):
        return _teams()
    if platform == "discord" and os.environ.get("DISCORD_PUBLIC_KEY"):
        return _discord()
    return None


def _slack() -> ChatDoor:
    from copilot.adapters.aws.keys import read_key
    from copilot.edges.chat.slack.door import SlackDoor
    from copilot.edges.signing_secret import SigningSecret

    told = os.environ
    secret = SigningSecret(
        lambda: read_key(told["SLACK_SIGNING_SECRET"], "Slack's signing secret", client), time.monotonic
    )
    return SlackDoor(secret, _mail(), time.time, note, _listed("SLACK_WORKSPACES"))


def _teams() -> ChatDoor:
    from copilot.adapters.teams.published_keys import PublishedKeys
    from copilot.edges.chat.teams.door import TeamsDoor
    from copilot.edges.chat.teams.keys import SigningKeys

    published = PublishedKeys(os.environ["TEAMS_KEYS"])
    keys = SigningKeys(published.fetch, time.monotonic)
    app, tenants = os.environ["TEAMS_APP_ID"], _listed("TEAMS_TENANTS")
    return TeamsDoor(app, tenants, keys, _mail(), time.time, note, local=published.is_local)


def _discord() -> ChatDoor:
    from copilot.edges.chat.discord.door import DiscordDoor

    return DiscordDoor(os.environ["DISCORD_PUBLIC_KEY"], _mail(), time.time, note, _listed("DISCORD_SERVERS"))


def _mail() -> Mail:
    queue = ChatQueue(os.environ["CHAT_IN"], client("sqs", os.environ["AWS_REGION"]))
    return lambda letter: queue.send(*letter)


def _listed(name: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]
