"""What every Web API method has in common: who calls, with what, and how a refusal reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.laptop.slack.handed import Handed, Refusal
from cli.laptop.slack.world import Channel, Json, Message, User, Workspace, World

Method = Callable[["Call"], Json]
__all__ = ["METHODS", "Call", "Refusal", "method", "page_of"]
METHODS: dict[str, tuple[str | None, Method]] = {}
"""By Slack's name, each with the scope that its token must have."""


@dataclass(frozen=True)
class Call:
    """One call by the app, in the workspace that its token is for. `base` is the server's own address."""

    world: World
    home: Workspace
    arguments: Mapping[str, Any]
    base: str
    handed: Handed

    def text(self, key: str, default: str = "") -> str:
        value = self.arguments.get(key, default)
        return value if isinstance(value, str) else str(value)

    def needed(self, key: str) -> str:
        if not (value := self.text(key)):
            raise Refusal(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {key}"]}
            )
        return value

    def number(self, key: str, default: int) -> int:
        try:
            return int(self.arguments.get(key) or default)
        except ValueError as error:
            raise Refusal("invalid_arguments") from error

    def flag(self, key: str) -> bool:
        return str(self.arguments.get(key, "")).lower() in {"1", "true"}

    def json(self, key: str, refusal: str) -> Any:
        """As JSON, or as a string that holds it; None where it is not given."""
        value = self.arguments.get(key)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as error:
            raise Refusal(refusal) from error

    def wants(self, scope: str) -> None:
        if scope not in self.home.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(self.home.scopes))

    def channel(self, key: str = "channel") -> Channel:
        """By id. Raises Refusal."""
        return self.known(self.world.state.channels.get(self.needed(key)))

    def known(self, found: Channel | None) -> Channel:
        """One that the app may know of: in its workspace, and joined where it is private. Raises Refusal."""
        if found is None or self.home.id not in (found.team, *found.teams):
            raise Refusal("channel_not_found")
        if (found.is_private or found.is_im) and self.home.bot_user not in found.members:
            raise Refusal("channel_not_found")
        return found

    def user(self, key: str = "user") -> User:
        """One of the workspace, or who shares a channel with it."""
        found = self.world.state.users.get(self.needed(key))
        if found is None:
            raise Refusal("user_not_found")
        shared = any(
            found.id in one.members and self.home.id in (one.team, *one.teams)
            for one in self.world.state.channels.values()
        )
        if found.team != self.home.id and not shared:
            raise Refusal("user_not_visible")
        return found

    def own(self, channel: Channel, otherwise: str) -> Message:
        """A message of the app's, by `ts`."""
        found = self.world.message(channel.id, self.needed("ts"))
        if found is None or found.only_for:
            raise Refusal("message_not_found")
        if found.bot_id != self.home.bot_id:
            raise Refusal(otherwise)
        return found


def method(name: str, scope: str | None = None) -> Callable[[Method], Method]:
    def known(function: Method) -> Method:
        METHODS[name] = (scope, function)
        return function

    return known


def page_of(call: Call, items: list[Any], default: int) -> tuple[list[Any], Json]:
    """Those of one page, and how the next is asked for."""
    try:
        start = int(call.text("cursor", "0") or 0)
    except ValueError as error:
        raise Refusal("invalid_cursor") from error
    end = start + min(call.number("limit", default), 1000)
    return items[start:end], {"next_cursor": str(end) if end < len(items) else ""}
