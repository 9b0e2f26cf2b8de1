"""What activities say: messages, buttons of cards, and that the copilot was added.

learn.microsoft.com, microsoftteams/platform/bots/how-to/conversations; adaptive-cards/authoring-cards/
universal-action-model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, get_args
from urllib.parse import unquote

from copilot.domain import Action, ChatEvent, ChatFile, Opened, Pressed, Said
from copilot.edges.chat.opening import Payload, Unreadable, part, parts, text
from copilot.edges.chat.teams.origin import is_direct, is_from_outside, user_of, where_of
from copilot.edges.chat.teams.plain import mentions_us, plain

VERB = "copilot."
"""What the verb of each of our buttons begins with; the Action follows."""
ABOUT, CHOSEN, OF_OURS = "about", "chosen", "verb"
"""What a button's data has: an opaque id, what was ticked under all that begins so, and the verb once more, for clients
that have no verbs."""
FILE = "application/vnd.microsoft.teams.file.download.info"
_ACTIONS = {f"{VERB}{action}": action for action in get_args(Action)}
_MOST_FILES = 50


def read_activity(activity: Payload) -> ChatEvent | None:
    read = _READ.get(text(activity, "type"))
    return read(activity) if read else None


def _message(activity: Payload) -> Said | Pressed | None:
    """Clients of before 2021 send a button of a card as a message without text."""
    value = activity.get("value")
    if isinstance(value, dict) and text(value, OF_OURS) in _ACTIONS:
        return _pressed(activity, text(value, OF_OURS), value)
    return _said(activity)


def _said(activity: Payload) -> Said | None:
    user, message = user_of(activity), text(activity, "id")
    if user is None:
        return None
    if not message:
        raise Unreadable("the message has no id")
    direct = is_direct(activity)
    return Said(
        key=f"{user.workspace}/{_digest(text(part(activity, 'conversation'), 'id'))[:24]}/{message}",
        user=user,
        external=is_from_outside(activity),
        where=where_of(activity, user),
        message=message,
        direct=direct,
        addressed=direct or mentions_us(activity),
        text=plain(activity),
        files=tuple(map(_file, _files(activity))),
    )


def _files(activity: Payload) -> list[Payload]:
    """Files come in personal chats alone: bots/how-to/bots-filesv4."""
    found = parts(activity, "attachments")
    return [one for one in found if text(one, "contentType") == FILE][:_MOST_FILES]


def _file(attachment: Payload) -> ChatFile:
    """Of its size nothing is said."""
    content, name = part(attachment, "content"), text(attachment, "name")
    id = text(content, "uniqueId") or _digest(text(content, "downloadUrl"))
    return ChatFile(
        id=id,
        name=(name or id)[:255],
        size=0,
        type=text(content, "fileType")[:100],
        url=text(content, "downloadUrl"),
    )


def _invoked(activity: Payload) -> Pressed | None:
    if text(activity, "name") != "adaptiveCard/action":
        return None
    action = part(activity, "value", "action")
    verb = text(action, "verb")
    return _pressed(activity, verb, part(action, "data")) if verb in _ACTIONS else None


def _pressed(activity: Payload, verb: str, data: Payload) -> Pressed | None:
    user, message = user_of(activity), text(activity, "replyToId")
    if user is None:
        return None
    about = text(data, ABOUT)
    chosen = ",".join(text(data, name) for name in data if name.startswith(CHOSEN))
    known = [user.address, message, text(activity, "id") or text(activity, "timestamp"), verb, about, chosen]
    return Pressed(
        key=_digest(json.dumps(known)),
        user=user,
        external=is_from_outside(activity),
        where=where_of(activity, user),
        message=message,
        action=_ACTIONS[verb],
        about=about,
        chosen=tuple(dict.fromkeys(unquote(one) for one in chosen.split(",") if one)),
    )


def _added(activity: Payload) -> Opened | None:
    """Of whoever added it for themselves; in a team nobody is spoken to unasked."""
    user = user_of(activity)
    added = text(activity, "action") == "add" or _adds_us(activity)
    if user is None or not added or not is_direct(activity):
        return None
    key = text(activity, "id") or _digest(json.dumps([user.address, text(activity, "timestamp")]))
    return Opened(key=key[:200], user=user, external=is_from_outside(activity), where=where_of(activity, user))


def _adds_us(activity: Payload) -> bool:
    own = text(part(activity, "recipient"), "id")
    return any(text(one, "id") == own for one in parts(activity, "membersAdded") if own)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


_READ: Mapping[str, Callable[[Payload], Any]] = {
    "message": _message,
    "invoke": _invoked,
    "installationUpdate": _added,
    "conversationUpdate": _added,
}
"""By type. What is not here says nothing to us."""
