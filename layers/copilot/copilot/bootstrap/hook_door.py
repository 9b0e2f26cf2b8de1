"""The composition of the open door for web hooks: its secrets, its queue and its log, and nothing else."""

from __future__ import annotations

import os
import time
from functools import cache

from copilot.adapters.aws.chat_queue import ChatQueue
from copilot.adapters.aws.keys import read_key
from copilot.bootstrap.door import client, note
from copilot.edges.hooks.door import HookDoor
from copilot.edges.signing_secret import SigningSecret

SECRETS = {"github": "GITHUB_HOOK_SECRET", "gitlab": "GITLAB_HOOK_SECRET"}
"""The variable of each host with the ARN of where its secret is kept; empty where the host is not let in."""


@cache
def hook_door() -> HookDoor:
    """The one of this process."""
    told = os.environ
    queue = ChatQueue(told["HOOKS_IN"], client("sqs", told["AWS_REGION"]))
    secrets = {host: _secret(arn) for host, name in SECRETS.items() if (arn := told.get(name, ""))}
    return HookDoor(secrets, lambda letter: queue.send(*letter), time.time, lambda happened: note(happened, "Hook"))


def _secret(arn: str) -> SigningSecret:
    return SigningSecret(lambda: read_key(arn, "the web hook's secret", client), time.monotonic)
