"""Discord as the copilot reads it and posts to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from copilot.adapters.discord import components
from copilot.adapters.discord.seeing import sees
from copilot.adapters.recent import Recent
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.domain import AnswerTo, ChatFile, ChatPerson, ChatPlace, ChatUser, Shown
from copilot.errors import FatalError, NotFound, PermissionDenied, ToolInputError
from copilot.ports import Clock, Sent

if TYPE_CHECKING:
    from copilot.adapters.discord.calls import Calls

DM, GROUP, NEWS, NEWS_THREAD, PRIVATE_THREAD, THREADS = 1, 3, 5, 10, 12, frozenset({10, 11, 12})
WRITTEN_IN = frozenset({0, 2, NEWS, 10, 11, 12, 13})
"""Types of channels: docs.discord.com, developers/resources/channel. In the last messages stand."""
OPEN = frozenset({"COMMUNITY", "DISCOVERABLE", "PREVIEW_ENABLED"})
"""What a server has that anybody may come into: docs.discord.com, developers/resources/guild, features."""
GUEST = 1 << 4
"""The flag of a member who was let into one voice channel."""
EPHEMERAL = 1 << 6


class DiscordClient:
    """ports.ChatWriter over the configured servers; `token` reads that of one."""

    def __init__(self, settings: ChatSettings, token: Callable[[ChatWorkspace], str], clock: Clock) -> None:
        self._settings = settings
        self._token = token
        self._clock = clock
        self._calls: dict[str, Calls] = {}
        self._recent = Recent(clock)

    def place(self, where: AnswerTo) -> ChatPlace:
        """Others may read what anybody may come and read: a channel that every member sees, of a server that anybody
        may join. What is announced in a channel of news, other servers follow. In direct messages is who they are with.
        """
        server = self._of(where)
        found = self._get(server, "looking at the channel", f"/channels/{where.place}")
        kind = found.get("type")
        if kind in {DM, GROUP}:
            names = [_name(one) for one in found.get("recipients") or ()]
            return ChatPlace(name=names[0] if names else "", direct=kind == DM, shared=kind == GROUP)
        if str(found.get("guild_id") or "") != server:
            raise NotFound("looking at the channel: it is of another server", ours=True)
        above = found
        if kind in THREADS and found.get("parent_id"):
            above = self._get(server, "looking at the channel", f"/channels/{found['parent_id']}")
        guild = self._guild(server)
        state = _mapping(found.get("thread_metadata"))
        return ChatPlace(
            name=f"#{found.get('name') or where.place}",
            shared=NEWS in {kind, above.get("type")} or kind == NEWS_THREAD,
            guests=kind != PRIVATE_THREAD and _is_open(guild) and sees(guild, above),
            archived=bool(state.get("locked")),
            aside=False,
        )

    def person(self, user: ChatUser) -> ChatPerson:
        def look() -> ChatPerson:
            path = f"/guilds/{user.workspace}/members/{user.user}"
            return _person_of(self._get(user.workspace, "looking who it is", path))

        return self._recent(("user", user.workspace, user.user), look)

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        what = "reading the file"
        if file.size > most:
            raise ToolInputError(f"{what}: it has {file.size:,} bytes, and at most {most:,} are read", ours=True)
        return self._at(self._of(where)).read(what, file.url, most)

    def direct(self, user: ChatUser) -> AnswerTo:
        asked = {"recipient_id": user.user}
        what = "opening a direct message"
        opened = self._at(user.workspace).send(what, "POST", "/users/@me/channels", asked)
        place = _id(opened)
        return AnswerTo(platform="discord", workspace=user.workspace, place=place, thread=place)

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        id = self.channels(workspace).get(name.removeprefix("#"))
        return AnswerTo(platform="discord", workspace=workspace, place=id) if id else None

    def channels(self, workspace: str) -> Mapping[str, str]:
        """The ids of the channels of a server, by their names without the #. A name that several have names none."""
        return self._recent(("channels", workspace), lambda: self._channels(workspace))

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        """A bot has no message that one of several sees, but as the answer to what they did: raises PermissionDenied
        for any where others are.
        """
        return tuple(self.sending(where, shown, only_for))

    def sending(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> Iterator[Sent]:
        if only_for is not None and not self.place(where).direct:
            raise PermissionDenied("posting a message: in a channel of Discord everybody sees it", ours=True)
        for message in components.messages(shown):
            yield self.send(where, message)

    def send(self, where: AnswerTo, message: components.Message) -> Sent:
        """One message of those that components.py makes."""
        path = f"/channels/{where.place}/messages"
        reply = self._at(self._of(where)).send("posting a message", "POST", path, message)
        return Sent(_id(reply), _as_sent("POST", path, message))

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        """As any other: no message of Discord's grows."""
        return self.send(where, components.one_message(shown))

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        return self.update(where, message, shown)

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        path, body = f"/channels/{where.place}/messages/{message}", components.one_message(shown)
        self._at(self._of(where)).send("changing a message", "PATCH", path, body)
        return Sent(message, _as_sent("PATCH", path, body))

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        path = f"/channels/{where.place}/messages"
        about = components.cut_line(title, components.LONGEST_HEADING)
        body = {
            "content": components.escaped(about),
            "attachments": [{"id": 0, "filename": name, "description": about}],
            "allowed_mentions": components.NOBODY,
        }
        reply = self._at(self._of(where)).upload("attaching a file", path, body, name, content)
        return Sent(_id(reply), _as_sent("POST", path, body))

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        """The whole of it in one message: what was promised as an answer, or `alone` one besides that nobody else sees.
        What is sent is not told again: its address has the token in it.
        """
        server, message = self._of(where), components.one_message(shown)
        calls, app = self._at(server), self._workspace(server).app or ""
        if alone:
            message = message | {"flags": message["flags"] | EPHEMERAL}
            calls.answer("answering a command", "POST", app, token, "", message)
        else:
            calls.answer("answering a command", "PATCH", app, token, "/messages/@original", message)

    def _channels(self, server: str) -> Mapping[str, str]:
        """Of all channels their names are told to every bot: those that it does not see are none of its."""
        found = self._at(server).listed("looking which channels there are", f"/guilds/{server}/channels")
        is_seen, named = self._sight(server), dict[str, set[str]]()
        for one in map(_mapping, found if isinstance(found, list) else ()):
            if one.get("type") in WRITTEN_IN and one.get("name") and is_seen(one):
                named.setdefault(str(one["name"]), set()).add(_id(one))
        return {name: ids.pop() for name, ids in named.items() if len(ids) == 1}

    def _sight(self, server: str) -> Callable[[Mapping[str, Any]], bool]:
        """What the copilot sees; everything where that cannot be told: the bot of an old application has another id."""
        guild, own = self._guild(server), self._workspace(server).app or ""
        try:
            me = self._get(server, "looking what it may see", f"/guilds/{server}/members/{own}")
        except NotFound:
            return lambda channel: True
        return lambda channel: sees(guild, channel, [*map(str, me.get("roles") or ())], own)

    def _guild(self, server: str) -> Mapping[str, Any]:
        return self._recent(("guild", server), lambda: self._get(server, "looking at the server", f"/guilds/{server}"))

    def _get(self, server: str, what: str, path: str) -> dict[str, Any]:
        return self._at(server).get(what, path)

    def _of(self, where: AnswerTo) -> str:
        if where.workspace is None:
            raise FatalError("the place is of no server", ours=True)
        return where.workspace

    def _workspace(self, id: str) -> ChatWorkspace:
        workspace = self._settings.workspace(id)
        if workspace is None:
            raise FatalError("the copilot is not installed in that server; see `chat` in the configuration")
        return workspace

    def _at(self, id: str) -> Calls:
        if id not in self._calls:
            from copilot.adapters.discord.calls import Calls

            workspace = self._workspace(id)
            self._calls[id] = Calls(self._token(workspace), workspace.endpoint)
        return self._calls[id]


def _is_open(guild: Mapping[str, Any]) -> bool:
    """Whether people come into a server whom nobody of it let in."""
    is_public = bool(OPEN & {*(guild.get("features") or ())})
    return is_public or bool(guild.get("vanity_url_code")) or bool(guild.get("widget_enabled"))


def _person_of(member: Mapping[str, Any]) -> ChatPerson:
    """Their mail is told to no bot. One who has not yet agreed to the rules of the server is not of it."""
    user = _mapping(member.get("user"))
    flags = member.get("flags")
    return ChatPerson(
        name=str(member.get("nick") or _name(user)),
        bot=bool(user.get("bot") or user.get("system")),
        guest=bool(member.get("pending")) or bool(isinstance(flags, int) and flags & GUEST),
    )


def _name(user: object) -> str:
    found = _mapping(user)
    return str(found.get("global_name") or found.get("username") or "somebody")


def _id(found: object) -> str:
    id = _mapping(found).get("id")
    if not isinstance(id, str) or not id:
        raise FatalError("Discord answered without the id of what was asked for", ours=True)
    return id


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_sent(method: str, path: str, body: Any) -> str:
    from copilot.adapters.discord.calls import as_sent

    return as_sent(method, path, body)
