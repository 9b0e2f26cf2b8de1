"""The HTTP side of it, on 127.0.0.1 alone."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from cli.laptop.discord.api import Api, Called, Lost

PREFIX = "/api/v10"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    api: Api
    files: dict[str, bytes]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that has gone is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was called is in `called`, and a log could hold tokens."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.server.files:
            return self._send(200, self.server.files[path], "application/octet-stream")
        return self._call()

    def do_POST(self) -> None:
        self._call()

    do_PATCH = do_PUT = do_POST

    def _call(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body, files = self._read(raw)
        path = unquote(urlsplit(self.path).path).removeprefix(PREFIX)
        called = Called(self.command, path, body, self.headers.get("Authorization", ""), files)
        try:
            status, answered = self.server.api(called)
        except Lost:
            self.close_connection = True
            return
        self._send(status, json.dumps(answered).encode(), "application/json")

    def _read(self, raw: bytes) -> tuple[Any, list[tuple[str, bytes]]]:
        kind = self.headers.get("Content-Type", "")
        try:
            if not kind.startswith("multipart/form-data"):
                return json.loads(raw or b"{}"), []
            whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
            body, files = {}, []
            for part in whole.iter_parts():
                content = bytes(part.get_payload(decode=True))
                if part.get_param("name", header="content-disposition") == "payload_json":
                    body = json.loads(content)
                else:
                    files.append((str(part.get_filename()), content))
            return body, files
        except ValueError:
            return None, []

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", str(int(json.loads(body).get("retry_after") or 1)))
        self.end_headers()
        self.wfile.write(body)
