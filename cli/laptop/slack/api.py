"""The Web API: a request of the app's in, what Slack would answer out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from cli.laptop.slack import files, messages, people, streaming, views
from cli.laptop.slack.calls import METHODS, Call, Refusal
from cli.laptop.slack.handed import Handed
from cli.laptop.slack.mishaps import Mishaps, Rates
from cli.laptop.slack.world import Json, World

MODULES = (files, messages, people, streaming, views)
"""Each makes its methods known when it is imported."""


@dataclass(frozen=True)
class Called:
    """A call that was made, with what was answered; `answer` is None where none was given."""

    method: str
    arguments: Json
    answer: Json | None


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Api:
    world: World
    handed: Handed
    base: str
    mishaps: Mishaps
    rates: Rates
    called: list[Called] = field(default_factory=list)
    posted: Any = None
    """Told of each message of the app's."""

    def call(self, method: str, token: str, arguments: Json) -> Answer | None:
        """None where the answer gets lost on its way. Never raises for what the app did wrong."""
        mishap = self.mishaps.next(method)
        if mishap and mishap.seconds:
            time.sleep(mishap.seconds)
        if mishap and mishap.error:
            after = mishap.retry_after
            answer = Answer(mishap.status, _refused(mishap.error), {} if after is None else {"Retry-After": str(after)})
        else:
            answer = self._answer(method, token, arguments)
        lost = bool(mishap and mishap.lost)
        with self.world.at_once():
            self.called.append(Called(method, arguments, None if lost else answer.body))
        return None if lost else answer

    def _answer(self, method: str, token: str, arguments: Json) -> Answer:
        if method not in METHODS or self.mishaps.unknown(method):
            return Answer(200, {"ok": False, "error": "unknown_method", "req_method": method})
        if not token:
            return Answer(200, _refused("not_authed"))
        scope, function = METHODS[method]
        with self.world.at_once() as state:
            home = self.world.by_token(token)
            if home is None:
                return Answer(200, _refused("invalid_auth"))
            before = state.messages[-1:] or None
            call = Call(self.world, home, arguments, self.base, self.handed)
            try:
                if scope:
                    call.wants(scope)
                if (wait := self.rates.wait_for(method, arguments)) is not None:
                    return Answer(429, _refused("ratelimited"), {"Retry-After": str(wait)})
                body = {"ok": True, **function(call)}
            except Refusal as refusal:
                return Answer(200, {"ok": False, "error": refusal.error, **refusal.more})
            if self.posted and state.messages[-1:] != before and state.messages and state.messages[-1].bot_id:
                self.posted(state.messages[-1])
            return Answer(200, body, {"X-OAuth-Scopes": ",".join(home.scopes)})


def arguments_of(content_type: str, query: str, body: bytes) -> Json | None:
    """What a request asks with, by its form; None where it is none that Slack reads."""
    asked: Json = dict(parse_qsl(query, keep_blank_values=True))
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            found = json.loads(body or b"{}")
            return asked | found if isinstance(found, dict) else None
        return asked | dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        return None


def token_of(said: str, arguments: Json) -> str:
    """Of the header that says it, else of the arguments."""
    return said.removeprefix("Bearer ").strip() if said.startswith("Bearer ") else str(arguments.get("token", ""))


def _refused(error: str) -> Json:
    return {"ok": False, "error": error}
