"""What API Gateway hands over of code hosts' web hooks (events/ingest_hook_*.json), signed as the hosts sign them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from copilot.config.configuration import CodeHost, Repository
from copilot.domain import Hook
from copilot.edges.hooks.queued import read_hook

ROOT = Path(__file__).parents[2]
NAMES = tuple(sorted(path.stem.removeprefix("ingest_hook_") for path in (ROOT / "events").glob("ingest_hook_*.json")))
SECRET = "0123456789abcdef-not-a-secret"
SIGNING = "whsec_" + base64.b64encode(b"not-a-secret-but-as-long-as-one!").decode()
NOW = 1_796_052_660.0
"""2026-11-30 15:31 UTC, a minute after the comments in them."""
Event = dict[str, Any]
Change = Callable[[dict[str, Any]], object]

SHOP = Repository(
    id=376034443, name="octo-org/shop", service="pricing", environment="pricing-prod", pipelines=("deploy.yml",)
)
BY_ENVIRONMENT = Repository(
    id=376034443, name="octo-org/shop", service="pricing", environments={"production": "pricing-prod"}
)
PROJECT = Repository(id=1217, name="octo/shop", service="pricing", environment="pricing-prod")
TOKEN = "arn:aws:ssm:eu-west-1:111111111111:parameter/code/{}"


def hosts(github: Repository = SHOP, gitlab: Repository = PROJECT) -> tuple[CodeHost, ...]:
    tokens = {"token": TOKEN.format("reads"), "comment_token": TOKEN.format("comments")}
    return tuple(
        CodeHost.model_validate({"platform": platform, "repositories": (one,), **tokens})
        for platform, one in (("github", github), ("gitlab", gitlab))
    )


def payload_of(name: str, change: Change = lambda payload: None) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(request(name)["body"])
    change(payload)
    return payload


def request(name: str, change: Change | None = None) -> Event:
    event = dict(json.loads((ROOT / f"events/ingest_hook_{name}.json").read_text()))
    if change:
        payload = json.loads(event["body"])
        change(payload)
        event["body"] = json.dumps(payload)
    return event


def body_of(event: Event) -> bytes:
    return base64.b64decode(event["body"]) if event["isBase64Encoded"] else str(event["body"]).encode()


def signed(event: Event | str, secret: str = SECRET, signing: str = SIGNING, at: float = NOW) -> Event:
    """Made without anything of the copilot's."""
    event = request(event) if isinstance(event, str) else event
    body = body_of(event)
    if event["routeKey"].endswith("github"):
        made = {"x-hub-signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}
    else:
        id, time = event["headers"]["webhook-id"], str(int(at))
        key = base64.b64decode(signing.removeprefix("whsec_"))
        signature = hmac.new(key, f"{id}.{time}.".encode() + body, hashlib.sha256).digest()
        made = {"webhook-timestamp": time, "webhook-signature": f"v1,{base64.b64encode(signature).decode()}"}
    return event | {"headers": event["headers"] | made}


def hook(name: str, change: Change = lambda payload: None, **more: Any) -> Hook:
    """As take_hook reads it, with a change made to it first."""
    event = request(name, change)
    names = event["headers"].get("x-github-event") or event["headers"]["x-gitlab-event"]
    message = {
        "platform": name.partition("_")[0],
        "event": names,
        "body": event["body"],
        "received_at": "2026-11-30T15:31:00+00:00",
    }
    return read_hook(message | more)
