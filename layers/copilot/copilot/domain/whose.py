"""Of whom, or of which Conversation, what is kept is handed out or deleted."""

from __future__ import annotations

from typing import NamedTuple

from copilot.domain.conversations import conversation_of_person, is_in_chat
from copilot.domain.frozen import Frozen


class Whose(Frozen):
    """A person by id, or a Conversation by the name that the table has for it; exactly one of the two."""

    person: str | None = None
    conversation: str | None = None

    @classmethod
    def named(cls, asker: str, person: str | None, conversation: str | None) -> Whose:
        """By what who asks calls it: a Conversation of theirs, of another person where one is named, or of a chat."""
        if conversation is None:
            return cls(person=person or asker)
        there = is_in_chat(conversation) and person is None
        return cls(conversation=conversation if there else conversation_of_person(person or asker, conversation))

    @property
    def in_words(self) -> str:
        return f"the person {self.person}" if self.person else f"the conversation {self.conversation}"


class ListedRun(NamedTuple):
    """A Run as the list of everybody's has it; `place` is where in that list it is."""

    run_id: str
    person: str
    conversation: str
    place: str
