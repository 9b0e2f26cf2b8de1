"""The door that Discord's interactions come through. It verifies them, hands them on unread and acknowledges.

Discord wants an answer of the interaction's own within three seconds, and sends nothing again: a command is answered by
that an answer comes, a button by nothing that is seen, and what asks before it counts by its dialog, at once and with
nothing handed on. What is forged gets a 401: of an address that lets it in Discord takes away the app.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from copilot.edges.chat.discord.custom_ids import read_custom_id
from copilot.edges.chat.discord.dialogs import dialog
from copilot.edges.chat.discord.kinds import COMMAND, COMPONENT, MODAL, PING, is_direct, is_known
from copilot.edges.chat.discord.signature import is_signed
from copilot.edges.chat.door import ChatDoor, as_json
from copilot.edges.chat.freshness import is_fresh
from copilot.edges.chat.opening import Payload, Unreadable, object_in, part, text
from copilot.edges.doors import Mail, Refused, Response, raw_of

LARGEST = 200_000
"""In bytes. A message has at most 4,000 characters and 40 components."""
ROUTE = "interactions"
PONG, AWAITED, SEEN = {"type": 1}, {"type": 5}, {"type": 6}
"""docs.discord.com, developers/interactions/receiving-and-responding, interaction callback type."""


class DiscordDoor(ChatDoor):
    """`public_key` is the application's, in hex. `servers` are the ids of those that are let in; without any all are,
    in which the app is installed.
    """

    platform: ClassVar[str] = "discord"

    def __init__(
        self,
        public_key: str,
        post: Mail,
        now: Callable[[], float],
        note: Callable[[Mapping[str, Any]], None],
        servers: Collection[str] = (),
    ) -> None:
        super().__init__(post, now, note)
        self._public_key = public_key
        self._servers = frozenset(servers)

    def _let_in(self, route: str, event: Mapping[str, Any]) -> tuple[Response, str]:
        if route != ROUTE:
            raise Refused(404, "There is nothing here.")
        headers: Mapping[str, str] = event.get("headers") or {}
        raw = raw_of(event, LARGEST)
        self._verify(headers, raw)
        try:
            payload = object_in(raw.decode())
            if payload.get("type") == PING:
                return as_json(PONG), "verified the address"
            self._is_for_us(payload)
            answer, is_said = _answer(payload)
            group = _group(payload)
        except (UnicodeDecodeError, Unreadable):
            raise Refused(400, "It is not an interaction of Discord's.") from None
        if not is_said:
            return as_json(answer), "asked before it counts"
        self._hand_on(ROUTE, "application/json", raw, group)
        return as_json(answer), "handed on"

    def _known(self, route: str) -> str:
        return route if route == ROUTE else "none"

    def _verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        timestamp, signature = (headers.get(f"x-signature-{name}", "") for name in ("timestamp", "ed25519"))
        if not is_fresh(timestamp, self._now()):
            raise Refused(401, "Its time is missing, no number, or more than five minutes off.")
        if not is_signed(self._public_key, timestamp, raw, signature):
            raise Refused(401, "It is not signed by Discord for this application.")

    def _is_for_us(self, payload: Payload) -> None:
        """In a server that is let in, or in a direct message with the app: to that alone who is of a server comes."""
        server = text(payload, "guild_id")
        if not server and not is_direct(payload):
            raise Refused(403, "It is of no server, and no direct message with the copilot.")
        if server and self._servers and server not in self._servers:
            raise Refused(403, "It is of no server that the copilot is for.")


def _answer(payload: Payload) -> tuple[dict[str, Any], bool]:
    """And whether it says something, that is to be handed on. Raises Unreadable."""
    kind = payload.get("type")
    if kind == COMMAND and is_known(payload):
        return AWAITED, True
    if kind == COMPONENT:
        pressed = read_custom_id(text(part(payload, "data"), "custom_id"))
        return (dialog(payload, pressed), False) if pressed is not None and pressed.asks else (SEEN, True)
    if kind == MODAL:
        return SEEN, True
    raise Unreadable("it is none that the copilot has a use for")


def _group(payload: Payload) -> str:
    """What is said and pressed in one channel is taken in order."""
    where = [text(payload, "guild_id"), text(payload, "channel_id") or text(part(payload, "channel"), "id")]
    return hashlib.sha256(json.dumps(where).encode()).hexdigest()
