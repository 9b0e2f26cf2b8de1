"""Tells the event bus that a Run has parked, so that the next Turn of its Conversation can start."""

from __future__ import annotations

import json
from typing import Any

from copilot.errors import RetryableError

SOURCE = "devops-copilot"
PARKED = "Run parked"


def announce_parked(client: Any, tenant: str, conversation: str, run_id: str) -> None:
    """`client` is a boto3 events client. At least once: whoever hears it starts the next Turn only if there is one."""
    detail = {"tenant": tenant, "conversation": conversation, "run_id": run_id}
    answer = client.put_events(Entries=[{"Source": SOURCE, "DetailType": PARKED, "Detail": json.dumps(detail)}])
    if answer.get("FailedEntryCount"):
        raise RetryableError("the event bus did not take the event")
