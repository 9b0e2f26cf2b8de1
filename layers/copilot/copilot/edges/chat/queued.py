"""What ingest_chat put on the queue, in the copilot's own words, whatever the platform. Pure."""

from __future__ import annotations

from typing import Any

from copilot.domain import ChatEvent
from copilot.errors import ToolInputError


def read_queued(message: dict[str, Any]) -> ChatEvent | None:
    """None where it says nothing to us. Raises ToolInputError for what no platform sends."""
    match message["platform"]:
        case "slack":
            from copilot.edges.chat.slack.payloads import read

            return read(message["route"], message["content_type"], message["body"])
        case _:
            raise ToolInputError("there is no such platform", ours=True)
