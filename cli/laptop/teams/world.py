"""What there is in the Teams of the laptop: one tenant, its people, a team with channels, and what was said there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, RLock
from typing import Any

Json = dict[str, Any]


@dataclass
class Person:
    """`id` is that of Entra, `tenant` theirs; `added` whether they have the app themselves."""

    id: str
    handle: str
    name: str
    tenant: str
    role: str = "user"
    added: bool = True
    gone: bool = False

    @property
    def mri(self) -> str:
        """The id that Teams has for a user and a bot."""
        return f"29:1{self.id.replace('-', '')}"

    def shape(self) -> Json:
        """As rosters have them: microsoftteams/platform/bots/how-to/get-teams-context."""
        given, _, surname = self.name.partition(" ")
        return {
            "id": self.mri,
            "aadObjectId": self.id,
            "objectId": self.id,
            "name": self.name,
            "givenName": given,
            "surname": surname,
            "email": f"{self.handle}@example.com",
            "userPrincipalName": f"{self.handle}@example.com",
            "tenantId": self.tenant,
            "userRole": self.role,
        }


@dataclass
class Channel:
    id: str
    name: str
    members: list[str]


@dataclass
class Message:
    """`conversation` is without the thread, which is the id of the message that began it; of the app without `by`."""

    id: str
    conversation: str
    thread: str | None
    by: str | None
    activity: Json
    changed: int = 0

    @property
    def card(self) -> Json:
        """The Adaptive Card in it; empty where there is none."""
        found = (one for one in self.activity.get("attachments") or () if "adaptive" in one["contentType"])
        return next((dict(one["content"]) for one in found), {})

    @property
    def text(self) -> str:
        """All that can be read in it, a block on each line."""
        return "\n".join([str(self.activity.get("text") or ""), *_texts(self.card.get("body") or [])]).strip()

    def actions(self) -> dict[str, Json]:
        """What can be pressed in it, by its verb, wherever it is in the card."""
        return {one["verb"]: one for one in _elements(self.card) if one.get("type") == "Action.Execute"}

    def inputs(self) -> dict[str, Json]:
        return {str(one["id"]): one for one in _elements(self.card) if str(one.get("type")).startswith("Input.")}


def _elements(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for one in value:
            yield from _elements(one)
    elif isinstance(value, dict):
        yield value
        for key, one in value.items():
            if key not in {"data", "fallback"}:
                yield from _elements(one)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        if value.get("type") == "RichTextBlock":
            yield "".join(str(run["text"]) for run in value["inlines"]).replace("\u00a0", " ")
            return
        yield from (str(value[key]) for key in ("text", "title", "label") if isinstance(value.get(key), str))
        for key in ("items", "body", "actions", "card", "choices", "columns"):
            yield from _texts(value.get(key))


@dataclass
class World:
    """One change at a time; `changed` counts them, for who waits for the next."""

    tenant: str
    app: str
    team: str
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    now: Callable[[], float] = time.time
    changed: int = 0

    def __post_init__(self) -> None:
        self._lock = RLock()
        self._news = Condition(self._lock)
        self._last = 0

    @contextmanager
    def at_once(self) -> Iterator[World]:
        with self._lock:
            yield self

    def touch(self) -> None:
        with self._lock:
            self.changed += 1
            self._news.notify_all()

    def wait(self, since: int, seconds: float) -> None:
        with self._lock:
            self._news.wait_for(lambda: self.changed != since, seconds)

    def new_id(self) -> str:
        """Milliseconds since 1970, never the same twice."""
        with self._lock:
            self._last = max(int(self.now() * 1000), self._last + 1)
            return str(self._last)

    def person(self, handle: str) -> Person:
        """By handle, with or without @. Raises KeyError."""
        return self.people[handle.removeprefix("@")]

    def by_id(self, id: str) -> Person | None:
        """By the id of Entra, or by that of Teams."""
        return next((one for one in self.people.values() if id in {one.id, one.mri}), None)

    def personal(self, person: Person) -> str:
        """The conversation of the app with somebody alone."""
        return f"a:1{person.id.replace('-', '')}"

    def in_personal(self, conversation: str) -> Person | None:
        return next((one for one in self.people.values() if self.personal(one) == conversation), None)

    def conversation(self, place: str) -> str:
        """Of #a-channel, or of @somebody. Raises KeyError."""
        if place.startswith("@"):
            return self.personal(self.person(place))
        return next(one.id for one in self.channels.values() if one.name == place.removeprefix("#"))

    def may_meet(self, person: Person) -> bool:
        """Whether the app may write to somebody: they have it, or are in a team that has it."""
        in_team = any(person.id in one.members for one in self.channels.values())
        return not person.gone and person.tenant == self.tenant and (person.added or in_team)

    def said(self, id: str, conversation: str, thread: str | None, by: str | None, activity: Json) -> Message:
        with self._lock:
            message = Message(id, conversation, thread, by, activity)
            self.messages.append(message)
            self.touch()
            return message

    def message(self, conversation: str, id: str) -> Message | None:
        return next((one for one in self.messages if one.conversation == conversation and one.id == id), None)
