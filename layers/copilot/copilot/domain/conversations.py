"""What each Conversation is called: a person's own, that of a place where people talk, a Schedule's, a reaction's."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from pydantic import StringConstraints

from copilot.domain.frozen import Frozen, digest

_SCHEDULES, _REACTIONS = "schedule/", "reaction="
TURN_LASTS = timedelta(hours=2)
"""A Run's end gives its Conversation back; one that outlives this only loses its place in the row."""

ConversationName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*$", max_length=100)]
"""What a person may call one of their own."""
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AnswerTo(Frozen):
    """Where an answer goes: which chat or code host, its workspace, the channel or repository there, and the thread in
    it, if any. A `person` is a user there and not a place: they are answered directly.

    The ids are the platform's own.
    """

    platform: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    workspace: _Id | None = None
    place: _Id
    thread: _Id | None = None
    person: bool = False


def conversation_of_person(person_id: str, name: str) -> str:
    """Of its own for each person: what is remembered in it is theirs."""
    return f"{person_id}/{name}"


def conversation_at(where: AnswerTo) -> str:
    """One for all who speak there. Like no person's: the id of a person has no colon."""
    parts = [part for part in (where.workspace, where.place, where.thread) if part is not None]
    return f"{where.platform}:" + "/".join(quote(part, safe="#@:") for part in parts)


def is_in_chat(conversation: str) -> bool:
    """Whether it is one of a place where people talk."""
    return ":" in conversation.partition("/")[0]


def conversation_of_schedule(schedule_id: str) -> str:
    """That of what its firings do."""
    return f"{_SCHEDULES}{schedule_id}"


def is_of_schedule(conversation: str) -> bool:
    return conversation.startswith(_SCHEDULES)


def conversation_of_reaction(name: str, key: str) -> str:
    """That of what it begins where its answers go to no chat: one for each, so that none waits for another, and none is
    about what one before it spoke of or asked. Like no person's: the id of a person has no such sign.
    """
    return f"{_REACTIONS}{name}/{digest(key)[:12]}"
