"""Chats as some may use them: each by its own platform, only reading, or no faster than its platform takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from copilot.domain import AnswerTo, ChatFile, ChatPerson, ChatPlace, ChatUser, Shown
from copilot.ports import ChatReader, ChatWriter, Sent

APART = 1.0
"""Seconds between two changes in one channel: as often as Slack takes them."""


class OnlyReads:
    """ports.ChatReader, for what must not post: it has no way to."""

    def __init__(self, chat: ChatReader) -> None:
        self.place: Callable[[AnswerTo], ChatPlace] = chat.place
        self.person: Callable[[ChatUser], ChatPerson] = chat.person
        self.file: Callable[[AnswerTo, ChatFile, int], bytes] = chat.file


@dataclass
class ByPlatform:
    """ports.ChatWriter over all there are. `on` gives that of a platform, made when something of it is wanted, and
    `home` is the platform where channels go by name.
    """

    on: Callable[[str], ChatWriter]
    home: str

    def place(self, where: AnswerTo) -> ChatPlace:
        return self.on(where.platform).place(where)

    def person(self, user: ChatUser) -> ChatPerson:
        return self.on(user.platform).person(user)

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        return self.on(where.platform).file(where, file, most)

    def direct(self, user: ChatUser) -> AnswerTo:
        return self.on(user.platform).direct(user)

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        return self.on(self.home).channel(workspace, name)

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        return self.on(where.platform).post(where, shown, only_for)

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        return self.on(where.platform).begin(where, shown)

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        return self.on(where.platform).grow(where, message, shown)

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        return self.on(where.platform).update(where, message, shown, grows=grows)

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        return self.on(where.platform).attach(where, name, content, title)

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        self.on(where.platform).answered(where, token, shown, alone=alone)


@dataclass
class Paced:
    """ports.ChatWriter that rests between two changes; `rest` before whatever else may change that channel."""

    chat: ChatWriter
    pause: Callable[[float], None]
    _changed: bool = field(default=False, init=False)

    def rest(self) -> None:
        if self._changed:
            self._changed = False
            self.pause(APART)

    def place(self, where: AnswerTo) -> ChatPlace:
        return self.chat.place(where)

    def person(self, user: ChatUser) -> ChatPerson:
        return self.chat.person(user)

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        return self.chat.file(where, file, most)

    def direct(self, user: ChatUser) -> AnswerTo:
        return self.chat.direct(user)

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        return self.chat.channel(workspace, name)

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        self.rest()
        self._changed = True
        return self.chat.post(where, shown, only_for)

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        self.rest()
        self._changed = True
        return self.chat.begin(where, shown)

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        self.rest()
        self._changed = True
        return self.chat.grow(where, message, shown)

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        self.rest()
        self._changed = True
        return self.chat.update(where, message, shown, grows=grows)

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        self.rest()
        self._changed = True
        return self.chat.attach(where, name, content, title)

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        """It changes nothing in the channel that it would have to wait for."""
        self.chat.answered(where, token, shown, alone=alone)
