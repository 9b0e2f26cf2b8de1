"""What API Gateway hands over of Discord's interactions (events/ingest_chat_discord_*.json), signed as they are."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from copilot.domain import ChatEvent
from copilot.edges.chat.discord.payloads import read

ROOT = Path(__file__).parents[2]
APP, SERVER, OTHER_SERVER = "1290000000000000001", "1290000000000000010", "1290000000000000012"
CHANNEL, THREAD, DIRECT = "1290000000000000020", "1290000000000000021", "1290000000000000030"
DANA = "1290000000000000100"
NOW = 1_772_442_000.0
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw().hex()
NAMES = tuple(
    sorted(path.stem.removeprefix("ingest_chat_discord_") for path in (ROOT / "events").glob("*_chat_discord_*.json"))
)
Event = dict[str, Any]


def request(name: str) -> Event:
    return dict(json.loads((ROOT / f"events/ingest_chat_discord_{name}.json").read_text()))


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads(request(name)["body"]))


def signed(event: Event | str, key: Ed25519PrivateKey = KEY, at: float = NOW) -> Event:
    event = request(event) if isinstance(event, str) else event
    timestamp = str(int(at))
    signature = key.sign(timestamp.encode() + event["body"].encode()).hex()
    headers = {"x-signature-timestamp": timestamp, "x-signature-ed25519": signature}
    return event | {"headers": event["headers"] | headers}


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The body of one whose payload was changed."""
    found = copy.deepcopy(payload(name))
    change(found)
    return json.dumps(found)


def said_by(
    name: str, change: Callable[[dict[str, Any]], object] = lambda found: None, servers: tuple[str, ...] = (SERVER,)
) -> ChatEvent | None:
    """What a payload says, with a change made to it first."""
    return read(changed(name, change), servers)
