"""An activity opened, and where it is from: which tenant, which conversation, who.

learn.microsoft.com, microsoftteams/platform/bots/how-to/conversations/conversation-messages and
channel-and-group-conversations.
"""

from __future__ import annotations

import re

from copilot.domain import CHAT_IDS, AnswerTo, ChatUser
from copilot.edges.chat.opening import Payload, Unreadable, object_in, part, text

LARGEST = 200_000
"""In bytes. A message has at most 100 KB of UTF-16, and comes a second time as HTML."""
CONTENT_TYPE = "application/json"
_ID = re.compile(CHAT_IDS["teams"])
_THREAD = re.compile(r"(?P<place>[^;]+);messageid=(?P<thread>[0-9]{1,20})")


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


def user_of(activity: Payload) -> ChatUser | None:
    """Whoever acts, by their id in Entra; None of bots, and of who takes part without an account. Raises Unreadable."""
    sender = part(activity, "from")
    tenants, user = tenants_of(activity), text(sender, "aadObjectId").lower()
    if not user or text(sender, "role") in {"bot", "skill"} or text(sender, "id").startswith("28:"):
        return None
    if not tenants or not _ID.fullmatch(tenants[0]) or not _ID.fullmatch(user):
        raise Unreadable("it does not say of which tenant it is, or who acts")
    return ChatUser(platform="teams", workspace=tenants[0], user=user)


def is_from_outside(activity: Payload) -> bool:
    """Whether who acts is of another tenant than the conversation, as far as that is said: the roster says it too."""
    own = text(part(activity, "from"), "tenantId").lower()
    return len({*tenants_of(activity), *filter(None, [own])}) > 1


def is_direct(activity: Payload) -> bool:
    return text(part(activity, "conversation"), "conversationType") == "personal"


def where_of(activity: Payload, user: ChatUser) -> AnswerTo:
    """A reply chain of a channel is a thread. A personal chat is one by the person whose it is, all of it; a group chat
    has no threads either, and so it is answered as a command is: its sender alone. Raises Unreadable.
    """
    if is_direct(activity):
        return AnswerTo(platform="teams", workspace=user.workspace, place=user.user, person=True)
    id = text(part(activity, "conversation"), "id")
    if not id or len(id) > 200:
        raise Unreadable("it does not say in which conversation it is")
    chain = _THREAD.fullmatch(id)
    if chain is None:
        return AnswerTo(platform="teams", workspace=user.workspace, place=id.partition(";")[0])
    return AnswerTo(platform="teams", workspace=user.workspace, place=chain["place"], thread=chain["thread"])
