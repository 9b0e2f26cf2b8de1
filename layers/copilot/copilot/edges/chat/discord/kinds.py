"""What kinds of interactions there are: docs.discord.com, developers/interactions/receiving-and-responding."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.edges.chat.opening import Payload, part, text

PING, COMMAND, COMPONENT, MODAL = 1, 2, 3, 5
SLASH, MESSAGE = 1, 3
"""Types of commands."""
COMMANDS: Mapping[int, str] = {SLASH: "copilot", MESSAGE: "Ask copilot"}
"""What the copilot's own are called, by type; adapters/discord/app.py registers them."""
_DIRECT = 1
"""The context of direct messages with the app."""


def is_direct(payload: Payload) -> bool:
    return payload.get("context") == _DIRECT and not text(payload, "guild_id")


def is_known(payload: Payload) -> bool:
    """Of a command: whether it is one of ours."""
    data = part(payload, "data")
    kind = data.get("type")
    return isinstance(kind, int) and COMMANDS.get(kind) == text(data, "name")
