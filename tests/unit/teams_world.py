"""A copilot that is reached in the laptop's Teams, all in this process: its door, what is behind it, its client."""

from __future__ import annotations

import json
import time
from typing import Any

from chat_world import Chat
from fakes import World

from cli.laptop.teams import APP, SECRET, TEAM, TENANT, Teams
from cli.laptop.teams.teams import Said, Sent
from copilot.adapters.chats import OnlyReads
from copilot.adapters.teams.client import TeamsClient
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.edges.chat.queued import read_queued
from copilot.edges.chat.teams.door import TeamsDoor
from copilot.edges.chat.teams.keys import SigningKeys
from copilot.edges.doors import Letter

ROLES = {"dana": ("developer",), "olga": ("approver",)}


class InThisProcess(Teams):
    """What is said and pressed goes straight to the door."""

    door: TeamsDoor

    def send(self, payload: dict[str, Any], token: str | None = None) -> Sent:
        token = token or self.key.token(self.world.app, self.service_url, self.world.now())
        headers = {"content-type": "application/json; charset=utf-8", "authorization": f"Bearer {token}"}
        event = {"routeKey": "POST /v1/chat/teams/messages", "headers": headers, "body": json.dumps(payload)}
        answered = self.door(event)
        is_json = answered["statusCode"] == 200 and answered["body"]
        return Sent(payload, answered["statusCode"], json.loads(answered["body"]) if is_json else {})


class InTeams(Chat):
    """`waits` are the letters that the door handed on and nobody took yet, `said` what was said first."""

    said: Said

    def __init__(self, world: World, plan: dict[str, Any] | None = None) -> None:
        super().__init__(world, plan)
        self.time = time.time()
        self.teams = InThisProcess(now=lambda: self.time)
        self.waits: list[Letter] = []
        published = json.dumps({"keys": [self.teams.key.published()]}).encode()
        keys = SigningKeys(lambda: published, lambda: self.time)
        self.teams.door = TeamsDoor(
            APP, [TENANT], keys, self._hand_on, lambda: self.time, lambda happened: None, local=True
        )
        arn = "arn:aws:ssm:eu-west-1:111111111111:parameter/chat/teams"
        told = {"platform": "teams", "id": TENANT, "app": APP, "team": TEAM, "name": "Workshop", "token": arn}
        workspace = ChatWorkspace.model_validate(told | {"endpoint": self.teams.endpoint})
        settings = ChatSettings(workspaces=(workspace,))
        people = tuple(
            KnownPerson(id=id, name=id.capitalize(), principals=(), roles=roles, chat=(self.address(id),))
            for id, roles in ROLES.items()
        )
        self.process.config = Configuration(accounts=(), people=people, chat=settings)
        self.client = TeamsClient(settings, lambda _: SECRET, self.process.clock)
        vars(self.process.use_cases).update(chat_writer=self.client, chat_reader=OnlyReads(self.client))

    def _hand_on(self, letter: Letter) -> None:
        self.waits.append(letter)

    def address(self, handle: str) -> str:
        return f"teams:{TENANT}/{self.teams.world.person(handle).id}"

    def take(self) -> None:
        """What was handed on is taken, and everything goes as far as it goes."""
        while self.waits:
            said = read_queued(json.loads(self.waits.pop(0).body), self.process.use_cases.workspaces_on)
            if said is not None:
                self.process.use_cases.take_chat(said)
        self.work()

    def read(self, place: str, thread: str | None = None) -> list[str]:
        """What the copilot says there."""
        return [one.text for one in self.teams.messages(place, thread) if one.by is None]
