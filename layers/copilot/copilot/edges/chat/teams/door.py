"""The door that Teams' requests come through: whoever sends proves with a token that it is the Bot Connector.

Somebody who pressed a button waits for the answer: it says that they were heard, and what comes of it is shown as soon
as it is done, to everybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from copilot.edges.chat.door import ChatDoor, as_json
from copilot.edges.chat.opening import Payload, Unreadable, part, text
from copilot.edges.chat.teams.keys import SigningKeys
from copilot.edges.chat.teams.opening import LARGEST, is_typed, opened, tenants_of
from copilot.edges.chat.teams.token import CHANNEL, service_url_of
from copilot.edges.doors import Mail, Refused, Response, answer, raw_of

ROUTE = "messages"
HOSTS = frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"})
"""Of the connector: learn.microsoft.com, microsoftteams/platform/bots/how-to/conversations/send-proactive-messages."""
HERE = frozenset({"127.0.0.1"})
HEARD = "Heard. What comes of it is shown here, or to you alone."


class TeamsDoor(ChatDoor):
    """`app` is the bot's app id, `tenants` the ids of those that are let in. `local` where the Teams of this machine is
    the one there is.
    """

    platform: ClassVar[str] = "teams"

    def __init__(
        self,
        app: str,
        tenants: Collection[str],
        keys: SigningKeys,
        post: Mail,
        now: Callable[[], float],
        note: Callable[[Mapping[str, Any]], None],
        *,
        local: bool = False,
    ) -> None:
        super().__init__(post, now, note)
        self._app, self._tenants, self._keys = app, frozenset(tenants), keys
        self._hosts = HERE if local else HOSTS
        self._scheme = "http" if local else "https"

    def _let_in(self, route: str, event: Mapping[str, Any]) -> tuple[Response, str]:
        if route != ROUTE:
            raise Refused(404, "There is nothing here.")
        headers: Mapping[str, str] = event.get("headers") or {}
        raw = raw_of(event, LARGEST)
        if not is_typed(headers.get("content-type", "")):
            raise Refused(415, "It is of another content type than Teams' are here.")
        service_url = service_url_of(headers.get("authorization", ""), self._app, self._keys, self._now())
        try:
            activity = opened(raw.decode())
            self._check_origin(activity, service_url)
            group, kind, name = _group(activity), text(activity, "type"), text(activity, "name")
        except (UnicodeDecodeError, Unreadable):
            raise Refused(400, "It is no activity of Teams'.") from None
        self._hand_on(route, headers["content-type"], raw, group)
        if kind == "invoke":
            return _acknowledged(name), "handed on"
        return answer(200), "handed on"

    def _known(self, route: str) -> str:
        return route if route == ROUTE else "none"

    def _check_origin(self, activity: Payload, service_url: str) -> None:
        """What anybody in a chat on another channel of the bot could say of themselves counts for nothing here."""
        if text(activity, "channelId") != CHANNEL:
            raise Refused(403, "It is not from Teams.")
        said = text(activity, "serviceUrl")
        if not service_url or said.rstrip("/") != service_url.rstrip("/"):
            raise Refused(403, "Its token is for another service URL than it names.")
        if not self._is_of_connector(said):
            raise Refused(403, "Its service URL is none of the connector's.")
        named = tenants_of(activity)
        if not named or named[0] not in self._tenants:
            raise Refused(403, "It is of no tenant that the copilot is for.")

    def _is_of_connector(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            return parts.scheme == self._scheme and parts.hostname in self._hosts and "@" not in parts.netloc
        except ValueError:
            return False


def _group(activity: Payload) -> str:
    """One for each conversation: of a channel each reply chain is one."""
    there = part(activity, "conversation")
    return hashlib.sha256(json.dumps([tenants_of(activity)[0], text(there, "id")]).encode()).hexdigest()


def _acknowledged(name: str) -> Response:
    """As learn.microsoft.com, adaptive-cards/authoring-cards/universal-action-model, has it, "Response format"; other
    invokes are for what a bot does that this one does not.
    """
    if name != "adaptiveCard/action":
        return as_json({})
    return as_json({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": HEARD})
