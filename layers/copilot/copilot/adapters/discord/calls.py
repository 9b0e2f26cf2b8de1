"""Discord over HTTP: docs.discord.com, developers/reference.

Its token goes to its own API alone, along with no redirect, and into no error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from copilot.adapters.addresses import is_theirs
from copilot.adapters.discord.faults import SETUP, refused, unanswered
from copilot.adapters.web_client import client_for
from copilot.errors import FatalError, ToolInputError

BASE = "https://discord.com/api/v10"
AGENT = "DiscordBot (https://github.com/devops-copilot/devops-copilot, 1)"
"""Discord wants to know what asks: whoever has no such name may be turned away."""
SECONDS = 10
"""For one answer; take_chat and deliver have a few of them in their time."""
FILE_SECONDS = 30
LARGEST_REPLY = 10_000_000
FILES = "cdn.discordapp.com"
"""The host of what is attached: docs.discord.com, developers/reference, signed attachment CDN URLs."""


class Calls:
    """What is asked of Discord. Everything raises as ports.ChatReader says; `what` is being done, in words."""

    def __init__(self, token: str, endpoint: str | None = None) -> None:
        self._base = (endpoint or BASE).rstrip("/")
        self._own = urlsplit(self._base)
        self._token = token
        self._http = client_for(self._own)

    def get(self, what: str, path: str) -> dict[str, Any]:
        return _object(what, self.listed(what, path))

    def listed(self, what: str, path: str) -> Any:
        return self._json(what, "GET", path)

    def send(self, what: str, method: str, path: str, body: Any) -> dict[str, Any]:
        return _object(what, self._json(what, method, path, json=body))

    def put(self, what: str, path: str, body: Any) -> Any:
        return self._json(what, "PUT", path, json=body)

    def answer(self, what: str, method: str, app: str, token: str, rest: str, body: Any) -> None:
        """Under the token of an interaction, which says by itself who may: no other goes along."""
        path = f"/webhooks/{app}/{quote(token, safe='')}{rest}"
        self._json(what, method, path, json=body, alone=True)

    def upload(self, what: str, path: str, body: Mapping[str, Any], name: str, content: bytes) -> dict[str, Any]:
        """docs.discord.com, developers/reference, uploading files."""
        data, files = {"payload_json": json.dumps(dict(body))}, {"files[0]": (name, content)}
        return _object(what, self._json(what, "POST", path, seconds=FILE_SECONDS, data=data, files=files))

    def read(self, what: str, url: str, most: int) -> bytes:
        """A file of at most so many bytes, for which its address is enough. Raises ToolInputError for one that is
        larger, or that is elsewhere.
        """
        if not is_theirs(url, self._own, lambda host: host == FILES):
            raise ToolInputError(f"{what}: its address is not one of Discord's own", ours=True)
        content = b""
        try:
            with self._http.stream("GET", url, timeout=FILE_SECONDS) as reply:
                if reply.status_code != 200:
                    raise refused(what, reply.status_code, reply.headers, {})
                for chunk in reply.iter_bytes(65_536):
                    content += chunk
                    if len(content) > most:
                        raise ToolInputError(
                            f"{what}: it has more than {most:,} bytes, which is the most that is read", ours=True
                        )
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise unanswered(what) from None
        return content

    def _json(
        self, what: str, method: str, path: str, *, alone: bool = False, seconds: float = SECONDS, **more: Any
    ) -> Any:
        headers = {"User-Agent": AGENT} | ({} if alone else {"Authorization": f"Bot {self._token}"})
        body = b""
        try:
            with self._http.stream(method, f"{self._base}{path}", headers=headers, timeout=seconds, **more) as reply:
                for chunk in reply.iter_bytes(65_536):
                    body += chunk
                    if len(body) > LARGEST_REPLY:
                        raise FatalError(f"{what}: Discord answered with too much", ours=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise unanswered(what) from None
        except UnicodeError:  # the token has signs that no request may have
            raise FatalError(
                f"{what}: the request could not be made; run `{SETUP}` with the bot's token", ours=True
            ) from None
        said = _read(body)
        if not 200 <= reply.status_code < 300:
            raise refused(what, reply.status_code, reply.headers, said if isinstance(said, dict) else {})
        return said


def _read(body: bytes) -> Any:
    try:
        return json.loads(body or b"null")
    except ValueError:
        return None


def _object(what: str, said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise FatalError(f"{what}: Discord answered with something else", ours=True)
    return said


def as_sent(method: str, path: str, body: Any) -> str:
    """What is sent, byte for byte but for the token, after where it goes."""
    return f"{method} {path} {json.dumps(body)}"
