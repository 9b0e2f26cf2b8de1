"""PagerDuty's Events API v2 and Opsgenie's Alert API on this machine, which refuse what the real ones refuse.

https://developer.pagerduty.com/docs/send-alert-event and https://docs.opsgenie.com/docs/alert-api, November 2026.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

ROUTING_KEY, API_KEY = "0123456789abcdef0123456789abcdef", "eb243592-faa2-4ba2-a551-1afdf565c889"
JSM = "/jsm/ops/integration"


@dataclass
class Page:
    """An incident or an alert. `times` counts what was opened under its key while it was open."""

    key: str
    told: dict[str, Any]
    times: int = 1
    open: bool = True
    closed_with: str = ""


@dataclass
class PagerServices:
    """Both of them. While `answers` holds statuses, these are what is answered, and nothing is done."""

    pagerduty: list[Page] = field(default_factory=list)
    opsgenie: list[Page] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.asked.append((path, headers, body))
        if self.answers:
            return self.answers.pop(0)
        try:
            told = json.loads(body)
        except ValueError:
            return 400
        place = path.removeprefix(JSM)
        if path == "/v2/enqueue":
            return self._event(told, len(body))
        if place.startswith("/v2/alerts"):
            return self._alert(place, headers.get("authorization", ""), told)
        return 404

    def _event(self, told: dict[str, Any], size: int) -> int:
        action, key, payload = told.get("event_action"), told.get("dedup_key", ""), told.get("payload", {})
        fits = size <= 512 * 1024 and told.get("routing_key") == ROUTING_KEY and 0 < len(key) <= 255
        if action == "trigger" or payload:
            fits = fits and 0 < len(payload.get("summary", "")) <= 1024 and bool(payload.get("source"))
            fits = fits and payload.get("severity") in {"critical", "error", "warning", "info"}
        if not fits or action not in {"trigger", "acknowledge", "resolve"}:
            return 400
        self._apply(self.pagerduty, key, told, payload.get("summary", "") if action == "resolve" else None)
        return 202

    def _alert(self, path: str, authorization: str, told: dict[str, Any]) -> int:
        if authorization != f"GenieKey {API_KEY}":
            return 401
        parts = urlsplit(path)
        bounds = {"message": 130, "alias": 512, "description": 15_000, "note": 25_000, "source": 100, "user": 100}
        details = sum(len(name) + len(value) for name, value in told.get("details", {}).items())
        if any(len(told.get(name, "")) > most for name, most in bounds.items()) or details > 8000:
            return 422
        if parts.path == "/v2/alerts":
            if not told.get("message") or told.get("priority") not in {"P1", "P2", "P3", "P4", "P5"}:
                return 422
            self._apply(self.opsgenie, told["alias"], told, None)
            return 202
        alias = unquote(parts.path.removeprefix("/v2/alerts/").removesuffix("/close"))
        if parts.query != "identifierType=alias" or not parts.path.endswith("/close"):
            return 404
        self._apply(self.opsgenie, alias, told, told.get("note", ""))
        return 202

    def _apply(self, pages: list[Page], key: str, told: dict[str, Any], closing: str | None) -> None:
        there = next((one for one in pages if one.key == key and one.open), None)
        if closing is not None:
            if there is not None:  # else it is dropped
                there.open, there.closed_with = False, closing
        elif there is not None:
            there.times += 1
        else:
            pages.append(Page(key, told))


@contextmanager
def pager_services() -> Iterator[PagerServices]:
    services = PagerServices()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = services.take(self.path, headers, body)
            said = json.dumps({"message": f"no, not with {headers.get('authorization') or body.decode()}"}).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    services.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
