"""One person on several platforms: their rights and approvals are theirs on each, conversations are not shared."""

from __future__ import annotations

from typing import Any

import pytest
from chat_world import CHANNEL, HOME, Chat, FakeChat, user
from fakes import World
from pydantic import ValidationError

from copilot.adapters.chats import ByPlatform
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.domain import Action, AnswerTo, ChatPerson, ChatUser, PlatformName, Pressed, Said
from copilot.errors import FatalError

LIVE: dict[str, Any] = {"kinds": {"a": "production"}}
TENANT, APP = "72f988bf-86f1-41af-91ab-2d7cd011db47", "0f5b1a52-4f67-4b56-8d5a-4b9d8b1f5b11"
SERVER = "197038439483310086"
OLGA = (
    user("UBOSS"),
    ChatUser(platform="teams", workspace=TENANT, user="9d2f3c62-8d43-4c36-9d4c-0c8b7f6f2b10"),
    ChatUser(platform="discord", workspace=SERVER, user="80351110224678912"),
)
DANA = ChatUser(platform="discord", workspace=SERVER, user="80351110224678999")
KEY = "arn:aws:ssm:eu-west-1:111111111111:parameter/chat/key"


class Everywhere(Chat):
    """A copilot on three platforms, each a chat of its own. Olga is on all of them, Dana on two."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        people = {one: ChatPerson(name="Olga") for one in OLGA} | {DANA: ChatPerson(name="Dana")}
        self.on = {"slack": self.chat, "teams": FakeChat(), "discord": FakeChat()}
        for one, person in people.items():
            self.on[one.platform].people[one] = person
        workspaces = (
            ChatWorkspace(id=HOME, name="home", token=KEY),
            ChatWorkspace(platform="teams", id=TENANT, name="contoso", token=KEY, app=APP),
            ChatWorkspace(platform="discord", id=SERVER, name="guild", token=KEY, app="197038439483310087"),
        )
        more = {"olga": OLGA[1:], "dana": (DANA,)}
        known = tuple(
            one.model_copy(update={"chat": (*one.chat, *(each.address for each in more.get(one.id, ())))})
            for one in self.process.config.people
        )
        settings = ChatSettings(workspaces=workspaces)
        self.process.config = self.process.config.model_copy(update={"chat": settings, "people": known})
        chats = ByPlatform(self.on.__getitem__, "slack")
        vars(self.process.use_cases).update(chat_writer=chats, chat_reader=chats)

    def says(self, who: ChatUser, text: str, place: str) -> None:
        where = AnswerTo(platform=who.platform, workspace=who.workspace, place=place)
        key = f"Ev{next(self._keys)}"
        self.process.use_cases.take_chat(Said(key=key, user=who, where=where, text=text, addressed=True, direct=True))

    def presses(self, who: ChatUser, action: Action, about: str) -> None:
        where, key = self.on[who.platform].direct(who), f"Pr{next(self._keys)}"
        pressed = Pressed(key=key, user=who, where=where, message="1.0", action=action, about=about)
        self.process.use_cases.take_chat(pressed)

    def cards(self) -> dict[PlatformName, str]:
        """What Olga's card says on each."""
        return {one.platform: self.on[one.platform].to(one.user)[0].text for one in OLGA}


@pytest.mark.parametrize("decider", OLGA, ids=lambda one: one.platform)
def test_an_approval_is_shown_on_each_and_decided_on_one_shows_so_on_all(decider: ChatUser) -> None:
    world = World(lights={"a": True}, **LIVE)
    chat = Everywhere(world)
    chat.say("all lights off", where=CHANNEL.model_copy(update={"thread": "7.1"}))
    chat.work()
    assert all("Dana asks for an approval" in card for card in chat.cards().values())
    chat.presses(decider, "approve", chat.runs[0].approval_id or "")
    chat.show()
    assert all(card.startswith("Approved by Olga at ") for card in chat.cards().values())
    assert chat.on["slack"].to("C0DEV")[-1].text.startswith("Approved by Olga at ")
    chat.go_on()
    assert world.lights == {"a": False}


def test_what_was_decided_on_one_is_not_decided_again_on_another() -> None:
    chat = Everywhere(World(lights={"a": True}, **LIVE))
    chat.say("all lights off", where=CHANNEL.model_copy(update={"thread": "7.1"}))
    chat.work()
    approval = chat.runs[0].approval_id or ""
    chat.presses(OLGA[1], "deny", approval)
    chat.presses(OLGA[2], "approve", approval)
    chat.show()
    assert chat.process.store.approval("main", approval).state == "denied"
    assert "denied" in chat.on["discord"].messages[-1].text and "denied" not in chat.on["teams"].messages[-1].text


def test_who_asks_on_one_platform_is_answered_there_and_has_a_conversation_of_its_own_there() -> None:
    chat = Everywhere(World(lights={"a": True}))
    chat.says(DANA, "all lights off", "555000111222333444")
    chat.work()
    chat.say("all lights off", where=AnswerTo(platform="slack", workspace=HOME, place="DUASKER"))
    chat.work()
    first, second = chat.runs
    assert first.trigger.person == second.trigger.person
    assert first.conversation.startswith("discord:") and second.conversation.startswith("slack:")
    assert [one.text for one in chat.on["discord"].messages] == ["Off: a."]


def test_a_link_is_of_its_platform_and_the_person_is_the_same() -> None:
    chat = Everywhere(World(lights={"a": True}, **LIVE))
    assert chat.process.use_cases.chat_users_of("olga") == OLGA


def test_a_platform_that_is_not_configured_is_none_that_is_asked() -> None:
    chat = Chat(World())
    del vars(chat.process.use_cases)["chat_writer"]
    with pytest.raises(FatalError, match="in no workspace of Discord"):
        chat.process.use_cases.chat_writer.direct(DANA)


@pytest.mark.parametrize(
    ("workspaces", "said"),
    [
        ([{"id": HOME}, {"id": HOME}], f"named twice: {HOME}"),
        ([{"platform": "teams", "id": SERVER, "app": APP}], "such as 72f988bf-86f1-41af-91ab-2d7cd011db47"),
        ([{"platform": "discord", "id": SERVER, "app": APP}], "its `app` is not of the form that Discord has"),
        ([{"platform": "discord", "id": SERVER}], "Discord wants the `app` too"),
        ([{"id": HOME, "app": APP}], "of no workspace of Slack"),
        ([{"id": HOME, "team": "19:abc@thread.tacv2"}], "of Teams alone"),
        ([{"platform": "teams", "id": one, "app": APP} for one in (TENANT, APP)], "known in one tenant alone"),
    ],
)
def test_workspaces_that_are_none_are_refused_and_why(workspaces: list[dict[str, Any]], said: str) -> None:
    given = [{"name": "one", "token": KEY} | one for one in workspaces]
    with pytest.raises(ValidationError, match=said):
        ChatSettings.model_validate({"workspaces": given})
