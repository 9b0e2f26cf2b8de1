"""One workspace of Slack over HTTP: its Web API through slack_sdk, its files without.

Redirects are followed nowhere: the token would go along. A token goes to Slack's own hosts, or to the endpoint that is
configured, and stands in no error.
"""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from copilot.adapters.addresses import is_local, is_theirs
from copilot.adapters.slack.faults import refused, unanswered
from copilot.errors import FatalError, PermissionDenied, ToolInputError

SECONDS = 10
"""For one answer; take_chat and deliver have a few of them in their time."""
FILE_SECONDS = 30
LARGEST_REPLY = 10_000_000
HOSTS = ("slack.com", "slack-files.com")
"""With those under the first; docs.slack.dev, reference/objects/file-object."""

_LOG = logging.getLogger("copilot.slack")
_LOG.setLevel(logging.CRITICAL)  # the SDK logs whole requests, and what it could not read of a reply


class _NowhereElse(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Web(WebClient):
    """The SDK's client, whose requests go where they are sent and whose replies have an end."""

    opener: OpenerDirector

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        with self.opener.open(req, timeout=self.timeout) as reply:
            body = reply.read(LARGEST_REPLY + 1)
            if len(body) > LARGEST_REPLY:
                raise FatalError(f"Slack answered with more than {LARGEST_REPLY:,} bytes", ours=True)
            return {"status": reply.status, "headers": reply.headers, "body": body.decode("utf-8", "replace")}


class Calls:
    """What is asked of a workspace. Everything raises as ports.ChatReader says; `what` is being done, in words."""

    def __init__(self, token: str, endpoint: str | None = None, seconds: float = SECONDS) -> None:
        base = endpoint or WebClient.BASE_URL
        self._own = urlsplit(base)
        self._token = token
        self._opener = build_opener(_NowhereElse, *([ProxyHandler({})] if is_local(self._own) else []))
        self._web = _Web(token, base_url=base, timeout=int(seconds), retry_handlers=[], logger=_LOG)
        self._web.opener = self._opener

    def call(self, what: str, method: str, arguments: Mapping[str, Any], form: bool = False) -> dict[str, Any]:
        """The reply of a method. `form` for methods that read no JSON."""
        return self.answered(what, method, arguments, form)[0]

    def answered(
        self, what: str, method: str, arguments: Mapping[str, Any], form: bool = False
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        """The same with the headers of the reply."""
        given = dict(arguments)
        try:
            reply = self._web.api_call(method, params=given if form else None, json=None if form else given)
        except SlackApiError as error:
            said = error.response
            body = said.data if isinstance(said.data, dict) else {}
            raise refused(what, said.status_code, said.headers, body) from None
        except SlackClientError:
            raise FatalError(f"{what}: the request could not be made", ours=True) from None
        except AttributeError:  # the SDK looks into JSON of any kind as if it were an object
            raise refused(what, 200, {}, {}) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise unanswered(what) from None
        if not isinstance(reply.data, dict):
            raise refused(what, reply.status_code, {}, {})
        return reply.data, dict(reply.headers)

    def read(self, what: str, url: str, most: int, page: bool = False) -> bytes:
        """A file of at most so many bytes. `page` where it may be a page of HTML, as the one is that asks for a login.

        Raises ToolInputError for one that is larger, or that is elsewhere.
        """
        self._checked(what, url)
        request = Request(url, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with self._opener.open(request, timeout=FILE_SECONDS) as reply:
                if not page and reply.headers.get_content_type() == "text/html":
                    raise _no_files(what)
                content = bytes(reply.read(most + 1))
        except HTTPError as error:
            if 300 <= error.code < 400:
                raise _no_files(what) from None
            said = {"error": "file_not_found"} if error.code in {404, 410} else {}
            raise refused(what, error.code, dict(error.headers or {}), said) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise unanswered(what) from None
        if len(content) > most:
            raise ToolInputError(f"{what}: it has more than {most:,} bytes, which is the most that is read", ours=True)
        return content

    def put(self, what: str, url: str, content: bytes) -> None:
        """Bytes to an address that Slack gave for them, which needs no token."""
        self._checked(what, url)
        headers = {"Content-Type": "application/octet-stream"}
        try:
            with self._opener.open(Request(url, content, headers, method="POST"), timeout=FILE_SECONDS):
                return
        except HTTPError as error:
            raise refused(what, error.code, dict(error.headers or {}), {}) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise unanswered(what) from None

    def _checked(self, what: str, url: str) -> None:
        if not self._is_ours(url):
            raise ToolInputError(f"{what}: its address is not one of Slack's own", ours=True)

    def _is_ours(self, url: str) -> bool:
        return is_theirs(url, self._own, lambda host: host in HOSTS or host.endswith(f".{HOSTS[0]}"))


def _no_files(what: str) -> PermissionDenied:
    message = f"{what}: Slack wants a login instead; the app needs the scope files:read: install it again with that"
    return PermissionDenied(message, ours=True)


def as_sent(method: str, arguments: Mapping[str, Any]) -> str:
    """What is sent, byte for byte but for the token, after the name of the method."""
    return f"{method} {json.dumps(dict(arguments))}"
