"""Slack, on this machine: a server that an app takes for it, and the people who use it.

with Slack(events_url="http://127.0.0.1:8080/v1/chat/slack/events") as slack:
    said = slack.say("you", "#platform", "@copilot how is production?")
    WebClient(slack.token(), base_url=slack.api_url).chat_postMessage(channel=said.message.channel, text="Fine.")
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli.laptop.slack.acting import Acting
from cli.laptop.slack.api import Api, Called
from cli.laptop.slack.handed import Handed
from cli.laptop.slack.mishaps import Mishap, Mishaps, Rates
from cli.laptop.slack.page import Page
from cli.laptop.slack.payloads import Payloads
from cli.laptop.slack.sample import read_sample
from cli.laptop.slack.sending import PATIENCE, RETRY_AFTER, Sender
from cli.laptop.slack.telling import EVENTS, Urls
from cli.laptop.slack.web import Handler, Server
from cli.laptop.slack.world import Message, State, World

SECRET = "signs-on-this-laptop"
TOKEN = "token-of-this-laptop"


class Slack(Acting):
    """It listens from the moment it is made, on a free port unless one is given; `close` ends it.

    `state` is what there is at first, else the sample, or what `kept_in` holds from before. Without `events_url` the
    app is told nothing; the addresses for interactions and commands stand beside it. `echoes`
    says whether the app is told of its own messages, as Slack does. `now` is Unix time and `wait` sleeps that many
    seconds before an event is tried again.
    """

    def __init__(
        self,
        events_url: str | None = None,
        *,
        secret: str = SECRET,
        tokens: dict[str, str] | None = None,
        state: State | None = None,
        kept_in: Path | None = None,
        port: int = 0,
        events: Sequence[str] = EVENTS,
        echoes: bool = False,
        now: Callable[[], float] = time.time,
        wait: Callable[[float], None] | None = None,
        patience: float = PATIENCE,
        retry_after: tuple[float, ...] = RETRY_AFTER,
    ) -> None:
        self._ended = threading.Event()
        if state is None:
            kept = kept_in is not None and kept_in.is_file()
            state = State.model_validate_json(kept_in.read_text()) if kept and kept_in else read_sample()
        world = World(state, now, kept_in)
        handed = Handed(now)
        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.api_url = f"{self.url}/api/"
        self.mishaps = Mishaps()
        self.rates = Rates(now)
        sender = Sender(secret, now, self._waiter(wait), patience, retry_after, lambda _: world.touch())
        super().__init__(world, sender, Payloads(world, self.url), handed, Urls(), events)
        self.connect(events_url, secret, tokens)
        self.api = Api(world, handed, self.url, self.mishaps, self.rates)
        if echoes:
            self.api.posted = self.echo
        self.server.api, self.server.acting = self.api, self
        self.server.page = Page(world, self, self.url)
        self._thread = threading.Thread(target=self.server.serve_forever, name="slack", args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._ended.set()
        self.world.touch()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def connect(self, events_url: str | None, secret: str, tokens: dict[str, str] | None = None) -> None:
        """This is the app: where it takes events, what they are signed with, and its token in each workspace, by what
        the app knows it as.
        """
        self.urls, self.sender.secret = Urls.beside(events_url), secret
        with self.world.at_once() as state:
            for one in state.workspaces.values():
                if one.bot_user:
                    one.token = (tokens or {}).get(one.installation, one.token or f"{TOKEN}-{one.id}")

    def token(self, team: str | None = None) -> str:
        """The app's, in a workspace or in the first one that has it."""
        return next(one.token for one in self.world.state.workspaces.values() if one.token and team in (None, one.id))

    @property
    def called(self) -> list[Called]:
        """Every call of the Web API so far."""
        return self.api.called

    def calls(self, method: str) -> list[Called]:
        return [one for one in self.called if one.method == method]

    def messages(self, channel: str, thread_ts: str | None = None, seen_by: str | None = None) -> list[Message]:
        """What stands in a channel, or in one thread of it; as somebody sees it, or everything."""
        place = self.world.channel(channel)
        who = self.world.user(seen_by).id if seen_by else None
        with self.world.at_once() as state:
            return [
                one
                for one in state.messages
                if one.channel == place.id
                and (thread_ts is None or thread_ts in (one.ts, one.thread_ts))
                and (who is None or one.only_for in (None, who))
            ]

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

    def fail(
        self,
        method: str,
        error: str = "internal_error",
        times: int = 1,
        status: int = 200,
        retry_after: int | None = None,
    ) -> None:
        """The next calls of a method are answered with an error and do nothing."""
        self.mishaps.add(Mishap(method, times, error, status, retry_after))

    def refuse_for_now(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """The next calls of a method are too many."""
        self.fail(method, "ratelimited", times, 429, retry_after)

    def lose_answers(self, method: str, times: int = 1) -> None:
        """The next calls of a method do what they do, and the answer never arrives."""
        self.mishaps.add(Mishap(method, times, lost=True))

    def slow_down(self, method: str, seconds: float, times: int = 1) -> None:
        self.mishaps.add(Mishap(method, times, seconds=seconds))

    def take_away(self, *methods: str) -> None:
        """These methods are unknown from here on, as new ones are in some workspaces."""
        self.mishaps.take_away(*methods)

    def _waiter(self, wait: Callable[[float], None] | None) -> Callable[[float], bool]:
        def waited(seconds: float) -> bool:
            if wait is None:
                return not self._ended.wait(seconds)
            wait(seconds)
            return not self._ended.is_set()

        return waited
