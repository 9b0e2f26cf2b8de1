"""What people do in it: commands, messages asked about, buttons, lists and dialogs; signed as Discord signs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from cli.laptop.discord.judging import dialog_problems
from cli.laptop.discord.shapes import channel_shape, member_shape, message_shape, user_shape
from cli.laptop.discord.world import APP, TOKEN_SECONDS, Channel, Interaction, Json, Message, User, World

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECONDS = 3
"""In which an interaction is to be answered."""
_OPENER = build_opener(ProxyHandler({}))


@dataclass
class Used:
    """An interaction that was sent: its payload, what was answered, and by which request it can be sent again."""

    payload: Json
    status: int
    answer: Any
    sent: tuple[bytes, dict[str, str]] = field(repr=False, default=(b"", {}))

    @property
    def token(self) -> str:
        return str(self.payload["token"])


@dataclass
class Dialog:
    """One that somebody has before them."""

    user: str
    message: Message
    data: Json

    @property
    def chosen(self) -> list[str]:
        return [
            option["value"]
            for one in self.data["components"]
            for option in one.get("component", {}).get("options", ())
            if option.get("default")
        ]


class People:
    """`patience` are the seconds that an answer is waited for: Discord's own are three, and a laptop may be slow."""

    def __init__(self, world: World, key: Ed25519PrivateKey, patience: float) -> None:
        self.world, self._key, self._patience = world, key, patience
        self.address: tuple[str, str] | None = None

    def command(self, user: str, channel: str, request: str, file: tuple[str, str, int] | None = None) -> Used:
        """`/copilot request:…`; a file is its name, its address and its size."""
        data: Json = {
            "id": "1290000000000000200",
            "name": "copilot",
            "type": 1,
            "options": [{"name": "request", "type": 3, "value": request}],
        }
        if file:
            name, url, size = file
            data["options"].append({"name": "file", "type": 11, "value": "1"})
            attachment = {"id": "1", "filename": name, "url": url, "size": size, "content_type": "text/plain"}
            data["resolved"] = {"attachments": {"1": attachment}}
        return self._use(user, self.world.channel(channel), 2, data)

    def ask_about(self, user: str, message: Message) -> Used:
        """`Ask copilot`, of a message."""
        shape = message_shape(self.world, message)
        data = {
            "id": "1290000000000000201",
            "name": "Ask copilot",
            "type": 3,
            "target_id": message.id,
            "resolved": {"messages": {message.id: shape}},
        }
        return self._use(user, self.world.channels[message.channel], 2, data)

    def press(self, user: str, message: Message, label: str) -> Used | Dialog:
        """The button of that label; a Dialog, where it asks first."""
        (button,) = [one for one in every(message.components) if one.get("type") == 2 and one["label"] == label]
        return self._pressed(user, message, {"custom_id": button["custom_id"], "component_type": 2})

    def choose(self, user: str, message: Message, *values: str) -> Used | Dialog:
        """From the one list that the message has."""
        (select,) = [one for one in every(message.components) if one.get("type") == 3]
        known = [option["value"] for option in select["options"]]
        assert set(values) <= {*known} and select["min_values"] <= len(values) <= select["max_values"]
        return self._pressed(
            user, message, {"custom_id": select["custom_id"], "component_type": 3, "values": [*values]}
        )

    def submit(self, dialog: Dialog, *values: str) -> Used:
        """As it stands, or with these chosen instead."""
        components: list[Json] = []
        for one in dialog.data["components"]:
            if one["type"] == 18:
                select, chosen = one["component"], [*values] or dialog.chosen
                assert select["min_values"] <= len(chosen) <= select["max_values"]
                components.append(
                    {"type": 18, "component": {"type": 3, "custom_id": select["custom_id"], "values": chosen}}
                )
            else:
                components.append({"type": one["type"]})
        data = {"custom_id": dialog.data["custom_id"], "components": components}
        channel = self.world.channels[dialog.message.channel]
        return self._use(dialog.user, channel, 5, data, message=message_shape(self.world, dialog.message))

    def register(self) -> bool:
        """Whether Discord would take the app's address: it answers a ping, and no forged one."""
        ping = {"id": self.world.new_id(), "application_id": APP, "type": 1, "token": "none", "version": 1}
        body = json.dumps(ping).encode()
        status, answered = self._send(body, self._signed(body))
        forged, _ = self._send(body, self._signed(body) | {"X-Signature-Ed25519": "0" * 128})
        another, _ = self._send(body + b" ", self._signed(body))
        return (status, answered, forged, another) == (200, {"type": 1}, 401, 401)

    def again(self, used: Used) -> int:
        """The same request once more, as somebody would send it who overheard it."""
        return self._send(*used.sent)[0]

    def _pressed(self, user: str, message: Message, data: Json) -> Used | Dialog:
        channel = self.world.channels[message.channel]
        used = self._use(user, channel, 3, data, message=message_shape(self.world, message))
        if used.status == 200 and used.answer["type"] == 9:
            found = [*dialog_problems(used.answer["data"])]
            assert not found, found
            return Dialog(user, message, used.answer["data"])
        return used

    def _use(self, user: str, channel: Channel, kind: int, data: Json, **more: Any) -> Used:
        who, token, id = self.world.user(user), f"token-of-{self.world.new_id()}", self.world.new_id()
        payload = {
            "id": id,
            "application_id": APP,
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": channel_shape(self.world, channel),
            "locale": "en-GB",
            "entitlements": [],
            **self._who(who, channel),
            **more,
        }
        body = json.dumps(payload).encode()
        headers = self._signed(body)
        status, answered = self._send(body, headers)
        if status == 200:
            self._answered(answered, token, channel, who, kind)
        return Used(payload, status, answered, (body, headers))

    def _who(self, user: User, channel: Channel) -> Json:
        if channel.user:
            return {"user": user_shape(user), "context": 1, "authorizing_integration_owners": {"0": "0"}}
        guild = self.world.guilds[channel.guild]
        return {
            "member": member_shape(self.world, guild, user),
            "guild_id": guild.id,
            "guild": {"id": guild.id, "features": guild.features, "locale": "en-US"},
            "context": 0,
            "authorizing_integration_owners": {"0": guild.id},
        }

    def _answered(self, answered: Json, token: str, channel: Channel, who: User, kind: int) -> None:
        """What people see of the first answer. Raises AssertionError for one that Discord does not take for that."""
        taken = {2: {4, 5, 9}, 3: {4, 5, 6, 7, 9}, 5: {4, 5, 6, 7}}[kind]
        assert answered["type"] in taken, answered
        original = ""
        if answered["type"] == 5:
            awaited = Message(id=self.world.new_id(), channel=channel.id, author=APP, awaited=True, flags=128)
            original = self.world.put(awaited).id
        with self.world.lock:
            self.world.interactions[token] = Interaction(
                token, channel.id, who.id, self.world.now() + TOKEN_SECONDS, original
            )

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self.world.now()))
        signature = self._key.sign(timestamp.encode() + body).hex()
        return {"X-Signature-Timestamp": timestamp, "X-Signature-Ed25519": signature}

    def _send(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        assert self.address is not None
        url, host = self.address
        more = {"Content-Type": "application/json", "User-Agent": "Discord-Interactions/1.0 (+https://discord.com)"}
        request = Request(url, body, headers | more | ({"Host": host} if host else {}), method="POST")
        try:
            with _OPENER.open(request, timeout=self._patience) as reply:
                is_json = reply.headers.get_content_type() == "application/json"
                return reply.status, json.loads(reply.read()) if is_json else None
        except HTTPError as error:
            return error.code, None
        except (URLError, OSError):
            return 0, None


def every(components: list[Json]) -> list[Json]:
    """With those that stand in others."""
    found: list[Json] = []
    for one in components:
        found += [one, *every(one.get("components") or []), *([one["accessory"]] if "accessory" in one else [])]
    return found
