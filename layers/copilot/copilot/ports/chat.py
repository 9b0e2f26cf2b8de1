"""Chat platforms, who is who on them, and what was shown there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from copilot.domain import (
    AnswerTo,
    ChatFile,
    ChatLink,
    ChatPerson,
    ChatPlace,
    ChatUser,
    Delivered,
    Delivery,
    JournalEntry,
    LinkCode,
    Shown,
)


class Sent(NamedTuple):
    """A message that went out: the platform's id of it, and what was sent, as it was sent, on a line for each request.
    `grows_until` where more may come to it: until then.
    """

    message: str
    sent: str
    grows_until: datetime | None = None


class ChatReader(Protocol):
    """What is read of the platforms. Raises NotFound for what is not there, RetryableError where it does not answer or
    wants to be asked later, PermissionDenied where the copilot may not.
    """

    def place(self, where: AnswerTo) -> ChatPlace: ...

    def person(self, user: ChatUser) -> ChatPerson: ...

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        """What is in a file, of at most so many bytes. Raises ToolInputError for one that is larger or not from the
        platform's own hosts.
        """


class ChatWriter(ChatReader, Protocol):
    """What posts. Raises as a ChatReader does."""

    def direct(self, user: ChatUser) -> AnswerTo:
        """Where this user alone is talked to."""

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        """The channel of this name, with its #; None where there is none or the copilot is not in it."""

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        """As one message or as many as it takes; `only_for` one of those who are there."""

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        """As one message to which more is to come: one that grows, where the platform has such there and takes it now;
        else one as any other. What takes more than one message is cut, and says so.
        """

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        """Make a message that grows show how far its steps are now, and steps that are new; none goes away. Where it
        grows no more it is updated.
        """

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        """Make a message show this instead; one that `grows` does so no more. What takes more than one message is cut,
        and says so.
        """

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        """Put a file there."""

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        """Answer what somebody did, under the token that came with it: what they and all others there see to be
        awaited, or `alone` what nobody but them sees besides. Raises NotFound once its time is over.
        """


class Homes(Protocol):
    """The pages of single users, on a platform that has such."""

    def show_home(self, user: ChatUser, shown: Shown, before: str = "") -> Sent:
        """Make the page of this user show this, as much of it as fits there. `before` is what the message was of the
        last time it was shown; "" whatever stands there.

        Raises Conflict where it shows something else by now, and as a ChatReader does.
        """


class ChatSender(ChatWriter, Protocol):
    """What posts where nothing was asked: in channels by name, each message by itself."""

    def channels(self, workspace: str) -> Mapping[str, str]:
        """The ids of the channels that the copilot is in, by their names without the #."""

    def sending(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> Iterator[Sent]:
        """As `post`, each message when it went out."""


class DeliveryQueue(Protocol):
    """What is to be shown, in order for each channel; the same one twice is one."""

    def put(self, deliveries: Iterable[Delivery], after: timedelta = timedelta()) -> None: ...

    def leave(self, delivery: Delivery) -> None:
        """Leave what cannot be shown with the dead letters, for somebody to see. Raises RetryableError."""


class Deliveries(Protocol):
    """Which messages show something of a run, of one tenant."""

    def of_run(self, run_id: str) -> list[Delivered]: ...

    def note(self, delivered: Delivered) -> None:
        """What stands under its key is what it says from now on."""

    def own_thread(self, where: AnswerTo) -> bool:
        """Whether the copilot was spoken to, or speaks, in this thread."""

    def note_thread(self, where: AnswerTo) -> None: ...

    def threads(self, where: AnswerTo, most: int) -> list[AnswerTo]:
        """The last of those in this place, the newest first."""


class ChatLinks(Protocol):
    """Who chat users are, of one tenant. What has lapsed is there until it is cleaned up. Raises RetryableError."""

    def link(self, user: ChatUser) -> ChatLink | None:
        """The one there is of this user."""

    def links(self) -> Sequence[ChatLink]:
        """All there are, by their users' addresses."""

    def links_of(self, person: str) -> Sequence[ChatLink]:
        """Those of them that are this person's, by its id."""

    def code(self, code_hash: str) -> LinkCode | None: ...

    def open_codes(self, person: str, now: datetime) -> int:
        """How many codes of this person may still be taken."""

    def put_code(self, code_hash: str, code: LinkCode) -> None: ...

    def count_try(self, user: ChatUser, now: datetime, until: datetime) -> int:
        """How many codes this user has sent, this one included, since they sent the first. They are counted anew after
        what was `until` with the first.
        """

    def take_code(self, code_hash: str, link: ChatLink, journal: JournalEntry) -> ChatLink:
        """The code becomes this link, made now: once, and all of it or nothing. By the same user again it is what it
        became.

        Raises NotFound where that code is not there, or not any more; Conflict where the user is linked to another
        person and that has not lapsed.
        """

    def spoil(self, code_hash: str) -> None:
        """That code becomes nothing any more; one that is not there stays so."""

    def renew(self, link: ChatLink, journal: JournalEntry) -> None:
        """Good until what it says now. Raises NotFound where the user is not linked to that person any more."""

    def note_told(self, link: ChatLink) -> bool:
        """Note that its user was told when it lapses; whether nobody was told of that moment before."""

    def unlink(self, link: ChatLink, journal: JournalEntry) -> None:
        """Raises NotFound where the user is not linked to that person any more."""
