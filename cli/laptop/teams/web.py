"""The HTTP side of it, on 127.0.0.1 alone: Entra, the connector, its keys, files of chats, and a page to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cli.laptop.teams.connector import Answer, Connector
from cli.laptop.teams.page import POLICY, page
from cli.laptop.teams.sample import KEYS
from cli.laptop.teams.signing import SigningKey

MOST_BYTES = 10_000_000


class Server(ThreadingHTTPServer):
    daemon_threads = True
    connector: Connector
    signs: Callable[[], list[SigningKey]]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that has gone is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was called is in `called`, and a log could hold tokens."""

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def do_PUT(self) -> None:
        self._do()

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            self.close_connection = True
            return self._answer(Answer(413, {"error": {"code": "RequestEntityTooLarge"}}))
        self._answer(self._answered(self.rfile.read(length)))

    def _answered(self, body: bytes) -> Answer:
        address, connector = urlsplit(self.path), self.server.connector
        if address.path == KEYS:
            return Answer(200, {"keys": [one.published() for one in self.server.signs()]})
        if found := re.fullmatch(r"/([\w-]+)/oauth2/v2\.0/token", address.path):
            return connector.token(found[1], body.decode())
        if (found := re.fullmatch(r"/files/(\w+)", address.path)) and "Authorization" not in self.headers:
            content = connector.world.files.get(found[1])
            return Answer(404, {}) if content is None else Answer(200, content)
        if address.path == "/page":
            return self._page(parse_qs(address.query).get("place", [""])[0])
        if found := re.fullmatch(r"/teams/v3/(.+)", address.path):
            try:
                asked = json.loads(body or b"{}")
            except ValueError:
                return Answer(400, {"error": {"code": "BadSyntax"}})
            query = {key: values[0] for key, values in parse_qs(address.query).items()}
            return connector.call(self.command, found[1], query, self.headers.get("Authorization", ""), asked)
        return Answer(404, {})

    def _page(self, place: str) -> Answer:
        """Of #a-channel, or of @somebody's chat."""
        world = self.server.connector.world
        try:
            shown = page(world, world.conversation(place), place).encode()
        except (KeyError, StopIteration):
            return Answer(404, {})
        return Answer(200, shown, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY})

    def _answer(self, answer: Answer) -> None:
        is_bytes = isinstance(answer.body, bytes)
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        kind = "application/octet-stream" if is_bytes else "application/json; charset=utf-8"
        for key, value in {"Content-Type": kind, "Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)
