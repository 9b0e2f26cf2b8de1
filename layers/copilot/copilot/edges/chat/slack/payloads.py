"""A verified payload of Slack's in the copilot's own words. Pure."""

from __future__ import annotations

from pydantic import ValidationError

from copilot.domain import ChatEvent
from copilot.edges.chat.opening import Unreadable
from copilot.edges.chat.slack.commands import read_command
from copilot.edges.chat.slack.events import read_event
from copilot.edges.chat.slack.interactions import read_interaction
from copilot.edges.chat.slack.opening import Route, is_typed, opened


def read(route: Route, content_type: str, body: str) -> ChatEvent | None:
    """None where it says nothing to us: of bots and of ourselves, edits, joins, and types that we have no use for.

    Raises Unreadable.
    """
    if not is_typed(route, content_type):
        raise Unreadable(f"the content type is not that of {route}")
    payload = opened(route, body)
    try:
        match route:
            case "events":
                return read_event(payload)
            case "interactions":
                return read_interaction(payload)
            case "commands":
                return read_command(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"`{field}` is not as Slack has it") from None
