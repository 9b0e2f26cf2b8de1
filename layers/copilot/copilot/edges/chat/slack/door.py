"""The door that Slack's requests come through. It verifies them, hands them on unread and acknowledges.

Of what it did not answer, or answered with 5xx, Slack sends again at once, after a minute and after five. It wants the
answer within three seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, get_args

from copilot.edges.chat.door import ChatDoor, as_json
from copilot.edges.chat.freshness import is_fresh
from copilot.edges.chat.opening import Payload, Unreadable
from copilot.edges.chat.slack.opening import LARGEST, Route, is_typed, opened
from copilot.edges.chat.slack.signature import is_signed
from copilot.edges.doors import Mail, Refused, Response, answer, raw_of
from copilot.edges.signing_secret import SigningSecret


class SlackDoor(ChatDoor):
    """`workspaces` are the ids of the workspaces and organisations that are let in; without any all are, in which the
    app is installed.
    """

    platform: ClassVar[str] = "slack"

    def __init__(
        self,
        secret: SigningSecret,
        post: Mail,
        now: Callable[[], float],
        note: Callable[[Mapping[str, Any]], None],
        workspaces: Collection[str] = (),
    ) -> None:
        super().__init__(post, now, note)
        self._secret = secret
        self._workspaces = frozenset(workspaces)

    def _let_in(self, route: str, event: Mapping[str, Any]) -> tuple[Response, str]:
        known = _route(route)
        if known is None:
            raise Refused(404, "There is nothing here.")
        headers: Mapping[str, str] = event.get("headers") or {}
        raw = raw_of(event, LARGEST)
        if not is_typed(known, headers.get("content-type", "")):
            raise Refused(415, "It is of another content type than Slack's are here.")
        self._verify(headers, raw)
        try:
            payload = opened(known, raw.decode())
            group = _group(payload)
        except (UnicodeDecodeError, Unreadable):
            raise Refused(400, "It is not a payload of Slack's.") from None
        kind = payload.get("type") if known == "events" else None
        if kind == "url_verification":
            return as_json({"challenge": str(payload.get("challenge", ""))[:1000]}), "verified the address"
        if self._workspaces and self._workspaces.isdisjoint(_workspaces_of(payload)):
            raise Refused(403, "It is of no workspace that the copilot is for.")
        if kind == "app_rate_limited":
            return answer(200), "Slack holds events back: there are too many"
        self._hand_on(known, headers["content-type"], raw, group)
        return answer(200), "handed on"

    def _known(self, route: str) -> str:
        return _route(route) or "none"

    def _refusal(self, refused: Refused) -> Response:
        """Slack is not to send again what will not be taken later either."""
        answered = super()._refusal(refused)
        if not refused.again:
            answered["headers"]["x-slack-no-retry"] = "1"
        return answered

    def _verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        timestamp, signature = (headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
        if not is_fresh(timestamp, self._now()):
            raise Refused(401, "Its time is missing, no number, or more than five minutes off.", again=True)
        if is_signed(self._secret.now(), timestamp, raw, signature):
            return
        another = self._secret.another()
        if another is None or not is_signed(another, timestamp, raw, signature):
            raise Refused(401, "It is not signed by Slack for this app.", again=True)


def _route(name: str) -> Route | None:
    return next((route for route in get_args(Route) if route == name), None)


def _group(payload: Payload) -> str:
    """One for each thread, so that what is said in it is taken in order; else for each channel or user.

    Whatever stands where these are looked for: there are events of all kinds.
    """
    places = [payload.get(name) for name in ("event", "container", "message", "channel", "user")]
    objects = [payload, *(one for one in places if isinstance(one, dict))]

    def first(*names: str) -> str:
        found = (one.get(name) for name in names for one in objects)
        return next((value for value in found if isinstance(value, str) and value), "")

    team = payload.get("team_id") or payload.get("team")
    channel = first("channel", "channel_id")
    where = [channel, first("thread_ts", "message_ts", "ts")] if channel else [first("user", "user_id", "id")]
    return hashlib.sha256(json.dumps([team if isinstance(team, str) else "", *where]).encode()).hexdigest()


def _workspaces_of(payload: Payload) -> set[str]:
    """The ids of every workspace and organisation it names as where it is of: of a channel that is shared with others
    theirs are among them, of an organisation's installation there may be that one alone (`team` is null then).
    """
    message, user, given = (payload.get(name) for name in ("message", "user", "authorizations"))
    objects = [
        one for one in (payload, message, user, *(given if isinstance(given, list) else ())) if isinstance(one, dict)
    ]
    names = ("team_id", "enterprise_id", "context_team_id", "context_enterprise_id", "team", "enterprise")
    found = (one.get(name) for one in objects for name in names)
    ids = (one.get("id") if isinstance(one, dict) else one for one in found)
    return {one for one in ids if isinstance(one, str)}
