"""A verified activity of Teams' in the copilot's own words. Pure."""

from __future__ import annotations

from pydantic import ValidationError

from copilot.domain import ChatEvent
from copilot.edges.chat.opening import Unreadable
from copilot.edges.chat.teams.activities import read_activity
from copilot.edges.chat.teams.opening import is_typed, opened


def read(content_type: str, body: str) -> ChatEvent | None:
    """None where it says nothing to us: of bots and of ourselves, edits, reactions, and types that we have no use for.

    Raises Unreadable.
    """
    if not is_typed(content_type):
        raise Unreadable("the content type is not that of activities")
    activity = opened(body)
    try:
        return read_activity(activity)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"`{field}` is not as Teams has it") from None
