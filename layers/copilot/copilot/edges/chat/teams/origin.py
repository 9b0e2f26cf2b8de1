"""Where an activity is from: who acts, and in which conversation.

learn.microsoft.com, microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations.
"""

from __future__ import annotations

import re

from copilot.domain import CHAT_IDS, AnswerTo, ChatUser
from copilot.edges.chat.opening import Payload, Unreadable, part, text
from copilot.edges.chat.teams.opening import tenants_of

_ID = re.compile(CHAT_IDS["teams"])
_THREAD = re.compile(r"(?P<place>[^;]+);messageid=(?P<thread>[0-9]{1,20})")


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
