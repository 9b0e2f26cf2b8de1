"""What API Gateway hands over of Slack's requests (events/ingest_chat_*.json that are none of another), and what is in
it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from copilot.domain import ChatEvent
from copilot.edges.chat.slack.opening import Route
from copilot.edges.chat.slack.payloads import read

ROOT = Path(__file__).parents[2]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_ALL = {path.stem.removeprefix("ingest_chat_") for path in (ROOT / "events").glob("ingest_chat_*.json")}
NAMES = tuple(sorted(name for name in _ALL if not name.startswith(("discord_", "teams_"))))
Change = Callable[[dict[str, Any]], object]


def request(name: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / f"events/ingest_chat_{name}.json").read_text()))


def route_of(event: dict[str, Any]) -> Route:
    route: Route = event["rawPath"].rpartition("/")[2]
    return route


def body_of(event: dict[str, Any]) -> str:
    return base64.b64decode(event["body"]).decode() if event["isBase64Encoded"] else str(event["body"])


def changed(name: str, change: Change) -> tuple[Route, str, str]:
    """Route, content type and body of one whose payload was changed."""
    event = request(name)
    route, body = route_of(event), body_of(event)
    match route:
        case "events":
            payload = json.loads(body)
            change(payload)
            return route, JSON, json.dumps(payload)
        case "interactions":
            payload = json.loads(parse_qs(body)["payload"][0])
            change(payload)
            return route, FORM, urlencode({"payload": json.dumps(payload)})
        case "commands":
            payload = {field: value for field, (value,) in parse_qs(body).items()}
            change(payload)
            return route, FORM, urlencode(payload)


def said_by(name: str, change: Change = lambda payload: None) -> ChatEvent | None:
    """What a payload says, with a change made to it first."""
    return read(*changed(name, change))
