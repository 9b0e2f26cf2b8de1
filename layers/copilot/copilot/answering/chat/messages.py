"""The messages that show something of a run, and what is kept of them: at least once, see delivering.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from copilot.domain import (
    About,
    AnswerTo,
    ChatPlace,
    ChatUser,
    ComingStop,
    Delivered,
    Growing,
    Person,
    Run,
    Shown,
    Words,
    digest,
)
from copilot.errors import CopilotError, NotFound, RetryableError
from copilot.ports import ChatWriter, Clock, Deliveries, Sent

WhereTo = Callable[[Person, About, ChatPlace], Literal["here", "privately", "ask_directly", "nowhere"]]
"""Where policy lets what tells of this stand, for a person."""
MOST_SENT = 100_000
"""So many characters are kept of what was sent for one message, the latest: a row has room for that in any script."""


@dataclass(frozen=True)
class Messages:
    """What stands in chats of a run or an occasion, by its id; each message under a key that says what it shows."""

    deliveries: Deliveries
    chat: ChatWriter
    clock: Clock

    def where(self, run: Run) -> AnswerTo | None:
        """Where it is answered: a person, and not a place, is answered directly."""
        where = run.trigger.answer_to
        if where is None or not where.person:
            return where
        given = {"platform": where.platform, "workspace": where.workspace, "user": where.place}
        return self.chat.direct(ChatUser.model_validate(given))

    def directly(self, user: ChatUser) -> AnswerTo:
        """Where this user is told something unasked. Raises NotFound where they are gone: nobody would read it."""
        if self.chat.person(user).gone:
            raise NotFound("they are no longer of that workspace")
        return self.chat.direct(user)

    def of(self, run_id: str) -> Mapping[str, Delivered]:
        return {one.key: one for one in self.deliveries.of_run(run_id)}

    def keep(self, run_id: str, key: str, where: AnswerTo, shown: Shown, kept: Mapping[str, Delivered]) -> None:
        """One message that shows what is so now."""
        one = kept.get(key)
        if one is None or one.state == "failed" or one.where is None:
            self.post(run_id, key, where, shown)
        elif one.shows != shown_as(shown):
            sent = self.chat.update(one.where, one.message, shown)
            self.note_one(run_id, key, one.where, sent, shown, one.sent, told=one.stops)

    def post(
        self,
        run_id: str,
        key: str,
        where: AnswerTo,
        shown: Shown,
        told: tuple[ComingStop, ...] = (),
        only_for: ChatUser | None = None,
    ) -> None:
        sent = self.chat.post(where, shown, only_for)
        earlier = tuple(one.message for one in sent[:-1])
        texts = latest([one.sent for one in sent])
        self.note(run_id, key, where, sent[-1].message, shown, texts, earlier=earlier, told=told)

    def note_one(
        self,
        run_id: str,
        key: str,
        where: AnswerTo,
        sent: Sent,
        shown: Shown,
        before: tuple[str, ...] = (),
        told: tuple[ComingStop, ...] = (),
    ) -> None:
        grows = Growing(until=sent.grows_until, steps=steps_in(shown)) if sent.grows_until else None
        texts = latest((*before, *sent.sent.split("\n")))
        self.note(run_id, key, where, sent.message, shown, texts, grows=grows, told=told)

    def note(
        self,
        run_id: str,
        key: str,
        where: AnswerTo | None = None,
        message: str = "",
        shown: Shown | None = None,
        sent: tuple[str, ...] = (),
        reason: str = "",
        earlier: tuple[str, ...] = (),
        grows: Growing | None = None,
        told: tuple[ComingStop, ...] = (),
    ) -> None:
        self.deliveries.note(
            Delivered(
                run_id=run_id,
                key=key,
                state="failed" if shown is None else "sent",
                where=where,
                message=message,
                earlier=earlier,
                shows=shown_as(shown) if shown is not None else "",
                sent=sent,
                grows=grows,
                reason=reason,
                stops=told,
                at=self.clock.now(),
            )
        )


class Later:
    """What is not taken now keeps nothing else from being shown; once all was tried, that is raised."""

    def __init__(self) -> None:
        self._error: RetryableError | None = None

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, RetryableError):
            return False
        self._error = self._error or error
        return True

    def done(self) -> None:
        """Raises RetryableError."""
        if self._error is not None:
            raise self._error


@contextmanager
def alone() -> Iterator[None]:
    """A message that cannot be changed for good, since somebody took it away, keeps nobody from the answer."""
    try:
        yield
    except RetryableError:
        raise
    except CopilotError:
        return


def latest(states: Sequence[str]) -> tuple[str, ...]:
    room, kept = MOST_SENT, list[str]()
    for state in reversed(states):
        room -= len(state)
        if kept and room < 0:
            break
        kept.insert(0, state)
    return tuple(kept)


def steps_in(shown: Shown) -> tuple[str, ...]:
    return tuple(step.id for part in shown.parts if part.kind == "steps" for step in part.steps)


def in_words(text: str) -> Shown:
    return Shown(brief=text, parts=(Words(text=text),))


def shown_as(shown: Shown) -> str:
    return digest(shown.model_dump(mode="json"))
