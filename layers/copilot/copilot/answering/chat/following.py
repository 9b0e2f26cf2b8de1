"""Shows how far a Run is, and what it comes to, where it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from copilot.answering.chat import runs
from copilot.answering.chat.messages import Messages, WhereTo, alone, in_words, shown_as, steps_in
from copilot.domain import (
    HOME,
    NOT_KNOWN,
    AnswerTo,
    ChatUser,
    Delivered,
    Delivery,
    Heading,
    Person,
    Run,
    Shown,
    is_on_code_host,
)
from copilot.plans.about import about_progress
from copilot.ports import DeliveryQueue, RunRecord, Store
from copilot.text.outside import inert
from copilot.tools.registry import Registry

NOT_YOURS = "You may not be shown what this came to; an operator can say more."
NOT_IN_COMMENTS = (
    "What this came to is not for everybody who reads here, so it is not said in a comment. Ask me in the chat, or "
    "with `devops-copilot ask`."
)
SENT_TO_CHAT = "What this came to is not for everybody who reads here: I sent it to you in the chat."
SENT_DIRECTLY = "The answer is not for this channel: I sent it to you directly."
NOT_HERE = "What this is about is not for this channel, whoever asks. Ask me directly, in a direct message."


class Picture(NamedTuple):
    name: str
    content: bytes


@dataclass(frozen=True)
class ShowRun:
    """`users_of` gives who a person is in chats, by id; `links_base` is the address of the HTTP API, `picture` gives
    what a link of ours leads to, where that is a picture; `page` is that of a person, who asked for it.
    """

    store: Store
    messages: Messages
    queue: DeliveryQueue
    where_to: WhereTo
    users_of: Callable[[str], Sequence[ChatUser]]
    links_base: str
    picture: Callable[[str], Picture | None]
    registry: Registry
    page: Callable[[Person], Shown] | None = None

    def progress(self, record: RunRecord) -> None:
        """Nothing of a Run that is answered and showed none: the answer says all."""
        kept, where = self.messages.of(record.run.run_id), self.messages.where(record.run)
        if where is None or (record.run.status == "answered" and "progress" not in kept):
            return
        there = self.messages.chat.place(where)
        place = self.where_to(record.run.trigger.person, about_progress(record.steps), there)
        if place not in {"ask_directly", "nowhere"}:
            shown = runs.progress(record, steps=place == "here", values=there.direct)
            self._follow(record.run, where, shown, kept)

    def _follow(self, run: Run, where: AnswerTo, shown: Shown, kept: Mapping[str, Delivered]) -> None:
        """As a message that grows while the run is at work, where there are such; they end before their platform ends
        them, and while a person is waited for.
        """
        one, at_work = kept.get("progress"), run.status == "running"
        if at_work and (one is None or one.state == "failed" or one.where is None):
            self._begin(run, where, shown)
        elif one is None or one.grows is None or one.where is None:
            self.messages.keep(run.run_id, "progress", where, shown, kept)
        elif at_work and self.messages.clock.now() < one.grows.until and {*one.grows.steps} <= {*steps_in(shown)}:
            if one.shows != shown_as(shown):
                sent = self.messages.chat.grow(one.where, one.message, shown)
                self.messages.note_one(run.run_id, "progress", one.where, sent, shown, one.sent)
        else:
            sent = self.messages.chat.update(one.where, one.message, shown, grows=True)
            self.messages.note_one(run.run_id, "progress", one.where, sent, shown, one.sent)

    def _begin(self, run: Run, where: AnswerTo, shown: Shown) -> None:
        sent = self.messages.chat.begin(where, shown)
        if sent.grows_until is not None:
            end = Delivery(kind="progress", tenant=run.tenant, conversation=run.conversation, run_id=run.run_id)
            self.queue.put(
                [end.model_copy(update={"key": sent.message})], after=sent.grows_until - self.messages.clock.now()
            )
        self.messages.note_one(run.run_id, "progress", where, sent, shown)

    def answer(self, record: RunRecord) -> None:
        run, where = record.run, self.messages.where(record.run)
        if where is None or run.status != "answered":
            return
        kept = self.messages.of(run.run_id)
        if "progress" in kept:
            with alone():
                self.progress(record)
        if (sent := kept.get("answer")) is None or sent.state == "failed":
            self._answered(record, where)
        self._say_where(run, where)
        self._pictures(record, where)

    def _pictures(self, record: RunRecord, asked_in: AnswerTo) -> None:
        """Those that the answer leads to, where it stands."""
        run, kept = record.run, self.messages.of(record.run.run_id)
        where = kept["answer"].where
        links, place = runs.links(record, self.links_base), self._place(run, asked_in)
        stands_alone = where is not None and where.place != asked_in.place
        if where is None or not links or not (place == "here" or (place == "privately" and stands_alone)):
            return
        for link in links:
            picture = self.picture(link.url)
            if picture is not None and f"answer/{picture.name}" not in kept:
                sent = self.messages.chat.attach(where, picture.name, picture.content, link.label)
                self.messages.note(
                    run.run_id, f"answer/{picture.name}", where, sent.message, in_words(link.label), (sent.sent,)
                )

    def _place(self, run: Run, where: AnswerTo) -> str:
        return self.where_to(run.trigger.person, run.about or NOT_KNOWN, self.messages.chat.place(where))

    def _answered(self, record: RunRecord, where: AnswerTo) -> None:
        run = record.run
        shown = self._shown(record)
        match self._place(run, where):
            case "here":
                self.messages.post(run.run_id, "answer", where, shown)
            case "privately":
                self._privately(run, where, shown)
            case "ask_directly":
                self.messages.post(run.run_id, "answer", where, _not_here(where))
            case "nowhere":
                self.messages.post(run.run_id, "answer", where, in_words(NOT_YOURS))

    def _shown(self, record: RunRecord) -> Shown:
        """What can be pressed on somebody's page goes by what is so now."""
        run, revision = record.run, record.revision
        if self.page is not None and revision is not None and revision.intent == HOME and run.outcome == "succeeded":
            return self.page(run.trigger.person)
        return runs.answer(record, self.store.effects(run.tenant, run.run_id), self.registry, self.links_base)

    def _privately(self, run: Run, where: AnswerTo, shown: Shown) -> None:
        """To the asker alone."""
        user = self._asker(run, where)
        if user is None:
            self.messages.post(run.run_id, "answer", where, _not_here(where))
            return
        asked = Heading(text=f"You asked: {inert(run.trigger.text)}"[:140])
        self.messages.post(
            run.run_id,
            "answer",
            self.messages.chat.direct(user),
            shown.model_copy(update={"parts": (asked, *shown.parts)}),
        )

    def _asker(self, run: Run, where: AnswerTo) -> ChatUser | None:
        users, anywhere = self.users_of(run.trigger.person.id), is_on_code_host(where)
        theirs = [one for one in users if anywhere or one.workspace == where.workspace]
        return next((one for one in theirs if one.address == run.trigger.asked_as), next(iter(theirs), None))

    def _say_where(self, run: Run, asked_in: AnswerTo) -> None:
        """The asker is told, where they asked, that the answer is elsewhere; not who is there no more."""
        kept, key = self.messages.of(run.run_id), "answer/elsewhere"
        where, user = kept["answer"].where, self._asker(run, asked_in)
        if where is None or where.place == asked_in.place or user is None or key in kept:
            return
        told = in_words(SENT_TO_CHAT if is_on_code_host(asked_in) else SENT_DIRECTLY)
        with alone():
            aside = self.messages.chat.place(asked_in).aside
            (sent,) = self.messages.chat.post(asked_in, told, only_for=user if aside else None)
            self.messages.note_one(run.run_id, key, asked_in, sent, told)


def _not_here(where: AnswerTo) -> Shown:
    return in_words(NOT_IN_COMMENTS if is_on_code_host(where) else NOT_HERE)
