"""The composition of the open door for chats: its secret, its queue and its log, and nothing else."""

from __future__ import annotations

import os
import time
from functools import cache

from copilot.adapters.aws.chat_queue import ChatQueue
from copilot.adapters.aws.keys import read_key
from copilot.bootstrap.door import client, note
from copilot.edges.chat.slack.door import SlackDoor
from copilot.edges.signing_secret import SigningSecret


@cache
def slack_door() -> SlackDoor:
    """The one of this process."""
    told = os.environ
    secret = SigningSecret(
        lambda: read_key(told["SLACK_SIGNING_SECRET"], "Slack's signing secret", client), time.monotonic
    )
    queue = ChatQueue(told["CHAT_IN"], client("sqs", told["AWS_REGION"]))
    workspaces = [one.strip() for one in told.get("SLACK_WORKSPACES", "").split(",") if one.strip()]
    return SlackDoor(secret, lambda letter: queue.send(*letter), time.time, note, workspaces)
