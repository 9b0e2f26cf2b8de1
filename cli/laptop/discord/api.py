"""The REST API: a request of the app's in, what Discord would answer out. docs.discord.com, developers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cli.laptop.discord.judging import pinged, problems
from cli.laptop.discord.shapes import channel_shape, guild_shape, member_shape, message_shape, user_shape
from cli.laptop.discord.world import APP, Channel, Interaction, Json, Message, World


class Refusal(Exception):
    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"message": message, "code": code, **more}


@dataclass
class Called:
    """`authorization` as it came; `files` are what was uploaded, by name."""

    method: str
    path: str
    body: Any
    authorization: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass
class Mishap:
    """The next `times` requests like this are answered so; `lost` those that do what they do, and are not answered."""

    method: str
    path: str
    status: int
    code: int = 0
    retry_after: float | None = None
    times: int = 1
    lost: bool = False


class Lost(Exception):
    """It was done, and the answer never arrives."""


class Api:
    def __init__(self, world: World, token: str, public_key: str) -> None:
        self.world, self.token, self.public_key = world, token, public_key
        self.called: list[Called] = []
        self.mishaps: list[Mishap] = []

    def __call__(self, call: Called) -> tuple[int, Any]:
        with self.world.lock:
            self.called.append(call)
            mishap = self._mishap(call)
            if mishap is not None and not mishap.lost:
                more = {} if mishap.retry_after is None else {"retry_after": mishap.retry_after, "global": False}
                return mishap.status, {"message": "mishap", "code": mishap.code, **more}
            try:
                answered = self._answered(call)
            except Refusal as refusal:
                return refusal.status, refusal.body
            if mishap is not None:
                raise Lost
            return answered

    def _mishap(self, call: Called) -> Mishap | None:
        for one in self.mishaps:
            if one.times and one.method == call.method and re.search(one.path, call.path):
                one.times -= 1
                return one
        return None

    def _answered(self, call: Called) -> tuple[int, Any]:
        for method, form, is_open, does in _ROUTES:
            found = re.fullmatch(form, call.path)
            if found and method == call.method:
                if not is_open and call.authorization != f"Bot {self.token}":
                    raise Refusal(401, 0, "401: Unauthorized")
                return does(self, call, *found.groups())
        raise Refusal(404, 0, "404: Not Found")

    # who and what there is

    def application(self, call: Called) -> tuple[int, Any]:
        bot = user_shape(self.world.users[APP])
        return 200, {"id": APP, "name": "DevOps Copilot", "verify_key": self.public_key, "bot": bot}

    def commands(self, call: Called, app: str) -> tuple[int, Any]:
        if app != APP:
            raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
        for one in call.body:
            _judge_command(one)
        self.world.commands = call.body
        return 200, [{"id": self.world.new_id(), "application_id": APP, **one} for one in call.body]

    def guild(self, call: Called, id: str) -> tuple[int, Any]:
        guild = self.world.guilds.get(id)
        if guild is None or APP not in guild.members:
            raise Refusal(404, 10004, "Unknown Guild")
        return 200, guild_shape(guild)

    def guild_channels(self, call: Called, id: str) -> tuple[int, Any]:
        self.guild(call, id)
        there = [one for one in self.world.channels.values() if one.guild == id and one.type not in {10, 11, 12}]
        return 200, [channel_shape(self.world, one) for one in there]

    def member(self, call: Called, id: str, user: str) -> tuple[int, Any]:
        self.guild(call, id)
        guild, known = self.world.guilds[id], self.world.users.get(user)
        if known is None:
            raise Refusal(404, 10013, "Unknown User")
        if user not in guild.members:
            raise Refusal(404, 10007, "Unknown Member")
        return 200, member_shape(self.world, guild, known)

    def channel(self, call: Called, id: str) -> tuple[int, Any]:
        return 200, channel_shape(self.world, self._channel(id))

    def direct(self, call: Called) -> tuple[int, Any]:
        user = self.world.users.get(str(call.body.get("recipient_id")))
        if user is None:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        return 200, channel_shape(self.world, self.world.direct(user.id))

    # messages

    def post(self, call: Called, id: str) -> tuple[int, Any]:
        channel = self._channel(id)
        if channel.user:
            user = self.world.users[channel.user]
            shared = any({APP, user.id} <= {*guild.members} for guild in self.world.guilds.values())
            if not user.takes_direct or not shared or user.bot:
                raise Refusal(403, 50007, "Cannot send messages to this user")
        if channel.locked:
            raise Refusal(403, 160005, "Thread is locked")
        _judge(call.body, 0)
        made = self._made(channel.id, call)
        return 200, message_shape(self.world, self.world.put(made))

    def edit(self, call: Called, channel: str, id: str) -> tuple[int, Any]:
        self._channel(channel)
        message = self.world.message(channel, id)
        if message is None or message.only_for or message.awaited:
            raise Refusal(404, 10008, "Unknown Message")
        if message.author != APP:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        return 200, message_shape(self.world, self._edited(message, call.body))

    # what is answered under the token of an interaction

    def answer(self, call: Called, app: str, token: str) -> tuple[int, Any]:
        found = self._interaction(app, token)
        original = self.world.message(found.channel, found.original) if found.original else None
        if original is None:
            raise Refusal(404, 10008, "Unknown Message")
        return 200, message_shape(self.world, self._edited(original, call.body))

    def follow_up(self, call: Called, app: str, token: str) -> tuple[int, Any]:
        found = self._interaction(app, token)
        original = self.world.message(found.channel, found.original) if found.original else None
        if original is not None and original.awaited:  # as Discord does, for old times' sake
            return 200, message_shape(self.world, self._edited(original, call.body))
        _judge(call.body, 0)
        made = self._made(found.channel, call)
        made.only_for = found.user if call.body.get("flags", 0) & 64 else ""
        return 200, message_shape(self.world, self.world.put(made))

    def _interaction(self, app: str, token: str) -> Interaction:
        found = self.world.interactions.get(token)
        if app != APP or found is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        if found.until < self.world.now():
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return found

    def _channel(self, id: str) -> Channel:
        channel = self.world.channels.get(id)
        if channel is None:
            raise Refusal(404, 10003, "Unknown Channel")
        if channel.closed:
            raise Refusal(403, 50001, "Missing Access")
        return channel

    def _made(self, channel: str, call: Called) -> Message:
        body = call.body
        return Message(
            id=self.world.new_id(),
            channel=channel,
            author=APP,
            content=body.get("content") or "",
            flags=body.get("flags", 0),
            components=body.get("components") or [],
            files=call.files,
            pings=pinged(body),
        )

    def _edited(self, message: Message, body: Json) -> Message:
        _judge(body, message.flags)
        message.content = body.get("content") or ""
        message.flags |= body.get("flags", 0)
        message.components, message.awaited = body.get("components") or [], False
        message.edited, message.pings = True, [*message.pings, *pinged(body)]
        self.world.touch()
        return message


def _judge(body: Any, flags: int) -> None:
    """Raises Refusal."""
    if not isinstance(body, dict):
        raise Refusal(400, 50109, "The request body contains invalid JSON.")
    found = [*problems(body, flags)]
    if found:
        raise Refusal(400, 50035, "Invalid Form Body", errors=found)


def _judge_command(one: Json) -> None:
    name, kind = one.get("name", ""), one.get("type", 1)
    problem = ""
    if not 1 <= len(name) <= 32 or (kind == 1 and not re.fullmatch(r"[-_'\w]{1,32}", name)):
        problem = "name"
    if (kind == 1) != bool(one.get("description")) or len(one.get("description") or "") > 100:
        problem = "description"
    options = one.get("options") or []
    required = [option.get("required", False) for option in options]
    if len(options) > 25 or required != sorted(required, reverse=True) or (kind != 1 and options):
        problem = "options"
    for option in options:
        if (
            not re.fullmatch(r"[-_\w]{1,32}", option.get("name", ""))
            or not 1 <= len(option.get("description", "")) <= 100
        ):
            problem = "options"
        if not 1 <= option.get("max_length", 6000) <= 6000:
            problem = "max_length"
    if problem:
        raise Refusal(400, 50035, "Invalid Form Body", errors=[problem])


_Does = Callable[..., tuple[int, Any]]
_ROUTES: list[tuple[str, str, bool, _Does]] = [
    ("GET", r"/applications/@me", False, Api.application),
    ("PUT", r"/applications/(\d+)/commands", False, Api.commands),
    ("GET", r"/guilds/(\d+)", False, Api.guild),
    ("GET", r"/guilds/(\d+)/channels", False, Api.guild_channels),
    ("GET", r"/guilds/(\d+)/members/(\d+)", False, Api.member),
    ("GET", r"/channels/(\d+)", False, Api.channel),
    ("POST", r"/users/@me/channels", False, Api.direct),
    ("POST", r"/channels/(\d+)/messages", False, Api.post),
    ("PATCH", r"/channels/(\d+)/messages/(\d+)", False, Api.edit),
    ("PATCH", r"/webhooks/(\d+)/([^/]+)/messages/@original", True, Api.answer),
    ("POST", r"/webhooks/(\d+)/([^/]+)", True, Api.follow_up),
]
"""Method, path, whether it needs no token of the app's, and what it does."""
