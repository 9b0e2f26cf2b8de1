"""Somebody who takes web hooks on this machine, and holds their signatures against the scheme's own library."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from standardwebhooks import Webhook


class HookReceiver:
    """`taken` is what came and was signed, as its id and its body. It answers with `status`, and with `headers`."""

    def __init__(self, secret: str) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[str] = []
        self.status, self.headers = 200, dict[str, str]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.asked.append(self.path)
                Webhook(secret).verify(body, {name.lower(): value for name, value in self.headers.items()})
                receiver.taken.append((self.headers["webhook-id"], json.loads(body)))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks?of=status"

    def __enter__(self) -> Self:
        Thread(target=lambda: self._server.serve_forever(0.02), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
