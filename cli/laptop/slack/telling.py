"""How the app is told: what happened goes to the address it belongs to, and what came of it is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cli.laptop.slack.handed import Handed
from cli.laptop.slack.payloads import Payloads
from cli.laptop.slack.sending import Sender, Sent, as_json
from cli.laptop.slack.world import Channel, Json, Message, User, Workspace, World

EVENTS = (
    "app_home_opened app_mention app_uninstalled message.channels message.groups message.im tokens_revoked user_change"
).split()
"""What the app has subscribed to."""


class NotThere(Exception):
    """Who wants to do this cannot, in Slack either: not a member, gone, no such message."""


@dataclass(frozen=True)
class Urls:
    """Where the app takes what. Without any it is told nothing."""

    events: str | None = None
    interactions: str | None = None
    commands: str | None = None

    @classmethod
    def beside(cls, events: str | None) -> Urls:
        """Those for interactions and commands stand beside that for events."""
        if events is None or not events.endswith("/events"):
            return cls(events)
        base = events.removesuffix("events")
        return cls(events, f"{base}interactions", f"{base}commands")


class Telling:
    """`sent` is all that was sent. What is done in the `background` does not wait for the app."""

    def __init__(
        self,
        world: World,
        sender: Sender,
        payloads: Payloads,
        handed: Handed,
        urls: Urls,
        events: Sequence[str] = EVENTS,
    ) -> None:
        self.world = world
        self.sender = sender
        self.payloads = payloads
        self.handed = handed
        self.urls = urls
        self.events = set(events)
        self.sent: list[Sent] = []
        self._chosen: dict[tuple[str, str, str], dict[str, Any]] = {}

    def _interact(self, what: str, payload: Json, form: bool = True, background: bool = False) -> Sent:
        sent = as_json(what, self.urls.events, payload)
        if form:
            body = urlencode({"payload": json.dumps(payload, separators=(",", ":"), ensure_ascii=False)}).encode()
            sent = Sent(what, self.urls.interactions, payload, body, "application/x-www-form-urlencoded")
        return self._run(lambda: self._once(sent), sent, background)

    def _once(self, sent: Sent) -> Sent:
        self.sent.append(sent)
        if sent.url:
            self.sender.interaction(sent)
            self.world.touch()
        return sent

    def _send(self, told: list[Sent], background: bool = False) -> list[Sent]:
        def go(sent: Sent) -> Sent:
            self.sent.append(sent)
            if sent.url:
                self.sender.event(sent)
                self.world.touch()
            return sent

        return [self._run(lambda sent=sent: go(sent), sent, background) for sent in told]  # type: ignore[misc]

    def _run(self, work: Callable[[], Sent], sent: Sent, background: bool) -> Sent:
        if not background:
            return work()
        threading.Thread(target=work, name=f"slack {sent.what}", daemon=True).start()
        return sent

    def _person(self, user: str) -> User:
        try:
            person = self.world.user(user)
        except KeyError as error:
            raise NotThere(f"there is nobody called {user}") from error
        if person.deleted:
            raise NotThere(f"{person.name} is no longer here")
        return person

    def _channel(self, channel: str) -> Channel:
        try:
            return self.world.channel(channel)
        except KeyError as error:
            raise NotThere(f"there is no {channel}") from error

    def _home_of(self, message: Message) -> Workspace:
        homes = self.world.state.workspaces.values()
        return next(one for one in homes if one.bot_id and one.bot_id == message.bot_id)

    def _home_of_team(self, team: str) -> Workspace:
        homes = self.world.state.workspaces
        return homes[team] if homes[team].token else next(one for one in homes.values() if one.token)

    def _knows(self, home: Workspace, person: User) -> bool:
        return person.team == home.id or any(
            person.id in one.members and home.id in (one.team, *one.teams) for one in self.world.state.channels.values()
        )
