"""How Slack sends: signed, with three seconds' patience, events up to three times more."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cli.laptop.slack.signing import signed

PATIENCE = 3.0
RETRY_AFTER = (0.0, 60.0, 300.0)
"""Seconds before each further try of an event: nearly at once, about a minute, about five."""


@dataclass(frozen=True)
class Attempt:
    """`reason` is Slack's word for why it was made again; `failure` for how it went, "" where it was taken."""

    status: int | None
    failure: str
    seconds: float
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Sent:
    """What went to the app. `what` says which event or interaction it was."""

    what: str
    url: str | None
    payload: dict[str, Any]
    body: bytes
    content_type: str
    attempts: list[Attempt] = field(default_factory=list)
    tried_at_most: int = 1

    @property
    def comes_again(self) -> bool:
        """Whether it was not taken and is tried once more."""
        return not self.taken and len(self.attempts) < self.tried_at_most

    @property
    def taken(self) -> bool:
        return bool(self.attempts) and not self.attempts[-1].failure

    @property
    def answer(self) -> bytes:
        """What was answered where it was taken."""
        return self.attempts[-1].body if self.attempts else b""


@dataclass
class Sender:
    """`wait` is given seconds, and says whether to go on. `secret` signs."""

    secret: str
    now: Callable[[], float] = time.time
    wait: Callable[[float], bool] = lambda seconds: True
    patience: float = PATIENCE
    retry_after: tuple[float, ...] = RETRY_AFTER
    tried: Callable[[Sent], None] = lambda sent: None
    """Told of what was not taken and is tried again."""

    def event(self, sent: Sent) -> Sent:
        """Until it is taken, or was tried as often as Slack tries."""
        sent.tried_at_most = 1 + len(self.retry_after)
        reason = ""
        for number, seconds in enumerate((None, *self.retry_after)):
            if seconds is not None and not self.wait(seconds):
                break
            again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
            attempt = self.once(sent, again)
            sent.attempts.append(attempt)
            reason = attempt.failure
            if not reason or (attempt.status and attempt.headers.get("x-slack-no-retry") == "1"):
                break
            self.tried(sent)
        sent.tried_at_most = len(sent.attempts)
        return sent

    def interaction(self, sent: Sent) -> Sent:
        """Once: who acted is told that it did not work, and acts again."""
        sent.attempts.append(self.once(sent, {}))
        return sent

    def once(self, sent: Sent, more: dict[str, str]) -> Attempt:
        assert sent.url
        address = urlsplit(sent.url)
        headers = {
            "Content-Type": sent.content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*",
            **signed(self.secret, int(self.now()), sent.body),
            **more,
        }
        began = time.monotonic()
        # Names under localhost are this machine (RFC 6761), whether or not its resolver knows.
        host = "127.0.0.1" if (address.hostname or "").endswith("localhost") else str(address.hostname)
        secure = address.scheme == "https"
        connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
            host, address.port, timeout=self.patience
        )
        try:
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request("POST", path, sent.body, {"Host": address.netloc, **headers})
            reply = connection.getresponse()
            body = reply.read()
            failure = "" if 200 <= reply.status < 300 else "http_error"
            told = {key.lower(): value for key, value in reply.getheaders()}
            return Attempt(reply.status, failure, time.monotonic() - began, body, told)
        except TimeoutError:
            return Attempt(None, "http_timeout", time.monotonic() - began)
        except ssl.SSLError:
            return Attempt(None, "ssl_error", time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            return Attempt(None, "connection_failed", time.monotonic() - began)
        finally:
            connection.close()


def as_json(what: str, url: str | None, payload: dict[str, Any]) -> Sent:
    body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
    return Sent(what, url, payload, body, "application/json")
