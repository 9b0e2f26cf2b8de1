"""What ingest_chat put on the queue, in the copilot's own words, whatever the platform. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from copilot.domain import ChatEvent, PlatformName
from copilot.errors import ToolInputError


def read_queued(
    message: dict[str, Any], workspaces: Callable[[PlatformName], Sequence[str]] = lambda platform: ()
) -> ChatEvent | None:
    """None where it says nothing to us. `workspaces` are the ids of those that are configured. Raises ToolInputError
    for what no platform sends.
    """
    match message["platform"]:
        case "slack":
            from copilot.edges.chat.slack.payloads import read

            return read(message["route"], message["content_type"], message["body"])
        case "teams":
            from copilot.edges.chat.teams.payloads import read as read_teams

            return read_teams(message["content_type"], message["body"])
        case "discord":
            from copilot.edges.chat.discord.payloads import read as read_interaction

            return read_interaction(message["body"], workspaces("discord"))
        case _:
            raise ToolInputError("there is no such platform", ours=True)
