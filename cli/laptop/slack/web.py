"""The HTTP side of it: Slack's API for the app, and the page for a person, on 127.0.0.1 alone."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from cli.laptop.slack.acting import Acting
from cli.laptop.slack.api import Api, arguments_of, token_of
from cli.laptop.slack.calls import Call, Refusal
from cli.laptop.slack.files import may_read
from cli.laptop.slack.page import Page
from cli.laptop.slack.telling import NotThere
from cli.laptop.slack.world import Json

ASSETS = Path(__file__).parent / "assets"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
PICTURES = {"image/png", "image/jpeg", "image/gif"}
"""What is shown as a picture; all else is handed over to be kept."""
MOST_BYTES = 64_000_000
WAIT_SECONDS = 20
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    api: Api
    page: Page
    acting: Acting
    closing = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that has gone is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was called is in `called`, and a log could hold tokens."""

    def do_GET(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def _route(self, verb: str) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        body = self._body()
        if body is None:
            return
        if verb == "POST" and path.startswith("/upload/v1/"):
            return self._upload(path.rpartition("/")[2], body)
        if method := re.fullmatch(r"/api/([\w.]+)", path):
            return self._api(method[1], address.query, body)
        if verb == "POST" and (hook := re.fullmatch(r"/hooks/(?:actions|commands)/([\w-]+)", path)):
            return self._hook(hook[1], body)
        if verb == "GET" and (file := re.fullmatch(r"/files-pri/\w+-(\w+)/.+", path)):
            return self._private(file[1])
        if not self._from_here():
            return self._json({"error": "This page is for this machine alone."}, HTTPStatus.FORBIDDEN)
        asked = {key: values[0] for key, values in parse_qs(address.query).items()}
        try:
            if verb == "GET":
                return self._get(path, asked)
            return self._do(path, body)
        except NotThere as error:
            self._json({"error": str(error)}, HTTPStatus.CONFLICT)

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= MOST_BYTES:
            self.close_connection = True
            self._json({"error": "too large"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        return self.rfile.read(length)

    def _from_here(self) -> bool:
        """Not by a name that somebody pointed at this machine, and no form of another page."""
        port = self.server.server_port
        if self.headers.get("Host") not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
            return False
        return self.command == "GET" or self.headers.get("X-Requested-By") == "page"

    def _api(self, method: str, query: str, body: bytes) -> None:
        arguments = arguments_of(self.headers.get("Content-Type", ""), query, body)
        if arguments is None:
            return self._json({"ok": False, "error": "invalid_json"})
        token = token_of(self.headers.get("Authorization", ""), arguments)
        arguments.pop("token", None)
        answer = self.server.api.call(method, token, arguments)
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        self._json(answer.body, HTTPStatus(answer.status), answer.headers)

    def _upload(self, id: str, body: bytes) -> None:
        with self.server.api.world.at_once() as state:
            file = state.files.get(id)
            if file is None or not file.length or file.content:
                return self._bytes(b"not found", "text/plain", HTTPStatus.NOT_FOUND)
            boundary = re.search(r'boundary="?([^";]+)', self.headers.get("Content-Type", ""))
            content = _first_part(body, boundary[1].encode()) if boundary else body
            if len(content) != file.length:
                return self._bytes(b"wrong length", "text/plain", HTTPStatus.BAD_REQUEST)
            file.content = content
        self._bytes(f"OK - {len(content)}".encode(), "text/plain")

    def _hook(self, key: str, body: bytes) -> None:
        try:
            said = json.loads(body)
            assert isinstance(said, dict)
            self.server.acting.respond(key, said)
        except (ValueError, AssertionError):
            return self._json({"ok": False, "error": "invalid_payload"}, HTTPStatus.BAD_REQUEST)
        except Refusal as refusal:
            return self._json({"ok": False, "error": refusal.error}, HTTPStatus.NOT_FOUND)
        self._bytes(b"ok", "text/plain")

    def _private(self, id: str) -> None:
        """To the app, by its token; to who has none the page to log in, as Slack does."""
        api = self.server.api
        with api.world.at_once() as state:
            home = api.world.by_token(token_of(self.headers.get("Authorization", ""), {}))
            file = state.files.get(id)
            call = home and Call(api.world, home, {}, api.base, api.handed)
            if not (call and file and "files:read" in call.home.scopes and may_read(call, file)):
                return self._bytes(b"<!DOCTYPE html><html><title>Sign in</title></html>", "text/html")
        self._bytes(file.content, file.mimetype)

    def _get(self, path: str, asked: dict[str, str]) -> None:
        page = self.server.page
        if path == "/page/state":
            return self._json(page.state(asked.get("as", "")))
        if path == "/page/changes":
            version = page.world.wait(int(asked.get("since", "0")), WAIT_SECONDS)
            return self._json({"version": version})
        if path == "/page/people":
            return self._json(people_to_be(page))
        if path == "/page/file":
            file = page.file(asked.get("as", ""), asked.get("id", ""))
            shown = file.mimetype in PICTURES
            how = "inline" if shown else f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
            kind = file.mimetype if shown else "application/octet-stream"
            return self._bytes(file.content, kind, headers={"Content-Disposition": how})
        asset = ASSETS / ("page.html" if path == "/" else path.lstrip("/"))
        if asset.parent != ASSETS or asset.suffix not in KINDS or not asset.is_file():
            return self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)
        kind = f"{KINDS[asset.suffix]}; charset=utf-8"
        self._bytes(asset.read_bytes(), kind, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})

    def _do(self, path: str, body: bytes) -> None:
        what = re.fullmatch(r"/page/do/(\w+)", path)
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        if not what or not isinstance(asked, dict):
            return self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)
        self._json(self.server.page.do(str(asked.get("as", "")), what[1], asked))

    def _json(self, body: Json, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self._bytes(content, "application/json; charset=utf-8", status, headers)

    def _bytes(
        self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for key, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            **(headers or {}),
        }.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)


def people_to_be(page: Page) -> Json:
    """Whom one can act as."""
    with page.world.at_once() as state:
        users = [one for one in state.users.values() if not one.is_bot and not one.deleted]
        return {
            "people": [
                {"id": one.id, "name": one.name, "real_name": one.real_name, "team": state.workspaces[one.team].name}
                for one in users
            ]
        }


def _first_part(body: bytes, boundary: bytes) -> bytes:
    """The content of the first part of a multipart form."""
    part = body.partition(b"--" + boundary + b"\r\n")[2]
    return part.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--" + boundary)[0].partition(b"\r\n--" + boundary)[0]
