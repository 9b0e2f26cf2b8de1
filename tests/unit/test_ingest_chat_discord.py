"""What Discord sends, from raw requests (events/): let in where it is signed and in time, answered at once, and then
put on the queue.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from discord_events import (
    CHANNEL,
    DIRECT,
    NAMES,
    NOW,
    OTHER_SERVER,
    PUBLIC_KEY,
    SERVER,
    Event,
    payload,
    request,
    signed,
)

from copilot.edges.chat.discord.door import LARGEST, DiscordDoor
from copilot.edges.chat.discord.payloads import read
from copilot.edges.doors import Letter
from copilot.errors import FatalError

ASKS = {"approve_asked": "approve", "leave_out": "narrow"}
SAID = [name for name in NAMES if name not in {"ping", *ASKS}]
COMMANDS = {"command", "command_direct", "command_file", "command_thread", "message"}


class World:
    def __init__(self, servers: Collection[str] = (), public_key: str = PUBLIC_KEY) -> None:
        self.queue: list[Letter] = []
        self.noted: list[Any] = []
        self.down: Exception | None = None
        self.door = DiscordDoor(public_key, self._post, lambda: NOW, self.noted.append, servers)

    def _post(self, letter: Letter) -> None:
        if self.down:
            raise self.down
        self.queue.append(letter)

    def send(self, event: Event) -> int:
        status: int = self.door(event)["statusCode"]
        return status

    def answer(self, event: Event) -> Any:
        found = self.door(event)
        assert found["statusCode"] == 200 and found["headers"] == {"content-type": "application/json"}
        return json.loads(found["body"])


@pytest.fixture
def world() -> World:
    return World()


def with_body(name: str, body: str) -> Event:
    return signed(request(name) | {"body": body})


def test_a_ping_is_answered_by_a_pong_and_is_nobodys_message(world: World) -> None:
    assert world.answer(signed("ping")) == {"type": 1} and world.queue == []
    assert world.send(request("ping")) == 401


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_and_pressed_is_handed_on_as_it_came_and_answered_at_once(world: World, name: str) -> None:
    event = signed(name)
    assert world.answer(event) == {"type": 5 if name in COMMANDS else 6}
    (letter,) = world.queue
    kept = json.loads(letter.body)
    assert kept == {
        "platform": "discord",
        "route": "interactions",
        "content_type": "application/json",
        "body": event["body"],
        "received_at": "2026-03-02T09:00:00+00:00",
    }
    assert read(kept["body"], [SERVER]) is not None


def test_what_asks_opens_its_dialog_with_what_the_message_says_and_nothing_is_handed_on(world: World) -> None:
    assert world.answer(signed("approve_asked")) == {
        "type": 9,
        "data": {
            "custom_id": "copilot.approve:a-4kq7",
            "title": "Approve",
            "components": [{"type": 10, "content": "Everything shown here is approved, and nothing is left out."}],
        },
    }
    assert world.queue == []


def test_what_was_chosen_from_a_list_is_chosen_in_its_dialog_which_alone_sends_it(world: World) -> None:
    dialog = world.answer(signed("leave_out"))
    assert (dialog["type"], dialog["data"]["custom_id"]) == (9, "copilot.narrow:a-4kq7")
    (label,) = dialog["data"]["components"]
    assert [(one["value"], one["default"]) for one in label["component"]["options"]] == [
        ("stop.0", False),
        ("stop.1", True),
    ]
    assert (label["component"]["min_values"], label["component"]["max_values"]) == (1, 2)
    assert 1 <= len(dialog["data"]["title"]) <= 45 and len(label["label"]) <= 45 and world.queue == []


def test_of_a_message_that_has_no_such_button_nothing_is_asked(world: World) -> None:
    found = payload("approve_asked")
    found["message"]["components"] = []
    assert world.send(with_body("approve_asked", json.dumps(found))) == 400 and world.queue == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_forged_is_refused_with_401(world: World, name: str) -> None:
    """Discord sends these on purpose, and wants this status."""
    another = Ed25519PrivateKey.from_private_bytes(b"another key of thirty-two bytes!")
    event = signed(name)
    assert world.send(request(name)) == world.send(signed(name, another)) == 401
    assert world.send(event | {"body": event["body"] + " "}) == 401
    for header in ("x-signature-ed25519", "x-signature-timestamp"):
        others = {key: one for key, one in event["headers"].items() if key != header}
        assert world.send(event | {"headers": others}) == 401
        assert world.send(event | {"headers": others | {header: f"{event['headers'][header]},0"}}) == 401
    assert world.queue == []


@pytest.mark.parametrize(("off", "status"), [(-301, 401), (-300, 200), (300, 200), (301, 401)])
def test_what_is_stale_or_ahead_is_refused_though_it_is_signed(world: World, off: int, status: int) -> None:
    assert world.send(signed("command", at=NOW + off)) == status and len(world.queue) == (status == 200)


def test_what_comes_again_is_the_same_letter(world: World) -> None:
    assert [world.send(signed("deny")) for _ in range(2)] == [200, 200]
    assert world.queue[0].digest == world.queue[1].digest
    world.send(signed("command"))
    assert world.queue[2].digest != world.queue[0].digest and world.queue[2].group != world.queue[0].group


@pytest.mark.parametrize("name", [name for name in NAMES if payload(name).get("guild_id")])
def test_what_is_of_another_server_is_refused(name: str) -> None:
    world = World([OTHER_SERVER])
    assert world.send(signed(name)) == 403 and world.queue == []
    assert World([OTHER_SERVER, SERVER]).send(signed(name)) == 200


def test_a_direct_message_is_of_no_server_and_one_between_others_is_refused(world: World) -> None:
    assert World([SERVER]).send(signed("command_direct")) == 200
    found = payload("command_direct") | {"context": 2}
    assert world.send(with_body("command_direct", json.dumps(found))) == 403 and world.queue == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '{"type": 4, "guild_id": "1290000000000000010"}',
        '{"type": 99, "guild_id": "1290000000000000010"}',
        '{"type": 2, "guild_id": "1290000000000000010", "data": {"name": "another", "type": 1}}',
        '{"type": 2, "guild_id": 7, "data": {"name": "copilot", "type": 1}}',
        '{"type": 3, "guild_id": "1290000000000000010", "data": "x"}',
    ],
)
def test_what_is_none_of_ours_is_refused_though_it_is_signed(world: World, body: str) -> None:
    assert 400 <= world.send(with_body("command", body)) < 500 and world.queue == []


def test_what_is_too_large_is_refused_and_the_largest_fits_into_the_queue(world: World) -> None:
    found = payload("command")
    found["data"]["options"][0]["value"] = ""
    room = LARGEST - len(json.dumps(found))
    found["data"]["options"][0]["value"] = "x" * room
    assert world.send(with_body("command", json.dumps(found))) == 200
    assert len(world.queue[0].body.encode()) < 262_144
    found["data"]["options"][0]["value"] += "x"
    assert world.send(with_body("command", json.dumps(found))) == 413 and len(world.queue) == 1


def test_it_makes_no_difference_how_api_gateway_hands_the_bytes_over(world: World) -> None:
    event = signed("command")
    encoded = event | {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert world.door(encoded) == world.door(event) and world.queue[0] == world.queue[1]


@pytest.mark.parametrize("key", ["POST /v1/chat/discord/events", "POST /v1/chat/slack/interactions", "GET /", ""])
def test_no_other_route_leads_in(world: World, key: str) -> None:
    assert world.send(signed("command") | {"routeKey": key}) == 404 and world.noted[0]["route"] == "none"


def test_what_could_not_be_handed_on_is_not_acknowledged(world: World) -> None:
    world.down = FatalError("gone")
    assert world.send(signed("command")) == 503
    world.down = RuntimeError("not-a-token-0001")
    assert world.send(signed("command")) == 500 and "token" not in json.dumps(world.noted)


@pytest.mark.parametrize("name", NAMES)
def test_the_log_has_nothing_of_what_came(world: World, name: str) -> None:
    world.send(signed(name))
    world.send(request(name))
    logged = json.dumps(world.noted)
    assert set(logged.split('"')) & {"not-a-token-0001", DIRECT, CHANNEL} == set() and "token-0001" not in logged


def test_without_its_key_it_lets_nothing_in() -> None:
    assert World(public_key="").send(signed("command")) == 401


def test_what_no_payload_could_be_is_answered_too(world: World) -> None:
    for event in ({}, {"routeKey": "POST /v1/chat/discord/interactions"}, signed("command") | {"headers": None}):
        assert 400 <= world.send(event) < 500
