"""An app on the other side of Slack, for tests: takes what it is sent, and answers what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["event"])

    @property
    def payload(self) -> dict[str, Any]:
        """Of an interaction."""
        return dict(json.loads(parse_qs(self.body.decode())["payload"][0]))


@dataclass
class App:
    """Something that takes what Slack sends, and answers with what it is told to."""

    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    held: threading.Event | None = None
    url: str = ""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answers.append((status, body, headers))


@pytest.fixture
def app() -> Iterator[App]:
    app = App()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            app.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if app.held:
                app.held.wait(10)
            status, answer, headers = app.answers.pop(0) if app.answers else (200, b"", {})
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(key.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        app.url = f"http://127.0.0.1:{server.server_port}/v1/chat/slack"
        yield app
        server.shutdown()
