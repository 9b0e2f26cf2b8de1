"""What API Gateway hands over of Teams' requests (events/ingest_chat_teams_*.json), and who signs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.laptop.teams.signing import SigningKey
from copilot.domain import ChatEvent
from copilot.edges.chat.teams.payloads import read

ROOT = Path(__file__).parents[2]
BEGINS = "ingest_chat_teams_"
NAMES = tuple(sorted(path.stem.removeprefix(BEGINS) for path in (ROOT / "events").glob(f"{BEGINS}*.json")))
TENANT, APP = "72f988bf-86f1-41af-91ab-2d7cd011db47", "c9e8c047-2a74-40a2-b28a-b162d5f5327c"
SERVICE_URL = "https://smba.trafficmanager.net/emea/"
JSON = "application/json; charset=utf-8"
NOW = 1_772_442_000.0
KEY, OTHER_KEY = SigningKey(), SigningKey()
"""One of the connector's, and somebody else's."""
Event = dict[str, Any]
Change = Callable[[dict[str, Any]], object]


def request(name: str) -> Event:
    return dict(json.loads((ROOT / f"events/{BEGINS}{name}.json").read_text()))


def activity(name: str) -> dict[str, Any]:
    return dict(json.loads(request(name)["body"]))


def with_body(event: Event, body: dict[str, Any] | str) -> Event:
    return event | {"body": body if isinstance(body, str) else json.dumps(body)}


def authorized(event: Event, token: str | None) -> Event:
    others = {name: value for name, value in event["headers"].items() if name != "authorization"}
    return event | {"headers": others if token is None else others | {"authorization": f"Bearer {token}"}}


def signed(name: str, change: Change = lambda body: None, key: SigningKey = KEY, **claims: Any) -> Event:
    """As the connector sends it; `claims` stand in its token in place of what would, None for none."""
    body = activity(name)
    change(body)
    told = {"iss": "https://api.botframework.com", "aud": APP, "serviceurl": SERVICE_URL}
    told |= {"nbf": int(NOW) - 60, "exp": int(NOW) + 3600} | claims
    token = key.signed({claim: value for claim, value in told.items() if value is not None})
    return authorized(with_body(request(name), body), token)


def setting(name: str, value: object) -> Change:
    """With this under this name."""
    return lambda body: body.update({name: value})


def said_by(name: str, change: Change = lambda body: None) -> ChatEvent | None:
    """What an activity says, with a change made to it first."""
    body = activity(name)
    change(body)
    return read(JSON, json.dumps(body))
