"""What there is in the Slack of the laptop: workspaces, people, channels, messages, files, views; kept as one file."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition, RLock
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]
Found = TypeVar("Found")
SCOPES = (
    "app_mentions:read assistant:write channels:history channels:join channels:read chat:write commands files:read"
    " files:write groups:history groups:read im:history im:read im:write users:read users:read.email"
).split()
STREAM_SECONDS = 300
"""How long a message can be streamed into, however often that is done. Not in Slack's documentation; measured by others
as about five minutes."""


class Thing(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", extra="forbid")


class Workspace(Thing):
    """With what the app has in it; without a token it is another organisation's, known through a shared channel."""

    id: str
    name: str
    domain: str = ""
    enterprise: str | None = None
    org_wide: bool = False
    token: str | None = None
    bot_user: str = ""
    bot_id: str = ""
    scopes: list[str] = Field(default_factory=lambda: [*SCOPES])

    @property
    def installation(self) -> str:
        """As what the app knows its installation in it: of an organisation's, the organisation."""
        return self.enterprise if self.org_wide and self.enterprise else self.id


class User(Thing):
    id: str
    team: str
    name: str
    real_name: str
    email: str = ""
    email_confirmed: bool = True
    tz: str = "Europe/Paris"
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False


class Channel(Thing):
    """`user` is who a direct message is with; `teams` are all that are in a shared one."""

    id: str
    team: str
    name: str = ""
    members: list[str] = []
    is_private: bool = False
    is_archived: bool = False
    user: str | None = None
    teams: list[str] = []
    topic: str = ""

    @property
    def is_im(self) -> bool:
        return self.user is not None

    @property
    def is_ext_shared(self) -> bool:
        return len(self.teams) > 1

    @property
    def kind(self) -> str:
        """As events call it."""
        return "im" if self.is_im else "group" if self.is_private else "channel"


class Stream(Thing):
    """A message that is streamed into: what came so far, and since when."""

    mode: str
    began: float
    over: bool = False
    title: str = ""
    parts: list[Json] = []
    last: list[Json] = []

    def ended(self, now: float) -> bool:
        return self.over or now - self.began > STREAM_SECONDS


class Message(Thing):
    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = []
    thread_ts: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    only_for: str | None = None
    edited: str | None = None
    metadata: Json | None = None
    files: list[str] = []
    stream: Stream | None = None
    client_msg_id: str | None = None


class File(Thing):
    id: str
    team: str
    user: str
    name: str
    title: str
    mimetype: str = "application/octet-stream"
    content: bytes = b""
    length: int = 0
    created: int = 0
    shared: bool = False
    shares: list[tuple[str, str]] = []
    external: bool = False


class View(Thing):
    """A modal of a user, or what their Home tab shows."""

    id: str
    team: str
    user: str
    view: Json
    hash: str


class State(Thing):
    workspaces: dict[str, Workspace] = {}
    users: dict[str, User] = {}
    channels: dict[str, Channel] = {}
    messages: list[Message] = []
    files: dict[str, File] = {}
    modals: list[View] = []
    homes: dict[str, View] = {}
    has_home: bool = True
    statuses: dict[str, str] = {}
    prompts: dict[str, Json] = {}
    counter: int = 0


class World:
    """The state, one change at a time. `changed` counts the changes, for who waits for the next."""

    def __init__(self, state: State, now: Callable[[], float] = time.time, path: Path | None = None) -> None:
        self.state = state
        self.now = now
        self.changed = 0
        self._path = path
        self._lock = RLock()
        self._news = Condition(self._lock)
        self._last_ts = 0

    @contextlib.contextmanager
    def at_once(self) -> Iterator[State]:
        """Nothing else reads or changes anything meanwhile."""
        with self._lock:
            yield self.state

    def touch(self) -> None:
        """Something is other than before: kept, and told to who waits."""
        with self._lock:
            self.changed += 1
            if self._path:
                new = self._path.with_suffix(".new")
                with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    file.write(self.state.model_dump_json())
                new.replace(self._path)
            self._news.notify_all()

    def wait(self, since: int, seconds: float) -> int:
        """How many changes there were, once they are more than `since` or the time is over."""
        with self._lock:
            self._news.wait_for(lambda: self.changed != since, seconds)
            return self.changed

    def new_ts(self) -> str:
        """The next message's id: Unix time with microseconds, never the same twice, and never before another."""
        with self._lock:
            newest = max((int(message.ts.replace(".", "")) for message in self.state.messages[-1:]), default=0)
            self._last_ts = max(int(self.now() * 1_000_000), self._last_ts + 1, newest + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def new_id(self, prefix: str) -> str:
        with self._lock:
            self.state.counter += 1
            return f"{prefix}0LAPTOP{self.state.counter:04X}"

    def by_token(self, token: str) -> Workspace | None:
        return next((one for one in self.state.workspaces.values() if one.token and one.token == token), None)

    def user(self, wanted: str) -> User:
        """By id or by handle, with or without @. Raises KeyError."""
        name = wanted.removeprefix("@")
        users = self.state.users
        return users.get(name) or _only([one for one in users.values() if one.name == name], wanted)

    def channel(self, wanted: str) -> Channel:
        """By id, #name, or @handle for somebody's direct messages with the app. Raises KeyError."""
        if wanted.startswith("@"):
            return self.direct(self.user(wanted))
        if wanted in self.state.channels:
            return self.state.channels[wanted]
        name = wanted.removeprefix("#")
        return _only([one for one in self.state.channels.values() if one.name == name], wanted)

    def direct(self, user: User, team: str | None = None) -> Channel:
        """Where this user and the app of a workspace, theirs or the first, talk alone."""
        with self._lock:
            home = self.state.workspaces.get(team or user.team)
            if home is None or not home.token:
                home = next(one for one in self.state.workspaces.values() if one.token)
            for one in self.state.channels.values():
                if one.user == user.id and one.team == home.id:
                    return one
            teams = [] if user.team == home.id else [home.id, user.team]
            members = [user.id, home.bot_user]
            made = Channel(id=self.new_id("D"), team=home.id, members=members, user=user.id, teams=teams)
            self.state.channels[made.id] = made
            return made

    def message(self, channel: str, ts: str) -> Message | None:
        return next((one for one in self.state.messages if one.channel == channel and one.ts == ts), None)

    def installed_in(self, channel: Channel) -> Workspace | None:
        """The workspace through which the app hears of what is in a channel."""
        return next(
            (
                home
                for team in (channel.team, *channel.teams)
                if (home := self.state.workspaces.get(team)) and home.token and home.bot_user in channel.members
            ),
            None,
        )


def _only(found: list[Found], wanted: str) -> Found:
    if not found:
        raise KeyError(wanted)
    return found[0]


def marked_up(world: World, text: str, team: str) -> str:
    """What somebody typed, as Slack hands it on: escaped, with who and what is named in it as references."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    users = {one.name: one.id for one in world.state.users.values()}
    channels = {
        one.name: one.id for one in world.state.channels.values() if one.name and team in (one.team, *one.teams)
    }

    def reference(match: re.Match[str]) -> str:
        word = match.group()
        if word.startswith("@"):
            return f"<@{users[word[1:]]}>" if word[1:] in users else word
        if word.startswith("#"):
            return f"<#{channels[word[1:]]}|{word[1:]}>" if word[1:] in channels else word
        if word.startswith("http"):
            return f"<{word}>"
        return f"<mailto:{word}|{word}>" if "@" in word else f"<http://{word}|{word}>"

    linked = (
        r"https?://[^\s<>]+[^\s<>.,;:!?)]|[\w.+-]+@[\w-]+\.[\w.-]*\w|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|dev)\b"
    )
    return re.sub(rf"{linked}|(?<!\w)[@#][\w.-]*\w", reference, escaped)
