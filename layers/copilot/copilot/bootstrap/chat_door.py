"""The composition of the open door for chats: its secret, its queue and its log, and nothing else of an installation.

boto3 costs it 0.3 s of CPU when it is cold, and all the rest 0.05 s: bench/imports.py measures it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from copilot.adapters.aws.chat_queue import ChatQueue
from copilot.adapters.aws.keys import read_key
from copilot.edges.chat.signing_secret import SigningSecret
from copilot.edges.chat.slack.door import SlackDoor

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=1)
"""Slack waits three seconds, and sends again what was not taken by then."""


@cache
def slack_door() -> SlackDoor:
    """The one of this process."""
    told = os.environ
    secret = SigningSecret(
        lambda: read_key(told["SLACK_SIGNING_SECRET"], "Slack's signing secret", _client), time.monotonic
    )
    queue = ChatQueue(told["CHAT_IN"], _client("sqs", told["AWS_REGION"]))
    workspaces = [one.strip() for one in told.get("SLACK_WORKSPACES", "").split(",") if one.strip()]
    return SlackDoor(secret, lambda letter: queue.send(*letter), time.time, note, workspaces)


@cache
def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, config=CONFIG)  # type: ignore[call-overload]


def note(happened: Mapping[str, Any]) -> None:
    """A line of the log, of which CloudWatch makes metrics: a request was taken, refused, or failed here.

    Written here and not by what the other functions write theirs with, which takes longer to import than all of this.
    """
    status = happened["status"]
    name = "ChatTaken" if status < 400 else "ChatRefused" if status < 500 else "Failures"
    service, namespace = (
        os.environ.get("POWERTOOLS_SERVICE_NAME", ""),
        os.environ.get("POWERTOOLS_METRICS_NAMESPACE", ""),
    )
    metrics = {"Namespace": namespace, "Dimensions": [["service"]], "Metrics": [{"Name": name, "Unit": "Count"}]}
    line = {
        "level": "INFO" if status < 500 else "ERROR",
        "message": "handled" if status < 500 else "failed",
        "service": service,
        **happened,
        name: 1,
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]},
    }
    print(json.dumps(line), flush=True)
