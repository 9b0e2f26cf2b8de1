"""Tells the event bus what has another function to go on: a Run that parked, and a watch that has something to do."""

from __future__ import annotations

import json
from typing import Any

from pydantic import JsonValue

from copilot.adapters.aws.faults import translated
from copilot.errors import RetryableError

SOURCE = "devops-copilot"
PARKED, CAME_TRUE = "Run parked", "Watch came true"


def announce_parked(client: Any, tenant: str, conversation: str, run_id: str) -> None:
    """`client` is a boto3 events client. At least once: whoever hears it starts the next Turn only if there is one."""
    _announce(client, PARKED, {"tenant": tenant, "conversation": conversation, "run_id": run_id})


def announce_true(client: Any, watch_id: str) -> None:
    """At least once: whoever hears it reads the watch, and begins what it says there once."""
    _announce(client, CAME_TRUE, {"watch": watch_id})


def hand_on(client: Any, queue: str, event: dict[str, JsonValue]) -> None:
    """`client` is a boto3 sqs client. At least once: whoever hears it knows it by its id. Raises RetryableError."""
    with translated("handing on an event"):
        client.send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def _announce(client: Any, what: str, detail: dict[str, str]) -> None:
    """Raises RetryableError."""
    answer = client.put_events(Entries=[{"Source": SOURCE, "DetailType": what, "Detail": json.dumps(detail)}])
    if answer.get("FailedEntryCount"):
        raise RetryableError("the event bus did not take the event")
