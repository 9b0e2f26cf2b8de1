"""A server on this machine that answers as Slack's Web API would, from what a test gives it, and keeps what it was
asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def method(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def arguments(self) -> dict[str, Any]:
        """As they came: JSON or a form."""
        if "json" in self.headers.get("content-type", ""):
            return dict(json.loads(self.body))
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Answer:
    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks_off: bool = False


Answering = Answer | dict[str, Any] | Callable[[Asked], Any]


@dataclass
class FakeSlack:
    """`answers` by method, or by path for what is none; a list is answered one after the other."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    @property
    def endpoint(self) -> str:
        return f"{self.url}/api"

    @property
    def methods(self) -> list[str]:
        return [one.method for one in self.asked]

    def answer(self, asked: Asked) -> Answer:
        found = self.answers.get(asked.method, self.answers.get(asked.path, {"ok": False, "error": "unknown_method"}))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if callable(found):
            found = found(asked)
        return found if isinstance(found, Answer) else Answer(found)


@contextmanager
def fake_slack(answers: dict[str, Any]) -> Iterator[FakeSlack]:
    slack = FakeSlack(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.path, headers, body)
            slack.asked.append(asked)
            answer = slack.answer(asked)
            if answer.breaks_off:
                self.close_connection = True
                return
            said = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield slack
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
