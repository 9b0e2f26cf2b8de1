"""Chat users, as a platform that tests have in hand tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from copilot.domain import AnswerTo, ChatFile, ChatPerson, ChatPlace, ChatUser
from copilot.errors import CopilotError, NotFound


@dataclass
class FakeChatPeople:
    """ports.ChatReader for people alone. `troubles` are raised where somebody of them is asked for."""

    people: dict[ChatUser, ChatPerson] = field(default_factory=dict)
    troubles: Mapping[ChatUser, CopilotError] = field(default_factory=dict)
    asked: list[ChatUser] = field(default_factory=list)

    def person(self, user: ChatUser) -> ChatPerson:
        self.asked.append(user)
        if user in self.troubles:
            raise self.troubles[user]
        if user not in self.people:
            raise NotFound(f"no user {user.address}")
        return self.people[user]

    def place(self, where: AnswerTo) -> ChatPlace:
        raise AssertionError("no place was to be read")

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        raise AssertionError("no file was to be read")
