"""Who asks for what, and what was said."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from uuid import uuid4

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from copilot.domain.classes import NOT_KNOWN, About
from copilot.domain.conversations import (
    AnswerTo,
    ConversationName,
    conversation_at,
    conversation_of_person,
    conversation_of_reaction,
    conversation_of_schedule,
)
from copilot.domain.focus import NAMES
from copilot.domain.frozen import Frozen, Untrusted, digest
from copilot.domain.letters import WAYS

CHANNEL = r"#[a-z0-9][a-z0-9_-]{0,79}"
"""The form of a channel's name."""
TO_PERSON = "person:"
TOLD = rf"(?:{CHANNEL}|(?:{TO_PERSON.removesuffix(':')}|{WAYS}):[a-z0-9][a-z0-9._@-]{{0,79}})"
"""The form of whom a message is for: of a channel, of a person by the id they are configured with, or of a destination
outside the chat by the name it is configured with.
"""
Channel = Annotated[str, StringConstraints(pattern=f"^{TOLD}$"), Field(json_schema_extra={NAMES: "channel"})]
MOST_FILES, MOST_ATTACHED, MOST_NAME = 4, 102_400, 100
"""Attachments of one request: how many, their UTF-8 bytes together, and the length of a name."""
MOST_TEXT = 4000
"""Characters of a request."""
DedupeKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]


Job = Literal["main", "branch", "pull_request", "fork"]
"""What a pipeline's job runs for, what is trusted most first: the main branch, another one, a pull request of the same
repository, one of a fork.
"""


def narrower(*jobs: Job | None) -> Job | None:
    """The one of these that is trusted least; None is nobody's job, which is no narrowing."""
    return max((one for one in jobs if one is not None), key=get_args(Job).index, default=None)


class Person(Frozen):
    """Who asks, from an authenticated identity; never from the body of a request. `job` where that is no person, but a
    pipeline's.
    """

    id: str
    name: str
    roles: tuple[str, ...] = ()
    job: Job | None = None

    @model_serializer(mode="wrap")
    def _without_none(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of a person, that they are no job goes without saying."""
        said: dict[str, Any] = written(self)
        return said if self.job else {name: value for name, value in said.items() if name != "job"}

    def narrowed(self, job: Job | None) -> Person:
        """The same, where they say themself that they are trusted less."""
        return self if job is None else self.model_copy(update={"job": narrower(self.job, job)})


def _file_name(given: object) -> object:
    """The last part of a path, of letters, digits and . _ - alone."""
    if not isinstance(given, str):
        return given
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", re.split(r"[\\/]", given.strip())[-1])[-MOST_NAME:]
    return name if name.strip("._-") else "file"


class Attachment(Frozen):
    """A text file that came with a request. Its text is data from outside, whoever sent it: never an instruction."""

    name: Annotated[str, BeforeValidator(_file_name)] = Field(description="the file's name, without folders")
    text: Untrusted = Field(description="what is in it")

    @property
    def sha256(self) -> str:
        """Of its text in UTF-8, as programs that print such sums have it: 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _not_too_much(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    size = sum(len(attachment.text.encode()) for attachment in attachments)
    if size > MOST_ATTACHED:
        told = {"size": f"{size:,}", "most": f"{MOST_ATTACHED:,}"}
        raise PydanticCustomError("attachments", "together they have {size} bytes; at most {most} are taken", told)
    return attachments


Attachments = Annotated[tuple[Attachment, ...], Field(max_length=MOST_FILES), AfterValidator(_not_too_much)]


class Asked(Frozen):
    """What a person asks, as whatever edge it came in by has read it.

    `conversation` is what they call one of their own. The same `dedupe_key` twice is one Run, and a conflict where the
    second asks for something else; without one every request is new. `job` is what a pipeline's says that it is: that
    only narrows what whoever asks may do.
    """

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT)]
    conversation: ConversationName = "default"
    dedupe_key: DedupeKey | None = None
    kind: Literal["chat", "api", "ci"] = "api"
    attachments: Attachments = ()
    job: Job | None = None


class Trigger(Frozen):
    """What came in. `dedupe_key` is the sender's: the same one twice is one Run. `answer_to` is where the answer goes;
    None where whoever asked comes for it. `asked_as` is who the person is there, as a ChatAddress or CodeAddress: one
    may be several. `read_only` where nothing may be changed by it, whoever asks. `reaction` is the name of the
    reaction that began it upon an event, None of all else; `marked` are the values in its text that others wrote, as
    the event has them.
    """

    kind: Literal["chat", "api", "ci", "schedule", "event"]
    tenant: str
    person: Person
    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT)]
    conversation: str
    dedupe_key: DedupeKey
    received_at: datetime
    attachments: Attachments = ()
    answer_to: AnswerTo | None = None
    asked_as: str | None = None
    reaction: str | None = None
    marked: tuple[str, ...] = ()
    read_only: bool = False

    @classmethod
    def asked(
        cls,
        asked: Asked,
        tenant: str,
        person: Person,
        at: datetime,
        answer_to: AnswerTo | None = None,
        asked_as: str | None = None,
    ) -> Trigger:
        """Of what a person asks: in the Conversation of the place where the answer goes, else in one of their own."""
        own = conversation_of_person(person.id, asked.conversation)
        return cls(
            kind=asked.kind,
            tenant=tenant,
            person=person.narrowed(asked.job),
            text=asked.text,
            conversation=conversation_at(answer_to) if answer_to else own,
            dedupe_key=key_of(asked.dedupe_key),
            received_at=at,
            attachments=asked.attachments,
            answer_to=answer_to,
            asked_as=asked_as,
        )

    @classmethod
    def of_schedule(
        cls,
        schedule_id: str,
        text: str,
        tenant: str,
        person: Person,
        at: datetime,
        *,
        kind: Literal["api", "schedule"],
        dedupe_key: str,
    ) -> Trigger:
        """Of a firing, or of what a person has done as one would: in the Schedule's Conversation."""
        return cls(
            kind=kind,
            tenant=tenant,
            person=person,
            text=text,
            conversation=conversation_of_schedule(schedule_id),
            dedupe_key=dedupe_key,
            received_at=at,
        )

    @classmethod
    def of_event(
        cls, text: str, tenant: str, person: Person, at: datetime, *, dedupe_key: str, answer_to: AnswerTo | None = None
    ) -> Trigger:
        """Of what came to be so, for this person: in the Conversation of the place where the answer goes, else in their
        own.
        """
        conversation = conversation_at(answer_to) if answer_to else conversation_of_person(person.id, "default")
        return cls(
            kind="event",
            tenant=tenant,
            person=person,
            text=text,
            conversation=conversation,
            dedupe_key=dedupe_key,
            received_at=at,
            answer_to=answer_to,
        )

    @classmethod
    def of_reaction(
        cls,
        reaction: str,
        text: str,
        tenant: str,
        person: Person,
        at: datetime,
        *,
        dedupe_key: str,
        answer_to: AnswerTo | None = None,
        marked: tuple[str, ...] = (),
    ) -> Trigger:
        """Of an event to which the reaction of that name answers, as its service person: in the Conversation of the
        place where the answer goes, else in one of its own.
        """
        conversation = conversation_at(answer_to) if answer_to else conversation_of_reaction(reaction, dedupe_key)
        return cls(
            kind="event",
            tenant=tenant,
            person=person,
            text=text,
            conversation=conversation,
            dedupe_key=dedupe_key,
            received_at=at,
            answer_to=answer_to,
            reaction=reaction,
            marked=marked,
        )

    @property
    def run_id(self) -> str:
        """The id of the Run for this Trigger: r and 15 hex digits, the same for every repeat.

        A person's key is one key, by whatever way it comes; those of firings and events are our own, and apart.
        """
        return self._run_id("api" if self.kind in {"chat", "ci"} else self.kind)

    @property
    def earlier_run_id(self) -> str | None:
        """The id of a pipeline's Run with this key, as it was while the kind told keys apart. None: there is none."""
        return self._run_id("ci") if self.kind in {"chat", "ci", "api"} else None

    def _run_id(self, kind: str) -> str:
        return "r" + digest([self.tenant, kind, self.person.id, self.dedupe_key])[:15]

    @property
    def by_person(self) -> bool:
        """Whether somebody asks for it now; else it is a schedule's, or what was to be done once something is so."""
        return self.kind not in {"schedule", "event"}

    @property
    def schedule_id(self) -> str | None:
        """That of the Schedule whose firing it is; None of what somebody asked for."""
        return self.conversation.removeprefix(conversation_of_schedule("")) if self.kind == "schedule" else None

    @property
    def conversation_name(self) -> str:
        """The Conversation by the name its person gave it, which is what asks in it again."""
        return self.conversation.removeprefix(f"{self.person.id}/")

    @property
    def request_digest(self) -> str:
        """What a repeat has in common with the first: text, conversation and files, in whatever order these come.

        When it was sent, and the roles its person has by then, are no part of it. The key of a firing is our own and
        says by itself what it is for, whatever its schedule has come to be called since.
        """
        if self.kind in {"schedule", "event"}:
            return digest(self.dedupe_key)
        return digest([self.text, self.conversation, sorted([file.name, file.sha256] for file in self.attachments)])


def key_of(given: str | None) -> str:
    """The dedupe key of a request: the sender's; where they give none, one that no other request has."""
    return given or uuid4().hex


AUTHOR = "copilot"
"""Whose the copilot's own turns are."""


class Turn(Frozen):
    """One message in a Conversation; a Person's or the copilot's. `untrusted` if it quotes text that neither wrote,
    `kept_back` if it shows what no model may read. `about` is what one of the copilot's tells of.
    """

    run_id: str
    author: str
    text: str
    at: datetime
    untrusted: bool = False
    kept_back: bool = False
    about: About | None = None

    @property
    def tells(self) -> About | None:
        """What a model may have from it; None of what a person wrote, and of what no model is shown."""
        return None if self.author != AUTHOR or self.kept_back else self.about or NOT_KNOWN
