"""Discord, on this machine: a server that an app takes for it, and the people who use it.

with Discord(one_server("somebody")) as discord:
    discord.connect("http://127.0.0.1:8080/v1/chat/discord/interactions")
    discord.command("somebody", "#dev", "how is production?")
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from cli.laptop.discord.api import Api, Called, Mishap
from cli.laptop.discord.people import SECONDS, People, every
from cli.laptop.discord.signing import key_of, public_key_of
from cli.laptop.discord.web import PREFIX, Handler, Server
from cli.laptop.discord.world import APP, Message, World

TOKEN = "token-of-this-laptop"


class Discord(People):
    """It listens from the moment it is made, on a free port; `close` ends it. `seed` is what it signs with, in hex."""

    def __init__(
        self,
        world: World,
        seed: str = "2a" * 32,
        *,
        token: str = TOKEN,
        now: Callable[[], float] = time.time,
        patience: float = SECONDS,
    ) -> None:
        world.now = now
        super().__init__(world, key_of(seed), patience)
        self.app, self.token = APP, token
        self.public_key = public_key_of(seed)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.api, self.server.files = Api(world, token, self.public_key), {}
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.api_url = f"{self.url}{PREFIX}"
        self._thread = threading.Thread(target=self.server.serve_forever, name="discord", args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def connect(self, url: str, host: str = "") -> None:
        """Where the app takes interactions; `host` is what it is called there, where that is another name."""
        self.address = (url, host)

    @property
    def called(self) -> list[Called]:
        return self.server.api.called

    def calls(self, method: str, part: str) -> list[Called]:
        return [one for one in self.called if one.method == method and part in one.path]

    def keep(self, name: str, content: bytes) -> tuple[str, str, int]:
        """A file of somebody's: its name, its address and its size."""
        path = f"/attachments/1/{self.world.new_id()}/{name}"
        self.server.files[path] = content
        return name, f"{self.url}{path}", len(content)

    def messages(self, channel: str, seen_by: str | None = None) -> list[Message]:
        """What stands in a channel; as somebody sees it, or everything."""
        place = self.world.channel(channel).id
        who = self.world.user(seen_by).id if seen_by else None
        with self.world.lock:
            there = [one for one in self.world.messages if one.channel == place]
        return [one for one in there if who is None or one.only_for in {"", who}]

    def wait_for(self, found: Callable[[], Any], seconds: float = 10) -> Any:
        """What `found` returns once it is truthy, looked at after every change. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while True:
            since = self.world.changed
            if value := found():
                return value
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("it did not come about")
            self.world.wait(since, left)

    def fail(self, method: str, path: str, status: int, **more: Any) -> None:
        """The next requests like these are answered so and do nothing, or `lost` are not answered."""
        self.server.api.mishaps.append(Mishap(method, path, status, **more))


def text_of(message: Message) -> str:
    """All that can be read in it, as it was sent."""
    found = [
        one.get("content") or one.get("label") or one.get("placeholder") or "" for one in every(message.components)
    ]
    return "\n".join([message.content, *filter(None, found)]).strip()


def plain_of(message: Message) -> str:
    """The same as it is read: a sign that was escaped is that sign."""
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text_of(message))
