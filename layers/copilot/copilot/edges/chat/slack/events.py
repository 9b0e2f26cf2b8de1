"""What events say: docs.slack.dev/reference/events."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from copilot.domain import AnswerTo, ChatEvent, ChatFile, ChatUser, Gone, Opened, Said
from copilot.edges.chat.opening import Payload, part, parts, text
from copilot.edges.chat.slack.installed import acts_from_outside, ourselves, workspace_of_event
from copilot.edges.chat.slack.plain import mentions, plain

_WRITTEN = {"", "file_share", "thread_broadcast"}
"""The subtypes of messages that somebody wrote: all others are of Slack, of bots, or change what was written."""
_MOST_FILES = 50
_SLACKBOT = "USLACKBOT"


def read_event(payload: Payload) -> ChatEvent | None:
    if text(payload, "type") != "event_callback":
        return None
    read = _READ.get(text(part(payload, "event"), "type"))
    return read(payload, part(payload, "event")) if read else None


def _said(payload: Payload, event: Payload) -> Said | None:
    """The same for a mention and for the message that it is in: of one in a channel Slack sends both."""
    workspace, own = workspace_of_event(payload), ourselves(payload)
    user, channel, message = text(event, "user"), text(event, "channel"), text(event, "ts")
    if text(event, "bot_id") or event.get("bot_profile") or user in {"", _SLACKBOT, *own} or event.get("edited"):
        return None
    if text(event, "subtype") not in _WRITTEN or event.get("hidden") is True:
        return None
    written, direct = text(event, "text"), text(event, "channel_type") == "im"
    return Said(
        key=f"{workspace}/{channel}/{message}",
        user=ChatUser(platform="slack", workspace=workspace, user=user),
        external=acts_from_outside(payload, workspace),
        where=AnswerTo(
            platform="slack", workspace=workspace, place=channel, thread=text(event, "thread_ts") or message
        ),
        message=message,
        direct=direct,
        addressed=direct or text(event, "type") == "app_mention" or mentions(written, own),
        text=plain(written, own),
        files=tuple(_file(one) for one in parts(event, "files")[:_MOST_FILES]),
    )


def _file(file: Payload) -> ChatFile:
    """One that was deleted, or that Slack does not tell more of, has no URL."""
    size = file.get("size")
    return ChatFile(
        id=text(file, "id"),
        name=(text(file, "name") or text(file, "id"))[:255],
        size=size if isinstance(size, int) else 0,
        type=text(file, "mimetype")[:100],
        url=text(file, "url_private_download") or text(file, "url_private"),
    )


def _opened(payload: Payload, event: Payload) -> Opened | None:
    tab = text(event, "tab")
    if tab not in {"messages", "home"}:
        return None
    workspace = workspace_of_event(payload)
    return Opened(
        key=text(payload, "event_id"),
        user=ChatUser(platform="slack", workspace=workspace, user=text(event, "user")),
        external=acts_from_outside(payload, workspace),
        where=AnswerTo(platform="slack", workspace=workspace, place=text(event, "channel")),
        home=tab == "home",
    )


def _user_changed(payload: Payload, event: Payload) -> Gone | None:
    user = part(event, "user")
    if user.get("deleted") is not True:
        return None
    return Gone(platform="slack", workspace=workspace_of_event(payload), user=text(user, "id"))


def _uninstalled(payload: Payload, event: Payload) -> Gone:
    return Gone(platform="slack", workspace=workspace_of_event(payload))


def _tokens_revoked(payload: Payload, event: Payload) -> Gone | None:
    """Those of single users are none that the copilot has."""
    return _uninstalled(payload, event) if part(event, "tokens").get("bot") else None


_READ: Mapping[str, Callable[[Payload, Payload], ChatEvent | None]] = {
    "app_mention": _said,
    "message": _said,
    "app_home_opened": _opened,
    "user_change": _user_changed,
    "app_uninstalled": _uninstalled,
    "tokens_revoked": _tokens_revoked,
}
"""By type. What is not here says nothing to us."""
