"""A copilot that is reached in the laptop's Discord, all in this process: its door, what is behind it, its client."""

from __future__ import annotations

import json
import time
from typing import Any

from chat_world import Chat
from fakes import World

from cli.laptop.discord import SERVER, Discord
from cli.laptop.discord.discord import plain_of
from cli.laptop.discord.people import every
from cli.laptop.discord.world import Message, one_server
from copilot.adapters.chats import OnlyReads
from copilot.adapters.discord.client import DiscordClient
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import Person
from copilot.edges.chat.discord.door import DiscordDoor
from copilot.edges.chat.queued import read_queued
from copilot.edges.doors import Letter

APP = "1290000000000000001"
ROLES = {"dana": ("developer",), "olga": ("approver",), "noah": ()}


class InThisProcess(Discord):
    """Its interactions go straight to the door."""

    door: DiscordDoor

    def _send(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        event = {
            "routeKey": "POST /v1/chat/discord/interactions",
            "headers": {name.lower(): value for name, value in headers.items()},
            "body": body.decode(),
        }
        answered = self.door(event)
        return answered["statusCode"], json.loads(answered["body"]) if answered["statusCode"] == 200 else None


class OnDiscord(Chat):
    """`waits` are the letters that the door handed on and nobody took yet; `seen` all that it ever did."""

    def __init__(self, world: World, plan: dict[str, Any] | None = None, servers: tuple[str, ...] = (SERVER,)) -> None:
        super().__init__(world, plan)
        self.time = time.time()
        self.discord = InThisProcess(one_server("you", *ROLES), now=lambda: self.time)
        self.waits: list[Letter] = []
        self.seen: set[str] = set()
        self.noted: list[Any] = []
        self.discord.door = DiscordDoor(
            self.discord.public_key, self._hand_on, lambda: self.time, self.noted.append, servers
        )
        arn = "arn:aws:ssm:eu-west-1:111111111111:parameter/chat/discord"
        settings = ChatSettings(
            workspaces=tuple(
                ChatWorkspace(
                    platform="discord", id=id, app=APP, name="Workshop", token=arn, endpoint=self.discord.api_url
                )
                for id in servers
            )
        )
        users = self.discord.world.users.values()
        people = tuple(
            KnownPerson(id=one.name, name=one.name.capitalize(), principals=(), roles=ROLES[one.name], chat=(address,))
            for one in users
            if one.name in ROLES and (address := f"discord:{servers[-1]}/{one.id}")
        )
        self.process.config = Configuration(accounts=(), people=people, chat=settings)
        self.client = DiscordClient(settings, lambda _: self.discord.token, self.process.clock)
        vars(self.process.use_cases).update(chat_writer=self.client, chat_reader=OnlyReads(self.client))

    def _hand_on(self, letter: Letter) -> None:
        """As the queue does: once though it comes several times."""
        if letter.digest not in self.seen:
            self.seen.add(letter.digest)
            self.waits.append(letter)

    def take(self) -> None:
        """What was handed on is taken, and everything goes as far as it goes."""
        parts = self.process.use_cases
        while self.waits:
            said = read_queued(json.loads(self.waits.pop(0).body), parts.workspaces_on)
            if said is not None:
                parts.take_chat(said)
        self.work()

    def read(self, channel: str, seen_by: str | None = None) -> list[str]:
        """As it is read there."""
        return [*map(plain_of, self.discord.messages(channel, seen_by))]

    def with_button(self, channel: str, label: str) -> Message:
        """The last message there that has it."""
        return next(
            one
            for one in reversed(self.discord.messages(channel))
            if any(each.get("label") == label for each in every(one.components) if each.get("type") == 2)
        )

    def person(self, id: str) -> Person:
        known = self.process.config.known(id)
        assert known is not None
        return known.person
