"""The Bot Connector and Entra's token endpoint: a request of the bot's in, what they would answer out."""

from __future__ import annotations

import re
import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

from cli.laptop.teams.judging import problems, too_large
from cli.laptop.teams.world import Json, World

SCOPE = "https://api.botframework.com/.default"
GOOD_FOR = 3600
THREAD = re.compile(r"(?P<place>[^;]+)(?:;messageid=(?P<thread>\d+))?")


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json | bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Called:
    """A request that was made, with the status of what was answered."""

    method: str
    path: str
    body: Json
    status: int


@dataclass
class Mishap:
    status: int
    code: str
    times: int
    retry_after: int | None = None
    of: str = ""
    """The method it befalls; any."""


@dataclass
class Connector:
    """`secret` is the client secret of the bot. `most` sends to one conversation are taken in so many `seconds`."""

    world: World
    secret: str
    called: list[Called] = field(default_factory=list)
    mishaps: list[Mishap] = field(default_factory=list)
    most: int | None = None
    seconds: float = 1.0
    _tokens: dict[str, float] = field(default_factory=dict)
    _sent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def token(self, tenant: str, form: str) -> Answer:
        """entra/identity-platform/v2-oauth2-client-creds-grant-flow."""
        asked = {key: values[0] for key, values in parse_qs(form).items()}
        world = self.world
        if tenant != world.tenant:
            return _of_entra("invalid_request", "AADSTS90002: Tenant not found.")
        if asked.get("client_id") != world.app:
            return _of_entra("unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if asked.get("client_secret") != self.secret:
            return _of_entra("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        if asked.get("grant_type") != "client_credentials" or asked.get("scope") != SCOPE:
            return _of_entra("invalid_request", "AADSTS900144: The request body is not as it has to be.")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = world.now() + GOOD_FOR
        return Answer(200, {"token_type": "Bearer", "expires_in": GOOD_FOR, "access_token": token})

    def forget_tokens(self) -> None:
        """None that was given is good any more."""
        self._tokens.clear()

    def call(self, method: str, path: str, query: Mapping[str, str], authorization: str, body: Json) -> Answer:
        with self.world.at_once():
            answer = self._answered(method, path, query, authorization, body)
            self.called.append(Called(method, path, body, answer.status))
            return answer

    def _answered(self, method: str, path: str, query: Mapping[str, str], authorization: str, body: Json) -> Answer:
        if self._tokens.get(authorization.removeprefix("Bearer "), 0) < self.world.now():
            return _refused(401, "Unauthorized")
        for mishap in self.mishaps:
            if mishap.of in {"", method}:
                mishap.times -= 1
                self.mishaps = [one for one in self.mishaps if one.times > 0]
                after = {} if mishap.retry_after is None else {"Retry-After": str(mishap.retry_after)}
                return Answer(mishap.status, {"error": {"code": mishap.code, "message": "It was to be."}}, after)
        parts = [unquote(part) for part in path.split("/")]
        match [method, *parts]:
            case ["POST", "conversations"]:
                return self._create(body)
            case ["POST", "conversations", conversation, "activities"]:
                return self._post(conversation, body)
            case ["PUT", "conversations", conversation, "activities", id]:
                return self._update(conversation, id, body)
            case ["GET", "conversations", conversation, "members", user]:
                return self._member(conversation, user)
            case ["GET", "conversations", conversation, "pagedmembers"]:
                return self._members(conversation, int(query.get("pageSize") or 0))
            case ["GET", "teams", self.world.team, "conversations"]:
                return Answer(200, {"conversations": [self._channel(id) for id in self.world.channels]})
            case _:
                return _refused(404, "NotFound")

    def _channel(self, id: str) -> Json:
        """The one that every team has comes without its name."""
        return {"id": id, "name": None if id == self.world.team else self.world.channels[id].name}

    def _create(self, body: Json) -> Answer:
        if body.get("isGroup"):
            channel = ((body.get("channelData") or {}).get("channel") or {}).get("id", "")
            if channel not in self.world.channels:
                return _refused(403, "BotNotInConversationRoster")
            answer = self._post(channel, body.get("activity") or {})
            if answer.status >= 300 or not isinstance(answer.body, dict):
                return answer
            id = answer.body["id"]
            return Answer(201, {"id": f"{channel};messageid={id}", "activityId": id})
        members = body.get("members") or [{}]
        person = self.world.by_id(str(members[0].get("id") or ""))
        tenant = ((body.get("channelData") or {}).get("tenant") or {}).get("id")
        if (body.get("bot") or {}).get("id") != f"28:{self.world.app}" or tenant != self.world.tenant:
            return _refused(400, "BadArgument")
        if person is None:
            return _refused(404, "NotFound")
        if not self.world.may_meet(person):
            return _refused(403, "ForbiddenOperationException")
        return Answer(201, {"id": self.world.personal(person)})

    def _post(self, conversation: str, activity: Json) -> Answer:
        place, thread = _parted(conversation)
        if wrong := self._wrong(place, activity):
            return wrong
        if (wait := self._wait_for(place)) is not None:
            return Answer(429, {"error": {"code": "TooManyRequests", "message": ""}}, {"Retry-After": str(wait)})
        id = self.world.new_id()
        is_channel = place in self.world.channels
        self.world.said(id, place, (thread or id) if is_channel else None, None, activity)
        return Answer(201, {"id": id})

    def _update(self, conversation: str, id: str, activity: Json) -> Answer:
        place, thread = _parted(conversation)
        if wrong := self._wrong(place, activity):
            return wrong
        message = self.world.message(place, id)
        if message is None or (thread and thread != message.thread):
            return _refused(404, "ActivityNotFoundInConversation")
        if message.by is not None:
            return _refused(403, "Forbidden")
        message.activity = activity
        message.changed += 1
        self.world.touch()
        return Answer(200, {"id": id})

    def _wrong(self, place: str, activity: Json) -> Answer | None:
        person = self.world.in_personal(place)
        if place not in self.world.channels and person is None:
            return _refused(404, "ConversationNotFound")
        if person is not None and not self.world.may_meet(person):
            return _refused(403, "MessageWritesBlocked")
        if too_large(activity):
            return _refused(413, "MessageSizeTooBig")
        return _refused(400, "BadSyntax", "; ".join(found)) if (found := problems(activity)) else None

    def _wait_for(self, place: str) -> int | None:
        if self.most is None:
            return None
        now, sent = self.world.now(), self._sent[place]
        while sent and sent[0] <= now - self.seconds:
            sent.popleft()
        if len(sent) >= self.most:
            return max(1, round(sent[0] + self.seconds - now))
        sent.append(now)
        return None

    def _members(self, conversation: str, size: int) -> Answer:
        """At least 50 on a page, and at most 500."""
        place = _parted(conversation)[0]
        if place not in self.world.channels:
            return _refused(403, "BotNotInConversationRoster")
        found = [one for id in self.world.channels[place].members if (one := self.world.by_id(id)) and not one.gone]
        page = found[: min(max(size, 50), 500)]
        more = {"continuationToken": "more"} if len(page) < len(found) else {}
        return Answer(200, {"members": [one.shape() for one in page], **more})

    def _member(self, conversation: str, user: str) -> Answer:
        place, person = _parted(conversation)[0], self.world.by_id(user)
        if place not in self.world.channels and self.world.in_personal(place) is None:
            return _refused(404, "ConversationNotFound")
        members = self.world.channels[place].members if place in self.world.channels else None
        is_there = person is not None and not person.gone
        if person is None or not is_there or (members is not None and person.id not in members):
            return _refused(404, "MemberNotFoundInConversation")
        return Answer(200, person.shape())


def _parted(conversation: str) -> tuple[str, str | None]:
    found = THREAD.fullmatch(conversation)
    return (found["place"], found["thread"]) if found else (conversation, None)


def _refused(status: int, code: str, message: str = "") -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})


def _of_entra(error: str, description: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error, "error_description": description})
