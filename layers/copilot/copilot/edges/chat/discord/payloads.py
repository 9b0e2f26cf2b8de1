"""A verified interaction of Discord's in the copilot's own words: docs.discord.com, developers/interactions,
receiving-and-responding. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from copilot.domain import AnswerTo, ChatEvent, ChatFile, ChatUser, Pressed, Said
from copilot.edges.chat.discord.custom_ids import read_custom_id
from copilot.edges.chat.discord.dialogs import chosen_in
from copilot.edges.chat.discord.kinds import COMMAND, COMPONENT, MESSAGE, MODAL, is_direct, is_known
from copilot.edges.chat.opening import Payload, Unreadable, object_in, part, parts, text

THREADS = frozenset({10, 11, 12})
"""Types of channels that are threads."""
LONGEST = 6000


def read(body: str, servers: Sequence[str]) -> ChatEvent | None:
    """None where it says nothing to us. `servers` are those in which the app is installed: of a direct message Discord
    does not say of which of them its author is. Raises Unreadable.
    """
    payload = object_in(body)
    kind = payload.get("type")
    try:
        if kind == COMMAND and is_known(payload):
            return _said(payload, servers)
        return _pressed(payload, servers) if kind in {COMPONENT, MODAL} else None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(one) for one in first["loc"])
        raise Unreadable(f"`{field}` is not as Discord has it") from None


def _said(payload: Payload, servers: Sequence[str]) -> Said | None:
    data, user = part(payload, "data"), _user(payload, servers)
    if user is None:
        return None
    if data.get("type") == MESSAGE:
        message = part(data, "resolved", "messages", text(data, "target_id"))
        own = text(part(message, "author"), "id") == user[0].user
        said, files = text(message, "content"), parts(message, "attachments")
    else:
        options = {text(one, "name"): one.get("value") for one in parts(data, "options")}
        given, file = options.get("request"), options.get("file")
        if not isinstance(given, str) or not isinstance(file, str | None):
            raise Unreadable("an option of the command is no string")
        own, said = True, given
        files = (part(data, "resolved", "attachments", file),) if file else ()
    return Said(
        key=text(payload, "id"),
        user=user[0],
        perhaps=user[1:],
        where=_where(payload, user[0]),
        direct=is_direct(payload),
        addressed=True,
        text=plain(said) if own else "",
        quoted=not own,
        files=tuple(_file(one) for one in files) if own else (),
        token=text(payload, "token"),
    )


def _pressed(payload: Payload, servers: Sequence[str]) -> Pressed | None:
    data, user = part(payload, "data"), _user(payload, servers)
    pressed = read_custom_id(text(data, "custom_id"))
    if pressed is None or pressed.asks or user is None:
        return None
    return Pressed.model_validate(
        {
            "key": text(payload, "id"),
            "user": user[0],
            "perhaps": user[1:],
            "where": _where(payload, user[0]),
            "message": text(part(payload, "message"), "id"),
            "action": pressed.action,
            "about": pressed.about,
            "chosen": chosen_in(data) if payload.get("type") == MODAL else (),
            "token": text(payload, "token"),
        }
    )


def _user(payload: Payload, servers: Sequence[str]) -> tuple[ChatUser, ...] | None:
    """Who acts: as a member of the server that it is in, or of each of those that it may be."""
    user = part(payload, "user") or part(payload, "member", "user")
    there = servers if is_direct(payload) else (text(payload, "guild_id"),)
    found = tuple(ChatUser(platform="discord", workspace=server, user=text(user, "id")) for server in there)
    return found or None


def _where(payload: Payload, user: ChatUser) -> AnswerTo:
    """A thread is a channel of its own; in any other channel each person has a conversation with the copilot."""
    channel = text(payload, "channel_id") or text(part(payload, "channel"), "id")
    is_whole = is_direct(payload) or part(payload, "channel").get("type") in THREADS
    thread = channel if is_whole else user.user
    return AnswerTo(platform="discord", workspace=user.workspace, place=channel, thread=thread)


def _file(file: Payload) -> ChatFile:
    size = file.get("size")
    return ChatFile(
        id=text(file, "id"),
        name=(text(file, "filename") or text(file, "id"))[:255],
        size=size if isinstance(size, int) else 0,
        type=text(file, "content_type").partition(";")[0].strip()[:100],
        url=text(file, "url"),
    )


def plain(said: str) -> str:
    return said.strip()[:LONGEST].encode("utf-8", "replace").decode()
