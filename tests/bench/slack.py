"""What Slack and GitHub send and the AWS it is handed on to, for the first call of the functions that let it in."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[2] / "events"
EVENT = EVENTS / "ingest_chat_mention.json"


class Aws:
    """Has the secret, and takes every message. Found by the variables of this process."""

    def __init__(self, secret: str) -> None:
        answer = json.dumps({"Parameter": {"Value": secret}, "MessageId": "1"}).encode()

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None: ...

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> None:
        os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()


def mention(secret: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(EVENT.read_text())
    timestamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{event['body']}".encode(), hashlib.sha256).hexdigest()
    event["headers"] |= {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}
    return event


def hook(secret: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "ingest_hook_github_workflow_run.json").read_text())
    digest = hmac.new(secret.encode(), event["body"].encode(), hashlib.sha256).hexdigest()
    event["headers"] |= {"x-hub-signature-256": f"sha256={digest}"}
    return event
