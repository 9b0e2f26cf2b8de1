"""A gateway between the functions and their AWS: sees every call, and may strike before it arrives or once it took
effect."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs

import psutil


class Seen(NamedTuple):
    """One call to AWS: its operation's name, its body, and the port it came from."""

    operation: str
    body: str
    port: int


class Gateway:
    """Listens on 127.0.0.1 at a free port; `upstream` is the port of the AWS behind it. A call for which `cut` is true
    never arrives there.
    """

    def __init__(self) -> None:
        self.upstream = 0
        self.seen: list[Seen] = []
        self.cut: Callable[[Seen], bool] = lambda seen: False
        self.after: Callable[[Seen], None] = lambda seen: None
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None: ...

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                seen = seen_as(self.headers.get("x-amz-target", ""), body, self.client_address[1])
                if gateway.cut(seen):
                    self.close_connection = True
                    return
                status, headers, answer = gateway.pass_on(self.command, self.path, dict(self.headers), body)
                gateway.seen.append(seen)
                gateway.after(seen)
                try:
                    self.send_response_only(status)
                    for key, value in headers:
                        if key.lower() not in {"transfer-encoding", "connection", "content-length"}:
                            self.send_header(key, value)
                    self.send_header("content-length", str(len(answer)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(answer)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the caller was killed

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = forward

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None: ...  # a caller that was killed

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def pass_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def calls(self, operation: str, containing: str = "") -> int:
        return sum(seen.operation == operation and containing in seen.body for seen in self.seen)


def seen_as(target: str, body: bytes, port: int) -> Seen:
    text = body.decode(errors="replace")
    operation = target.rpartition(".")[2] or next(iter(parse_qs(text).get("Action", [])), "")
    return Seen(operation, text, port)


def kill_caller(seen: Seen) -> int:
    """SIGKILL the process that made a call, and say which it was."""
    for connection in psutil.net_connections("tcp"):
        if connection.laddr and connection.laddr.port == seen.port and connection.pid not in {None, os.getpid()}:
            os.kill(connection.pid, signal.SIGKILL)
            return int(connection.pid)
    raise AssertionError(f"nobody holds port {seen.port}")
