"""One tenant of Teams over HTTP: the Bot Connector, with tokens that Entra gives for the bot's secret.

learn.microsoft.com, azure/bot-service/rest-api/bot-framework-rest-connector-authentication, "bot to connector", with
the tenant's own address, since bots are of one tenant (azure/bot-service/provision-and-publish-a-bot).

Redirects are followed nowhere: the token would go along. A token goes to the connector or to the endpoint that is
configured, never to an address that came in a payload; files are read without one, and from SharePoint alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from copilot.adapters.addresses import is_local, is_theirs
from copilot.adapters.teams.faults import no_token, refused, unanswered
from copilot.adapters.web_client import client_for
from copilot.errors import CopilotError, FatalError, ToolInputError
from copilot.ports import Clock

CONNECTOR = "https://smba.trafficmanager.net/teams/"
"""Documented for what is sent unasked, and good for every tenant of the public cloud."""
LOGIN = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
SECONDS = 10
"""For one answer; take_chat and deliver have a few of them in their time."""
FILE_SECONDS = 30
LARGEST_REPLY = 10_000_000
LAPSES = timedelta(minutes=5)
"""So long before its end a token is taken for none."""
FILE_HOSTS = (".sharepoint.com", ".sharepoint.us")
"""Where files of personal chats lie: in OneDrive for Business, which is SharePoint."""


class Calls:
    """What is asked of a tenant. Everything raises as ports.ChatReader says; `what` is being done, in words.

    `secret` reads the bot's client secret, `app` is its app id.
    """

    def __init__(
        self, tenant: str, app: str, secret: Callable[[], str], clock: Clock, endpoint: str | None = None
    ) -> None:
        self._base = (endpoint or CONNECTOR).rstrip("/")
        self._own = urlsplit(self._base)
        self._tenant, self._app, self._secret, self._clock = tenant, app, secret, clock
        self._token, self._good_until = "", clock.now()
        self._http = client_for(self._own)

    def get(self, what: str, path: str, **query: str | int) -> dict[str, Any]:
        return self._call(what, "GET", path, params=query)

    def send(self, what: str, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._call(what, method, path, json=dict(body))

    def token(self) -> str:
        """One that is good for a while yet. Raises PermissionDenied where the secret is not taken."""
        if self._clock.now() < self._good_until - LAPSES:
            return self._token
        form = {"grant_type": "client_credentials", "client_id": self._app, "scope": SCOPE}
        with self._sent(
            "getting a token of Entra's", "POST", self._login, data=form | {"client_secret": self._secret()}
        ) as reply:
            said = _json(reply)
            token, seconds = said.get("access_token"), said.get("expires_in")
            if reply.status_code != 200 or not isinstance(token, str) or not token:
                raise no_token(reply.status_code, said)
        lasts = timedelta(seconds=seconds if isinstance(seconds, int) and 0 < seconds < 100_000 else 600)
        self._token, self._good_until = token, self._clock.now() + lasts
        return token

    def read(self, what: str, url: str, most: int) -> bytes:
        """A file of at most so many bytes. Its address is one that is good for a while, and wants no token.

        Raises ToolInputError for one that is larger, or that is elsewhere.
        """
        if not self._has_files(url):
            raise ToolInputError(f"{what}: its address is not one of SharePoint's", ours=True)
        with self._sent(what, "GET", url, timeout=FILE_SECONDS) as reply:
            if reply.status_code != 200:
                raise refused(what, reply.status_code, reply.headers, {})
            content = _content(reply, most)
        if content is None:
            raise ToolInputError(f"{what}: it has more than {most:,} bytes, which is the most that is read", ours=True)
        return content

    def _call(self, what: str, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Once more with another token, where that one is not taken any more."""
        for again in (True, False):
            headers = {"Authorization": f"Bearer {self.token()}"}
            with self._sent(what, method, f"{self._base}/{path}", headers=headers, **more) as reply:
                said = _json(reply)
                if reply.status_code < 300:
                    return said
                error = refused(what, reply.status_code, reply.headers, said)
            if reply.status_code != 401 or not again:
                raise error
            self._good_until = self._clock.now()
        raise AssertionError

    @property
    def _login(self) -> str:
        base = f"{self._own.scheme}://{self._own.netloc}" if is_local(self._own) else LOGIN
        return f"{base}/{self._tenant}/oauth2/v2.0/token"

    @contextmanager
    def _sent(
        self, what: str, method: str, url: str, timeout: float = SECONDS, **more: Any
    ) -> Iterator[httpx.Response]:
        try:
            with self._http.stream(method, url, timeout=timeout, **more) as reply:
                yield reply
        except CopilotError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise unanswered(what) from None

    def _has_files(self, url: str) -> bool:
        return is_theirs(url, self._own, lambda host: host.endswith(FILE_HOSTS))


def at(*parts: str) -> str:
    """A path of the connector: ids have signs in them that would be its own."""
    return "/".join(["v3", *(quote(part, safe="") for part in parts)])


def as_sent(method: str, path: str, body: Mapping[str, Any]) -> str:
    """What is sent, byte for byte but for the token, on one line after where it goes."""
    return f"{method} {path} {json.dumps(dict(body))}"


def _json(reply: httpx.Response) -> dict[str, Any]:
    content = _content(reply, LARGEST_REPLY)
    if content is None:
        raise FatalError(f"Teams answered with more than {LARGEST_REPLY:,} bytes", ours=True)
    try:
        said = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _content(reply: httpx.Response, most: int) -> bytes | None:
    """None where there is more."""
    content = b""
    for chunk in reply.iter_bytes(65_536):
        content += chunk
        if len(content) > most:
            return None
    return content
