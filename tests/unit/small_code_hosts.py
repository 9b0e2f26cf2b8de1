"""A GitHub and a GitLab of our own on this machine: as much of their APIs as the copilot asks, over real HTTP.

By docs.github.com/rest (repos, collaborators, actions/workflow-jobs, issues/comments) and docs.gitlab.com/api
(projects, members, jobs, notes), read 2026-11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

READS, COMMENTS = "token-that-reads", "token-that-comments"
JOB, GITLAB_JOB = 28328535552, 5520


@dataclass
class CodeHosts:
    """`permissions` by login, `levels` by user. A token in `tokens` may do what stands there. Everything is noted."""

    url: str = ""
    visibility: str = "private"
    ids: dict[str, int] = field(default_factory=lambda: {"octocat": 583231})
    permissions: dict[str, str] = field(default_factory=lambda: {"octocat": "write"})
    levels: dict[int, int] = field(default_factory=lambda: {42: 30})
    logs: dict[int, bytes] = field(default_factory=dict)
    repository: int = 376034443
    fails: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    elsewhere: str | None = None
    comments: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and the token that came along."""

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        self.asked.append((method, path, token))
        if self.fails:
            status, headers = self.fails.pop(0)
            return status, {"message": "no"}, headers
        if path.startswith("/blob/"):  # where a log lies: whoever brings a token is refused, as the stores of both do
            return (400, {}, {}) if token else (200, self.logs[int(path.rpartition("/")[2])], {})
        for pattern, wanted, needs, give in self._routes():
            if (found := re.fullmatch(pattern, path)) and method == wanted:
                return give(found, body) if token in needs else (401, {"message": "Bad credentials"}, {})
        return 404, {"message": "Not Found"}, {}

    def _routes(self) -> list[Any]:
        both, comments = (READS, COMMENTS), (COMMENTS,)
        return [
            (r"/repos/octo-org/shop", "GET", both, self._github_repository),
            (r"/repos/octo-org/shop/collaborators/([^/]+)/permission", "GET", both, self._github_permission),
            (r"/repos/octo-org/shop/actions/jobs/(\d+)/logs", "GET", (READS,), self._github_log),
            (r"/repos/octo-org/shop/issues/(\d+)/comments", "POST", comments, self._comment),
            (r"/api/v4/projects/1217", "GET", both, lambda *_: (200, {"id": 1217, "visibility": self.visibility}, {})),
            (r"/api/v4/projects/1217/members/all/(\d+)", "GET", both, self._gitlab_member),
            (r"/api/v4/projects/1217/jobs/(\d+)/trace", "GET", (READS,), self._gitlab_log),
            (r"/api/v4/projects/1217/((?:issues|merge_requests)/\d+)/notes", "POST", comments, self._comment),
        ]

    def _github_repository(self, *_: Any) -> Any:
        private = self.visibility != "public"
        return 200, {"id": self.repository, "private": private, "visibility": self.visibility}, {}

    def _github_permission(self, found: re.Match[str], _: Any) -> Any:
        login = found[1]
        if login not in self.ids:
            return 404, {"message": "Not Found"}, {}
        user = {"id": self.ids[login], "login": login}
        return 200, {"permission": self.permissions.get(login, "read"), "user": user}, {}

    def _github_log(self, found: re.Match[str], _: Any) -> Any:
        if int(found[1]) not in self.logs:
            return 404, {"message": "Not Found"}, {}
        return 302, b"", {"location": self.elsewhere or f"{self.url}/blob/{found[1]}"}

    def _gitlab_member(self, found: re.Match[str], _: Any) -> Any:
        id = int(found[1])
        if id not in self.levels:
            return 404, {"message": "404 Not found"}, {}
        return 200, {"id": id, "state": "active", "access_level": self.levels[id]}, {}

    def _gitlab_log(self, found: re.Match[str], _: Any) -> Any:
        id = int(found[1])
        return (200, self.logs[id], {}) if id in self.logs else (404, {"message": "404 Not found"}, {})

    def _comment(self, found: re.Match[str], body: dict[str, Any]) -> Any:
        assert len(body["body"]) <= 65_536
        self.comments.append((found[1], body["body"]))
        return 201, {"id": 7000 + len(self.comments)}, {}


@contextmanager
def small_code_hosts() -> Iterator[CodeHosts]:
    hosts = CodeHosts()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length") or 0))
            token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
            token = token or self.headers.get("private-token") or ""
            body = json.loads(sent) if sent else {}
            status, given, headers = hosts.answer(self.command, self.path, token, body)
            content = given if isinstance(given, bytes) else json.dumps(given).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _handle

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hosts.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hosts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
