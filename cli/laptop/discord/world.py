"""Who and what there is: servers with their members and channels, messages, and the tokens of interactions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
SERVER = "1290000000000000010"
APP = "1290000000000000001"
EVERYBODY_MAY = 1 << 10 | 1 << 11 | 1 << 16
"""View Channel, Send Messages, Read Message History."""
TOKEN_SECONDS = 900


@dataclass
class User:
    id: str
    name: str
    bot: bool = False
    takes_direct: bool = True


@dataclass
class Guild:
    """`members` are ids of users; `pending` those who have not agreed to its rules yet."""

    id: str
    name: str
    members: list[str]
    features: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    everybody: int = EVERYBODY_MAY


@dataclass
class Channel:
    """`type` is Discord's; `hidden` where not everybody of the server sees it, `closed` where the bot does not."""

    id: str
    type: int
    name: str = ""
    guild: str = ""
    parent: str = ""
    user: str = ""
    hidden: bool = False
    closed: bool = False
    locked: bool = False


@dataclass
class Message:
    """`only_for` one user of those there; `awaited` where nothing but that an answer comes is seen of it."""

    id: str
    channel: str
    author: str
    content: str = ""
    flags: int = 0
    components: list[Json] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    only_for: str = ""
    awaited: bool = False
    edited: bool = False
    pings: list[str] = field(default_factory=list)


@dataclass
class Interaction:
    """What an answer is taken under: until then, and for what. `original` is the message that was awaited."""

    token: str
    channel: str
    user: str
    until: float
    original: str = ""


class World:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.interactions: dict[str, Interaction] = {}
        self.commands: list[Json] = []
        self.lock = threading.RLock()
        self._news = threading.Condition(self.lock)
        self.changed = 0
        self._ids = 1_290_000_000_000_010_000

    def new_id(self) -> str:
        with self.lock:
            self._ids += 1
            return str(self._ids)

    def touch(self) -> None:
        with self.lock:
            self.changed += 1
            self._news.notify_all()

    def wait(self, since: int, seconds: float) -> None:
        with self.lock:
            self._news.wait_for(lambda: self.changed != since, seconds)

    def user(self, wanted: str) -> User:
        """By id or by name, with or without @."""
        name = wanted.removeprefix("@")
        return next(one for one in self.users.values() if name in {one.id, one.name})

    def channel(self, wanted: str) -> Channel:
        """By id, by name with its #, or by @name for somebody's direct messages with the app."""
        if wanted.startswith("@"):
            return self.direct(self.user(wanted).id)
        name = wanted.removeprefix("#")
        return next(one for one in self.channels.values() if wanted == one.id or (one.name and name == one.name))

    def direct(self, user: str) -> Channel:
        with self.lock:
            for one in self.channels.values():
                if one.user == user:
                    return one
            made = Channel(id=self.new_id(), type=1, user=user)
            self.channels[made.id] = made
            return made

    def message(self, channel: str, id: str) -> Message | None:
        return next((one for one in self.messages if one.channel == channel and one.id == id), None)

    def put(self, message: Message) -> Message:
        with self.lock:
            self.messages.append(message)
            self.touch()
            return message


def one_server(*people: str) -> World:
    """With these people in it, the app, and three channels, one of which not everybody sees."""
    world = World()
    for at, name in enumerate(people):
        id = str(1_290_000_000_000_000_100 + at)
        world.users[id] = User(id=id, name=name)
    world.users[APP] = User(id=APP, name="copilot", bot=True)
    world.guilds[SERVER] = Guild(id=SERVER, name="Workshop", members=[*world.users])
    for at, (name, hidden) in enumerate([("dev", False), ("platform", False), ("operators", True)]):
        id = str(1_290_000_000_000_000_020 + at)
        world.channels[id] = Channel(id=id, type=0, name=name, guild=SERVER, hidden=hidden)
    return world
