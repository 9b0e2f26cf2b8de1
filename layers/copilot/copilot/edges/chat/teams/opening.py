"""An activity opened, and which tenant it is of: as much of it as the door reads.

learn.microsoft.com, microsoftteams/platform/bots/how-to/conversations/conversation-messages.
"""

from __future__ import annotations

from copilot.edges.chat.opening import Payload, Unreadable, object_in, part, text

LARGEST = 200_000
"""In bytes. A message has at most 100 KB of UTF-16, and comes a second time as HTML."""
CONTENT_TYPE = "application/json"


def is_typed(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == CONTENT_TYPE


def opened(body: str) -> Payload:
    """Raises Unreadable."""
    if len(body) > LARGEST:
        raise Unreadable("the activity is too large")
    return object_in(body)


def tenants_of(activity: Payload) -> tuple[str, ...]:
    """The tenants that it names as where it is from, each once: two where somebody of another one writes in a channel
    that is shared with them. Raises Unreadable.
    """
    channel, there = part(activity, "channelData"), part(activity, "conversation")
    named = (text(there, "tenantId"), text(part(channel, "tenant"), "id"))
    return tuple(dict.fromkeys(one.lower() for one in named if one))
