"""A copilot's HTTP API on loopback that says what a test scripts, and refuses what is not signed as AWS wants it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

USERS = {"dana": ("AKIADANA", "secret-of-dana"), "olga": ("AKIAOLGA", "secret-of-olga")}


class FakeCopilot:
    """`script[("GET", "/v1/runs/r1")]` is a list of (status, document); the last one is given again and again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.host = f"api1.execute-api.localhost:{port}"
        self.script: dict[tuple[str, str], list[tuple[int, object]]] = defaultdict(list)
        self.calls: list[tuple[str, str, Any, str]] = []

    def says(self, method: str, path: str, *documents: object, status: int = 200) -> None:
        self.script[(method, path)] += [(status, document) for document in documents]

    def asked(self, method: str, path: str) -> list[Any]:
        """The bodies of these calls."""
        return [body for m, p, body, _ in self.calls if (m, p) == (method, path)]

    @property
    def speakers(self) -> set[str]:
        return {person for *_, person in self.calls}

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        person = signer(method, headers, path, body)
        if person is None:
            return 403, {"message": "Forbidden"}
        self.calls.append((method, path, json.loads(body) if body else None, person))
        waiting = self.script.get((method, path))
        if not waiting:
            return 404, {"message": "Not Found"}
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def signer(method: str, headers: dict[str, str], path: str, body: bytes) -> str | None:
    """Whose signature the request bears; None for one that is missing or wrong."""
    given = headers.get("authorization", "")
    for person, keys in USERS.items():
        if f"Credential={keys[0]}/" in given and "/execute-api/aws4_request" in given:
            region = given.split("/")[2]
            auth = SigV4Auth(Credentials(*keys), "execute-api", region)
            signed = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
            if "host" not in signed:
                return None
            request = AWSRequest(method, f"http://{headers['host']}{path}", data=body)
            for name in signed:
                request.headers[name] = headers[name]
            request.context["timestamp"] = headers["x-amz-date"]
            text = auth.string_to_sign(request, auth.canonical_request(request))
            return person if given.endswith(f"Signature={auth.signature(text, request)}") else None
    return None


@contextmanager
def fake_copilot() -> Iterator[FakeCopilot]:
    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, document = copilot.answer(self.command, self.path, headers, body)
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = reply

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    copilot = FakeCopilot(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield copilot
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_laptop_json(folder: Path, port: int, outputs: dict[str, str] | None = None) -> None:
    """What `up` leaves behind, for a copilot on this port."""
    (folder / ".devops-copilot").mkdir()
    users = {name: {"access_key_id": key, "secret_access_key": secret} for name, (key, secret) in USERS.items()}
    laptop = {
        "port": port,
        "region": "eu-west-1",
        "account": "1" * 12,
        "stack": "s",
        "outputs": {"ApiId": "api1"} | (outputs or {}),
    }
    (folder / ".devops-copilot" / "laptop.json").write_text(json.dumps(laptop | {"users": users}))


# --- what it may say ---------------------------------------------------------------------------

NOW = datetime.now(UTC)


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


def started(run_id: str = "r1", repeated: bool = False) -> dict[str, Any]:
    return {"run_id": run_id, "status": "queued", "conversation": "dana", "repeated": repeated}


def run(status: str = "answered", **changes: Any) -> dict[str, Any]:
    """A run as the API shows it; answered ones have succeeded unless told otherwise."""
    answered = status == "answered"
    return {
        "run_id": "r1",
        "status": status,
        "outcome": "succeeded" if answered else None,
        "request": "Stop the production environment",
        "person": "dana",
        "conversation": "dana",
        "created_at": at(-2),
        "answered_at": at(0) if answered else None,
        "plan": None,
        "steps": [],
        "approval": None,
        "effects": [],
        "answer": "All is well." if answered else None,
        "seconds": 2.0 if answered else None,
    } | changes


def item(index: int, status: str, **changes: Any) -> dict[str, Any]:
    return {
        "index": index,
        "arguments": {},
        "status": status,
        "phase": "execute",
        "attempt": 1,
        "reason": "",
        "issued_at": at(-1),
        "settled_at": at(0) if status == "done" else None,
        "seconds": 0.4 if status == "done" else None,
        "decision": None,
        "summary": None,
    } | changes


def approval(state: str = "pending", **changes: Any) -> dict[str, Any]:
    target = {"ref": {"type": "environment", "id": "blue"}, "name": "blue", "kind": "production", "tags": {}}
    preview = {"targets": [target], "changes": CHANGES, "state": {"shop": 3}}
    call = {
        "step": "stop",
        "item": 0,
        "tool": "stop_environment",
        "arguments": {"environment": "blue"},
        "preview": preview,
        "undo": {"tool": "start_environment", "arguments": {"environment": "blue"}},
        "reason": "production environment blue needs an approval",
    }
    return {
        "id": "a7",
        "tenant": "main",
        "run_id": "r1",
        "state": state,
        "calls": [call],
        "requested_by": {"id": "dana", "name": "Dana Diaz", "roles": ["developer"]},
        "request": "Stop the production environment",
        "created_at": at(-1),
        "expires_at": at(3600),
        "decided_by": None,
        "decided_at": None,
        "reason": "",
        "approvers": ["olga"],
    } | changes


CHANGES = [
    {
        "ref": {"type": "ecs-service", "id": "arn:aws:ecs:eu-west-1:222222222222:service/blue/shop"},
        "name": "blue/shop",
        "action": "stop",
        "before": "3 tasks",
        "after": "0 tasks",
        "reason": "",
    },
    {
        "ref": {"type": "rds-instance", "id": "arn:aws:rds:us-east-1:222222222222:db:orders"},
        "name": "orders",
        "action": "stop",
        "before": "available",
        "after": "stopped",
        "reason": "",
    },
    {
        "ref": {"type": "ec2-instance", "id": "arn:aws:ec2:eu-west-1:222222222222:instance/i-0a1"},
        "name": "bastion",
        "action": "skip",
        "before": "running",
        "after": "running",
        "reason": "belongs to an Auto Scaling group",
    },
]

PLAN = {
    "goal": "Stop all idle dev environments and tell #platform",
    "steps": [
        {"id": "envs", "tool": "list_environments", "arguments": {"kind": "development"}},
        {
            "id": "act",
            "tool": "environment_activity",
            "for_each": {"$ref": "envs.environments[].id"},
            "arguments": {"environment": {"$item": "@"}, "hours": 6},
        },
        {
            "id": "stop",
            "tool": "stop_environment",
            "for_each": {"$ref": "act[?idle].environment"},
            "arguments": {"environment": {"$item": "@"}},
            "expect": "state == 'stopped'",
        },
        {
            "id": "tell",
            "tool": "notify",
            "arguments": {"channel": "#platform", "text": {"$text": "Stopped {stop[].environment}."}},
            "after": ["stop"],
        },
    ],
    "answer": {"text": "Stopped {length(stop)}."},
}


def step(id: str, status: str, *items: dict[str, Any], reason: str = "") -> dict[str, Any]:
    tools = {"envs": "list_environments", "act": "environment_activity", "stop": "stop_environment", "tell": "notify"}
    return {"id": id, "tool": tools[id], "status": status, "reason": reason, "items": list(items)}


def idle_story() -> list[dict[str, Any]]:
    """A run from queued to answered, as seven looks at it."""
    names = ["atlas", "boreas", "castor", "daphne"]
    envs = step("envs", "done", item(0, "done", arguments={"kind": "development"}, summary="4 environments"))
    looks = [
        item(
            n,
            "done",
            arguments={"environment": name, "hours": 6},
            seconds=0.3 + n / 10,
            summary="idle" if n < 3 else "busy",
        )
        for n, name in enumerate(names)
    ]
    busy_looks = [item(n, "issued", arguments={"environment": name, "hours": 6}) for n, name in enumerate(names)]
    stop = [item(n, "issued", arguments={"environment": name}) for n, name in enumerate(names[:3])]
    stopping = [
        item(0, "done", arguments={"environment": "atlas"}, summary="stopped 2 services, 1 instance", seconds=1.2),
        item(1, "issued", phase="check", arguments={"environment": "boreas"}),
        item(2, "open", attempt=2, reason="the cloud was throttling; tries again", arguments={"environment": "castor"}),
    ]
    stopped = [
        stopping[0],
        item(1, "done", arguments={"environment": "boreas"}, summary="stopped 1 service", seconds=2.2),
        item(
            2,
            "failed",
            attempt=3,
            reason="still throttled after 3 attempts",
            arguments={"environment": "castor"},
            seconds=4.0,
        ),
    ]
    told = step("tell", "skipped", reason="stop failed for 1 of 3, and what follows a write needs all of them")
    plan: dict[str, Any] = {"plan": PLAN, "request": PLAN["goal"]}
    answer = "Stopped 2 of 3 idle environments: atlas, boreas.\ncastor failed: still throttled after 3 attempts."
    return [
        run("queued"),
        run("running"),
        run("running", **plan, steps=[step("envs", "running", item(0, "issued", arguments={"kind": "development"}))]),
        run("running", **plan, steps=[envs, step("act", "running", *busy_looks)]),
        run("running", **plan, steps=[envs, step("act", "done", *looks), step("stop", "running", *stop)]),
        run("running", **plan, steps=[envs, step("act", "done", *looks), step("stop", "running", *stopping)]),
        run(
            **plan,
            steps=[envs, step("act", "done", *looks), step("stop", "failed", *stopped), told],
            outcome="partial",
            answer=answer,
            seconds=8.4,
        ),
    ]


def parked(**changes: Any) -> dict[str, Any]:
    """A run that waits for a person."""
    decision = {
        "outcome": "ask",
        "policies": ["changes-with-approval"],
        "reason": "production environment blue needs an approval",
    }
    asking = item(0, "asking", arguments={"environment": "blue"}, decision=decision, seconds=None)
    plan = {
        "goal": "Stop the production environment",
        "steps": [{"id": "stop", "tool": "stop_environment", "arguments": {"environment": "blue"}}],
    }
    return run("parked", plan=plan, steps=[step("stop", "running", asking)], approval=approval()) | changes
